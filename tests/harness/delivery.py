"""Hands events to a batch handler as Kafka would: encoded, in one poll."""

import time
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord

from contracts.base import Contract
from contracts.topics import Topic
from services.database import Database
from services.delivery import BatchHandler, Delivery
from services.events import Event
from services.kafka import Outgoing, outgoing


class DeadLetters:
    """A publisher that keeps what is set aside."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    async def publish_many(self, records: Sequence[Outgoing]) -> None:
        """Keep them."""
        self.records += records


async def deliver_batch(
    database: Database, topic: Topic[Contract], events: Sequence[Event[Any]], handler: BatchHandler
) -> list[Outgoing]:
    """Deliver events in one batch; return what was set aside."""
    letters = DeadLetters()
    delivery = Delivery("tests", database, letters)  # type: ignore[arg-type]  # all that it needs
    records = [_record(event, offset) for offset, event in enumerate(events)]
    await delivery.deliver_batch(topic, records, handler)
    return letters.records


def _record(event: Event[Any], offset: int) -> "ConsumerRecord[bytes, bytes]":
    sent = outgoing(event)
    return ConsumerRecord(
        topic=sent.topic,
        partition=0,
        offset=offset,
        timestamp=int(time.time() * 1000),
        timestamp_type=0,
        key=sent.key,
        value=sent.value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=tuple(sent.headers),
    )
