"""What the image edges work with: spool, cache and storage; opened once by each process.

A gateway is two processes: HTTP, and DIMSE (`gateway.dimse`). Each has a spool of its own, because
a spool belongs to one process; the cache of objects is a folder that they share.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from gateway.imaging_settings import ImagingSettings
from gateway.inspection import Inspection
from gateway.object_cache import ObjectCache
from gateway.pictures import Pictures
from gateway.series_index import SeriesIndex
from gateway.spool import Spool, open_spool
from services.kafka import Publisher
from services.object_storage import ObjectStorage


@dataclass(frozen=True)
class Imaging:
    """The running image edges of one process."""

    settings: ImagingSettings
    spool: Spool
    cache: ObjectCache
    series: SeriesIndex
    storage: ObjectStorage
    pictures: Pictures
    inspection: Inspection
    draining: asyncio.Task[None]
    """Ends only by an error; the process should end with it, and be started again."""


def imaging_of(connection: HTTPConnection) -> Imaging:
    """Return the image edges that serve a request."""
    imaging: Imaging = connection.app.state.imaging
    return imaging


@asynccontextmanager
async def open_imaging(
    settings: ImagingSettings, storage: ObjectStorage, publisher: Publisher, *, edge: str = "http"
) -> AsyncIterator[Imaging]:
    """Open spool and cache.

    Parameters
    ----------
    edge : whose spool; its folder lies in the spool folder under this name.
    """
    cache = ObjectCache(
        settings.spool_dir / "cache",
        storage,
        settings.cache_limit_bytes,
        # Twice what the spool leaves free: copies go before it has to refuse an image.
        leave_bytes=2 * settings.spool_reserve_bytes,
    )
    sweeper = asyncio.create_task(cache.keep_bounded())
    pictures, inspection = Pictures(), Inspection(cache)
    try:
        folder = settings.spool_dir / edge
        async with open_spool(folder, settings, storage, publisher, cache) as spool:
            assert spool.draining is not None  # noqa: S101 - open_spool has begun it
            series = SeriesIndex(storage)
            yield Imaging(
                settings, spool, cache, series, storage, pictures, inspection, spool.draining
            )
    finally:
        sweeper.cancel()
        closing = (pictures.close(), inspection.close())
        await asyncio.gather(sweeper, *closing, return_exceptions=True)
