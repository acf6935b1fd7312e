"""Has this event been handled? Asked inside the caller's transaction, so effect and answer agree.

The row of a handled event is committed with its effect. That makes delivery at least once into an
effect once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.database import Connection
from services.events import Event
from services.sql import load_queries

AnyEvent = TypeVar("AnyEvent", bound=Event[Any])

_QUERIES = load_queries("services")


async def record(connection: Connection, event_id: UUID) -> datetime | None:
    """Record an event; return the database's clock, or None when it was handled before."""
    received_at: datetime | None = await connection.fetchval(_QUERIES["record_event"], event_id)
    return received_at


async def record_many(connection: Connection, event_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Record a batch; return the events that are new, with the database's clock."""
    rows = await connection.fetch(_QUERIES["record_events"], list(set(event_ids)))
    return {UUID(int=row["event_id"].int): row["received_at"] for row in rows}


def new_of(events: Sequence[AnyEvent], fresh: dict[UUID, datetime]) -> list[AnyEvent]:
    """Return the events of a batch that are new, in order, each once."""
    return list({event.id: event for event in events if event.id in fresh}.values())
