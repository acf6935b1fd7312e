"""Empties the read model and reads the topics again; the result is the same, row by row.

Sessions, audit, outcomes, requests, people and signing PINs are no part of it and stay. A running
gateway notices, and reads from the beginning as well; while that lasts, lists are incomplete.
"""

from dataclasses import dataclass
from functools import partial

from gateway.read_model.batch import Batch
from gateway.read_model.projector import (
    MAX_RECORDS,
    apply,
    commit_storable,
    consumer_at,
    positions_of,
    reached,
)
from services.database import Database
from services.kafka import KafkaSettings
from services.sql import load_queries

_QUERIES = load_queries("gateway.read_model", "projection.sql")


@dataclass(frozen=True)
class Rebuilt:
    """Digests of the content before and after, and how many records were read."""

    before: str
    after: str
    records: int

    @property
    def identical(self) -> bool:
        """Nothing was lost and nothing added."""
        return self.before == self.after


async def hash_content(database: Database) -> str:
    """Return a digest of every row of the read model."""
    async with database.connection() as connection:
        return str(await connection.fetchval(_QUERIES["hash_of_content"]) or "empty")


async def rebuild(database: Database, kafka: KafkaSettings) -> Rebuilt:
    """Empty the read model and fill it from the topics up to their present ends."""
    before = await hash_content(database)
    async with database.transaction() as connection:
        # In the order in which the projector takes its locks: tables first, then this row.
        await connection.execute(_QUERIES["empty_read_model"])
        await connection.fetchval(_QUERIES["next_generation"])
    records = await _read_all(database, kafka)
    return Rebuilt(before, await hash_content(database), records)


async def _read_all(database: Database, kafka: KafkaSettings) -> int:
    count = 0
    async with consumer_at(kafka, {}) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while not reached(await positions_of(consumer), ends):
            batch = Batch.of(await consumer.getmany(timeout_ms=500, max_records=MAX_RECORDS))
            if batch.next_offsets:
                await commit_storable(batch, partial(_commit, database))
                count += len(batch.changes)
    return count


async def _commit(database: Database, batch: Batch) -> None:
    async with database.transaction() as connection:
        await apply(connection, batch)
