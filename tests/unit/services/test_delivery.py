"""Delivery: handled, refused or set aside; in order per key; never skipped."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.events.request_rejected import RequestRejected
from contracts.topics import ORDER_CREATED, ORDER_UPDATED, REQUEST_REJECTED
from services import delivery
from services.delivery import Delivery, TooManyDeadLetters
from services.errors import DatabaseUnavailable, PermanentError, TransientError
from services.events import Event, decode, new_event
from services.kafka import Outgoing, outgoing
from tests.harness.orders import order_created
from tests.harness.snapshots import order_snapshot


@dataclass
class Record:
    """A Kafka record as aiokafka hands it over."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    partition: int = 0
    offset: int = 0
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))


class FakePublisher:
    """Keeps what is published: dead letters, and answers to whoever asked."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    @property
    def letters(self) -> list[Outgoing]:
        return [record for record in self.records if record.topic.endswith(".dead")]

    @property
    def answers(self) -> list[Event[RequestRejected]]:
        return [
            decode(
                REQUEST_REJECTED,
                key=record.key,
                value=record.value,
                headers=record.headers,
                at=datetime.now(UTC),
            )
            for record in self.records
            if record.topic == REQUEST_REJECTED.name
        ]

    async def publish_many(self, records: Sequence[Outgoing]) -> None:
        self.records += records


@pytest.fixture
def publisher() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
def subject(publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    monkeypatch.setattr(delivery, "_back_off", lambda _: 0.001)
    return Delivery("tests", database=None, publisher=publisher)  # type: ignore[arg-type]


def record(event: Event[Any] | None = None, **changes: Any) -> Record:
    made = outgoing(event or order_created())
    return Record(**{**made._asdict(), **changes})


class Handler:
    """Remembers what it was given, and fails as told."""

    def __init__(self, *failures: BaseException) -> None:
        self.calls: list[Event[Any]] = []
        self._failures = list(failures)

    async def __call__(self, event: Event[Any]) -> None:
        self.calls.append(event)
        await asyncio.sleep(0)
        if self._failures:
            raise self._failures.pop(0)


async def deliver(subject: Delivery, handler: Handler, *records: Record) -> None:
    await subject.deliver(ORDER_CREATED, records, handler)  # type: ignore[arg-type]


async def test_database_that_restarts_is_waited_for(
    subject: Delivery, publisher: FakePublisher
) -> None:
    handler = Handler(DatabaseUnavailable(), DatabaseUnavailable())

    await deliver(subject, handler, record())

    assert len(handler.calls) == 3
    assert publisher.records == []


async def test_order_per_key_is_kept_while_one_record_is_tried_again(subject: Delivery) -> None:
    order_id = uuid4()
    events = [order_created(order_id) for _ in range(3)]
    handler = Handler(DatabaseUnavailable())

    await deliver(subject, handler, *[record(event) for event in events])

    assert [event.id for event in handler.calls] == [
        events[0].id,
        *[event.id for event in events],
    ]


async def test_outage_longer_than_patience_gives_the_batch_back(
    subject: Delivery, publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set aside because a database is down: the batch comes again."""
    monkeypatch.setattr(delivery, "BATCH_PATIENCE_SECONDS", 0.05)
    handler = Handler(*[DatabaseUnavailable() for _ in range(10_000)])

    with pytest.raises(ExceptionGroup):
        await deliver(subject, handler, record())

    assert publisher.records == []


async def test_permanent_failure_is_set_aside_at_once_byte_for_byte(
    subject: Delivery, publisher: FakePublisher
) -> None:
    class Unusable(PermanentError):
        pass

    sent = record(headers=[*record().headers, ("strange", b"\xff")])
    handler = Handler(Unusable("says why"))

    await deliver(subject, handler, sent)

    [letter] = publisher.letters
    assert len(handler.calls) == 1
    assert (letter.topic, letter.key, letter.value) == ("order.created.dead", sent.key, sent.value)
    assert letter.headers[: len(sent.headers)] == sent.headers
    assert dict(letter.headers)["dead_reason"] == b"says why"


async def test_bug_is_tried_three_times_and_its_words_are_not_kept(
    subject: Delivery, publisher: FakePublisher
) -> None:
    """The message of an unexpected error may quote a patient; its class says enough."""
    handler = Handler(*[ValueError("Doe^John") for _ in range(9)])

    await deliver(subject, handler, record())

    [letter] = publisher.letters
    assert len(handler.calls) == delivery.TRIES_OF_A_BUG
    assert dict(letter.headers)["dead_error"] == b"ValueError"
    assert b"Doe" not in b"".join(value for name, value in letter.headers if "dead" in name)


async def test_who_asked_is_told_that_it_was_set_aside(
    subject: Delivery, publisher: FakePublisher
) -> None:
    """Otherwise a request would be under way for ever."""
    event = order_created()

    await deliver(subject, Handler(PermanentError()), record(event))
    await deliver(subject, Handler(PermanentError()), record(event))

    answer, again = publisher.answers
    assert answer.envelope.causation_id == event.id
    assert answer.key == str(event.id)
    assert (answer.data.code, answer.data.status) == ("could_not_be_handled", 409)
    assert (answer.data.subject, answer.data.topic) == (event.key, "order.created")
    assert answer.id == again.id


async def test_who_asked_in_words_that_cannot_be_read_is_told_as_well(
    subject: Delivery, publisher: FakePublisher
) -> None:
    """A newer gateway and an older worker: the envelope says whose request it was."""
    event = order_created()

    await deliver(subject, Handler(), record(event, value=b'{"orderId": 5}'), record(headers=[]))

    assert len(publisher.letters) == 2
    assert [answer.envelope.causation_id for answer in publisher.answers] == [event.id]


async def test_nobody_is_told_of_a_snapshot_that_was_set_aside(
    subject: Delivery, publisher: FakePublisher
) -> None:
    """Several read it, and its owner did not ask for anything."""
    order = order_snapshot()
    event = new_event(ORDER_UPDATED, order, subject=order.id, source="/t", at=order.updated_at)

    await subject.deliver(ORDER_UPDATED, [record(event)], Handler(PermanentError()))  # type: ignore[arg-type,list-item]

    assert (len(publisher.letters), publisher.answers) == (1, [])


async def test_waiting_for_something_that_never_comes_ends(
    subject: Delivery, publisher: FakePublisher
) -> None:
    class NotYet(TransientError):
        patience_seconds = 0.02

    old = record(timestamp=int(time.time() * 1000) - 60_000)
    handler = Handler(*[NotYet("order not known yet") for _ in range(10_000)])

    await deliver(subject, handler, old)

    assert [letter.topic for letter in publisher.letters] == ["order.created.dead"]


async def test_poison_does_not_stop_its_lane(subject: Delivery, publisher: FakePublisher) -> None:
    key = uuid4()
    handler = Handler()

    await deliver(
        subject,
        handler,
        record(value=b"{", key=str(key).encode()),
        record(order_created(key)),
        record(value=None),
    )

    assert [event.key for event in handler.calls] == [str(key)]
    assert len(publisher.letters) == 2


async def test_batch_with_poison_is_split_to_find_it(
    subject: Delivery, publisher: FakePublisher
) -> None:
    events = [order_created() for _ in range(5)]
    handled: list[Event[Any]] = []

    async def whole_batch(batch: Sequence[Event[Any]]) -> None:
        if any(event.id == events[2].id for event in batch):
            raise PermanentError("the third")
        handled.extend(batch)

    records = [record(event) for event in events]
    await subject.deliver_batch(ORDER_CREATED, records, whole_batch)  # type: ignore[arg-type]

    assert [event.id for event in handled] == [events[n].id for n in (0, 1, 3, 4)]
    assert len(publisher.letters) == 1


async def test_flood_of_dead_letters_stops_the_worker(
    subject: Delivery, publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a bad release everything fails: the topic must not be emptied into the dead letters."""
    monkeypatch.setattr(delivery, "DEAD_LETTERS_PER_MINUTE", 3)

    with pytest.raises(TooManyDeadLetters):
        await deliver(subject, Handler(), *[record(value=b"{") for _ in range(5)])

    assert len(publisher.letters) == 3
    assert subject.flooded.is_set()


async def test_shutdown_in_the_middle_acknowledges_nothing(subject: Delivery) -> None:
    started = asyncio.Event()

    async def endless(_: Event[Any]) -> None:
        started.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(subject.deliver(ORDER_CREATED, [record()], endless))  # type: ignore[arg-type]
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
