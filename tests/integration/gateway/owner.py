"""A stand-in for the four owners: takes what the gateway publishes, and answers with snapshots.

It keeps no rules of medicine; a test says what it shall refuse.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.base import Contract
from contracts.events.order_created import OrderCreated
from contracts.events.order_requested import OrderRequested
from contracts.events.order_updated import OrderUpdated
from contracts.events.request_rejected import RequestRejected
from contracts.topics import (
    ALERT_REQUESTED,
    ORDER_CREATED,
    ORDER_REQUESTED,
    ORDER_UPDATED,
    REPORT_DRAFTED,
    REPORT_FINALIZED,
    REQUEST_REJECTED,
    STUDY_REQUESTED,
    Topic,
    topic_named,
)
from services.events import Event, decode, new_event, record_time
from services.kafka import KafkaSettings, Publisher
from tests.harness.snapshots import order_snapshot

REQUESTS = (
    ORDER_CREATED,
    ORDER_REQUESTED,
    STUDY_REQUESTED,
    REPORT_DRAFTED,
    REPORT_FINALIZED,
    ALERT_REQUESTED,
)
Answer = Callable[[Event[Any]], "tuple[Topic[Any], Contract, object] | RequestRejected | None"]


class Owner:
    """Answers; `answer` may be replaced, `asked` is what came."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.asked: list[Event[Any]] = []
        self.orders: dict[object, OrderUpdated] = {}
        self.answer: Answer = self.accept
        self.before_answer: Callable[[Event[Any]], Awaitable[None]] | None = None

    def accept(self, event: Event[Any]) -> tuple[Topic[Any], Contract, object] | None:
        """Do what is asked of an order, without any rule."""
        match event.data:
            case OrderCreated(order_id=order_id, details=details):
                order = order_snapshot(id=order_id, details=details)
            case OrderRequested(subject_id=order_id) if order_id in self.orders:
                before = self.orders[order_id]
                order = before.model_copy(update={"version": before.version + 1})
            case _:
                return None
        self.orders[order_id] = order
        return ORDER_UPDATED, order, order_id

    async def publish(
        self, topic: Topic[Any], data: Contract, key: object, cause: Event[Any] | None = None
    ) -> Event[Any]:
        """Publish a snapshot."""
        event = new_event(
            topic, data, subject=key, source="/tests", at=datetime.now(UTC), caused_by=cause
        )
        await self._publisher.publish(event)
        return event

    async def take(self, event: Event[Any]) -> None:
        """Answer one event."""
        self.asked.append(event)
        if self.before_answer:
            await self.before_answer(event)
        answer = self.answer(event)
        if isinstance(answer, RequestRejected):
            await self.publish(REQUEST_REJECTED, answer, event.id, event)
        elif answer is not None:
            await self.publish(answer[0], answer[1], answer[2], event)


def refuse(code: str = "slot_taken", status: int = 409) -> Answer:
    """Refuse everything."""
    return lambda event: RequestRejected(
        code=code,
        message="Another patient has this time. Choose another.",
        status=status,
        subject=event.key,
        topic=event.topic.name,
    )


@asynccontextmanager
async def running_owner(settings: KafkaSettings) -> AsyncIterator[Owner]:
    """Answer until the end of the block."""
    consumer = AIOKafkaConsumer(
        **settings.client_options(), enable_auto_commit=False, fetch_max_wait_ms=50
    )
    await consumer.start()
    async with Publisher(settings, client_id="test-owner") as publisher:
        owner = Owner(publisher)
        partitions = [TopicPartition(t.name, n) for t in REQUESTS for n in range(t.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        task = asyncio.create_task(_answer_all(consumer, owner))
        try:
            yield owner
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await consumer.stop()


async def _answer_all(consumer: AIOKafkaConsumer, owner: Owner) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                await owner.take(
                    decode(
                        topic_named(record.topic),
                        key=record.key,
                        value=record.value,
                        headers=record.headers,
                        at=record_time(record.timestamp),
                    )
                )
