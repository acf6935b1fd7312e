"""Composition root of the DIMSE edge: a process of its own beside the gateway's HTTP.

A modality that sends a thousand slices must not slow a radiologist who scrolls through a thousand
others, and Python runs one of them at a time in one process.
"""

import asyncio
import signal
import sys
from functools import partial

import structlog
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from gateway.dimse.scp import StorageScp
from gateway.imaging import Imaging, open_imaging
from gateway.imaging_settings import ImagingSettings
from gateway.spool import SpoolFull
from services.health import HealthServer
from services.kafka import KafkaSettings, Publisher
from services.object_storage import ObjectStorageSettings, open_object_storage
from services.observability import configure_logging
from services.settings import Settings, read_settings

NAME = "gateway_dimse"

log = structlog.get_logger()


class DimseSettings(Settings):
    """Where it says of itself how it is; the rest is `ImagingSettings`."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_DIMSE_")

    health_host: str = Field(default="127.0.0.1", description="Address of /health and /metrics")
    health_port: int = Field(ge=1, le=65535, description="Port of /health and /metrics")
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    storage: ObjectStorageSettings = Field(default_factory=ObjectStorageSettings)


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    configure_logging(NAME)
    settings, imaging_settings = read_settings(DimseSettings), read_settings(ImagingSettings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with (
        open_object_storage(settings.storage) as storage,
        Publisher(settings.kafka, client_id=NAME) as publisher,
        open_imaging(imaging_settings, storage, publisher, edge="dimse") as imaging,
    ):
        scp = StorageScp(imaging_settings, imaging.spool)
        _listen(scp, imaging_settings)
        server = HealthServer(
            settings.health_host, settings.health_port, partial(_ready, scp, imaging)
        )
        serving = asyncio.create_task(server.serve())
        stop = asyncio.create_task(stopped.wait())
        log.info("dimse_listening", port=imaging_settings.dimse_port)
        await asyncio.wait({serving, stop, imaging.draining}, return_when=asyncio.FIRST_COMPLETED)
        # No association is open any more when the spool is closed behind it.
        await asyncio.to_thread(scp.stop)
        server.should_exit = True
        await asyncio.wait({serving}, timeout=5)
        stop.cancel()
        if imaging.draining.done():
            imaging.draining.result()


def _listen(scp: StorageScp, settings: ImagingSettings) -> None:
    try:
        scp.start()
    except OSError as error:
        sys.exit(
            f"Cannot listen on {settings.bind_host}:{settings.dimse_port}: {error.strerror}. "
            "Set GATEWAY_DIMSE_PORT to a free port, or stop what listens there."
        )


async def _ready(scp: StorageScp, imaging: Imaging) -> dict[str, bool]:
    return {"listening": scp.listening, "room": _has_room(imaging)}


def _has_room(imaging: Imaging) -> bool:
    try:
        imaging.spool.require_room()
    except SpoolFull:
        return False
    return True
