"""How an instance travels through Kafka: small, and parsed once.

What must stay true: an event is smaller than what Kafka takes, whatever the instance holds.
"""

import base64
import json
import zlib
from typing import Final

from contracts.events.images_ingested import ImagesIngested, InstanceDocuments
from services.dicom.series_documents import instance_frames, instance_metadata

MAX_DOCUMENT_CHARACTERS: Final = 600_000
"""An enhanced multi-frame instance may describe ten thousand frames one by one."""


def made_to_travel(image: ImagesIngested) -> ImagesIngested:
    """Return the event with its documents' entries instead of the values they are made of.

    One that is too large goes without a header: the index then reads the object.
    """
    if image.header is None:
        return image
    documents = instance_documents(image)
    if len(documents.metadata) + len(documents.frames) > MAX_DOCUMENT_CHARACTERS:
        return image.model_copy(update={"header": None})
    lean = image.header.model_copy(update={"dicom_json": {}, "frames": ()})
    return image.model_copy(update={"header": lean, "documents": documents})


def instance_documents(image: ImagesIngested) -> InstanceDocuments:
    """Make the entries of an instance from its whole header."""
    if image.header is None:
        raise ValueError("an instance without a header has no documents")
    metadata = zlib.compress(instance_metadata(image.header).encode(), 1)
    return InstanceDocuments(
        metadata=base64.b64encode(metadata).decode(),
        frames=instance_frames(image.header, key=image.stored.key),
    )


def renamed(image: ImagesIngested, *, study: str, series: str, sop: str) -> ImagesIngested:
    """Return the event under other UIDs, also in what its documents will tell.

    The bytes of the object stay as they were received.
    """
    if image.header is None:
        raise ValueError("an instance is renamed only with its header")
    uids = {"0020000D": study, "0020000E": series, "00080018": sop}
    told = {tag: {"vr": "UI", "Value": [uid]} for tag, uid in uids.items()}
    documents = image.documents or instance_documents(image)
    metadata = json.loads(zlib.decompress(base64.b64decode(documents.metadata)))
    text = json.dumps(dict(sorted((metadata | told).items())), separators=(",", ":"))
    text = text.replace(f'"instances/{image.sop_instance_uid}/', f'"instances/{sop}/')
    encoded = base64.b64encode(zlib.compress(text.encode(), 1)).decode()
    names = {"study_instance_uid": study, "series_instance_uid": series, "sop_instance_uid": sop}
    header = image.header.model_copy(update={**names, "dicom_json": {}, "frames": ()})
    return image.model_copy(
        update={
            **names,
            "header": header,
            "documents": documents.model_copy(update={"metadata": encoded}),
        }
    )
