"""Looks into stored objects that no index describes: what their header says, and a small picture.

What must stay true: an object is decoded in a process beside us (`inspection_process`). One that is
made to break a decoder costs that process and not the gateway; and no upload waits for it, as it
would in the process of `pictures`.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway.inspection_process import ANSWER, QUESTION, Question
from gateway.object_cache import ObjectCache
from gateway.spool import SpoolFull
from services.dicom.errors import UnreadableInstance
from services.side_process import SideProcess, SideProcessEnded

MOST_BYTES = 256 << 20
"""Of an object that is looked into; it is on our disk meanwhile."""
_AT_ONCE = 4
_IDLE_SECONDS = 30.0


class Inspection:
    """Reads objects by their keys, one after the other.

    Raises
    ------
    UnreadableInstance : it is no instance, has no image, is too large, or ends who reads it.
    ObjectMissing, ObjectStorageUnavailable : from the store.
    SpoolFull : the disk has no room for the object.
    """

    def __init__(self, cache: ObjectCache) -> None:
        self._cache = cache
        self._process = SideProcess("gateway.inspection_process", idle_seconds=_IDLE_SECONDS)
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """End the process, if there is one."""
        await self._process.close()

    async def header(self, key: str) -> dict[str, Any]:
        """Return what an object's header says of the image, by the names of `InstanceHeader`."""
        async with self._fetched(key) as instance:
            return await self._ask(Question(instance))

    async def thumbnail(self, key: str) -> bytes:
        """Return the small picture of an object, a JPEG as series have it."""
        async with self._fetched(key) as instance:
            picture = instance.with_suffix(".jpg")
            await self._ask(Question(instance, picture))
            return await asyncio.to_thread(picture.read_bytes)

    @asynccontextmanager
    async def _fetched(self, key: str) -> AsyncIterator[Path]:
        async with self._slots:
            body = await self._cache.body(key)
            try:
                with TemporaryDirectory(prefix="radiology-") as folder:
                    instance = Path(folder) / "instance.dcm"
                    await _write(body.pieces, instance)
                    yield instance
            except OSError as error:
                raise SpoolFull(
                    f"the disk refuses to write ({os.strerror(error.errno or 0)})"
                ) from None

    async def _ask(self, question: Question) -> dict[str, Any]:
        try:
            answer = ANSWER.validate_json(
                await self._process.ask_twice(QUESTION.dump_json(question))
            )
        except SideProcessEnded:
            raise UnreadableInstance(
                "damaged_image", "The image breaks the program that reads it."
            ) from None
        if answer.problem:
            raise UnreadableInstance(answer.problem, answer.reason)
        return answer.header


async def _write(pieces: AsyncIterator[bytes], target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise UnreadableInstance("too_large", "The image is too large to be shown here.")
            await asyncio.to_thread(file.write, piece)
