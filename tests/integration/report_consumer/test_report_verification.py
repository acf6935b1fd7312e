"""What the verifying command sees: a genuine report, and every way to falsify one."""

from pathlib import Path

import asyncpg
import pytest

from contracts.events.order_updated import OrderUpdated
from contracts.topics import REPORT_UPDATED
from report_consumer.documents import Documents
from report_consumer.handlers import ReportHandlers
from report_consumer.settings import ReportConsumerSettings
from report_consumer.verify import NothingToVerify, VerifySettings, verify_file, verify_number
from services.object_storage import ObjectStorage
from tests.harness.outbox import last
from tests.harness.reports import drafted, finalized


@pytest.fixture
def verifying(settings: ReportConsumerSettings) -> VerifySettings:
    return VerifySettings(
        database_url=settings.database_url,
        signing_key_file=settings.signing_key_file,
        object_storage=settings.object_storage,
    )


async def signed_and_amended(handlers: ReportHandlers, order: OrderUpdated) -> str:
    await handlers.on_report_drafted(drafted(order.id))
    await handlers.on_report_finalized(finalized(order.id, expected_version=1))
    await handlers.on_report_finalized(
        finalized(order.id, expected_version=2, reason="Side corrected", impression="Left.")
    )
    number: str = (await last(handlers.database, REPORT_UPDATED, order.id)).report_number
    return number


async def falsify(handlers: ReportHandlers, statement: str) -> None:
    """Do what only an administrator of the database could do."""
    async with handlers.database.transaction() as connection:
        await connection.execute("alter table report_versions disable trigger user")
        await connection.execute(statement)


async def test_genuine_report(
    handlers: ReportHandlers, documents: Documents, order: OrderUpdated, verifying: VerifySettings
) -> None:
    number = await signed_and_amended(handlers, order)
    await documents.sender().drain()

    verdict = await verify_number(number, verifying)

    assert verdict.genuine, verdict.text()
    assert "GENUINE" in verdict.text()
    assert sum("PDF" in check.what for check in verdict.checks) == 2


async def test_draft_is_not_called_genuine(
    handlers: ReportHandlers, order: OrderUpdated, verifying: VerifySettings
) -> None:
    await handlers.on_report_drafted(drafted(order.id))
    number = (await last(handlers.database, REPORT_UPDATED, order.id)).report_number

    verdict = await verify_number(number, verifying)

    assert not verdict.genuine
    assert "NOT SIGNED" in verdict.text()


FORGERIES = {
    "another text": """
        update radiology_reports
        set state = jsonb_set(state, '{versions,0,content,impression}', '"Nothing found."')""",
    "another patient": """
        update radiology_reports
        set state = jsonb_set(state, '{versions,0,exam,patient,name}', '"Other^Name"')""",
    "original left out": """
        update radiology_reports
        set state = jsonb_set(state, '{versions}', (state -> 'versions') - 0)""",
    "amendment left out": """
        update radiology_reports
        set state = jsonb_set(state, '{versions}', (state -> 'versions') - 1)""",
    "another reason": """
        update radiology_reports
        set state = jsonb_set(state, '{versions,1,amendmentReason}', '"Typing error"')""",
    "another text in the ledger": """
        update report_versions set state = jsonb_set(state, '{content,findings}', '"x"')""",
    "another time in the ledger": """
        update report_versions
        set state = jsonb_set(state, '{signature,signedAt}', '"2020-01-01T00:00:00Z"')
        where status = 'FINAL'""",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_forgery_is_seen(
    handlers: ReportHandlers, order: OrderUpdated, verifying: VerifySettings, forgery: str
) -> None:
    number = await signed_and_amended(handlers, order)
    await falsify(handlers, FORGERIES[forgery])

    verdict = await verify_number(number, verifying)

    assert not verdict.genuine
    assert "TAMPERED" in verdict.text()


async def test_report_signed_by_a_foreign_key_is_seen(
    handlers: ReportHandlers, order: OrderUpdated, verifying: VerifySettings, tmp_path: Path
) -> None:
    """Who can write the database could sign with a key of his own."""
    number = await signed_and_amended(handlers, order)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = verifying.model_copy(update={"signing_key_file": elsewhere / "signing.pem"})

    verdict = await verify_number(number, other)

    assert not verdict.genuine
    assert "not one of the trusted keys" in verdict.text()


async def test_changed_pdf_is_seen(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
    verifying: VerifySettings,
) -> None:
    number = await signed_and_amended(handlers, order)
    await documents.sender().drain()
    document = (await last(handlers.database, REPORT_UPDATED, order.id)).current.document
    await object_storage.put(
        document.bucket, document.key, b"%PDF-1.7 another", content_type="application/pdf"
    )

    verdict = await verify_number(number, verifying)

    assert [check.fault for check in verdict.checks if check.fault] == ["it was changed"]


async def test_pdf_on_a_desk_is_recognised(
    handlers: ReportHandlers,
    documents: Documents,
    object_storage: ObjectStorage,
    order: OrderUpdated,
    verifying: VerifySettings,
) -> None:
    await handlers.on_report_finalized(finalized(order.id))
    await documents.sender().drain()
    document = (await last(handlers.database, REPORT_UPDATED, order.id)).current.document
    pdf = await object_storage.get(document.bucket, document.key)

    assert (await verify_file(pdf, verifying)).genuine
    with pytest.raises(NothingToVerify):
        await verify_file(pdf.replace(b"Type", b"Typo", 1), verifying)


async def test_unknown_number_is_said_to_be_unknown(
    handlers: ReportHandlers, verifying: VerifySettings
) -> None:
    with pytest.raises(NothingToVerify):
        await verify_number("RAD-20261125-AAAAA", verifying)


async def test_database_refuses_an_unsigned_final_version(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id))

    with pytest.raises(asyncpg.CheckViolationError):
        await falsify(
            handlers, 'update report_versions set state = state || \'{"status": "FINAL"}\''
        )
