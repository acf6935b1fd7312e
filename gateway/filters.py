"""Small steps from a filter, as it was asked for, to the arguments of a query; None: no filter."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SPECIAL = re.compile(r"([%_\\])")


def or_none(values: Iterable[str]) -> list[str] | None:
    """Return the values, or None when there are none."""
    return [str(value) for value in values] or None


def one_or_none(value: str | None) -> str | None:
    """Return a text, or None when it is empty."""
    return value or None


def days_of(
    day: date | None, first: date | None, last: date | None
) -> tuple[date | None, date | None]:
    """Return the first and the last day; a single day is both."""
    return (day, day) if day else (first, last)


def words(text: str) -> list[str] | None:
    """Return a pattern for each word that must be found, whatever its case."""
    patterns = [_SPECIAL.sub(r"\\\1", word) for word in text.lower().replace("^", " ").split()]
    return [f"%{pattern}%" for pattern in patterns[:8]] or None


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins in a zone."""
    return datetime.combine(day, time(), zone)


def moments_of(
    first: date | None, last: date | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """Return the beginning of the first day and the end of the last."""
    return (
        day_begins(first, zone) if first else None,
        day_begins(last + timedelta(days=1), zone) if last else None,
    )
