"""Call-backs that were given up: `radiology webhook list` and `radiology webhook resend`.

What must stay true: one that is resumed keeps its id, so that the workflow service drops what it
has already; the worker sends it, in the order of the report's versions, as it sends any other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.database import Database
from services.sql import load_queries

_QUERIES = load_queries("report_consumer")


@dataclass(frozen=True)
class AbandonedWebhook:
    """A call-back that nobody took in its time; names no patient."""

    id: UUID
    report_number: str
    version_number: int
    attempts: int
    last_error: str
    created_at: datetime
    given_up_at: datetime


async def abandoned(database: Database) -> list[AbandonedWebhook]:
    """Return what was given up, the oldest first."""
    async with database.connection() as connection:
        rows = await connection.fetch(_QUERIES["abandoned_webhooks"])
    return [AbandonedWebhook(*row.values()) for row in rows]


async def resume(database: Database, report_number: str | None, patience: timedelta) -> int:
    """Make what was given up due again, of one report or of all; return how many that were."""
    async with database.transaction() as connection:
        rows = await connection.fetch(_QUERIES["resume_webhooks"], report_number, patience)
    return len(rows)
