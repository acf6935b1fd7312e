"""The thumbnail of a series: the middle of its stack, read by one ranged read.

What must stay true: a picture that cannot be made never holds back the documents of its series.
"""

import asyncio
from collections.abc import Sequence

import structlog

from ingest_worker.series_repository import Claim, IndexedInstance
from ingest_worker.stored_frames import frames_of, is_readable, read_frame
from services.dicom.series_documents import StoredFrames, serve_frame, sorted_instances
from services.dicom.thumbnail import thumbnail
from services.errors import PermanentError
from services.object_storage import IMAGES_BUCKET, ObjectStorage, thumbnail_key

log = structlog.get_logger()


async def write_thumbnail(
    storage: ObjectStorage, claim: Claim, instances: Sequence[IndexedInstance]
) -> None:
    """Write the thumbnail of a series; remove it when none of its instances has an image."""
    key = thumbnail_key(claim.study_instance_uid, claim.series_instance_uid)
    shown = await asyncio.to_thread(_middle, instances)
    if shown is None:
        await storage.delete(IMAGES_BUCKET, key)
        return
    try:
        raw = await read_frame(storage, *shown)
        picture = await asyncio.to_thread(_picture, raw, *shown)
    except PermanentError as error:
        log.warning("thumbnail_failed", series_id=str(claim.series_id), code=error.code)
        return
    await storage.put(IMAGES_BUCKET, key, picture, content_type="image/jpeg")


def _middle(
    instances: Sequence[IndexedInstance],
) -> tuple[IndexedInstance, StoredFrames, int] | None:
    """Return the middle instance that has frames, where they lie, and its middle frame."""
    ordered = [i for i in sorted_instances(instances) if '"frames":[]' not in i.frames_json]
    if not ordered:
        return None
    instance = ordered[len(ordered) // 2]
    stored = frames_of(instance)
    index = len(stored.frames) // 2
    return (instance, stored, index) if is_readable(instance, stored, index) else None


def _picture(raw: bytes, instance: IndexedInstance, stored: StoredFrames, index: int) -> bytes:
    return thumbnail(
        serve_frame(raw, stored, index),
        transfer_syntax_uid=stored.served_syntax,
        dataset=instance.metadata(),
    )
