"""What the image edges work with: spool, cache and storage; opened once by `app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from starlette.requests import HTTPConnection

from gateway.dimse.scp import StorageScp
from gateway.imaging_settings import ImagingSettings
from gateway.object_cache import ObjectCache
from gateway.series_index import SeriesIndex
from gateway.spool import Spool, open_spool
from services.kafka import Publisher
from services.object_storage import ObjectStorage

log = structlog.get_logger()


@dataclass(frozen=True)
class Imaging:
    """The running image edges."""

    settings: ImagingSettings
    spool: Spool
    cache: ObjectCache
    series: SeriesIndex
    storage: ObjectStorage


def imaging_of(connection: HTTPConnection) -> Imaging:
    """Return the image edges that serve a request."""
    imaging: Imaging = connection.app.state.imaging
    return imaging


@asynccontextmanager
async def open_imaging(
    settings: ImagingSettings, storage: ObjectStorage, publisher: Publisher
) -> AsyncIterator[Imaging]:
    """Open spool and cache, and listen for associations; stops listening before the spool ends."""
    cache = ObjectCache(settings.spool_dir / "cache", storage, settings.cache_limit_bytes)
    async with open_spool(settings, storage, publisher, cache) as spool:
        scp = StorageScp(settings, spool)
        if settings.dimse_port:
            scp.start()
            log.info("dimse_listening", port=settings.dimse_port)
        try:
            yield Imaging(settings, spool, cache, SeriesIndex(storage), storage)
        finally:
            scp.stop()
