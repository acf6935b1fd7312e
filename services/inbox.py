"""Has this event been handled? Asked inside the caller's transaction, so effect and answer agree.

The row of a handled event is committed with its effect. That makes delivery at least once into an
effect once.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("services")


async def record(connection: Connection, event_id: UUID) -> datetime | None:
    """Record an event; return the database's clock, or None when it was handled before."""
    received_at: datetime | None = await connection.fetchval(_QUERIES["record_event"], event_id)
    return received_at


async def record_many(connection: Connection, event_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Record a batch; return the events that are new, with the database's clock."""
    rows = await connection.fetch(_QUERIES["record_events"], list(set(event_ids)))
    return {UUID(int=row["event_id"].int): row["received_at"] for row in rows}
