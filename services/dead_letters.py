"""What could not be handled: kept byte for byte, listed, shown, and replayed by a person.

A dead letter is the original record with more headers: which worker, where it came from, and which
error. The error's class and its own words are kept, since ours never quote their input. A replay is
noted behind it in the same topic, by a record without a value, and says of which letter it is: set
aside again by the same worker, it takes the place of that letter in the list. In the same way it is
noted that a person has settled a letter otherwise, and that this is taken back; the last counts.

What must stay true: whoever asked is told in the same step, or a request would never end.
"""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid5

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.base import Contract
from contracts.envelope import Envelope
from contracts.events.request_rejected import COULD_NOT_BE_HANDLED, RequestRejected
from contracts.people import Actor
from contracts.topics import REQUEST_REJECTED, TOPICS, Topic, topic_named
from services.clock import utc_now
from services.errors import PermanentError, TransientError
from services.events import Event, new_event, record_time
from services.kafka import KafkaSettings, Outgoing, Publisher, outgoing

_REPLAYED, _SETTLED, _REOPENED = "dead_replayed", "dead_settled", "dead_reopened"
_NOTES = (_REPLAYED, _SETTLED, _REOPENED)
"""The header of a note, which names its letter."""
_DECIDED_BY, _DECIDED_WHY = "dead_decided_by", "dead_decided_why"
_SENTENCE = (
    "Something went wrong here, and this was not done; nothing has changed. It is kept, and may be "
    "done once the fault is mended: ask whoever runs the system before you repeat it."
)
_FETCHED_BYTES = 1024 * 1024
_REPLAY_OF = "dead_replay_of"
_OURS = ("dead_worker", "dead_origin", "dead_error", "dead_reason", "dead_at", _REPLAY_OF)


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """A person has dealt with a letter otherwise than by a replay, and says how."""

    by: Actor
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a list tells of a record that was set aside.

    `id` is its place, as `order.created.dead/0/17`; one that a replay has set aside again was
    replayed when it was set aside.
    """

    id: str
    topic: str
    worker: str
    origin: str
    error: str
    reason: str
    at: datetime
    size_bytes: int
    replayed_at: datetime | None = None
    settled: Settlement | None = None


@dataclass(frozen=True, kw_only=True)
class DeadLetter(Summary):
    """The same with the record itself."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


_Letter = TypeVar("_Letter", bound=Summary)


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


async def summaries(
    settings: KafkaSettings,
    topic: str | None = None,
    *,
    newest: int | None = None,
    settled: bool | None = None,
) -> list[Summary]:
    """List the dead letters of one topic, or of all, oldest first in each.

    Parameters
    ----------
    newest : of each topic so many at most; what lies there for 90 days need not fit into memory.
    settled : only those that a person has settled, or only the others.
    """
    names = [f"{topic}.dead"] if topic else [t.dead for t in TOPICS]
    # Read before the letters: or those of one kind would take the places of the other.
    places = set[str]() if settled is None else await _settled_places(settings, names)
    listed: dict[str, dict[str, Summary]] = {name: {} for name in names}
    async for record in _records(settings, dict.fromkeys(names)):
        letters = listed[record.topic]
        noted = _noted_of(record)
        if noted is None:
            letter = Summary(**_told(record))
            before = letters.get(_header(record, _REPLAY_OF) or "")
            if before and before.worker == letter.worker:
                del letters[before.id]
            if settled is None or (letter.id in places) is settled:
                letters[letter.id] = letter
            if newest is not None and len(letters) > newest:
                del letters[next(iter(letters))]
        elif noted in letters:
            letters[noted] = _with_note(letters[noted], record)
    return [letter for letters in listed.values() for letter in letters.values()]


async def find(settings: KafkaSettings, id_: str) -> DeadLetter | None:
    """Return the dead letter at a place, or None; what lies before it is not read."""
    name, partition, offset = id_.rsplit("/", 2)
    if int(partition) != 0:
        return None
    found: DeadLetter | None = None
    async with aclosing(_records(settings, {name: int(offset)})) as records:
        async for record in records:
            noted = _noted_of(record)
            if _place(record) == id_ and noted is None:
                found = DeadLetter(
                    **_told(record),
                    key=record.key,
                    value=record.value,
                    headers=list(record.headers),
                )
            if found is None:
                return None
            if noted == id_:
                found = _with_note(found, record)
    return found


async def _settled_places(settings: KafkaSettings, names: list[str]) -> set[str]:
    places: set[str] = set()
    async for record in _records(settings, dict.fromkeys(names)):
        if noted := _noted_of(record):
            (places.add if _header(record, _SETTLED) else places.discard)(noted)
    return places


async def _records(
    settings: KafkaSettings, begin_at: Mapping[str, int | None]
) -> "AsyncGenerator[ConsumerRecord[bytes, bytes], None]":
    """Read topics to their end, each from an offset or from its beginning."""
    consumer = AIOKafkaConsumer(
        **settings.client_options(), enable_auto_commit=False, fetch_max_bytes=_FETCHED_BYTES
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(name, 0) for name in begin_at]
        consumer.assign(partitions)
        starts = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            wanted = begin_at[partition.topic]
            start = starts[partition] if wanted is None else wanted
            # A place that is gone, or not there yet, has nothing to read.
            known = starts[partition] <= start <= ends[partition]
            consumer.seek(partition, start if known else ends[partition])
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            batches = await consumer.getmany(timeout_ms=1000)
            for records in batches.values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()


async def replay(publisher: Publisher, letter: DeadLetter) -> None:
    """Publish a dead letter to its topic again, as it was; the inbox absorbs what was handled."""
    headers = [(name, value) for name, value in letter.headers if name not in _OURS]
    headers.append((_REPLAY_OF, letter.id.encode()))
    await publisher.publish_many([Outgoing(letter.topic, letter.key, letter.value, headers)])
    await _note(publisher, letter, _REPLAYED)


async def settle(publisher: Publisher, letter: DeadLetter, *, by: Actor, reason: str) -> None:
    """Note that a person has dealt with a letter otherwise; a replay takes that back."""
    await _note(publisher, letter, _SETTLED, (by, reason))


async def reopen(publisher: Publisher, letter: DeadLetter, *, by: Actor, reason: str) -> None:
    """Note that a settled letter waits for a decision again."""
    await _note(publisher, letter, _REOPENED, (by, reason))


async def _note(
    publisher: Publisher, letter: DeadLetter, what: str, decided: tuple[Actor, str] | None = None
) -> None:
    headers = [(what, letter.id.encode())]
    if decided:
        by, reason = decided
        headers += [(_DECIDED_BY, by.to_json()), (_DECIDED_WHY, reason.encode())]
    await publisher.publish_many([Outgoing(f"{letter.topic}.dead", letter.key, None, headers)])


def _place(record: "ConsumerRecord[bytes, bytes]") -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _noted_of(record: "ConsumerRecord[bytes, bytes]") -> str | None:
    """Return the place of the letter that a record notes something of; None for a letter."""
    return next((place for name in _NOTES if (place := _header(record, name))), None)


def _with_note(letter: _Letter, record: "ConsumerRecord[bytes, bytes]") -> _Letter:
    at = record_time(record.timestamp)
    if _header(record, _REPLAYED):
        return replace(letter, replayed_at=at, settled=None)
    if _header(record, _REOPENED):
        return replace(letter, settled=None)
    by = Actor.model_validate_json(_header(record, _DECIDED_BY) or "")
    reason = _header(record, _DECIDED_WHY) or ""
    return replace(letter, settled=Settlement(by=by, reason=reason, at=at))


def _header(record: "ConsumerRecord[bytes, bytes]", name: str) -> str | None:
    value = dict(record.headers).get(name)
    return None if value is None else value.decode("utf-8", "replace")


def _told(record: "ConsumerRecord[bytes, bytes]") -> dict[str, Any]:
    texts = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    at = record_time(record.timestamp)
    return {
        "id": _place(record),
        "topic": record.topic.removesuffix(".dead"),
        "worker": texts.get("dead_worker", ""),
        "origin": texts.get("dead_origin", ""),
        "error": texts.get("dead_error", ""),
        "reason": texts.get("dead_reason", ""),
        "at": at,
        "size_bytes": len(record.value or b""),
        "replayed_at": at if _REPLAY_OF in texts else None,
    }
