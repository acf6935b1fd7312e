"""A request that its worker had to set aside ends all the same; a replay may still fulfil it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.events.request_rejected import RequestRejected
from contracts.topics import ORDER_CREATED, ORDER_UPDATED, REQUEST_REJECTED
from services import dead_letters
from services.dead_letters import DeadLetter
from services.delivery import Delivery
from services.errors import PermanentError
from services.events import Event, decode
from services.kafka import Outgoing, Publisher
from tests.harness.gateway import TestGateway
from tests.harness.snapshots import order_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_writes import order_body


class Worker:
    """A worker of orders that cannot handle any, until its fault is mended."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.mended = False

    async def handle(self, event: Event[Any]) -> None:
        if not self.mended:
            raise PermanentError("the fault")
        order = order_snapshot(id=event.data.order_id, details=event.data.details)
        await self._owner.publish(ORDER_UPDATED, order, order.id, event)


@pytest_asyncio.fixture
async def worker(gateway: TestGateway) -> AsyncIterator[Worker]:
    kafka = gateway.settings.kafka
    consumer = AIOKafkaConsumer(**kafka.client_options(), enable_auto_commit=False)
    await consumer.start()
    async with Publisher(kafka, client_id="test-worker") as publisher:
        partitions = [
            TopicPartition(ORDER_CREATED.name, n) for n in range(ORDER_CREATED.partitions)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        failing = Worker(Owner(publisher))
        delivery = Delivery("test_worker", gateway.gateway.database, publisher)
        task = asyncio.create_task(_deliver(consumer, delivery, failing))
        yield failing
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


async def _deliver(consumer: AIOKafkaConsumer, delivery: Delivery, worker: Worker) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            await delivery.deliver(ORDER_CREATED, records, worker.handle)


@pytest.fixture
def service(gateway: TestGateway) -> httpx.AsyncClient:
    return gateway.workflow_service()


async def test_who_waits_is_told_that_it_could_not_be_done(
    service: httpx.AsyncClient, worker: Worker
) -> None:
    body = order_body(orderingProviderId=str(uuid4()))

    response = await service.post("/api/radiology/orders", json=body)

    assert (response.status_code, response.json()["code"]) == (409, "could_not_be_handled")


async def test_request_that_was_set_aside_is_under_way_no_more_and_done_by_a_replay(
    gateway: TestGateway, service: httpx.AsyncClient, worker: Worker
) -> None:
    gateway.gateway.writes.wait_seconds = 0.0
    body, key = order_body(orderingProviderId=str(uuid4())), {"Idempotency-Key": str(uuid4())}
    location = (await service.post("/api/radiology/orders", json=body, headers=key)).headers[
        "location"
    ]

    rejected = await eventually(lambda: _ended(service, location, "REJECTED"))
    worker.mended = True
    await dead_letters.replay(gateway.gateway.publisher, await _last_letter(gateway))
    done = await eventually(lambda: _ended(service, location, "DONE"))
    again = await service.post("/api/radiology/orders", json=body, headers=key)

    assert rejected["problem"]["code"] == "could_not_be_handled"
    assert (await service.get(done["resourceUrl"])).status_code == 200
    assert (again.status_code, again.json()["id"]) == (201, done["resourceUrl"].rsplit("/", 1)[1])


async def test_refusal_at_a_replay_is_what_counts(
    gateway: TestGateway, service: httpx.AsyncClient, worker: Worker
) -> None:
    gateway.gateway.writes.wait_seconds = 0.0
    body = order_body(orderingProviderId=str(uuid4()))
    location = (await service.post("/api/radiology/orders", json=body)).headers["location"]
    await eventually(lambda: _ended(service, location, "REJECTED"))
    request = location.rsplit("/", 1)[1]

    refused = RequestRejected(
        code="slot_taken", message="Choose another.", subject="order", topic=ORDER_CREATED.name
    )
    async with Publisher(gateway.settings.kafka, client_id="tests") as publisher:
        cause = await _cause(gateway)
        await Owner(publisher).publish(REQUEST_REJECTED, refused, request, cause)

    async def refused_for_good() -> bool:
        return bool((await service.get(location)).json()["problem"]["code"] == "slot_taken")

    assert await eventually(refused_for_good)


async def test_a_nul_in_the_key_of_a_record_that_is_set_aside_stops_nobody(
    gateway: TestGateway, service: httpx.AsyncClient, worker: Worker
) -> None:
    """PostgreSQL has no NUL in text, and whoever asked is told of the key."""
    asked = uuid4()
    attributes = {"specversion": "1.0", "id": asked, "source": "/tests", "type": ORDER_CREATED.type}
    headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
    poison = Outgoing(ORDER_CREATED.name, b"a\0key", b"{}", headers)

    await gateway.gateway.publisher.publish_many([poison])

    await eventually(lambda: _has_outcome(gateway, asked))
    response = await service.post("/api/radiology/orders", json=order_body())
    assert response.json()["code"] == "could_not_be_handled"


async def _has_outcome(gateway: TestGateway, event_id: UUID) -> bool:
    async with gateway.gateway.database.connection() as connection:
        query = "select count(*) from outcomes where causation_id = $1"
        return bool(await connection.fetchval(query, event_id))


async def _ended(service: httpx.AsyncClient, location: str, state: str) -> dict[str, Any] | None:
    told: dict[str, Any] = (await service.get(location)).json()
    return told if told["state"] == state else None


async def _last_letter(gateway: TestGateway) -> DeadLetter:
    kafka = gateway.settings.kafka
    letter = await dead_letters.find(kafka, (await dead_letters.summaries(kafka))[-1].id)
    assert letter is not None
    return letter


async def _cause(gateway: TestGateway) -> Event[Any]:
    """The event of the last request, as it stands in the dead letters."""
    letter = await _last_letter(gateway)
    return decode(
        ORDER_CREATED, key=letter.key, value=letter.value, headers=letter.headers, at=letter.at
    )
