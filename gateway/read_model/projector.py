"""Reads the topics into the read model, and tells who waits and who watches, after the commit.

What must stay true: what was read and how far are committed together, and only then is a request
answered or a live message sent. So a caller reads its own writes, and a crash loses and doubles
nothing. Every replica reads everything, without a consumer group.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge

from gateway.read_model.batch import (
    READ_TOPICS,
    Batch,
    Change,
    outcome_columns,
    snapshot_columns,
)
from services.database import Connection, Database, ValueNotStorable
from services.errors import BrokerUnavailable, DatabaseUnavailable
from services.following import Following, records_behind
from services.kafka import KafkaSettings
from services.sql import load_queries

MAX_RECORDS = 1_000
POLL_MS = 500
RETRY_SECONDS = 0.5

LAG = Gauge("radiology_read_model_lag_records", "Records that the read model lacks")
UNSTORABLE = Counter(
    "radiology_read_model_unstorable_total", "Records that the tables cannot hold", ["topic"]
)

_NOT_STORABLE = (
    ValueNotStorable,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What speaks against the record; a missing table or right speaks against us, and skips nothing."""

_READ = load_queries("gateway.read_model")
_WRITE = load_queries("gateway.read_model", "projection.sql")
_SAVE = {
    "order.updated": "save_orders",
    "equipment.updated": "save_equipment",
    "study.updated": "save_studies",
    "report.updated": "save_reports",
    "report.opened": "save_opened_reports",
    "alert.updated": "save_alerts",
}

log = structlog.get_logger()
Told = Callable[[Batch], None]
Offsets = Mapping[TopicPartition, int]


class RebuildBegun(Exception):
    """Somebody emptied the read model: read on from its beginning."""


class Projector:
    """Keeps the read model up to date; run `run` beside the server.

    Parameters
    ----------
    told : called after each commit with what was read, in order.
    """

    def __init__(self, database: Database, kafka: KafkaSettings, told: Told) -> None:
        self._database = database
        self._kafka = kafka
        self._told = told
        self._generation = 0
        self.lag = 0
        """Records that are known and not stored yet."""
        self.caught_up = asyncio.Event()
        """Set when the read model held everything that was there at its start."""
        self.following = Following()
        """Whether it has heard from Kafka a short while ago: otherwise the lists may be old."""

    async def run(self) -> None:
        """Read until cancelled; whatever breaks is opened anew after a pause."""
        while True:
            try:
                await self._follow()
            except RebuildBegun:
                log.info("read_model_begun_anew")
            except (KafkaError, BrokerUnavailable, DatabaseUnavailable, OSError) as error:
                log.warning("read_model_interrupted", reason=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        starts = await self._starts()
        async with consumer_at(self._kafka, starts) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            while True:
                if not self.caught_up.is_set() and reached(await positions_of(consumer), ends):
                    self.caught_up.set()
                    log.info("read_model_caught_up")
                batch = Batch.of(
                    await consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
                )
                if batch.next_offsets:
                    await self._apply(batch)
                self.following.look(consumer)
                self.lag = records_behind(consumer)
                LAG.set(self.lag)

    async def _starts(self) -> Offsets:
        async with self._database.transaction() as connection:
            self._generation = await connection.fetchval(_WRITE["share_generation"])
            return await read_positions(connection)

    async def _apply(self, batch: Batch) -> None:
        await commit_storable(batch, self._commit)
        self._told(batch)

    async def _commit(self, batch: Batch) -> None:
        async with self._database.transaction() as connection:
            if await apply(connection, batch) != self._generation:
                raise RebuildBegun


async def commit_storable(batch: Batch, commit: Callable[[Batch], Awaitable[None]]) -> None:
    """Commit a batch; what the tables cannot hold must not stop all others: it is passed over."""
    try:
        await commit(batch)
    except _NOT_STORABLE:
        log.exception("read_model_batch_split", count=len(batch.changes))
        for change in batch.changes:
            await _commit_one(change, commit)
        await commit(Batch([], batch.next_offsets))


async def _commit_one(change: Change, commit: Callable[[Batch], Awaitable[None]]) -> None:
    try:
        await commit(Batch([change], {}))
    except _NOT_STORABLE:
        UNSTORABLE.labels(change.topic).inc()
        log.exception(
            "snapshot_not_stored",
            topic=change.topic,
            partition=change.partition,
            offset=change.offset,
        )


async def apply(connection: Connection, batch: Batch) -> int:
    """Store a batch, in the caller's transaction; return the generation that it was stored in."""
    for topic, changes in batch.newest().items():
        if changes:
            await connection.execute(_WRITE[_SAVE[topic]], *snapshot_columns(changes))
    offsets = sorted(batch.next_offsets.items())
    generation: int = await connection.fetchval(
        _WRITE["save_progress"],
        *outcome_columns(batch.outcomes()),
        [partition.topic for partition, _ in offsets],
        [partition.partition for partition, _ in offsets],
        [offset for _, offset in offsets],
    )
    return generation


async def read_positions(connection: Connection) -> dict[TopicPartition, int]:
    """Return how far each partition has been read."""
    rows = await connection.fetch(_READ["positions"])
    return {TopicPartition(r["topic"], r["partition"]): r["next_offset"] for r in rows}


@asynccontextmanager
async def consumer_at(kafka: KafkaSettings, starts: Offsets) -> AsyncIterator[Any]:
    """Open a consumer without a group on all that the read model is made of.

    Notes
    -----
    A position that the topic no longer has (it was made anew) is begun at the beginning; versions
    keep what is older from doing harm.
    """
    consumer = AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=POLL_MS,
        max_partition_fetch_bytes=4_194_304,
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic.name, number)
            for topic in READ_TOPICS
            for number in range(topic.partitions)
        ]
        consumer.assign(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            start = starts.get(partition, 0)
            inside = beginnings[partition] <= start <= ends[partition]
            consumer.seek(partition, start if inside else beginnings[partition])
        yield consumer
    finally:
        await consumer.stop()


def reached(done: Offsets, ends: Offsets) -> bool:
    """Tell whether everything before these ends has been read."""
    return all(done.get(partition, 0) >= end for partition, end in ends.items())


async def positions_of(consumer: Any) -> dict[TopicPartition, int]:
    """Return where a consumer reads next; records that compaction removed count as read."""
    return {p: await consumer.position(p) for p in consumer.assignment()}
