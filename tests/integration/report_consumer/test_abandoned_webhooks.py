"""An operator sees which call-backs were given up, and has them sent again under their old ids."""

import io
from datetime import timedelta

import pytest
from rich.console import Console

from contracts.events.order_updated import OrderUpdated
from deploy.local import operations
from report_consumer import webhooks as webhooks_module
from report_consumer.handlers import ReportHandlers
from report_consumer.settings import ReportConsumerSettings
from tests.harness.reports import finalized
from tests.integration.report_consumer.test_report_webhooks import Receiver, report_of, webhooks

WEEK = timedelta(days=7)


async def run(operation: operations.Operation, code: int) -> str:
    screen = io.StringIO()
    assert await operation(Console(file=screen, width=200)) == code
    return screen.getvalue()


async def given_up(handlers: ReportHandlers, order: OrderUpdated) -> str:
    """A signed report that the workflow service refused for too long; gives the call-back's id."""
    await handlers.on_report_finalized(finalized(order.id))
    async with handlers.database.connection() as connection:
        await connection.execute("update webhooks set give_up_at = clock_timestamp()")
    receiver = Receiver(500)
    await webhooks(handlers, receiver).sender().drain()
    return str(receiver.bodies[0]["id"])


@pytest.fixture
def url(settings: ReportConsumerSettings) -> str:
    return settings.database_url.get_secret_value()


async def test_nothing_given_up_is_in_order(
    handlers: ReportHandlers, order: OrderUpdated, url: str
) -> None:
    await handlers.on_report_finalized(finalized(order.id))

    listed = await run(operations.list_abandoned_webhooks(url), 0)

    assert "being told" in listed
    assert "Nothing was given up." in await run(operations.resend_webhooks(url, None, WEEK), 0)


async def test_list_names_report_and_last_answer_and_no_patient(
    handlers: ReportHandlers, order: OrderUpdated, url: str
) -> None:
    await given_up(handlers, order)

    listed = await run(operations.list_abandoned_webhooks(url), 1)

    assert (await report_of(handlers, order)).report_number in listed
    assert "HTTP 500" in listed
    assert order.details.patient.name not in listed


async def test_what_is_sent_again_has_its_old_id_and_arrives(
    handlers: ReportHandlers, order: OrderUpdated, url: str
) -> None:
    """The other side may have had it: the id lets it drop the second."""
    old_id = await given_up(handlers, order)
    receiver = Receiver()

    await run(operations.resend_webhooks(url, None, WEEK), 0)
    await webhooks(handlers, receiver).sender().drain()

    assert [body["id"] for body in receiver.bodies] == [old_id]
    assert (await report_of(handlers, order)).workflow_notified_at is not None
    await run(operations.list_abandoned_webhooks(url), 0)


async def test_what_is_sent_again_has_its_whole_time_again(
    handlers: ReportHandlers, order: OrderUpdated, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await given_up(handlers, order)
    monkeypatch.setattr(webhooks_module, "back_off", lambda *_, **__: 0.0)
    receiver = Receiver(500, 500, 200)

    await run(operations.resend_webhooks(url, None, WEEK), 0)
    await webhooks(handlers, receiver).sender().drain()

    assert len(receiver.requests) == 3


async def test_only_the_named_report_is_sent_again(
    handlers: ReportHandlers, order: OrderUpdated, url: str
) -> None:
    await given_up(handlers, order)

    said = await run(operations.resend_webhooks(url, "RAD-20000101-OTHER", WEEK), 1)

    assert "Nothing was given up of RAD-20000101-OTHER" in said
    await run(operations.list_abandoned_webhooks(url), 1)
    number = (await report_of(handlers, order)).report_number
    await run(operations.resend_webhooks(url, number, WEEK), 0)
    await run(operations.list_abandoned_webhooks(url), 0)
