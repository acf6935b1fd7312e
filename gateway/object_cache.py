"""Local copies of objects: fresh ones from the spools, older ones fetched from S3; bounded.

What must stay true: a copy may vanish at any time, and never differs from the object, which is
written once. So a lost cache costs time and nothing else, and copies go before the spool beside
them has to refuse images. The folder is shared by the processes of one gateway: what is in it is
known by looking, not from memory.
"""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import structlog

from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, PIECE_BYTES, ObjectStorage

_WHOLE_OBJECT_BYTES = 64 * 1024 * 1024
"""Objects up to this are fetched whole on the first read: the next frame is most likely theirs."""
_SWEEP_SECONDS = 20.0
_TOUCH_SECONDS = 60.0
_DRAFT = ".draft-"

log = structlog.get_logger()


class _Copy(NamedTuple):
    used_at: float
    size: int
    path: str


class Body(NamedTuple):
    """Bytes of an object on their way: never more of them in memory than a piece."""

    size: int
    pieces: AsyncIterator[bytes]


class ObjectCache:
    """A folder of objects; the least recently used ones go first.

    Parameters
    ----------
    limit_bytes : of all copies.
    leave_bytes : free space of the disk that copies never take.
    """

    def __init__(
        self, folder: Path, storage: ObjectStorage, limit_bytes: int, leave_bytes: int = 0
    ) -> None:
        self._folder = folder
        self._storage = storage
        self._limit = limit_bytes
        self._leave = leave_bytes
        self._fetching: dict[str, asyncio.Task[bool]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def adopt(self, key: str, path: Path) -> None:
        """Give a file that holds an object's bytes a second name here; it takes no more room."""
        try:
            (self._folder / _name(key)).hardlink_to(path)
        except FileExistsError:
            pass  # the same bytes, of an earlier time
        except OSError as error:
            _say_not_kept(error)

    async def read(self, key: str, offset: int, length: int) -> bytes:
        """Return bytes of an object.

        Raises
        ------
        ObjectMissing, ObjectStorageUnavailable : from the store, where no copy is here.
        """
        found = await asyncio.to_thread(self._read_copy, key, offset, length)
        if found is None and await self._fetch_once(key):
            found = await asyncio.to_thread(self._read_copy, key, offset, length)
        if found is None:
            return await self._storage.get_range(IMAGES_BUCKET, key, offset, length)
        return found

    async def read_whole(self, key: str) -> bytes:
        """Return all bytes of an object; only where nothing else is of use."""
        return b"".join([piece async for piece in (await self.body(key)).pieces])

    async def body(self, key: str, offset: int = 0, length: int | None = None) -> Body:
        """Return bytes of an object to be read piece by piece; `length` None: to its end.

        Raises
        ------
        ObjectMissing, ObjectStorageUnavailable : as `read`, and while the pieces are read.
        """
        copy = await asyncio.to_thread(self._open_copy, key)
        if copy is None and await self._fetch_once(key):
            copy = await asyncio.to_thread(self._open_copy, key)
        size = await self._storage.size(IMAGES_BUCKET, key) if copy is None else _size_of(copy)
        left = max(0, size - offset)
        length = left if length is None else min(length, left)
        if copy is None:
            return Body(length, self._storage.pieces(IMAGES_BUCKET, key, offset, length))
        return Body(length, _pieces_of(copy, offset, length))

    async def keep_bounded(self) -> None:
        """Throw the least recently used copies away whenever there is too much, for ever."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(_SWEEP_SECONDS)

    def sweep(self) -> None:
        """Throw the least recently used copies away until the rest is within the limits."""
        copies = sorted(self._copies(), reverse=True)
        spare = shutil.disk_usage(self._folder).free - self._leave
        limit = min(self._limit, sum(copy.size for copy in copies) + spare)
        kept = 0
        for copy in copies:
            kept += copy.size
            if kept > limit:
                Path(copy.path).unlink(missing_ok=True)

    def _copies(self) -> list[_Copy]:
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue  # another process has swept it
                found.append(_Copy(status.st_mtime, status.st_size, entry.path))
        return found

    async def _fetch_once(self, key: str) -> bool:
        """Fetch an object; callers that want it at the same time share one request."""
        task = self._fetching.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key))
            self._fetching[key] = task
            task.add_done_callback(lambda _: self._fetching.pop(key, None))
        return await asyncio.shield(task)

    async def _fetch(self, key: str) -> bool:
        """Make a copy of an object; False if it is too large for one, or the disk is full."""
        if await self._storage.size(IMAGES_BUCKET, key) > min(_WHOLE_OBJECT_BYTES, self._limit):
            return False
        draft = self._folder / f"{_DRAFT}{_name(key)}.{os.getpid()}"
        try:
            with await asyncio.to_thread(draft.open, "wb") as file:
                async for piece in self._storage.pieces(IMAGES_BUCKET, key):
                    await asyncio.to_thread(file.write, piece)
            draft.rename(self._folder / _name(key))
        except OSError as error:
            # The disk is full. The object is read all the same; the next reader tries again.
            draft.unlink(missing_ok=True)
            _say_not_kept(error)
            return False
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return True

    def _read_copy(self, key: str, offset: int, length: int) -> bytes | None:
        copy = self._open_copy(key)
        if copy is None:
            return None
        with copy:
            copy.seek(offset)
            data = copy.read(length)
        if not data:
            raise ObjectMissing("the object is shorter than its frame index says")
        return data

    def _open_copy(self, key: str) -> FileIO | None:
        try:
            file = FileIO(self._folder / _name(key))
        except FileNotFoundError:
            return None
        if time.time() - os.fstat(file.fileno()).st_mtime > _TOUCH_SECONDS:
            os.utime(file.fileno())
        return file


def _say_not_kept(error: OSError) -> None:
    log.warning("object_not_kept", reason=os.strerror(error.errno or 0))


def _size_of(file: FileIO) -> int:
    return os.fstat(file.fileno()).st_size


async def _pieces_of(file: FileIO, offset: int, length: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(offset)
        while length and (piece := await asyncio.to_thread(file.read, min(length, PIECE_BYTES))):
            length -= len(piece)
            yield piece


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
