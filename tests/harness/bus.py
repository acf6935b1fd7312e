"""A test's ear and mouth on Kafka: publishes events and waits for what follows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import TOPICS, Topic, topic_named
from services.events import Event, MalformedEvent, decode, record_time
from services.kafka import KafkaSettings, Publisher

SECONDS = 20.0


class Bus:
    """Reads every topic from the moment it was opened."""

    def __init__(self, consumer: AIOKafkaConsumer, publisher: Publisher) -> None:
        self._consumer = consumer
        self.publisher = publisher
        self.seen: list[Event[Any]] = []

    async def publish(self, *events: Event[Any]) -> None:
        await self.publisher.publish(*events)

    async def first(
        self,
        topic: Topic[Any],
        matches: Callable[[Event[Any]], bool] = lambda _: True,
        *,
        seconds: float = SECONDS,
    ) -> Event[Any]:
        """Return the first event of a topic that matches; read on until it is there."""
        async with asyncio.timeout(seconds):
            index = 0
            while True:
                for event in self.seen[index:]:
                    if event.topic.name == topic.name and matches(event):
                        return event
                index = len(self.seen)
                await self._read()

    async def caused_by(self, cause: Event[Any], topic: Topic[Any]) -> Event[Any]:
        """Return the event of a topic that this one caused."""
        return await self.first(topic, lambda event: event.envelope.causation_id == cause.id)

    async def settle(self, seconds: float = 1.0) -> None:
        """Read until nothing new came for so long."""
        while True:
            before = len(self.seen)
            await self._read(seconds)
            if len(self.seen) == before:
                return

    async def _read(self, seconds: float = 0.2) -> None:
        batches = await self._consumer.getmany(timeout_ms=int(seconds * 1000))
        for records in batches.values():
            for record in records:
                self._hear(record)

    def _hear(self, record: Any) -> None:
        try:
            event = decode(
                topic_named(record.topic),
                key=record.key,
                value=record.value,
                headers=record.headers,
                at=record_time(record.timestamp),
            )
        except MalformedEvent:
            return  # poison that the test itself has published
        self.seen.append(event)


@asynccontextmanager
async def open_bus(settings: KafkaSettings) -> AsyncIterator[Bus]:
    """Open a bus on all topics, at their ends."""
    consumer = AIOKafkaConsumer(**settings.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(t.name, n) for t in TOPICS for n in range(t.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        async with Publisher(settings, client_id="tests") as publisher:
            yield Bus(consumer, publisher)
    finally:
        await consumer.stop()
