"""How a record becomes a handled event: lanes per key, back-off, refusals and dead letters.

What must stay true: when `deliver` returns, every record of the batch was handled, or refused or
set aside in the dead letters, of which whoever asked is told; only then is its offset committed.
When it raises, nothing is committed and the batch comes again; the inbox absorbs what was handled.
"""

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from aiokafka import ConsumerRecord

from contracts.base import Contract
from contracts.envelope import Envelope
from contracts.events.request_rejected import RequestRejected
from contracts.topics import REQUEST_REJECTED, Topic
from services import inbox, outbox
from services.database import Database
from services.dead_letters import set_aside
from services.errors import PermanentError, Refused, TransientError
from services.events import Event, MalformedEvent, decode, new_event, record_time
from services.kafka import Publisher
from services.observability import DEAD_LETTERS, EVENT_SECONDS, EVENTS_HANDLED

Handler = Callable[[Event[Any]], Awaitable[None]]
BatchHandler = Callable[[Sequence[Event[Any]]], Awaitable[None]]

LANES_AT_ONCE = 8
BATCH_PATIENCE_SECONDS = 60.0
"""Well below Kafka's max.poll.interval of 300 s: after it the batch is given back."""
TRIES_OF_A_BUG = 3
DEAD_LETTERS_PER_MINUTE = 500
"""More than this is no poison but a bad release: stop instead of emptying the topic."""

log = structlog.get_logger()


class TooManyDeadLetters(TransientError):
    """So many records fail that the code must be wrong; the worker stops and keeps the rest."""

    code = "too_many_dead_letters"


@dataclass(frozen=True)
class Arrival:
    """A decoded record with the bytes it came from."""

    record: "ConsumerRecord[bytes, bytes]"
    event: Event[Any]


@dataclass
class Delivery:
    """Delivers the records of one worker."""

    worker: str
    database: Database
    publisher: Publisher
    lanes: dict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(LANES_AT_ONCE))
    )
    """Of each topic: a flood of one must not hold up another."""
    flooded: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when too much fails: the process shall end."""
    _set_aside_at: deque[float] = field(default_factory=deque)

    async def deliver(
        self,
        topic: Topic[Contract],
        records: "Sequence[ConsumerRecord[bytes, bytes]]",
        handler: Handler,
    ) -> None:
        """Handle each record by itself; keys side by side, one key's records in order."""
        lanes: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in await self._decoded(topic, records):
            lanes[arrival.event.key].append(arrival)
        deadline = time.monotonic() + BATCH_PATIENCE_SECONDS
        async with asyncio.TaskGroup() as group:
            for lane in lanes.values():
                group.create_task(self._run_lane(lane, handler, deadline))

    async def deliver_batch(
        self,
        topic: Topic[Contract],
        records: "Sequence[ConsumerRecord[bytes, bytes]]",
        handler: BatchHandler,
    ) -> None:
        """Handle all records in one call; when one is poison, one by one to find it."""
        arrivals = await self._decoded(topic, records)
        deadline = time.monotonic() + BATCH_PATIENCE_SECONDS
        if len(arrivals) <= 1:
            await self._one_by_one(arrivals, handler, deadline)
            return
        try:
            await self._patiently(
                lambda: handler([arrival.event for arrival in arrivals]), topic, deadline
            )
            EVENTS_HANDLED.labels(topic.name, "handled").inc(len(arrivals))
        except TransientError:
            raise
        except Exception as error:
            log.warning("batch_split", topic=topic.name, exc_info=error, count=len(arrivals))
            await self._one_by_one(arrivals, handler, deadline)

    async def _one_by_one(
        self, arrivals: Sequence[Arrival], handler: BatchHandler, deadline: float
    ) -> None:
        for arrival in arrivals:
            await self._handle(arrival, lambda event: handler([event]), deadline)

    async def _decoded(
        self, topic: Topic[Contract], records: "Sequence[ConsumerRecord[bytes, bytes]]"
    ) -> list[Arrival]:
        arrivals = []
        for record in records:
            try:
                event = decode(
                    topic,
                    key=record.key,
                    value=record.value,
                    headers=record.headers,
                    at=record_time(record.timestamp),
                )
            except MalformedEvent as error:
                await self._set_aside(record, error, asked_by=error.envelope)
            else:
                arrivals.append(Arrival(record, event))
        return arrivals

    async def _run_lane(self, lane: list[Arrival], handler: Handler, deadline: float) -> None:
        for arrival in lane:
            async with self.lanes[arrival.record.topic]:
                await self._handle(arrival, handler, deadline)

    async def _handle(self, arrival: Arrival, handler: Handler, deadline: float) -> None:
        event = arrival.event
        with structlog.contextvars.bound_contextvars(
            worker=self.worker,
            topic=event.topic.name,
            event_id=str(event.id),
            correlation_id=str(event.envelope.correlation_id),
        ):
            try:
                await self._patiently(lambda: handler(event), event.topic, deadline)
            except Refused as refusal:
                answer = partial(self._answer, event, refusal)
                await self._patiently(answer, event.topic, deadline)
                outcome = "refused"
                log.info("event_refused", code=refusal.rejection_code)
            except TransientError as error:
                if not _patience_is_over(error, arrival.record):
                    raise
                await self._set_aside(arrival.record, error, asked_by=event.envelope)
                outcome = "dead"
            except Exception as error:  # noqa: BLE001 - a poisoned record must not stop its lane
                await self._set_aside(arrival.record, error, asked_by=event.envelope)
                outcome = "dead"
            else:
                outcome = "handled"
                log.debug("event_handled")
            EVENTS_HANDLED.labels(event.topic.name, outcome).inc()

    async def _patiently(
        self, attempt: Callable[[], Awaitable[None]], topic: Topic[Contract], deadline: float
    ) -> None:
        """Try until done, refused or poison; a transient failure past the deadline is raised."""
        transient, bugs, started = 0, 0, time.monotonic()
        while True:
            try:
                with EVENT_SECONDS.labels(topic.name).time():
                    await attempt()
            except TransientError as error:
                transient += 1
                pause = _back_off(transient)
                patience = error.patience_seconds or BATCH_PATIENCE_SECONDS
                if time.monotonic() + pause > min(deadline, started + patience):
                    raise
                log.warning("event_postponed", reason=error.code, attempts=transient)
                await asyncio.sleep(pause)
            except PermanentError:
                raise
            except Exception as error:
                bugs += 1
                log.exception("event_failed", attempts=bugs, exc_info=error)
                if bugs >= TRIES_OF_A_BUG:
                    raise
                await asyncio.sleep(_back_off(bugs))
            else:
                return

    async def _answer(self, event: Event[Any], refusal: Refused) -> None:
        """Publish `request.rejected`, once for each refused event."""
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            rejected = RequestRejected(
                code=refusal.rejection_code,
                message=refusal.message,
                status=refusal.status,
                subject=event.key,
                topic=event.topic.name,
                current_version=refusal.current_version,
            )
            await outbox.add(
                connection,
                new_event(
                    REQUEST_REJECTED,
                    rejected,
                    subject=event.id,
                    source=f"/{self.worker}",
                    at=now,
                    caused_by=event,
                ),
            )

    async def _set_aside(
        self,
        record: "ConsumerRecord[bytes, bytes]",
        error: Exception,
        *,
        asked_by: Envelope | None,
    ) -> None:
        now = time.monotonic()
        self._set_aside_at.append(now)
        while self._set_aside_at[0] < now - 60:
            self._set_aside_at.popleft()
        if len(self._set_aside_at) > DEAD_LETTERS_PER_MINUTE:
            self.flooded.set()
            raise TooManyDeadLetters
        await set_aside(self.publisher, record, error, worker=self.worker, asked_by=asked_by)
        DEAD_LETTERS.labels(record.topic).inc()
        log.error(
            "record_set_aside",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            exc_info=error,
        )


def _patience_is_over(error: TransientError, record: "ConsumerRecord[bytes, bytes]") -> bool:
    if error.patience_seconds is None:
        return False
    age_seconds = time.time() - record.timestamp / 1000
    return bool(age_seconds > error.patience_seconds)


def _back_off(attempt: int) -> float:
    """Full jitter up to 5 s, so that many workers do not return to a database at once."""
    return random.uniform(0.02, min(5.0, 0.05 * 2**attempt))  # noqa: S311 - no secret depends on it
