"""Documents of series that the object store lost are written again from the index."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from rich.console import Console

from contracts.events.images_ingested import ImagesIngested
from contracts.events.study_updated import StudyUpdated
from deploy.local import operations
from ingest_worker import rewriting
from ingest_worker.series_documents import DocumentWriter
from ingest_worker.settings import IngestWorkerSettings
from services.database import Database
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    frames_key,
    metadata_key,
    thumbnail_key,
)
from tests.harness.dicom import build_study
from tests.harness.images import image
from tests.integration.ingest_worker.test_series_documents import stored

Receive = Callable[..., Awaitable[None]]
Study = Callable[[str], Awaitable[StudyUpdated]]


async def keep_writing(writer: DocumentWriter) -> None:
    while True:
        await writer.write_due()
        await asyncio.sleep(0.02)


async def test_lost_documents_come_back_as_they_were(
    receive: Receive,
    study: Study,
    writer: DocumentWriter,
    object_storage: ObjectStorage,
    settings: IngestWorkerSettings,
) -> None:
    sent = build_study(seed=uuid4().hex, instances=3)
    await receive(*await stored(object_storage, sent))
    await writer.write_due()
    uids = sent[0].study_instance_uid, sent[0].series_instance_uid
    keys = [metadata_key(*uids), frames_key(*uids), thumbnail_key(*uids)]
    before = [await object_storage.get(IMAGES_BUCKET, key) for key in keys]
    for key in keys:
        await object_storage.put(IMAGES_BUCKET, key, b"lost", content_type="text/plain")
    screen = io.StringIO()

    worker = asyncio.create_task(keep_writing(writer))
    try:
        url = settings.database_url.get_secret_value()
        code = await operations.rewrite_series(url)(Console(file=screen, width=200))
    finally:
        worker.cancel()

    assert (code, screen.getvalue()) == (0, "1 of 1 series written.\n")
    assert [await object_storage.get(IMAGES_BUCKET, key) for key in keys] == before
    assert (await study(uids[0])).series[0].documents_revision == 2


async def test_fresh_images_come_before_an_archive(
    receive: Receive, database: Database, writer: DocumentWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "PACE", 1000 * rewriting.PACE)
    old: list[ImagesIngested] = [image() for _ in range(9)]
    await receive(*old)
    while await writer.write_due():
        pass
    order = await rewriting.order_all(database)

    await receive(image())

    assert await writer.write_due() == 1
    assert await rewriting.still_waiting(database, order) == order.series == 9


async def test_archive_is_ordered_some_series_at_a_time(
    receive: Receive, database: Database, writer: DocumentWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement over all series would hold the documents of an archive until it ends."""
    monkeypatch.setattr(rewriting, "AT_ONCE", 4)
    monkeypatch.setattr(rewriting, "PACE", 0 * rewriting.PACE)
    await receive(*(image() for _ in range(9)))
    while await writer.write_due():
        pass

    order = await rewriting.order_all(database)

    assert await rewriting.still_waiting(database, order) == order.series == 9
    while await writer.write_due():
        pass
    assert await rewriting.still_waiting(database, order) == 0


async def test_worker_that_is_away_is_said_and_is_an_error(
    receive: Receive, settings: IngestWorkerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "STANDSTILL_SECONDS", 0.2)
    await receive(image())
    screen = io.StringIO()

    url = settings.database_url.get_secret_value()
    code = await operations.rewrite_series(url)(Console(file=screen, width=200))

    assert code == 1
    assert "1 wait: see ./radiology status" in screen.getvalue()
