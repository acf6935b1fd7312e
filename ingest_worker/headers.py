"""Headers of instances whose event carries none: read from the object's first bytes.

What must stay true: no object is held in memory whole. Its beginning mostly suffices; where it does
not, the object goes to a temporary file.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contracts.events.images_ingested import ImagesIngested, InstanceHeader, StoredObject
from ingest_worker.concurrency import all_of
from ingest_worker.domain.study import is_described_by
from ingest_worker.errors import HeaderContradictsEvent, ObjectElsewhere
from services.dicom.errors import UnreadableInstance
from services.dicom.header import parse_header
from services.object_storage import IMAGES_BUCKET, ObjectStorage

_BEGINNING_BYTES = 64 << 10
_PIECE_BYTES = 8 << 20
_AT_ONCE = 8


@dataclass(frozen=True)
class Headers:
    """Completes events from outside, which may come without a header."""

    storage: ObjectStorage
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def complete(self, images: Sequence[ImagesIngested]) -> list[ImagesIngested]:
        """Return the same images, each with its header.

        Raises
        ------
        HeaderContradictsEvent : an event names other UIDs than its object's header.
        UnreadableInstance : an object is no DICOM instance.
        ObjectMissing : there is no object where an event says.
        ObjectElsewhere : an event names another bucket than that of images.
        """
        if any(image.stored.bucket != IMAGES_BUCKET for image in images):
            raise ObjectElsewhere
        completed = list(images)
        missing = [i for i, image in enumerate(images) if image.header is None]
        if missing:
            headers = await all_of(self._read(images[i].stored) for i in missing)
            for i, header in zip(missing, headers, strict=True):
                completed[i] = images[i].model_copy(update={"header": header})
        for image in completed:
            if image.header is None or not is_described_by(image, image.header):
                raise HeaderContradictsEvent
        return completed

    async def _read(self, stored: StoredObject) -> InstanceHeader:
        async with self._slots:
            beginning = await self.storage.get_range(stored.bucket, stored.key, 0, _BEGINNING_BYTES)
            try:
                return await asyncio.to_thread(
                    parse_header, beginning, size_bytes=stored.size_bytes
                )
            except UnreadableInstance as error:
                if error.problem != "incomplete":
                    raise
            return await self._read_whole(stored)

    async def _read_whole(self, stored: StoredObject) -> InstanceHeader:
        async with whole_object(self.storage, stored) as file:
            return await asyncio.to_thread(parse_header, file)


@asynccontextmanager
async def whole_object(storage: ObjectStorage, stored: StoredObject) -> AsyncIterator[Path]:
    """Fetch an object, piece by piece, into a file that is there while the block lasts."""
    with tempfile.NamedTemporaryFile(prefix="radiology-") as file:
        for offset in range(0, stored.size_bytes, _PIECE_BYTES):
            piece = await storage.get_range(stored.bucket, stored.key, offset, _PIECE_BYTES)
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
        yield Path(file.name)
