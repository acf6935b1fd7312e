"""What a worker makes of each record on real Kafka: handled, refused, or set aside; never lost."""

import asyncio
import subprocess
from dataclasses import replace
from uuid import uuid4

import pytest

from contracts.enumerations import OrderStatus
from contracts.events.order_requested import Cancel
from contracts.topics import ORDER_CREATED, ORDER_UPDATED, REQUEST_REJECTED
from services import dead_letters
from services.dead_letters import DeadLetter
from services.kafka import KafkaSettings, Outgoing, outgoing
from tests.acceptance.conftest import MakeWorker
from tests.harness.bus import Bus
from tests.harness.orders import order_created, order_requested, room
from tests.harness.processes import running


async def test_an_order_becomes_a_snapshot(bus: Bus, make_worker: MakeWorker) -> None:
    worker = make_worker("order_consumer")
    async with running(worker):
        opened, created = order_requested(uuid4(), room()), order_created()
        await bus.publish(opened)
        await bus.publish(created)

        snapshot = await bus.caused_by(created, ORDER_UPDATED)

    assert snapshot.data.id == created.data.order_id
    assert snapshot.data.status is OrderStatus.SCHEDULED
    assert snapshot.envelope.correlation_id == created.envelope.correlation_id


async def test_refusal_is_answered_and_not_set_aside(
    bus: Bus, kafka: KafkaSettings, make_worker: MakeWorker
) -> None:
    async with running(make_worker("order_consumer")):
        request = order_requested(uuid4(), Cancel(reason="mistake"))
        await bus.publish(request)
        rejected = await bus.caused_by(request, REQUEST_REJECTED)

    assert rejected.data.code == "order_unknown"
    assert rejected.data.status == 404
    assert await dead_letters.summaries(kafka) == []


async def test_poison_is_set_aside_and_its_neighbours_are_handled(
    bus: Bus, kafka: KafkaSettings, make_worker: MakeWorker
) -> None:
    """One bad record must neither stop its partition nor condemn the batch it came in."""
    good = [outgoing(order_created()) for _ in range(4)]
    key, headers = b"k", good[0].headers
    poison = [
        Outgoing("order.created", key, b"{not json", headers),
        Outgoing("order.created", key, b'{"orderId": 5}', headers),
        Outgoing("order.created", key, None, headers),
        Outgoing("order.created", key, b"{}", []),
        Outgoing("order.created", key, good[0].value, [("ce_id", b"\xff\xfe"), *headers[:2]]),
        Outgoing("order.created", key, b"x" * 900_000, headers),
    ]
    await bus.publisher.publish_many([good[0], *poison[:3], good[1], *poison[3:], *good[2:]])

    async with running(make_worker("order_consumer")):
        for record in good:
            id_ = dict(record.headers)["ce_id"].decode()
            await bus.first(ORDER_UPDATED, lambda e, id_=id_: str(e.envelope.causation_id) == id_)
        letters = await dead_letters.summaries(kafka)

    assert sorted(letter.size_bytes for letter in letters) == sorted(
        len(record.value or b"") for record in poison
    )
    assert all(letter.reason and letter.worker == "order_consumer" for letter in letters)


async def test_whoever_asked_for_what_cannot_be_handled_is_told(
    bus: Bus, make_worker: MakeWorker
) -> None:
    created = order_created()
    await bus.publisher.publish_many([outgoing(created)._replace(value=b'{"orderId": 5}')])

    async with running(make_worker("order_consumer")):
        rejected = await bus.caused_by(created, REQUEST_REJECTED)

    assert rejected.data.code == "could_not_be_handled"
    assert rejected.data.subject == created.key


async def test_replayed_dead_letter_is_handled(
    bus: Bus, kafka: KafkaSettings, make_worker: MakeWorker
) -> None:
    record = outgoing(order_created())
    await bus.publisher.publish_many([record._replace(headers=[])])
    async with running(make_worker("order_consumer")):
        letter = await _first_dead_letter(kafka)
        await dead_letters.replay(bus.publisher, replace(letter, headers=record.headers))

        snapshot = await bus.first(ORDER_UPDATED)

    assert snapshot.key.encode() == record.key


async def _first_dead_letter(kafka: KafkaSettings) -> DeadLetter:
    async with asyncio.timeout(20):
        while True:
            for letter in await dead_letters.summaries(kafka):
                if found := await dead_letters.find(kafka, letter.id):
                    return found


async def test_outside_producer_may_use_structured_mode(
    bus: Bus, kafka: KafkaSettings, make_worker: MakeWorker
) -> None:
    """A workflow service in another language publishes with any Kafka client, here kcat."""
    created = order_created()
    body = (
        f'{{"specversion":"1.0","id":"order-4711","source":"/workflow","type":"{ORDER_CREATED.type}",'
        f'"subject":"{created.key}","time":"2026-11-25T08:00:00Z",'
        f'"data":{created.data.to_json().decode()}}}'
    )
    async with running(make_worker("order_consumer")):
        for _ in range(2):  # sent twice, it is the same event: the id says so
            await asyncio.to_thread(
                subprocess.run,
                [
                    "kcat",
                    "-P",
                    "-b",
                    kafka.bootstrap_servers,
                    "-t",
                    "order.created",
                    "-k",
                    created.key,
                    "-H",
                    "content-type=application/cloudevents+json",
                ],
                input=body.encode(),
                check=True,
                timeout=20,
            )
        snapshot = await bus.first(ORDER_UPDATED)
        await bus.settle()

    assert snapshot.data.id == created.data.order_id
    assert len([event for event in bus.seen if event.topic.name == "order.updated"]) == 1


@pytest.mark.parametrize("deaths", [1, 3])
async def test_killed_worker_finishes_what_it_began(
    bus: Bus, make_worker: MakeWorker, deaths: int
) -> None:
    """Between commit and publish, and between publish and offset: each order appears once."""
    worker = make_worker("order_consumer")
    events = [order_created() for _ in range(300)]
    await worker.start()
    try:
        await bus.publish(*events)
        for _ in range(deaths):
            await asyncio.sleep(0.3)
            await worker.kill()
            await worker.start()
        for event in events:
            await bus.caused_by(event, ORDER_UPDATED)
    finally:
        await worker.stop()

    versions = [(e.key, e.data.version) for e in bus.seen if e.topic.name == "order.updated"]
    assert {key for key, _ in versions} == {event.key for event in events}
    numbers = {e.data.order_number for e in bus.seen if e.topic.name == "order.updated"}
    assert len(numbers) == 300
