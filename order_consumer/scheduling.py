"""Where the next free slot is: pure functions over rooms, opening hours and busy times.

What must stay true: a slot lies within opening hours of its room and touches no busy time. Whether
it is still free when it is booked, PostgreSQL decides (exclusion constraints on `bookings`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.enumerations import Modality, Priority
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_requested import OpeningHours

GRID = timedelta(minutes=5)

USUAL_DURATION = {
    Modality.XRAY: timedelta(minutes=15),
    Modality.USG: timedelta(minutes=30),
    Modality.CT: timedelta(minutes=30),
    Modality.MRI: timedelta(minutes=45),
}

LEAD_TIME = {
    Priority.STAT: timedelta(0),
    Priority.URGENT: timedelta(minutes=30),
    Priority.ROUTINE: timedelta(hours=2),
}
"""A patient needs time to come; what is nearer than this stays free for the more urgent."""

ENTERED_AFTERWARDS = timedelta(hours=24)
"""How long after an exam its order may still be entered with the time at which it took place."""

STAT_WITHIN = timedelta(hours=1)
"""A STAT order that would wait longer takes the place of a routine one."""


class Span(NamedTuple):
    """A time from `start` to before `end`."""

    start: datetime
    end: datetime


class Slot(NamedTuple):
    """A place in a room's calendar."""

    equipment: EquipmentUpdated
    span: Span


@dataclass
class BusyTimes:
    """Busy times of one room, merged and sorted, so that a full week is a few entries."""

    starts: list[datetime] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)

    def add(self, span: Span) -> None:
        """Take a span out of the free time."""
        first = bisect_left(self.ends, span.start)
        last = bisect_right(self.starts, span.end)
        start = min([span.start, *self.starts[first:last]])
        end = max([span.end, *self.ends[first:last]])
        self.starts[first:last] = [start]
        self.ends[first:last] = [end]

    def next_free(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first moment from `start` on at which `duration` is free."""
        index = bisect_right(self.ends, start)
        while index < len(self.starts) and self.starts[index] < start + duration:
            start = self.ends[index]
            index += 1
        return start


def first_free_slot(
    rooms: Sequence[EquipmentUpdated],
    busy: Mapping[UUID, BusyTimes],
    *,
    duration: timedelta,
    not_before: datetime,
    horizon: timedelta,
    zone: ZoneInfo,
    avoid: BusyTimes,
) -> Slot | None:
    """Return the earliest slot over all rooms, or None within the horizon.

    Parameters
    ----------
    avoid : times at which the patient is elsewhere.
    """
    best: Slot | None = None
    for room in rooms:
        limit = best.span.start if best else not_before + horizon
        own = busy.get(room.id, BusyTimes())
        start = _first_in_room(
            room, own, avoid=avoid, duration=duration, not_before=not_before, limit=limit, zone=zone
        )
        if start is not None:
            best = Slot(room, Span(start, start + duration))
    return best


def _first_in_room(
    room: EquipmentUpdated,
    busy: BusyTimes,
    *,
    avoid: BusyTimes,
    duration: timedelta,
    not_before: datetime,
    limit: datetime,
    zone: ZoneInfo,
) -> datetime | None:
    for opening in openings(room.opening_hours, not_before, limit, zone):
        start = on_grid(max(opening.start, not_before))
        while start + duration <= opening.end and start < limit:
            free = on_grid(avoid.next_free(busy.next_free(start, duration), duration))
            if free == start:
                return start
            start = free
    return None


def openings(
    hours: Sequence[OpeningHours], not_before: datetime, limit: datetime, zone: ZoneInfo
) -> Iterator[Span]:
    """Yield the opening times of a room that end after `not_before` and begin before `limit`."""
    by_weekday: dict[int, list[OpeningHours]] = {}
    for entry in sorted(hours, key=lambda entry: entry.opens):
        by_weekday.setdefault(entry.weekday, []).append(entry)
    day = not_before.astimezone(zone).date() - timedelta(days=1)
    last = limit.astimezone(zone).date()
    while day <= last:
        for entry in by_weekday.get(day.weekday(), ()):
            opening = _opening(day, entry, zone)
            if opening.end > not_before and opening.start < limit:
                yield opening
        day += timedelta(days=1)


def _opening(day: date, hours: OpeningHours, zone: ZoneInfo) -> Span:
    # A room that closes at 00:00 closes at the end of that day.
    closing_day = day + timedelta(days=1) if hours.closes <= hours.opens else day
    return Span(
        datetime.combine(day, hours.opens, zone).astimezone(ZoneInfo("UTC")),
        datetime.combine(closing_day, hours.closes, zone).astimezone(ZoneInfo("UTC")),
    )


def is_open(room: EquipmentUpdated, span: Span, zone: ZoneInfo) -> bool:
    """Tell whether the room is open for the whole span, also across adjoining openings."""
    reached = span.start
    for opening in openings(room.opening_hours, span.start, span.end, zone):
        if opening.start <= reached < opening.end:
            reached = opening.end
    return reached >= span.end


def on_grid(moment: datetime) -> datetime:
    """Round up to the next five minutes."""
    past = timedelta(
        minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment if not past else moment - past + GRID
