"""Call-backs to the workflow service: signed, in order, and repeated until they are taken."""

import hashlib
import hmac
import json
from datetime import timedelta

import httpx
import pytest
from pydantic import HttpUrl, SecretStr

from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.topics import REPORT_UPDATED
from report_consumer import webhooks as webhooks_module
from report_consumer.handlers import ReportHandlers
from report_consumer.webhooks import Webhooks
from report_consumer.workflow import WorkflowService
from tests.harness.orders import details
from tests.harness.outbox import last
from tests.harness.reports import CRITICAL, finalized, order_state, order_updated

SECRET = SecretStr("a-secret-of-the-tests")
URL = HttpUrl("http://workflow.test/api/workflow/callbacks/radiology")
LIMIT = timedelta(seconds=5)


class Receiver:
    """The workflow service's side."""

    def __init__(self, *answers: int | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, headers={"location": "http://169.254.169.254/"})

    @property
    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(request.content) for request in self.requests]


def webhooks(handlers: ReportHandlers, receiver: Receiver) -> Webhooks:
    client = httpx.AsyncClient(transport=httpx.MockTransport(receiver), follow_redirects=False)
    service = WorkflowService(client, URL, SECRET, time_limit=LIMIT)
    return Webhooks(handlers.database, service)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_module, "back_off", lambda *_, **__: 0.0)


async def report_of(handlers: ReportHandlers, order: OrderUpdated) -> ReportUpdated:
    report: ReportUpdated = await last(handlers.database, REPORT_UPDATED, order.id)
    return report


async def test_workflow_service_hears_that_the_order_is_completed(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    receiver = Receiver()
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))

    await webhooks(handlers, receiver).sender().drain()

    report = await report_of(handlers, order)
    [body] = receiver.bodies
    assert body["type"] == "radiology.order.completed.v1"
    assert body["data"] == {
        "workflowOrderId": "WF-1",
        "orderId": str(order.id),
        "orderNumber": order.order_number,
        "status": "COMPLETED",
        "reportId": str(report.id),
        "reportNumber": report.report_number,
        "reportStatus": "FINAL",
        "reportVersion": 1,
        "hasCriticalFindings": True,
    }
    assert report.workflow_notified_at is not None


async def test_call_back_is_signed(handlers: ReportHandlers, order: OrderUpdated) -> None:
    receiver = Receiver()
    await handlers.on_report_finalized(finalized(order.id))

    await webhooks(handlers, receiver).sender().drain()

    [request] = receiver.requests
    time_part, digest_part = request.headers["X-Radiology-Signature"].split(",")
    signed = time_part.removeprefix("t=").encode() + b"." + request.content
    expected = hmac.new(SECRET.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    assert digest_part == f"v1={expected}"


async def test_call_back_names_no_patient(handlers: ReportHandlers, order: OrderUpdated) -> None:
    receiver = Receiver()
    await handlers.on_report_finalized(finalized(order.id))

    await webhooks(handlers, receiver).sender().drain()

    patient = order.details.patient
    text = receiver.requests[0].content.decode()
    assert not any(mark in text for mark in (patient.name, patient.mrn, str(patient.id)))


@pytest.mark.parametrize("trouble", [500, 401, 400, 302, httpx.ReadTimeout("no answer")])
async def test_call_back_is_repeated_with_the_same_id(
    handlers: ReportHandlers, order: OrderUpdated, trouble: int | Exception
) -> None:
    """The other side may have taken it: the id lets it drop the second."""
    receiver = Receiver(trouble, trouble)
    await handlers.on_report_finalized(finalized(order.id))

    await webhooks(handlers, receiver).sender().drain()

    assert [body["id"] for body in receiver.bodies] == [receiver.bodies[0]["id"]] * 3
    assert {request.url.host for request in receiver.requests} == {"workflow.test"}
    assert (await report_of(handlers, order)).workflow_notified_at is not None


async def test_call_back_of_a_sender_that_died_is_sent_by_another(
    handlers: ReportHandlers, order: OrderUpdated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is due stands in the database: a restart forgets nothing."""
    monkeypatch.setattr(webhooks_module, "MARGIN", -LIMIT)
    receiver = Receiver()
    await handlers.on_report_finalized(finalized(order.id))
    await webhooks(handlers, receiver).claim(1)  # and dies

    await webhooks(handlers, receiver).sender().drain()

    assert len(receiver.requests) == 1
    assert (await report_of(handlers, order)).workflow_notified_at is not None


async def test_amendment_waits_for_the_final_report(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id))
    await handlers.on_report_finalized(finalized(order.id, expected_version=1, reason="Side"))
    receiver = Receiver(500)

    await webhooks(handlers, receiver).sender().drain()

    versions = [body["data"]["reportVersion"] for body in receiver.bodies]  # type: ignore[index]
    assert versions == [1, 1, 2]


async def test_call_back_is_given_up_when_its_time_is_over(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id))
    async with handlers.database.connection() as connection:
        await connection.execute("update webhooks set give_up_at = clock_timestamp()")
    receiver = Receiver(500)

    await webhooks(handlers, receiver).sender().drain()

    async with handlers.database.connection() as connection:
        row = await connection.fetchrow("select state, last_error from webhooks")
    assert tuple(row or ()) == ("ABANDONED", "HTTP 500")
    assert len(receiver.requests) == 1


async def test_order_of_our_own_is_nobody_s_business(handlers: ReportHandlers) -> None:
    """The workflow service does not know an order that was made in the portal."""
    order = order_state(details=details(workflow_order_id=None))
    await handlers.on_orders_updated([order_updated(order)])
    await handlers.on_report_finalized(finalized(order.id))
    receiver = Receiver()

    await webhooks(handlers, receiver).sender().drain()

    assert receiver.requests == []
