"""The pages of the stand-ins: one look, a strict policy, no form that a foreign page can send.

What arrives from outside (mail, SMS, names) is shown as text only: templates escape everything, and
the policy allows no script but `live.js`.
"""

import asyncio
import os
import re
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

_logger = structlog.get_logger(__name__)
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Next = Callable[[Request], Awaitable[Response]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def new_app(title: str, lifespan: Lifespan | None = None) -> FastAPI:
    """Return an application with the common headers, style and health answer."""
    app = FastAPI(title=title, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(_guard)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _guard(request: Request, call_next: Next) -> Response:
    if request.method not in ("GET", "HEAD") and not _from_own_page_or_program(request):
        return JSONResponse({"detail": "This form was sent by a foreign page."}, status_code=403)
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _from_own_page_or_program(request: Request) -> bool:
    # Browsers always send this header to loopback and to https; programs never do.
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a template; everything in `values` is escaped."""
    return HTMLResponse(_templates.get_template(template).render(**values), status_code=status)


def back_to(path: str) -> RedirectResponse:
    """Answer a form by sending the browser to a page, so that a reload repeats nothing."""
    return RedirectResponse(path, status_code=303)


def clock_time(moment: datetime) -> str:
    """Return the time of day for a page."""
    return moment.astimezone().strftime("%H:%M:%S")


def linked(text: str) -> Markup:
    """Return text as HTML in which http addresses can be clicked and all else is escaped."""
    parts = re.split(r"(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])", text)
    link = Markup('<a href="{0}" rel="noopener noreferrer" target="_blank">{0}</a>')
    return Markup().join(link.format(part) if odd else part for odd, part in _numbered(parts))


def _numbered(parts: list[str]) -> list[tuple[bool, str]]:
    # re.split puts what the group matched at the odd places.
    return [(position % 2 == 1, part) for position, part in enumerate(parts)]


_templates.filters["clock_time"] = clock_time
_templates.filters["linked"] = linked


async def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. A port in use ends the process with a sentence."""
    config = uvicorn.Config(
        app,
        log_config=None,  # an access log would hold phone numbers and addresses
        access_log=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
        server_header=False,
    )
    listener = listen(host, port)
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    _logger.info("standin_listening", port=port)
    await server.serve(sockets=[listener])
    if not server.started:
        raise SystemExit(1)


class _Server(uvicorn.Server):
    """Ends with status 0: uvicorn's own handler raises the signal once more at the end."""

    def end(self) -> None:
        self.should_exit = True

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. A port in use ends the process with a sentence."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=512)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        print(f"Cannot listen on {host}:{port}: {reason}. Is it running already?")
        raise SystemExit(2) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
