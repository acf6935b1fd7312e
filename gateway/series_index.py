"""The documents of a series, read from S3 and kept while they are current.

ingest_worker writes them anew when an instance comes, or is taken out by a person; so a copy is
believed for seconds only. Asked for an instance that a copy does not know, it is read at once.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

from services.dicom.series_documents import StoredFrames, read_frames_document
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, ObjectStorage, frames_key, metadata_key

_BELIEVED_SECONDS = 2.0
"""So long a copy is the whole series."""
_KNOWN_SECONDS = 10.0
"""So long an instance of a copy is one of the series still. It never moves, so this is longer."""
_KEPT_SERIES = 200
_KEPT_FRAMES = 10_000
"""Some kilobyte each; more would make the process larger than it may be."""


@dataclass(frozen=True)
class _Kept:
    frames: dict[str, StoredFrames]
    read_at: float

    @cached_property
    def size(self) -> int:
        """How many frames are kept, and instances as well: one may have none."""
        return sum(1 + len(instance.frames) for instance in self.frames.values())

    def is_younger_than(self, seconds: float) -> bool:
        """Tell whether it was read so short a time ago."""
        return time.monotonic() - self.read_at < seconds


class SeriesIndex:
    """Frame locations by series and instance."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    async def metadata(self, study: str, series: str) -> bytes:
        """Return the metadata document as it is stored: JSON, compressed with gzip."""
        return await self._storage.get(IMAGES_BUCKET, metadata_key(study, series))

    async def instances(self, study: str, series: str) -> dict[str, StoredFrames]:
        """Return what is stored of a series; `ObjectMissing` when nothing is."""
        kept = self._kept.get((study, series))
        if kept and kept.is_younger_than(_BELIEVED_SECONDS):
            return kept.frames
        return await self._read(study, series)

    async def frames(self, study: str, series: str, sop: str) -> StoredFrames:
        """Return where the frames of an instance lie; `ObjectMissing` when it is not indexed."""
        kept = self._kept.get((study, series))
        if kept and sop in kept.frames and kept.is_younger_than(_KNOWN_SECONDS):
            self._kept.move_to_end((study, series))
            return kept.frames[sop]
        found = (await self._read(study, series)).get(sop)
        if found is None:
            raise ObjectMissing("the series has no such instance")
        return found

    async def _read(self, study: str, series: str) -> dict[str, StoredFrames]:
        document = await self._storage.get(IMAGES_BUCKET, frames_key(study, series))
        frames = read_frames_document(document)
        self._kept[study, series] = _Kept(frames, time.monotonic())
        self._kept.move_to_end((study, series))
        self._let_go()
        return frames

    def _let_go(self) -> None:
        """Forget the series that were asked for longest ago; the newest one stays in any case."""
        frames = sum(kept.size for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > _KEPT_SERIES or frames > _KEPT_FRAMES):
            _, forgotten = self._kept.popitem(last=False)
            frames -= forgotten.size
