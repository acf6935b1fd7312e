"""The clock of edges that have no database connection at hand; decisions take the database's."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
