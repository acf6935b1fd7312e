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
from pathlib import Path
from typing import NamedTuple

import structlog

from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, ObjectStorage

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
        self._fetching: dict[str, asyncio.Task[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def adopt(self, key: str, path: Path) -> None:
        """Take a file that holds an object's bytes; the caller no longer owns it."""
        path.rename(self._folder / _name(key))

    async def read(self, key: str, offset: int, length: int) -> bytes:
        """Return bytes of an object.

        Raises
        ------
        ObjectMissing, ObjectStorageUnavailable : from the store, where no copy is here.
        """
        found = await asyncio.to_thread(self._read_copy, key, offset, length)
        if found is not None:
            return found
        if await self._storage.size(IMAGES_BUCKET, key) > _WHOLE_OBJECT_BYTES:
            return await self._storage.get_range(IMAGES_BUCKET, key, offset, length)
        whole = await self._fetch_once(key)
        return whole[offset : offset + length]

    async def read_whole(self, key: str) -> bytes:
        """Return all bytes of an object."""
        found = await asyncio.to_thread(self._read_copy, key, 0, -1)
        return found if found is not None else await self._fetch_once(key)

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

    async def _fetch_once(self, key: str) -> bytes:
        """Fetch an object; callers that want it at the same time share one request."""
        task = self._fetching.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key))
            self._fetching[key] = task
            task.add_done_callback(lambda _: self._fetching.pop(key, None))
        return await asyncio.shield(task)

    async def _fetch(self, key: str) -> bytes:
        body = await self._storage.get(IMAGES_BUCKET, key)
        await asyncio.to_thread(self._keep, key, body)
        return body

    def _keep(self, key: str, body: bytes) -> None:
        if len(body) > self._limit:
            return
        draft = self._folder / f"{_DRAFT}{_name(key)}.{os.getpid()}"
        try:
            draft.write_bytes(body)
            draft.rename(self._folder / _name(key))
        except OSError as error:
            # The disk is full. The object was read all the same; the next reader fetches it again.
            draft.unlink(missing_ok=True)
            log.warning("object_not_kept", reason=os.strerror(error.errno or 0))

    def _read_copy(self, key: str, offset: int, length: int) -> bytes | None:
        path = self._folder / _name(key)
        try:
            with path.open("rb") as file:
                if time.time() - os.fstat(file.fileno()).st_mtime > _TOUCH_SECONDS:
                    os.utime(file.fileno())
                file.seek(offset)
                data = file.read(length)
        except FileNotFoundError:
            return None
        if not data:
            raise ObjectMissing("the object is shorter than its frame index says")
        return data


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
