"""One batch of records, as what it changes: newest snapshots, outcomes, positions. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from prometheus_client import Counter

from contracts.base import Contract
from contracts.events.request_rejected import COULD_NOT_BE_HANDLED, RequestRejected
from contracts.topics import REQUEST_REJECTED, SNAPSHOTS, Topic, topic_named
from services.events import Event, MalformedEvent, decode, record_time

READ_TOPICS: tuple[Topic[Contract], ...] = (*SNAPSHOTS, REQUEST_REJECTED)
"""What the read model is made of."""

UNREADABLE = Counter(
    "radiology_read_model_unreadable_total", "Records that are no event of their topic", ["topic"]
)

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")

log = structlog.get_logger()


@dataclass(frozen=True)
class Change:
    """One snapshot or refusal, and its place in the topic."""

    event: Event[Any]
    partition: int
    offset: int

    @property
    def topic(self) -> str:
        """Name of its topic."""
        return self.event.topic.name

    @property
    def version(self) -> int:
        """Version of a snapshot."""
        version: int = self.event.data.version
        return version


@dataclass(frozen=True)
class Outcome:
    """What became of an event: the snapshot that followed from it, or its refusal."""

    causation_id: UUID
    topic: str
    key: str
    event: Event[Any]

    @property
    def version(self) -> int | None:
        """Version of the snapshot; None for a refusal."""
        return None if self.rejection else int(self.event.data.version)

    @property
    def rejection(self) -> RequestRejected | None:
        """The refusal, or None."""
        data = self.event.data
        return data if isinstance(data, RequestRejected) else None

    @property
    def is_last_word(self) -> bool:
        """Tell whether nothing else can follow: what was set aside may still be done."""
        return self.rejection is None or self.rejection.code != COULD_NOT_BE_HANDLED


@dataclass
class Batch:
    """What some records change."""

    changes: list[Change] = field(default_factory=list)
    next_offsets: dict[TopicPartition, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, records: "Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]"
    ) -> "Batch":
        """Read records; one that is no event of its topic is logged and passed over.

        Notes
        -----
        Every replica reads every record, so it is not set aside as a dead letter: there would be
        one for each replica. Its owner wrote it, and will write a newer one.
        """
        batch = cls()
        for partition, partition_records in records.items():
            for record in partition_records:
                batch.next_offsets[partition] = record.offset + 1
                if change := _read(record):
                    batch.changes.append(change)
        return batch

    def newest(self) -> dict[str, list[Change]]:
        """Return the newest snapshot of each thing, by topic."""
        newest: dict[str, dict[str, Change]] = {topic.name: {} for topic in SNAPSHOTS}
        for change in self.changes:
            if change.topic not in newest:
                continue
            known = newest[change.topic].get(change.event.key)
            if known is None or change.version > known.version:
                newest[change.topic][change.event.key] = change
        return {topic: list(changes.values()) for topic, changes in newest.items()}

    def outcomes(self) -> list[Outcome]:
        """Return what became of events; of several about one thing, the first that is final."""
        found: dict[tuple[UUID, str, str], Outcome] = {}
        for change in self.changes:
            cause = change.event.envelope.causation_id
            if cause is None:
                continue
            place = (cause, change.topic, change.event.key)
            if place not in found or not found[place].is_last_word:
                found[place] = Outcome(*place, change.event)
        return list(found.values())


def _read(record: "ConsumerRecord[bytes, bytes]") -> Change | None:
    topic = topic_named(record.topic)
    try:
        event = decode(
            topic,
            key=record.key,
            value=record.value,
            headers=record.headers,
            at=record_time(record.timestamp),
        )
    except MalformedEvent:
        UNREADABLE.labels(record.topic).inc()
        log.exception(
            "snapshot_unreadable",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
        return None
    return Change(event, record.partition, record.offset)


def outcome_columns(outcomes: Iterable[Outcome]) -> tuple[list[Any], ...]:
    """Return the columns of `save_outcomes`."""
    kept = list(outcomes)
    return (
        [o.causation_id for o in kept],
        [o.topic for o in kept],
        [o.key for o in kept],
        [o.version for o in kept],
        [_stored_json(o.rejection) if o.rejection else None for o in kept],
    )


def snapshot_columns(changes: Iterable[Change]) -> tuple[list[Any], ...]:
    """Return the columns of the `save_...` queries."""
    kept = list(changes)
    return (
        [_stored_json(c.event.data) for c in kept],
        [c.partition for c in kept],
        [c.offset for c in kept],
    )


def _stored_json(data: Contract) -> str:
    """Return JSON without the one character that PostgreSQL cannot keep in text."""
    return _NUL.sub(r"\1", data.to_json().decode())
