"""Composition root: settings, clients, routes, tasks, and three sockets; no decisions."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import structlog
import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.api.people import Person
from gateway.api import new_app
from gateway.audit import AuditLog
from gateway.context import Gateway
from gateway.edge import Edge
from gateway.housekeeping import tidy
from gateway.identity import IdentityProvider
from gateway.imaging import Imaging, open_imaging
from gateway.imaging_settings import ImagingSettings
from gateway.live import Hub
from gateway.people import Directory, read_directory, read_ladder
from gateway.portals import Portals
from gateway.read_model.batch import Batch
from gateway.read_model.projector import Projector
from gateway.read_model.reader import Reader
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from gateway.signing_pins import SigningPins
from gateway.system_health import SystemMonitor
from gateway.writes import Writes
from services.database import migrate, open_database
from services.errors import SettingsError
from services.kafka import Publisher
from services.object_storage import open_object_storage
from services.observability import configure_logging
from services.settings import read_settings
from services.telephony_callbacks import Callbacks

NAME = "gateway"

log = structlog.get_logger()


@asynccontextmanager
async def open_gateway(settings: GatewaySettings) -> AsyncIterator[Gateway]:
    """Open everything that the routes stand on; closed in reverse order."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            open_database(settings.database_url, application=NAME, max_connections=20)
        )
        publisher = await stack.enter_async_context(Publisher(settings.kafka, client_id=NAME))
        storage = await stack.enter_async_context(
            open_object_storage(settings.storage, max_connections=32)
        )
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        pins = SigningPins(database)
        stack.push_async_callback(pins.close)
        reader = Reader(database)
        writes = Writes(database, publisher, reader, settings)
        hub = Hub(database, reader)

        def told(batch: Batch) -> None:
            writes.waiting.told(batch)
            hub.told(batch)

        projector = Projector(database, settings.kafka, told)
        yield Gateway(
            settings=settings,
            database=database,
            publisher=publisher,
            storage=storage,
            reader=reader,
            writes=writes,
            hub=hub,
            projector=projector,
            sessions=Sessions(database, settings),
            identity=IdentityProvider(settings.oidc, client),
            audit=AuditLog(database),
            directory=Directory(database, _on_ladder(settings)),
            pins=pins,
            monitor=SystemMonitor(client, settings.workers, projector),
            telephony=Callbacks(settings.telephony),
        )


def build_app(gateway: Gateway, imaging: Imaging) -> ASGIApp:
    """Return the application that all three sockets serve."""
    app = new_app()
    app.state.gateway = gateway
    app.state.imaging = imaging
    app.router.default = Portals(gateway.settings)
    return Edge(_CorsAtApi(app, gateway.settings), gateway.settings.max_body_bytes)


class _CorsAtApi:
    """Lets the two portals' pages call the API's own port; elsewhere everything is one origin."""

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._app = app
        self._port = settings.port
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=sorted(settings.radiology_origins | settings.provider_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Content-Type", "If-Match", "Idempotency-Key", "X-CSRF-Token"],
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-Id"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at_api = (scope.get("server") or ("", 0))[1] == self._port
        await (self._with_cors if at_api else self._app)(scope, receive, send)


class _Server(uvicorn.Server):
    """Leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


@asynccontextmanager
async def serving(gateway: Gateway, imaging: Imaging) -> AsyncIterator[asyncio.Task[None]]:
    """Serve and project; gives a task that ends when any part has ended, which none should."""
    settings = gateway.settings
    config = uvicorn.Config(
        build_app(gateway, imaging),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        forwarded_allow_ips=list(settings.trusted_proxies),
        ws_max_size=65_536,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
    )
    server = _Server(config)
    parts: dict[str, Coroutine[Any, Any, None]] = {
        "server": server.serve(sockets=_sockets(settings)),
        "projector": gateway.projector.run(),
        "live": gateway.hub.run(),
        "audit": gateway.audit.run(),
        "requests": gateway.writes.run(),
        "housekeeping": tidy(gateway),
    }
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    watch = asyncio.create_task(_first_end(tasks))
    try:
        yield watch
    finally:
        watch.cancel()
        server.should_exit = True
        await asyncio.wait({tasks[0]}, timeout=8)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, watch, return_exceptions=True)


async def _first_end(tasks: list[asyncio.Task[None]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    raise RuntimeError(f"{', '.join(task.get_name() for task in done)} ended by itself")


def _sockets(settings: GatewaySettings) -> list[socket.socket]:
    ports = (settings.port, settings.radiology_portal_port, settings.provider_portal_port)
    return [_listen(settings.bind_host, port) for port in ports]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}. Is a gateway running there?")


def _on_ladder(settings: GatewaySettings) -> list[str] | None:
    if settings.ladder_file is None:
        return None
    try:
        return read_ladder(settings.ladder_file)
    except SettingsError as error:
        sys.exit(str(error))


def _people(settings: GatewaySettings) -> list[Person]:
    if settings.directory_file is None:
        return []
    try:
        return read_directory(settings.directory_file)
    except SettingsError as error:
        sys.exit(str(error))


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    configure_logging(NAME)
    settings, imaging_settings = read_settings(GatewaySettings), read_settings(ImagingSettings)
    people = _people(settings)
    await migrate(settings.database_url, NAME)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with (
        open_gateway(settings) as gateway,
        open_imaging(imaging_settings, gateway.storage, gateway.publisher) as imaging,
        serving(gateway, imaging) as ended,
    ):
        await gateway.directory.save(people)
        log.info("gateway_started", port=settings.port)
        stop = asyncio.create_task(stopped.wait())
        parts = {ended, imaging.draining}
        await asyncio.wait({stop, *parts}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for part in parts:
            if part.done():
                part.result()
        log.info("gateway_stopping")
