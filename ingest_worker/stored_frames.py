"""Reads one stored frame by one ranged read.

What must stay true: a frame that would fill the worker's memory is not read.
"""

from ingest_worker.series_repository import IndexedInstance
from services.dicom.series_documents import StoredFrames, frames_document, read_frames_document
from services.object_storage import ObjectStorage

_MOST_BYTES = 64 << 20


def frames_of(instance: IndexedInstance) -> StoredFrames:
    """Return where the frames of an instance lie."""
    [stored] = read_frames_document(frames_document([instance])).values()
    return stored


def is_readable(instance: IndexedInstance, stored: StoredFrames, index: int) -> bool:
    """Tell whether there is such a frame, and reading it takes no more memory than we have."""
    if not 0 <= index < len(stored.frames):
        return False
    size = instance.file_size if stored.needs_whole_object else stored.frames[index].length
    return size <= _MOST_BYTES


async def read_frame(
    storage: ObjectStorage, instance: IndexedInstance, stored: StoredFrames, index: int
) -> bytes:
    """Read the bytes that `serve_frame` takes."""
    if stored.needs_whole_object:
        return await storage.get(instance.storage_bucket, stored.key)
    frame = stored.frames[index]
    return await storage.get_range(instance.storage_bucket, stored.key, frame.offset, frame.length)
