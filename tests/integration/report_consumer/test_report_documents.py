"""PDFs on real S3: made once, for the version that counts, and again after trouble."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.topics import CRITICAL_FINDING, REPORT_UPDATED
from report_consumer import documents as documents_module
from report_consumer import handlers as handlers_module
from report_consumer.documents import Documents
from report_consumer.handlers import ReportHandlers
from report_consumer.repository import DocumentJob
from services.errors import ObjectStorageUnavailable
from services.leases import Sender
from services.object_storage import DOCUMENTS_BUCKET, ObjectStorage
from tests.harness.outbox import last, outgoing
from tests.harness.reports import CRITICAL, alert_updated, closed, drafted, finalized


@pytest.fixture(autouse=True)
def _documents_are_due_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers_module, "DRAFT_SETTLES", timedelta(0))
    monkeypatch.setattr(handlers_module, "AFTER_THE_ALERT", timedelta(0))
    monkeypatch.setattr(handlers_module, "REPLACED_DRAFT_STAYS", timedelta(0))


async def report_of(handlers: ReportHandlers, order: OrderUpdated) -> ReportUpdated:
    report: ReportUpdated = await last(handlers.database, REPORT_UPDATED, order.id)
    return report


async def test_signed_report_gets_its_pdf(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
) -> None:
    signing = finalized(order.id)
    await handlers.on_report_finalized(signing)

    await documents.sender().drain()

    document = (await report_of(handlers, order)).current.document
    assert document is not None
    pdf = await object_storage.get(document.bucket, document.key)
    assert pdf.startswith(b"%PDF-")
    assert hashlib.sha256(pdf).hexdigest() == document.sha256
    snapshot = (await outgoing(handlers.database, REPORT_UPDATED))[-1]
    assert snapshot.envelope.correlation_id == signing.envelope.correlation_id
    assert snapshot.envelope.causation_id is None  # else it would pass for the outcome of signing


async def test_replaced_draft_gets_no_pdf(
    handlers: ReportHandlers, documents: Documents, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id))
    await handlers.on_report_finalized(finalized(order.id, expected_version=1))

    await documents.sender().drain()

    report = await report_of(handlers, order)
    assert report.version == 3  # draft, signature, one document
    async with handlers.database.connection() as connection:
        states = await connection.fetch("select state from documents order by version_number")
    assert [row["state"] for row in states] == ["SUPERSEDED", "MADE"]


async def test_pdf_of_a_replaced_draft_does_not_stay(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
) -> None:
    """It names the patient, and says what nobody has signed."""
    await handlers.on_report_drafted(drafted(order.id))
    await documents.sender().drain()
    draft = (await report_of(handlers, order)).current.document
    assert draft is not None
    assert await object_storage.size(DOCUMENTS_BUCKET, draft.key) == draft.size_bytes

    await handlers.on_report_finalized(finalized(order.id, expected_version=1))
    await documents.sender().drain()

    signed = (await report_of(handlers, order)).current.document
    assert signed is not None
    assert await _stored(object_storage, order) == [signed.key]


async def test_pdf_of_a_draft_that_is_replaced_while_it_is_made_does_not_stay(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
) -> None:
    class SlowPress:
        async def pdf(self, *arguments: Any, **more: Any) -> bytes:
            await handlers.on_report_finalized(finalized(order.id, expected_version=1))
            return await documents.press.pdf(*arguments, **more)

    slow = Documents(handlers.database, object_storage, SlowPress())  # type: ignore[arg-type]
    await handlers.on_report_drafted(drafted(order.id))
    [job] = await slow.claim(1)

    await slow.perform(job)

    assert await _stored(object_storage, order) == []


async def test_pdf_of_a_replaced_draft_is_removed_when_the_object_store_is_back(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents_module, "back_off", lambda *_, **__: 0.0)
    await handlers.on_report_drafted(drafted(order.id))
    await documents.sender().drain()
    await handlers.on_report_drafted(drafted(order.id, expected_version=1))
    away = Documents(handlers.database, StorageAway(), documents.press)  # type: ignore[arg-type]
    for job in await away.claim(2):
        await away.perform(job)

    await documents.sender().drain()

    second = (await report_of(handlers, order)).current.document
    assert second is not None
    assert await _stored(object_storage, order) == [second.key]


async def _stored(storage: ObjectStorage, order: OrderUpdated) -> list[str]:
    return [key async for key in storage.keys(DOCUMENTS_BUCKET, f"reports/{order.id}/")]


async def test_editor_is_not_disturbed_by_a_document(
    handlers: ReportHandlers, documents: Documents, order: OrderUpdated
) -> None:
    """The document raises the version, but changes no text: the editor has seen it all."""
    await handlers.on_report_drafted(drafted(order.id))
    await documents.sender().drain()

    await handlers.on_report_finalized(finalized(order.id, expected_version=1))

    assert (await report_of(handlers, order)).version == 3


async def test_pdf_gives_way_to_the_alert(
    handlers: ReportHandlers,
    documents: Documents,
    order: OrderUpdated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While a doctor is being told, nothing is printed."""
    monkeypatch.setattr(handlers_module, "AFTER_THE_ALERT", timedelta(seconds=2))
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))

    assert await documents.claim(1) == []
    async with asyncio.timeout(10):
        while not await documents.claim(1):  # noqa: ASYNC110 - the database's clock decides
            await asyncio.sleep(0.2)


async def test_addendum_makes_a_new_pdf_and_keeps_the_old(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
) -> None:
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    await documents.sender().drain()
    before = (await report_of(handlers, order)).current.document
    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)

    await handlers.on_alert_updated(alert_updated(closed(finding.data)))
    await documents.sender().drain()

    after = (await report_of(handlers, order)).current.document
    assert before is not None
    assert after is not None
    assert after.key != before.key
    assert await object_storage.size(DOCUMENTS_BUCKET, before.key) == before.size_bytes


async def test_document_without_addendum_never_replaces_the_one_with_it(
    handlers: ReportHandlers, documents: Documents, order: OrderUpdated
) -> None:
    """The first is still being made when the alert closes."""
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    [slow] = await documents.claim(1)
    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)
    await handlers.on_alert_updated(alert_updated(closed(finding.data)))
    await documents.sender().drain()

    await documents.perform(slow)

    document = (await report_of(handlers, order)).current.document
    assert document is not None
    assert document.key.endswith("-a1.pdf")


class StorageAway:
    async def put(self, *_: Any, **__: Any) -> None:
        raise ObjectStorageUnavailable("away")

    async def delete(self, *_: Any) -> None:
        raise ObjectStorageUnavailable("away")


async def test_document_is_made_when_the_object_store_is_back(
    handlers: ReportHandlers,
    documents: Documents,
    order: OrderUpdated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents_module, "back_off", lambda *_, **__: 0.0)
    await handlers.on_report_finalized(finalized(order.id))
    away = Documents(handlers.database, StorageAway(), documents.press)  # type: ignore[arg-type]
    [job] = await away.claim(1)
    await away.perform(job)
    assert (await report_of(handlers, order)).current.document is None

    await documents.sender().drain()

    assert (await report_of(handlers, order)).current.document is not None


async def test_document_of_a_maker_that_died_is_made_by_another(
    handlers: ReportHandlers,
    documents: Documents,
    order: OrderUpdated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents_module, "LEASE", timedelta(0))
    await handlers.on_report_finalized(finalized(order.id))
    [died_with] = await documents.claim(1)

    [taken_over] = await documents.claim(1)
    await documents.perform(taken_over)
    await documents.perform(died_with)  # it lived after all: its token is worth nothing now

    assert taken_over.id == died_with.id
    assert (await report_of(handlers, order)).version == 2


async def test_leased_document_is_not_taken_twice(
    handlers: ReportHandlers, documents: Documents, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id))

    first, second = await documents.claim(5), await documents.claim(5)

    assert len(first) == 1
    assert second == []


async def test_idle_sender_rests(
    documents: Documents,
) -> None:
    """A look that finds nothing must not wake the next one: it would spin for ever."""
    looks = 0

    async def claim(limit: int) -> Sequence[DocumentJob]:
        nonlocal looks
        looks += 1
        return await documents.claim(limit)

    idle = Sender("idle", documents.database, claim=claim, perform=documents.perform, at_once=1)
    task = asyncio.create_task(idle.run())
    await asyncio.sleep(0.5)
    task.cancel()

    assert 1 <= looks <= 2
