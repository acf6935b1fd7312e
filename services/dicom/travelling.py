"""How an instance travels through Kafka: small, and parsed once.

What must stay true: an event is smaller than what Kafka takes, whatever the instance holds.
"""

import base64
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
