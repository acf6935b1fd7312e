"""Adds events inside the caller's transaction, and relays them to Kafka after the commit.

What must stay true: for one key, events reach Kafka in commit order. The writer locks its aggregate
before it adds here, one relay per schema works at a time, and it forgets a row only when Kafka has
confirmed it. A crash in between sends an event again with the same id; the inbox absorbs it.
"""

import asyncio
import contextlib
import json
from datetime import datetime, timedelta

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from contracts.base import Contract
from contracts.topics import SNAPSHOTS
from services.database import Connection, Database, Pool
from services.errors import BrokerUnavailable, DatabaseUnavailable
from services.events import Event
from services.kafka import KafkaSettings, Outgoing, Publisher
from services.observability import OUTBOX_LAG, OUTBOX_PUBLISHED
from services.sql import load_queries

_QUERIES = load_queries("services")
_BATCH = 300
_POLL_SECONDS = 0.25
_STANDBY_SECONDS = 2.0
_KEEP = timedelta(days=15)
_INTERRUPTIONS = (
    KafkaError,
    BrokerUnavailable,
    DatabaseUnavailable,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)

log = structlog.get_logger()


async def add(connection: Connection, *events: Event[Contract]) -> None:
    """Add events to be published after the commit of this transaction, in this order."""
    if not events:
        return
    await connection.execute(
        _QUERIES["add_outgoing"],
        [event.id for event in events],
        [event.topic.name for event in events],
        [event.key for event in events],
        [event.data.to_json() for event in events],
        [json.dumps(event.envelope.headers()) for event in events],
    )


class Relay:
    """Publishes the outbox of one schema; run one per process, all but one stand by."""

    def __init__(self, database: Database, kafka: KafkaSettings, name: str) -> None:
        self._database = database
        self._kafka = kafka
        self._name = name

    async def run(self) -> None:
        """Relay until cancelled; whatever breaks is closed, and built anew after a pause."""
        while True:
            try:
                async with self._database.pool.acquire(timeout=10) as connection:
                    try:
                        await self._as_leader(connection)  # type: ignore[arg-type]  # a proxy
                    finally:
                        # The lock belongs to the session, and the pool keeps sessions.
                        with contextlib.suppress(*_INTERRUPTIONS):
                            await connection.reset(timeout=5)
            except _INTERRUPTIONS as error:
                log.warning("relay_interrupted", reason=type(error).__name__)
                await asyncio.sleep(1)

    async def _as_leader(self, connection: Connection) -> None:
        # Another process holds the lock: there is nothing in this one to wait for.
        while not await connection.fetchval(_QUERIES["try_relay_lock"]):  # noqa: ASYNC110
            await asyncio.sleep(_STANDBY_SECONDS)
        async with Publisher(self._kafka, client_id=f"{self._name}-relay") as publisher:
            while True:
                self._database.committed.clear()
                if await self._publish_waiting(connection, publisher) < _BATCH:
                    await self._wait_for_commit()

    async def _publish_waiting(self, connection: Connection, publisher: Publisher) -> int:
        rows = await connection.fetch(_QUERIES["waiting_events"], _BATCH)
        OUTBOX_LAG.set(rows[0]["age_seconds"] if rows else 0.0)
        if rows:
            await publisher.publish_many([_outgoing(row) for row in rows])
            await connection.execute(_QUERIES["archive_events"], [row["seq"] for row in rows])
            OUTBOX_PUBLISHED.inc(len(rows))
        return len(rows)

    async def _wait_for_commit(self) -> None:
        try:
            await asyncio.wait_for(self._database.committed.wait(), _POLL_SECONDS)
        except TimeoutError:
            return  # look anyway: another process of this owner may have committed


def _outgoing(row: asyncpg.Record) -> Outgoing:
    headers = [(name, text.encode()) for name, text in json.loads(row["headers"]).items()]
    return Outgoing(row["topic"], row["key"].encode(), row["payload"], headers)


async def forget_old(database: Database) -> None:
    """Drop inbox and archive rows older than anything Kafka could deliver again.

    The newest snapshot of each key stays, as in its compacted topic.
    """
    async with database.transaction() as connection:
        await connection.execute(_QUERIES["forget_events"], _KEEP)
        compacted = [topic.name for topic in SNAPSHOTS]
        await connection.execute(_QUERIES["forget_sent"], _KEEP, compacted)


async def replay_since(pool: Pool, publisher: Publisher, since: datetime) -> int:
    """Publish the archive again from a moment on: refills a broker that lost its disk."""
    count, last = 0, 0
    while rows := await pool.fetch(_QUERIES["sent_since"], since, 1000, last):
        await publisher.publish_many([_outgoing(row) for row in rows])
        count, last = count + len(rows), rows[-1]["seq"]
    return count
