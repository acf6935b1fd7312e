"""What could not be handled: kept byte for byte, listed, shown, and replayed by a person.

A dead letter is the original record with more headers: which worker, where it came from, and which
error. The error's class and its own words are kept, since ours never quote their input. A replay is
noted behind it in the same topic, by a record without a value.

What must stay true: whoever asked is told in the same step, or a request would never end.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid5

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.base import Contract
from contracts.envelope import Envelope
from contracts.events.request_rejected import COULD_NOT_BE_HANDLED, RequestRejected
from contracts.topics import REQUEST_REJECTED, TOPICS, Topic, topic_named
from services.clock import utc_now
from services.errors import PermanentError, TransientError
from services.events import Event, new_event, record_time
from services.kafka import KafkaSettings, Outgoing, Publisher, outgoing

_REPLAYED = "dead_replayed"
_SENTENCE = (
    "Something went wrong here, and this was not done; nothing has changed. It is kept, and may be "
    "done once the fault is mended: ask whoever runs the system before you repeat it."
)
_OURS = ("dead_worker", "dead_origin", "dead_error", "dead_reason", "dead_at")


@dataclass(frozen=True)
class DeadLetter:
    """One record that was set aside; `id` is its place, as `order.created.dead/0/17`."""

    id: str
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    worker: str
    origin: str
    error: str
    reason: str
    at: datetime
    replayed_at: datetime | None = None


async def set_aside(
    publisher: Publisher,
    record: "ConsumerRecord[bytes, bytes]",
    error: Exception,
    *,
    worker: str,
    asked_by: Envelope | None = None,
) -> None:
    """Publish a record to the dead letters of its topic; durable when this returns.

    Parameters
    ----------
    asked_by : of the record, where it can be read; whoever waits for an outcome is told with it.
    """
    told = isinstance(error, PermanentError | TransientError)
    headers = [(name, value or b"") for name, value in record.headers] + [
        ("dead_worker", worker.encode()),
        ("dead_origin", f"{record.topic}/{record.partition}/{record.offset}".encode()),
        ("dead_error", type(error).__name__.encode()),
        ("dead_reason", (str(error) if told else "").encode()),
        ("dead_at", str(int(time.time() * 1000)).encode()),
    ]
    letter = Outgoing(f"{record.topic}.dead", record.key, record.value, headers)
    topic = topic_named(record.topic)
    # A snapshot is read by several, and its owner has asked for nothing.
    if asked_by is None or topic.compacted:
        await publisher.publish_many([letter])
    else:
        await publisher.publish_many([letter, outgoing(_answer(topic, asked_by, worker))])


def _answer(topic: Topic[Contract], asked_by: Envelope, worker: str) -> Event[RequestRejected]:
    """Return what whoever asked is told; set aside twice, it is the same event."""
    told = RequestRejected(
        code=COULD_NOT_BE_HANDLED, message=_SENTENCE, subject=asked_by.subject, topic=topic.name
    )
    return new_event(
        REQUEST_REJECTED,
        told,
        subject=asked_by.id,
        source=f"/{worker}",
        at=utc_now(),
        caused_by=asked_by,
        event_id=uuid5(asked_by.id, COULD_NOT_BE_HANDLED),
    )


async def read_all(settings: KafkaSettings, topic: str | None = None) -> AsyncIterator[DeadLetter]:
    """Read the dead letters of one topic, or of all, oldest first in each."""
    letters: dict[str, DeadLetter] = {}
    async for record in _records(settings, topic):
        replayed = dict(record.headers).get(_REPLAYED)
        if replayed is None:
            letter = _dead_letter(record)
            letters[letter.id] = letter
        elif (known := letters.get(replayed.decode())) is not None:
            letters[known.id] = replace(known, replayed_at=record_time(record.timestamp))
    for letter in letters.values():
        yield letter


async def _records(
    settings: KafkaSettings, topic: str | None
) -> "AsyncIterator[ConsumerRecord[bytes, bytes]]":
    names = [f"{topic}.dead"] if topic else [t.dead for t in TOPICS]
    consumer = AIOKafkaConsumer(**settings.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(name, 0) for name in names]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            batches = await consumer.getmany(timeout_ms=1000)
            for records in batches.values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()


async def find(settings: KafkaSettings, id_: str) -> DeadLetter | None:
    """Return the dead letter at a place, or None."""
    topic = id_.rsplit("/", 2)[0].removesuffix(".dead")
    async for letter in read_all(settings, topic):
        if letter.id == id_:
            return letter
    return None


async def replay(publisher: Publisher, letter: DeadLetter) -> None:
    """Publish a dead letter to its topic again, as it was; the inbox absorbs what was handled."""
    headers = [(name, value) for name, value in letter.headers if name not in _OURS]
    note = [(_REPLAYED, letter.id.encode())]
    await publisher.publish_many([Outgoing(letter.topic, letter.key, letter.value, headers)])
    await publisher.publish_many([Outgoing(f"{letter.topic}.dead", letter.key, None, note)])


def _dead_letter(record: "ConsumerRecord[bytes, bytes]") -> DeadLetter:
    texts = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    return DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic.removesuffix(".dead"),
        key=record.key,
        value=record.value,
        headers=list(record.headers),
        worker=texts.get("dead_worker", ""),
        origin=texts.get("dead_origin", ""),
        error=texts.get("dead_error", ""),
        reason=texts.get("dead_reason", ""),
        at=record_time(record.timestamp),
    )
