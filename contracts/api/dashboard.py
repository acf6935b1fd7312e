"""Figures of the first page."""

from datetime import date

from pydantic import Field

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import Modality, Priority


class ModalityCount(Contract):
    """How many of one modality."""

    modality: Modality
    count: int


class ScheduledToday(Contract):
    """Appointments of the hospital's day."""

    total: int
    done: int = Field(description="Of these, exams that were completed")
    by_modality: tuple[ModalityCount, ...]
    without_slot: int = Field(description="Orders of any day that found no slot")


class ReadyForRead(Contract):
    """Exams that wait for a report."""

    total: int
    stat: int
    overdue: int
    oldest_ready_at: UtcDatetime | None = None
    next_due_at: UtcDatetime | None = None


class SignedToday(Contract):
    """Reports signed on the hospital's day."""

    total: int
    yesterday: int
    yesterday_by_now: int = Field(description="Until the same time of yesterday")
    trend_percent: float | None = Field(
        default=None, description="Against yesterday by now; none when that was nothing"
    )


class CriticalOpen(Contract):
    """Critical findings nobody has confirmed."""

    total: int
    overdue: int
    next_deadline_at: UtcDatetime | None = None


class TurnaroundPoint(Contract):
    """Ready for read until signed, of the reports signed on one day."""

    day: date
    priority: Priority
    reports: int
    median_minutes: float
    p90_minutes: float


class Dashboard(Contract):
    """All figures, from one moment."""

    at: UtcDatetime
    day: date = Field(description="Today in the hospital's zone")
    scheduled_today: ScheduledToday
    ready_for_read: ReadyForRead
    signed_today: SignedToday
    critical_open: CriticalOpen
    turnaround: tuple[TurnaroundPoint, ...] = Field(description="The last 14 days")
