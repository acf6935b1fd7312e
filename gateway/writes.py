"""A write: published as an event, then waited for until its outcome is in the read model.

What must stay true: the request is recorded before its event is published, and with a key what it
was answered with as well, so a repetition is the same event and gets the same answer; and when
Kafka does not confirm, the caller is told so.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import structlog

from contracts.base import Contract
from contracts.events.request_rejected import RequestRejected
from contracts.topics import Topic
from gateway.errors import KeyReused, NotFound, OwnerRefused
from gateway.idempotency import Ask
from gateway.read_model.batch import Batch, Outcome
from gateway.read_model.reader import Reader
from gateway.settings import GatewaySettings
from gateway.together import Together
from services.clock import utc_now
from services.database import Database
from services.events import new_event
from services.kafka import Publisher
from services.sql import load_queries

SOURCE = "/gateway"

_QUERIES = load_queries("gateway")

log = structlog.get_logger()


@dataclass(frozen=True)
class Done:
    """The owner has done it: the new state, and whether this is its first version."""

    snapshot: Any

    @property
    def version(self) -> int:
        """Version of the new state."""
        version: int = self.snapshot.version
        return version


@dataclass(frozen=True)
class Pending:
    """Not known yet; ask later under this id."""

    request_id: UUID


Result = Done | Pending


@dataclass(eq=False)
class Expected:
    """The outcome that one request waits for: a snapshot of this thing, or a refusal."""

    topic: str
    key: str | None
    outcome: "asyncio.Future[Outcome]" = field(default_factory=asyncio.Future)

    def take(self, outcome: Outcome) -> None:
        """Take it, if it is the one."""
        fits = outcome.topic == self.topic and self.key in (None, outcome.key)
        if (fits or outcome.rejection) and not self.outcome.done():
            self.outcome.set_result(outcome)


class Waiting:
    """Requests of this process that wait for their outcome."""

    def __init__(self) -> None:
        self._expected: defaultdict[UUID, list[Expected]] = defaultdict(list)

    def told(self, batch: Batch) -> None:
        """Answer those whose outcome is committed now."""
        if not self._expected:
            return
        for outcome in batch.outcomes():
            for expected in self._expected.get(outcome.causation_id, ()):
                expected.take(outcome)

    @contextmanager
    def expecting(self, event_id: UUID, topic: str, key: str | None) -> "Iterator[Expected]":
        """Wait inside this block; begun before the event is published, so none is missed."""
        expected = Expected(topic, key)
        self._expected[event_id].append(expected)
        try:
            yield expected
        finally:
            self._expected[event_id].remove(expected)
            if not self._expected[event_id]:
                del self._expected[event_id]


class Request(NamedTuple):
    """A write as it is recorded."""

    event_id: UUID
    actor_id: str
    route: str
    body_sha256: bytes
    answer_topic: str
    key: str


class Writes:
    """Publishes what is asked, and waits; run `run` beside the server."""

    def __init__(
        self, database: Database, publisher: Publisher, reader: Reader, settings: GatewaySettings
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._reader = reader
        self.wait_seconds = settings.outcome_wait_seconds
        self.waiting = Waiting()
        self._requests = Together(self._add_requests)
        self.run = self._requests.run

    async def send(
        self,
        ask: Ask,
        topic: Topic[Any],
        data: Contract,
        *,
        key: object,
        answer: Topic[Any],
        answer_has_key: bool = True,
    ) -> Result:
        """Publish an event and wait for what becomes of it.

        Parameters
        ----------
        key : id of the thing whose order matters.
        answer : topic of the snapshot that is the answer.
        answer_has_key : the answer is about the same thing; False where only its owner knows which.

        Raises
        ------
        OwnerRefused : with the owner's code and sentence.
        KeyReused : the Idempotency-Key belongs to another request.
        BrokerUnavailable : Kafka did not confirm.
        """
        answer_key = str(key) if answer_has_key else None
        before = await self._record(ask, answer.name, str(key))
        if before is not None:
            if before["answer"] is not None:
                return Done(answer.model.model_validate_json(before["answer"]))
            known = await self.outcome(ask.event_id, answer.name, answer_key)
            if known is not None:
                return await self._known(ask, known, answer)
        event = new_event(
            topic, data, subject=key, source=SOURCE, at=utc_now(), event_id=ask.event_id
        )
        with self.waiting.expecting(ask.event_id, answer.name, answer_key) as expected:
            await self._publisher.publish(event)
            try:
                async with asyncio.timeout(self.wait_seconds):
                    outcome = await expected.outcome
            except TimeoutError:
                return Pending(ask.event_id)
        if outcome.rejection:
            raise refusal(outcome.rejection)
        return await self._done(ask, outcome.event.data)

    async def is_repeated(self, ask: Ask) -> bool:
        """Tell whether this very write was asked for before; `KeyReused` when it was another."""
        return ask.keyed and await self._asked_before(ask) is not None

    async def tell(self, topic: Topic[Any], data: Contract, *, key: object, event_id: UUID) -> None:
        """Publish an event whose outcome nobody waits for (a call-back)."""
        event = new_event(topic, data, subject=key, source=SOURCE, at=utc_now(), event_id=event_id)
        await self._publisher.publish(event)

    async def request(self, event_id: UUID, caller: str) -> asyncpg.Record:
        """Return a recorded request of this caller; `NotFound` for any other."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_QUERIES["request"], event_id)
        if row is None or row["actor_id"] != caller:
            raise NotFound
        return row

    async def outcome(
        self, event_id: UUID, answer_topic: str, answer_key: str | None
    ) -> asyncpg.Record | None:
        """Return the stored outcome of a request, or None while it is not known."""
        async with self._database.connection() as connection:
            return await connection.fetchrow(
                _QUERIES["outcome"], event_id, answer_topic, answer_key
            )

    async def _record(self, ask: Ask, answer_topic: str, key: str) -> asyncpg.Record | None:
        """Record a request; return it as it was recorded when it is a repetition."""
        request = Request(ask.event_id, ask.caller, ask.route, ask.body_sha256, answer_topic, key)
        return None if await self._requests.ask(request) else await self._asked_before(ask)

    async def _asked_before(self, ask: Ask) -> asyncpg.Record | None:
        async with self._database.connection() as connection:
            known = await connection.fetchrow(_QUERIES["request"], ask.event_id)
        if known is not None and known["body_sha256"] != ask.body_sha256:
            raise KeyReused
        return known

    async def _add_requests(self, requests: Sequence[Request]) -> list[bool]:
        """Record requests; of two with one event id only the first is new."""
        columns = [list(column) for column in zip(*requests, strict=True)]
        async with self._database.connection() as connection:
            rows = await connection.fetch(_QUERIES["add_requests"], *columns)
        new = {UUID(int=row["id"].int) for row in rows}
        first: dict[UUID, int] = {}
        for place, request in enumerate(requests):
            first.setdefault(request.event_id, place)
        return [r.event_id in new and first[r.event_id] == n for n, r in enumerate(requests)]

    async def _done(self, ask: Ask, snapshot: Contract) -> Done:
        """Return what was made; with a key it is kept first, since it may be asked for again."""
        if ask.keyed:
            async with self._database.connection() as connection:
                await connection.execute(_QUERIES["keep_answer"], ask.event_id, snapshot.to_json())
        return Done(snapshot)

    async def _known(self, ask: Ask, outcome: asyncpg.Record, answer: Topic[Any]) -> Result:
        """Return the outcome of a write that nobody was told of: made, and seen as it is now."""
        if outcome["rejection"] is not None:
            raise refusal(RequestRejected.model_validate_json(outcome["rejection"]))
        snapshot = await self._reader.snapshot(answer.name, outcome["key"])
        if snapshot is None:
            raise NotFound
        return await self._done(ask, snapshot)


def refusal(rejection: RequestRejected) -> OwnerRefused:
    """Return the owner's refusal as an error."""
    return OwnerRefused(
        rejection.message,
        status=rejection.status,
        code=rejection.code,
        current_version=rejection.current_version,
    )
