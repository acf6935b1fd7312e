"""Documents of a series in the real object store: a viewer that sees a study can open it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from contracts.events.images_ingested import ImagesIngested
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker import series_documents
from ingest_worker.domain.completeness import Patience
from ingest_worker.series_documents import DocumentWriter
from services.database import Database
from services.dicom.header import parse_header
from services.dicom.series_documents import (
    read_frames_document,
    read_metadata_document,
    serve_frame,
)
from services.dicom.travelling import made_to_travel
from services.errors import ObjectStorageUnavailable
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    frames_key,
    metadata_key,
    thumbnail_key,
)
from tests.harness.dicom import TestInstance, build_study
from tests.harness.images import image
from tests.harness.outbox import outgoing

Receive = Callable[..., Awaitable[None]]
Study = Callable[[str], Awaitable[StudyUpdated]]


async def stored(storage: ObjectStorage, instances: Sequence[TestInstance]) -> list[ImagesIngested]:
    """Put instances into the store and return their events, as our edges make them."""
    events = []
    for instance in instances:
        event = image_of(instance)
        await storage.put(
            IMAGES_BUCKET, event.stored.key, instance.content, content_type="application/dicom"
        )
        events.append(made_to_travel(event))
    return events


def image_of(instance: TestInstance) -> ImagesIngested:
    parsed = parse_header(instance.content)
    one = image(
        study_instance_uid=parsed.study_instance_uid,
        series_instance_uid=parsed.series_instance_uid,
        sop_instance_uid=parsed.sop_instance_uid,
    )
    size = one.stored.model_copy(update={"size_bytes": len(instance.content)})
    return one.model_copy(update={"header": parsed, "stored": size})


async def documents(storage: ObjectStorage, known: StudyUpdated) -> tuple[list[Any], Any]:
    """Return metadata and frame index of the first series."""
    uids = known.study_instance_uid, known.series[0].series_instance_uid
    metadata = await storage.get(IMAGES_BUCKET, metadata_key(*uids))
    frames = await storage.get(IMAGES_BUCKET, frames_key(*uids))
    return read_metadata_document(metadata), read_frames_document(frames)


async def test_study_can_be_opened_when_it_is_seen(
    receive: Receive, study: Study, writer: DocumentWriter, object_storage: ObjectStorage
) -> None:
    sent = build_study(seed=uuid4().hex, instances=5)
    await receive(*await stored(object_storage, sent))
    uid = sent[0].study_instance_uid
    assert (await study(uid)).series[0].documents_revision == 0

    await writer.write_due()

    known = await study(uid)
    assert known.series[0].documents_revision == 1
    metadata, frames = await documents(object_storage, known)
    told = [instance["00080018"]["Value"][0] for instance in metadata]
    assert told == [instance.sop_instance_uid for instance in sent]
    index = frames[sent[2].sop_instance_uid]
    location = index.frames[0]
    raw = await object_storage.get_range(IMAGES_BUCKET, index.key, location.offset, location.length)
    assert len(serve_frame(raw, index, 0)) == 32 * 32 * 2
    picture = await object_storage.get(
        IMAGES_BUCKET, thumbnail_key(uid, known.series[0].series_instance_uid)
    )
    assert Image.open(BytesIO(picture)).format == "JPEG"


async def test_images_that_come_meanwhile_make_them_due_again_after_a_pause(
    receive: Receive, study: Study, writer: DocumentWriter, object_storage: ObjectStorage
) -> None:
    """At most twice a second for each series, however fast images come."""
    sent = build_study(seed=uuid4().hex, instances=4)
    events = await stored(object_storage, sent)
    await receive(*events[:2])
    await writer.write_due()

    await receive(events[2])
    await receive(events[3])

    assert await writer.write_due() == 0
    async with asyncio.timeout(30):
        while not await writer.write_when_due():
            pass
    known = await study(sent[0].study_instance_uid)
    assert known.series[0].documents_revision == 2
    metadata, _ = await documents(object_storage, known)
    assert len(metadata) == 4
    assert await writer.write_when_due() == 0


async def test_image_that_comes_while_they_are_written_is_not_forgotten(
    receive: Receive,
    study: Study,
    database: Database,
    object_storage: ObjectStorage,
) -> None:
    sent = build_study(seed=uuid4().hex, instances=2)
    events = await stored(object_storage, sent)
    await receive(events[0])

    class Interrupted(ObjectStorage):
        async def put(self, *args: Any, **options: Any) -> None:
            await receive(events[1])
            await object_storage.put(*args, **options)

    interrupted = Interrupted(object_storage._client)
    await DocumentWriter(database, interrupted, PATIENCE, at_once=1).write_due()
    writer = DocumentWriter(database, object_storage, PATIENCE, at_once=1)
    async with asyncio.timeout(30):
        while not await writer.write_when_due():
            pass

    metadata, _ = await documents(object_storage, await study(sent[0].study_instance_uid))
    assert len(metadata) == 2


async def test_writer_that_dies_loses_its_lease_to_the_next(
    receive: Receive,
    study: Study,
    database: Database,
    object_storage: ObjectStorage,
    writer: DocumentWriter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A crash between writing and telling: the documents are written and told again."""
    sent = build_study(seed=uuid4().hex, instances=1)
    await receive(*await stored(object_storage, sent))
    monkeypatch.setattr(series_documents, "LEASE", series_documents.LEASE / 1000)

    class Dying(ObjectStorage):
        async def put(self, *args: Any, **options: Any) -> None:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await DocumentWriter(database, Dying(None), PATIENCE, at_once=1).write_due()

    async with asyncio.timeout(30):
        while not await writer.write_when_due():
            pass
    assert (await study(sent[0].study_instance_uid)).series[0].documents_revision == 1


async def test_store_that_is_away_postpones_and_tells_nothing(
    receive: Receive, database: Database, object_storage: ObjectStorage
) -> None:
    sent = build_study(seed=uuid4().hex, instances=1)
    await receive(*await stored(object_storage, sent))
    before = len(await outgoing(database, STUDY_UPDATED))

    class Away(ObjectStorage):
        async def put(self, *args: Any, **options: Any) -> None:
            raise ObjectStorageUnavailable("SlowDown")

    away = DocumentWriter(database, Away(None), PATIENCE, at_once=1)
    assert await away.write_due() == 1
    assert await away.write_due() == 0

    assert len(await outgoing(database, STUDY_UPDATED)) == before


async def test_picture_that_cannot_be_made_does_not_hold_back_the_documents(
    receive: Receive, study: Study, writer: DocumentWriter, object_storage: ObjectStorage
) -> None:
    [instance] = build_study(seed=uuid4().hex, instances=1)
    [event] = await stored(object_storage, [instance])
    short = instance.content[:400]  # the pixels are gone, the index does not know
    await object_storage.put(IMAGES_BUCKET, event.stored.key, short, content_type="x")
    await receive(event)

    await writer.write_due()

    assert (await study(instance.study_instance_uid)).series[0].documents_revision == 1


PATIENCE = Patience(
    quiet=series_documents.LEASE,
    unfinished=series_documents.LEASE,
    settle=series_documents.LEASE,
)
