"""Gives an instance that is kept as new an object of its own, in which its new UIDs stand.

What must stay true: whoever downloads an instance finds in it the UIDs under which the index knows
it; and the object as it was received stays beside it, untouched, where the quarantine has put it.
"""

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contracts.events.images_ingested import ImagesIngested, StoredObject
from ingest_worker.domain.sorting import Contradiction, Uids, uids_as_new
from ingest_worker.headers import whole_object
from services.dicom.header import parse_header
from services.dicom.renaming import rename
from services.object_storage import IMAGES_BUCKET, ObjectStorage, instance_key


@dataclass(frozen=True)
class Renaming:
    """Writes objects under new UIDs."""

    storage: ObjectStorage

    async def kept_as_new(
        self, image: ImagesIngested, contradiction: Contradiction
    ) -> ImagesIngested:
        """Write the object, and return the event of the instance that it holds.

        Raises
        ------
        ObjectMissing, ObjectStorageUnavailable : from the store.
        """
        uids = uids_as_new(image, contradiction)
        with tempfile.NamedTemporaryFile(prefix="radiology-") as target:
            async with whole_object(self.storage, image.stored) as source:
                await asyncio.to_thread(_rename, source, target, uids)
            return await self._stored(image, uids, Path(target.name))

    async def _stored(self, image: ImagesIngested, uids: Uids, file: Path) -> ImagesIngested:
        header = await asyncio.to_thread(parse_header, file)
        size_bytes, sha256 = await asyncio.to_thread(_measure, file)
        key = instance_key(*uids)
        with file.open("rb") as body:
            await self.storage.put_once(
                IMAGES_BUCKET, key, body, content_type="application/dicom", sha256=sha256
            )
        stored = StoredObject(bucket=IMAGES_BUCKET, key=key, size_bytes=size_bytes, sha256=sha256)
        names = {
            "study_instance_uid": uids.study,
            "series_instance_uid": uids.series,
            "sop_instance_uid": uids.sop,
        }
        return image.model_copy(
            update={**names, "stored": stored, "header": header, "documents": None}
        )


def _rename(source: Path, target: IO[bytes], uids: Uids) -> None:
    rename(source, target, study=uids.study, series=uids.series, sop=uids.sop)
    target.flush()


def _measure(file: Path) -> tuple[int, str]:
    with file.open("rb") as body:
        digest = hashlib.file_digest(body, "sha256").hexdigest()
        return body.tell(), digest
