"""Events from outside producers: without a header, or with a wrong one."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from pydantic import SecretStr

from contracts.events.images_ingested import ImagesIngested, InstanceDocuments
from contracts.events.study_updated import StudyUpdated
from ingest_worker.errors import HeaderContradictsEvent, ObjectElsewhere
from ingest_worker.handlers import IngestHandlers
from ingest_worker.headers import Headers
from services.dicom.errors import UnreadableInstance
from services.errors import ObjectMissing, ObjectStorageUnavailable, TransientError
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    ObjectStorageSettings,
    open_object_storage,
)
from tests.harness.dicom import TestInstance, build_instance
from tests.harness.images import image, ingested

Study = Callable[[str], Awaitable[StudyUpdated]]


async def bare(storage: ObjectStorage, instance: TestInstance) -> ImagesIngested:
    """Put an instance into the store and return an event without its header."""
    one = image(
        study_instance_uid=instance.study_instance_uid,
        series_instance_uid=instance.series_instance_uid,
        sop_instance_uid=instance.sop_instance_uid,
    )
    await storage.put(IMAGES_BUCKET, one.stored.key, instance.content, content_type="x")
    size = one.stored.model_copy(update={"size_bytes": len(instance.content)})
    outside = {"header": None, "stored": size, "received_by": "EXTERNAL"}
    return one.model_copy(update=outside)


@pytest.mark.parametrize("rows", [32, 600])
async def test_header_is_read_from_the_object(
    handlers: IngestHandlers, study: Study, object_storage: ObjectStorage, rows: int
) -> None:
    """The pixels of a large one are never read: its beginning says where they are."""
    instance = build_instance(seed=uuid4().hex, rows=rows, columns=rows)

    await handlers.on_images_ingested(ingested(await bare(object_storage, instance)))

    known = await study(instance.study_instance_uid)
    assert known.modality == "CT"
    assert known.accession_number == "20251111-ABCD1"
    assert known.series[0].rows == rows


async def test_object_that_is_not_there_is_permanent(handlers: IngestHandlers) -> None:
    missing = image().model_copy(update={"header": None})

    with pytest.raises(ObjectMissing):
        await handlers.on_images_ingested(ingested(missing))


async def test_object_that_is_no_dicom_is_permanent(
    handlers: IngestHandlers, object_storage: ObjectStorage
) -> None:
    instance = build_instance(seed=uuid4().hex)
    event = await bare(object_storage, instance)
    await object_storage.put(IMAGES_BUCKET, event.stored.key, b"<html>" * 100, content_type="x")

    with pytest.raises(UnreadableInstance):
        await handlers.on_images_ingested(ingested(event))


async def test_object_of_another_instance_is_permanent(
    handlers: IngestHandlers, object_storage: ObjectStorage
) -> None:
    event = await bare(object_storage, build_instance(seed=uuid4().hex))
    wrong = event.model_copy(update={"sop_instance_uid": "1.2.3"})

    with pytest.raises(HeaderContradictsEvent):
        await handlers.on_images_ingested(ingested(wrong))


async def test_object_in_another_bucket_is_permanent(handlers: IngestHandlers) -> None:
    """The frames document names keys of one bucket: a viewer would not find it."""
    one = image()
    elsewhere = one.stored.model_copy(update={"bucket": "radiology-documents"})

    with pytest.raises(ObjectElsewhere):
        await handlers.on_images_ingested(ingested(one.model_copy(update={"stored": elsewhere})))


async def test_store_that_is_away_is_waited_for(
    handlers: IngestHandlers, study: Study, object_storage: ObjectStorage
) -> None:
    """Nothing is recorded meanwhile, so the same event is handled when the store is back."""

    class Away(ObjectStorage):
        async def get_range(self, bucket: str, key: str, offset: int, length: int) -> bytes:
            raise ObjectStorageUnavailable("SlowDown")

    instance = build_instance(seed=uuid4().hex)
    events = ingested(await bare(object_storage, instance))
    away = IngestHandlers(handlers.database, Headers(Away(None)), handlers.patience)

    with pytest.raises(ObjectStorageUnavailable):
        await away.on_images_ingested(events)
    await handlers.on_images_ingested(events)

    assert (await study(instance.study_instance_uid)).number_of_instances == 1


async def test_wrong_key_is_waited_for_and_no_image_is_set_aside(
    handlers: IngestHandlers,
    study: Study,
    object_storage: ObjectStorage,
    object_storage_settings: ObjectStorageSettings,
) -> None:
    """As after a rotation of keys: the store refuses every object, and none is at fault."""
    instance = build_instance(seed=uuid4().hex)
    events = ingested(await bare(object_storage, instance))
    wrong = object_storage_settings.model_copy(update={"secret_key": SecretStr("rotated away")})

    async with open_object_storage(wrong) as shut:
        refused = IngestHandlers(handlers.database, Headers(shut), handlers.patience)
        with pytest.raises(TransientError):
            await refused.on_images_ingested(events)
        assert not shut.is_open
    await handlers.on_images_ingested(events)

    assert (await study(instance.study_instance_uid)).number_of_instances == 1


async def test_documents_from_outside_are_not_believed(
    handlers: IngestHandlers, study: Study
) -> None:
    """They would become a part of what every viewer of the series reads."""
    one = image().model_copy(update={"received_by": "EXTERNAL"})
    documents = InstanceDocuments(metadata="not base 64", frames="not JSON")
    forged = one.model_copy(update={"documents": documents})

    await handlers.on_images_ingested(ingested(forged))

    assert (await study(one.study_instance_uid)).number_of_instances == 1
