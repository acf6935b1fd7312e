"""A study to take along: a zip of its DICOM files with a DICOMDIR (PS3.10 section 8).

What must stay true: one instance is in memory at a time, whatever the size of the study; and an
archive that is not complete ends without its directory, so that nobody takes it for a whole one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import RawIOBase
from pathlib import PurePath
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from typing_extensions import Buffer

from gateway.dicomweb.directory_process import UNNAMED
from gateway.imaging import Imaging, imaging_of
from services.dicom.elements import DEFLATED_LITTLE_ENDIAN
from services.dicom.series_documents import StoredFrames
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, frames_key, series_prefix
from services.side_process import SideProcess

_WRITER = "gateway.dicomweb.directory_process"

log = structlog.get_logger()


async def study_archive(request: Request, study: str) -> Response:
    """Return a study as a zip, file by file while it is read."""
    imaging = imaging_of(request)
    stored = [frames async for frames in _instances(imaging, study)]
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
            for instance in stored:
                body = await imaging.cache.read_whole(instance.key)
                archive.writestr(await _named(directory, _before_pixels(body, instance)), body)
                yield sink.take()
            archive.writestr("DICOMDIR", await directory.ask(b""))
        yield sink.take()


def _before_pixels(body: bytes, instance: StoredFrames) -> bytes:
    """Return what comes before the first frame; of a deflated file that cannot be told."""
    if not instance.frames or instance.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN:
        return body
    return body[: min(frame.offset for frame in instance.frames)]


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
    process = SideProcess(_WRITER)
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
