"""A report through the real worker: signed, made a PDF in S3, told to the workflow service."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from contracts.enumerations import ReportStatus
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.topics import CRITICAL_FINDING, REPORT_UPDATED, REQUEST_REJECTED
from services import dead_letters
from services.events import Event
from services.kafka import KafkaSettings, Outgoing, outgoing
from services.object_storage import ObjectStorage
from tests.acceptance.conftest import MakeWorker
from tests.harness.bus import Bus
from tests.harness.processes import Process, running
from tests.harness.reports import (
    CRITICAL,
    alert_updated,
    closed,
    drafted,
    finalized,
    order_state,
    order_updated,
)
from tests.harness.standins import running_stand_in

SECRET = "a-secret-between-the-two"


@pytest_asyncio.fixture
async def workflow() -> AsyncIterator[str]:
    """The workflow service, which checks our signatures as another house would."""
    async with running_stand_in("workflow", {"WEBHOOK_SECRET": SECRET}) as base_url:
        yield base_url


@pytest.fixture
def worker(
    make_worker: MakeWorker, workflow: str, tmp_path: Path, object_storage: ObjectStorage
) -> Process:
    """report_consumer, not started; `object_storage` has made the buckets."""
    return make_worker(
        "report_consumer",
        REPORT_CONSUMER_SIGNING_KEY_FILE=str(tmp_path / "signing.pem"),
        REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL=f"{workflow}/api/workflow/callbacks/radiology",
        REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET=SECRET,
        # A call-back in the hands of a killed sender comes again ten seconds after this.
        REPORT_CONSUMER_WORKFLOW_WEBHOOK_TIMEOUT_SECONDS="2",
    )


async def call_backs(workflow: str, *, at_least: int) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            answer = await client.get(f"{workflow}/api/workflow/callbacks/radiology")
            taken: list[dict[str, Any]] = answer.json()["callbacks"]
            if len(taken) >= at_least:
                return taken
            await asyncio.sleep(0.1)


async def snapshot(bus: Bus, order: OrderUpdated, **wanted: Any) -> ReportUpdated:
    def fits(event: Event[Any]) -> bool:
        report = event.data
        return report.order_id == order.id and all(
            getattr(report, name) is not None for name in wanted
        )

    return (await bus.first(REPORT_UPDATED, fits)).data  # type: ignore[no-any-return]


async def test_case_from_draft_to_addendum(
    bus: Bus, workflow: str, worker: Process, object_storage: ObjectStorage
) -> None:
    order = order_state()
    async with running(worker):
        await bus.publish(order_updated(order))
        draft = drafted(order.id)
        await bus.publish(draft)
        first = (await bus.caused_by(draft, REPORT_UPDATED)).data

        signing = finalized(order.id, expected_version=first.version, **CRITICAL)
        await bus.publish(signing)
        signed = (await bus.caused_by(signing, REPORT_UPDATED)).data
        finding = (await bus.caused_by(signing, CRITICAL_FINDING)).data

        told = await bus.first(
            REPORT_UPDATED,
            lambda e: e.data.workflow_notified_at and e.data.current.document,
        )
        [call_back] = await call_backs(workflow, at_least=1)

        alert = alert_updated(closed(finding))
        await bus.publish(alert)
        documented = (await bus.caused_by(alert, REPORT_UPDATED)).data

    assert signed.status is ReportStatus.FINAL
    assert signed.critical_alert_ids == (finding.alert_id,)
    assert told.envelope.correlation_id == signing.envelope.correlation_id
    document = told.data.current.document
    assert (await object_storage.get(document.bucket, document.key)).startswith(b"%PDF-")
    assert call_back["data"]["status"] == "COMPLETED"
    assert call_back["data"]["orderId"] == str(order.id)
    assert len(documented.communications) == 1


async def test_refusal_says_which_version_there_is(bus: Bus, worker: Process) -> None:
    order = order_state()
    async with running(worker):
        await bus.publish(order_updated(order))
        first, second = drafted(order.id), drafted(order.id)
        await bus.publish(first, second)
        await bus.caused_by(first, REPORT_UPDATED)
        rejected = (await bus.caused_by(second, REQUEST_REJECTED)).data

    assert (rejected.code, rejected.status) == ("report_version_stale", 409)
    assert rejected.current_version >= 1


async def test_report_that_was_faster_than_its_order_is_signed(bus: Bus, worker: Process) -> None:
    """Two topics: nothing says which is read first."""
    order = order_state()
    async with running(worker):
        signing = finalized(order.id)
        await bus.publish(signing)
        await asyncio.sleep(0.5)
        await bus.publish(order_updated(order))

        signed = await bus.caused_by(signing, REPORT_UPDATED)

    assert signed.data.status is ReportStatus.FINAL


async def test_malformed_report_is_set_aside(
    bus: Bus, kafka: KafkaSettings, worker: Process
) -> None:
    order = order_state()
    good = outgoing(finalized(order.id))
    body = json.loads(good.value or b"")
    body["content"]["findings"] = ""
    poison = Outgoing(good.topic, good.key, json.dumps(body).encode(), good.headers)
    signing = finalized(order.id)
    async with running(worker):
        await bus.publish(order_updated(order))
        await bus.publisher.publish_many([poison])
        await bus.publish(signing)
        await bus.caused_by(signing, REPORT_UPDATED)

        [listed] = await dead_letters.summaries(kafka, "report.finalized")
        letter = await dead_letters.find(kafka, listed.id)

    assert letter is not None
    assert letter.value == poison.value


async def test_killed_worker_loses_and_doubles_nothing(
    bus: Bus, workflow: str, worker: Process
) -> None:
    """SIGKILL in the middle of twenty signatures, twice."""
    orders = [order_state() for _ in range(20)]
    signings = [finalized(order.id, **CRITICAL) for order in orders]
    await worker.start()
    try:
        await bus.publish(*(order_updated(order) for order in orders))
        for part in range(2):
            await bus.publish(*signings[part * 10 : part * 10 + 10])
            await asyncio.sleep(0.15)
            await worker.kill()
            await worker.start()
        for signing in signings:
            await bus.caused_by(signing, REPORT_UPDATED)
            await bus.caused_by(signing, CRITICAL_FINDING)
        taken = await call_backs(workflow, at_least=20)
        await bus.settle()
    finally:
        await worker.stop()

    outcomes = [
        e.id for e in bus.seen if e.topic.name == "report.updated" if e.envelope.causation_id
    ]
    alerts = [e.data.alert_id for e in bus.seen if e.topic.name == "critical.finding"]
    assert len(set(outcomes)) == 20
    assert len(set(alerts)) == 20
    assert len({call_back["id"] for call_back in taken}) == 20


async def test_call_back_outlives_trouble_and_a_restart(
    bus: Bus, workflow: str, worker: Process
) -> None:
    order = order_state()
    async with httpx.AsyncClient() as client:
        await client.post(f"{workflow}/control/faults", json={"endpoint": "callbacks", "times": 2})
    async with running(worker):
        await bus.publish(order_updated(order))
        signing = finalized(order.id)
        await bus.publish(signing)
        await bus.caused_by(signing, REPORT_UPDATED)
        await worker.kill()
        await worker.start()

        [call_back] = await call_backs(workflow, at_least=1)
        notified = await bus.first(REPORT_UPDATED, lambda e: e.data.workflow_notified_at)

    assert call_back["data"]["orderId"] == str(order.id)
    assert notified.data.order_id == order.id
