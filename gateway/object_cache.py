"""Local copies of objects: fresh ones from the spool, older ones fetched from S3; bounded.

What must stay true: a copy may vanish at any time, and never differs from the object, which is
written once. So a lost cache costs time and nothing else.
"""

import asyncio
import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, ObjectStorage

_WHOLE_OBJECT_BYTES = 64 * 1024 * 1024
"""Objects up to this are fetched whole on the first read: the next frame is most likely theirs."""


class ObjectCache:
    """A folder of objects, the least recently used ones go first."""

    def __init__(self, folder: Path, storage: ObjectStorage, limit_bytes: int) -> None:
        self._folder = folder
        self._storage = storage
        self._limit = limit_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        self._lock = Lock()
        self._fetching: dict[str, asyncio.Task[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime):
            self._remember(path.name, path.stat().st_size)

    def adopt(self, key: str, path: Path) -> None:
        """Take a file that holds an object's bytes; the caller no longer owns it."""
        name = _name(key)
        path.rename(self._folder / name)
        self._remember(name, (self._folder / name).stat().st_size)

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
        name = _name(key)
        draft = self._folder / f".{name}.{os.getpid()}"
        draft.write_bytes(body)
        draft.rename(self._folder / name)
        self._remember(name, len(body))

    def _read_copy(self, key: str, offset: int, length: int) -> bytes | None:
        name = _name(key)
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                data = file.read(length)
        except FileNotFoundError:
            return None
        with self._lock:
            if name in self._sizes:
                self._sizes.move_to_end(name)
        if not data:
            raise ObjectMissing("the object is shorter than its frame index says")
        return data

    def _remember(self, name: str, size: int) -> None:
        with self._lock:
            self._total += size - self._sizes.pop(name, 0)
            self._sizes[name] = size
            while self._total > self._limit and self._sizes:
                oldest, freed = self._sizes.popitem(last=False)
                self._total -= freed
                (self._folder / oldest).unlink(missing_ok=True)


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
