"""A write: published as an event, then waited for until its outcome is in the read model.

What must stay true: the request is recorded before its event is published, so a repetition is the
same event and gets the same answer; and when Kafka does not confirm, the caller is told so.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
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


class Waiting:
    """Requests of this process that wait for their outcome."""

    def __init__(self) -> None:
        self._futures: defaultdict[UUID, list[tuple[str, asyncio.Future[Outcome]]]] = defaultdict(
            list
        )

    def told(self, batch: Batch) -> None:
        """Answer those whose outcome is committed now."""
        if not self._futures:
            return
        for outcome in batch.outcomes():
            for topic, future in self._futures.get(outcome.causation_id, ()):
                if not future.done() and (outcome.rejection or outcome.topic == topic):
                    future.set_result(outcome)

    def expect(self, event_id: UUID, topic: str) -> "asyncio.Future[Outcome]":
        """Begin to wait; before the event is published, so that no outcome is missed."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._futures[event_id].append((topic, future))
        return future

    def forget(self, event_id: UUID, future: "asyncio.Future[Outcome]") -> None:
        """Wait no longer."""
        left = [entry for entry in self._futures.get(event_id, ()) if entry[1] is not future]
        if left:
            self._futures[event_id] = left
        else:
            self._futures.pop(event_id, None)


class Writes:
    """Publishes what is asked, and waits."""

    def __init__(
        self, database: Database, publisher: Publisher, reader: Reader, settings: GatewaySettings
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._reader = reader
        self.wait_seconds = settings.outcome_wait_seconds
        self.waiting = Waiting()

    async def send(
        self, ask: Ask, topic: Topic[Any], data: Contract, *, key: object, answer: Topic[Any]
    ) -> Result:
        """Publish an event and wait for what becomes of it.

        Parameters
        ----------
        key : id of the thing whose order matters.
        answer : topic of the snapshot that is the answer.

        Raises
        ------
        OwnerRefused : with the owner's code and sentence.
        KeyReused : the Idempotency-Key belongs to another request.
        BrokerUnavailable : Kafka did not confirm.
        """
        if not await self._record(ask, answer.name, str(key)):
            known = await self.outcome(ask.event_id, answer.name)
            if known is not None:
                return await self._known(known, answer)
        future = self.waiting.expect(ask.event_id, answer.name)
        try:
            event = new_event(
                topic, data, subject=key, source=SOURCE, at=utc_now(), event_id=ask.event_id
            )
            await self._publisher.publish(event)
            async with asyncio.timeout(self.wait_seconds):
                outcome = await future
        except TimeoutError:
            return Pending(ask.event_id)
        finally:
            self.waiting.forget(ask.event_id, future)
        if outcome.rejection:
            raise refusal(outcome.rejection)
        return Done(outcome.event.data)

    async def tell(self, topic: Topic[Any], data: Contract, *, key: object, event_id: UUID) -> None:
        """Publish an event whose outcome nobody waits for (a call-back)."""
        event = new_event(topic, data, subject=key, source=SOURCE, at=utc_now(), event_id=event_id)
        await self._publisher.publish(event)

    async def request(self, event_id: UUID, actor_id: str) -> asyncpg.Record:
        """Return a recorded request of this person; `NotFound` for any other."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_QUERIES["request"], event_id)
        if row is None or row["actor_id"] != actor_id:
            raise NotFound
        return row

    async def outcome(self, event_id: UUID, answer_topic: str) -> asyncpg.Record | None:
        """Return the stored outcome of a request, or None while it is not known."""
        async with self._database.connection() as connection:
            return await connection.fetchrow(_QUERIES["outcome"], event_id, answer_topic)

    async def _record(self, ask: Ask, answer_topic: str, key: str) -> bool:
        """Record a request; False when it was there, as the same."""
        async with self._database.connection() as connection:
            added = await connection.fetchval(
                _QUERIES["add_request"],
                ask.event_id,
                ask.actor_id,
                ask.route,
                ask.body_sha256,
                answer_topic,
                key,
            )
            if added is not None:
                return True
            known = await connection.fetchrow(_QUERIES["request"], ask.event_id)
        if known is None or known["body_sha256"] != ask.body_sha256:
            raise KeyReused
        return False

    async def _known(self, outcome: asyncpg.Record, answer: Topic[Any]) -> Result:
        if outcome["rejection"] is not None:
            raise refusal(RequestRejected.model_validate_json(outcome["rejection"]))
        snapshot = await self._reader.snapshot(answer.name, outcome["key"])
        if snapshot is None:
            raise NotFound
        return Done(snapshot)


def refusal(rejection: RequestRejected) -> OwnerRefused:
    """Return the owner's refusal as an error."""
    return OwnerRefused(
        rejection.message,
        status=rejection.status,
        code=rejection.code,
        current_version=rejection.current_version,
    )
