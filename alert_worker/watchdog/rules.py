"""What should have happened by now: pure rules over findings and snapshots.

What must stay true: the rules are written from what was promised, not from how the worker does it.
They allow for clocks that differ, and for messages on their way.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.enumerations import AlertStatus, AttemptState, Channel
from contracts.events.alert_updated import AlertUpdated
from contracts.events.critical_finding import CriticalFinding

OPENED_WITHIN = timedelta(seconds=30)
SENT_WITHIN = timedelta(seconds=60)
MOVED_WITHIN = timedelta(seconds=45)


class Reason(StrEnum):
    """Why an alert is looked at."""

    NOT_OPENED = "not_opened"
    """A finding was reported, and no alert exists."""
    NOTHING_SENT = "nothing_sent"
    """Nobody outside the house has been written to or called."""
    NOT_ADVANCED = "not_advanced"
    """The time of the next step has passed."""
    OVERDUE = "overdue"
    """The worker does its work, but nobody has acknowledged within the category's limit."""

    @property
    def is_fault(self) -> bool:
        """Whether the machine is to blame; if not, people are slow, which harms as much."""
        return self is not Reason.OVERDUE


@dataclass(frozen=True)
class Watched:
    """What is remembered of an alert that is not closed."""

    version: int
    status: AlertStatus
    opened_at: datetime
    next_step_at: datetime | None
    acknowledge_by: datetime
    anything_sent: bool


@dataclass
class Watchlist:
    """Everything that is going on, as the topics tell it."""

    _reported: dict[UUID, datetime] = field(default_factory=dict)
    _open: dict[UUID, Watched] = field(default_factory=dict)
    _closed: dict[UUID, int] = field(default_factory=dict)
    """The version that closed each; a later one may have opened it again."""

    def hear_finding(self, finding: CriticalFinding, at: datetime) -> None:
        """A finding was reported; from now on an alert is expected."""
        if finding.alert_id not in self._open and finding.alert_id not in self._closed:
            self._reported.setdefault(finding.alert_id, at)

    def hear_snapshot(self, alert: AlertUpdated) -> None:
        """An alert has moved; an older snapshot than the known one changes nothing."""
        self._reported.pop(alert.id, None)
        known = self._open.get(alert.id)
        if alert.version <= (known.version if known else self._closed.get(alert.id, 0)):
            return
        if alert.status is AlertStatus.CLOSED:
            self._open.pop(alert.id, None)
            self._closed[alert.id] = alert.version
            return
        self._closed.pop(alert.id, None)
        self._open[alert.id] = Watched(
            version=alert.version,
            status=alert.status,
            opened_at=alert.opened_at,
            next_step_at=alert.next_step_at,
            acknowledge_by=alert.acknowledge_by,
            anything_sent=any(
                attempt.channel is not Channel.IN_APP
                and attempt.state in (AttemptState.SENT, AttemptState.DELIVERED)
                for attempt in alert.attempts
            ),
        )

    def stuck(self, now: datetime) -> Mapping[UUID, Reason]:
        """Return which alerts should have moved, and why; the worst reason of each."""
        unopened = {
            id_: Reason.NOT_OPENED
            for id_, reported in self._reported.items()
            if now > reported + OPENED_WITHIN
        }
        judged = {id_: _judge(alert, now) for id_, alert in self._open.items()}
        return unopened | {id_: reason for id_, reason in judged.items() if reason}


def _judge(alert: Watched, now: datetime) -> Reason | None:
    if alert.next_step_at is None or now > alert.next_step_at + MOVED_WITHIN:
        return Reason.NOT_ADVANCED
    if alert.status is not AlertStatus.OPEN:
        return None
    if not alert.anything_sent and now > alert.opened_at + SENT_WITHIN:
        return Reason.NOTHING_SENT
    return Reason.OVERDUE if now > alert.acknowledge_by else None


def count_by_reason(stuck: Mapping[UUID, Reason]) -> dict[Reason, int]:
    """Return a number for each reason, zero included."""
    counts = Counter(stuck.values())
    return {reason: counts[reason] for reason in Reason}
