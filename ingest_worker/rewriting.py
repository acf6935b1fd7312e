"""Writes the documents of all series again, from the index: `radiology series rewrite`.

What must stay true: this only says that they are due. Whoever writes documents writes these, too,
under the same leases; and fresh images do not wait behind an archive.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.database import Database
from services.sql import load_queries

PACE = timedelta(milliseconds=10)
"""Between two series: slower than what a worker can, so that it has time for what comes in."""

AT_ONCE = 500
"""Series that are marked in one transaction; a writer waits no longer for them."""

_QUERIES = load_queries("ingest_worker")


@dataclass(frozen=True)
class Order:
    """So many series were to be written, since a moment of the database's clock."""

    series: int
    ordered_at: datetime


async def order_all(database: Database) -> Order:
    """Make the documents of every series due, some at a time: each holds its locks for a moment."""
    async with database.connection() as connection:
        ordered_at: datetime = await connection.fetchval(_QUERIES["clock"])
    series, last = 0, UUID(int=0)
    while last:
        async with database.transaction() as connection:
            row = await connection.fetchrow(
                _QUERIES["mark_documents_after"],
                last,
                AT_ONCE,
                ordered_at,
                ordered_at + series * PACE,
                PACE,
            )
        assert row is not None  # noqa: S101 - a count is always one row
        series, last = series + row["series"], row["last_id"]
    return Order(series, ordered_at)


async def still_waiting(database: Database, order: Order) -> int:
    """Return how many of them were not written yet."""
    async with database.connection() as connection:
        waiting: int = await connection.fetchval(_QUERIES["count_unwritten"], order.ordered_at)
    return waiting
