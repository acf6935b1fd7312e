"""A study to take along: a zip of its DICOM files with a DICOMDIR (PS3.10 section 8).

What must stay true: no image that is indexed is left out; a piece of one instance is in memory at a
time, however large it is; and an archive that is not complete ends without its directory, so that
nobody takes it for a whole one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from io import RawIOBase
from itertools import zip_longest
from pathlib import PurePath
from time import localtime
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from typing_extensions import Buffer

from gateway.dicomweb.directory_process import UNNAMED
from gateway.errors import ImagesNotReady
from gateway.imaging import Imaging, imaging_of
from services.dicom.elements import DEFLATED_LITTLE_ENDIAN
from services.dicom.series_documents import StoredFrames
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, frames_key, series_prefix
from services.side_process import SideProcess

_WRITER = "gateway.dicomweb.directory_process"
_PATIENCE_SECONDS = 300.0
"""The directory of 1,500 files takes 3 s of a processor, which on a busy machine is long."""
_FILING_SECONDS = 0.5
_FILING_TRIES = 20

log = structlog.get_logger()


async def study_archive(request: Request, study: str, *, at_least: int) -> Response:
    """Return a study as a zip, file by file while it is read.

    Raises `ImagesNotReady` when not so many instances are found within some seconds.
    """
    imaging = imaging_of(request)
    stored = await _whole(imaging, study, at_least)
    if not stored:
        raise ObjectMissing("nothing of this study is stored")
    return StreamingResponse(
        _archive(imaging, stored),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="study-{study}.zip"',
            "Cache-Control": "no-store",
        },
    )


async def _whole(imaging: Imaging, study: str, at_least: int) -> list[StoredFrames]:
    """Return all instances: the documents of a series follow its index by some seconds."""
    for remaining in range(_FILING_TRIES, -1, -1):
        stored = [frames async for frames in _instances(imaging, study)]
        if len(stored) >= at_least:
            return stored
        if remaining:
            await asyncio.sleep(_FILING_SECONDS)
    raise ImagesNotReady(headers={"Retry-After": "10"})


async def _instances(imaging: Imaging, study: str) -> AsyncIterator[StoredFrames]:
    """Yield what is indexed of a study, series by series."""
    suffix = frames_key(study, "").rpartition("/")[2]
    async for key in imaging.storage.keys(IMAGES_BUCKET, series_prefix(study)):
        if key.endswith(f"/{suffix}"):
            series = PurePath(key).parent.name
            for frames in (await imaging.series.instances(study, series)).values():
                yield frames


async def _archive(imaging: Imaging, stored: list[StoredFrames]) -> AsyncIterator[bytes]:
    sink = _Sink()
    async with _open_directory() as directory:
        with ZipFile(cast("IO[bytes]", sink), "w", ZIP_STORED) as archive:
            async with aclosing(_named_ahead(imaging, directory, stored)) as named:
                async for name, instance in named:
                    body = await imaging.cache.body(instance.key)
                    with archive.open(_entry(name, body.size), "w") as entry:
                        async for piece in body.pieces:
                            entry.write(piece)
                            yield sink.take()
            archive.writestr("DICOMDIR", await directory.ask(b""))
        yield sink.take()


def _entry(name: str, size: int) -> ZipInfo:
    entry = ZipInfo(name, localtime()[:6])
    entry.file_size = size  # decides whether its length needs more than 32 bits
    return entry


async def _named_ahead(
    imaging: Imaging, directory: SideProcess, stored: list[StoredFrames]
) -> AsyncGenerator[tuple[str, StoredFrames], None]:
    """Yield instances with their names; while one leaves, the next is fetched and named."""

    async def name_of(instance: StoredFrames) -> str:
        return await _named(directory, await _before_pixels(imaging, instance))

    coming = asyncio.create_task(name_of(stored[0]))
    try:
        for instance, following in zip_longest(stored, stored[1:]):
            name = await coming
            if following:
                coming = asyncio.create_task(name_of(following))
            yield name, instance
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _before_pixels(imaging: Imaging, instance: StoredFrames) -> bytes:
    """Return what comes before the first frame; of a deflated file that cannot be told."""
    if not instance.frames or instance.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN:
        return await imaging.cache.read_whole(instance.key)
    return await imaging.cache.read(instance.key, 0, min(f.offset for f in instance.frames))


class _Sink(RawIOBase):
    """What zipfile writes into; it is emptied after each file, and cannot be sought."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Buffer, /) -> int:
        """Keep bytes until they are taken."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data


@asynccontextmanager
async def _open_directory() -> AsyncIterator[SideProcess]:
    """Give the process that writes a directory; its memory ends with the block."""
    process = SideProcess(_WRITER, time_limit_seconds=_PATIENCE_SECONDS)
    try:
        yield process
    finally:
        await process.close()


async def _named(directory: SideProcess, header: bytes) -> str:
    """Note a file by its header, and return its name in the archive."""
    name = (await directory.ask(header)).decode()
    if name.startswith(UNNAMED):
        log.warning("not_in_dicomdir")
    return name
