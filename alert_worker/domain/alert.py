"""An alert's state, and what a decision about it is made of.

What must stay true: an alert that is not closed has a time at which something happens next, and it
closes only with a read-back of the finding as it stands. The schema's checks say the same.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import AlertStatus, Channel, CriticalCategory
from contracts.events.alert_updated import Acknowledgement, LadderStep
from contracts.events.critical_finding import CriticalFinding

OUTSIDE = (Channel.SMS, Channel.EMAIL, Channel.VOICE)
"""Channels that leave the house; IN_APP is the snapshot itself."""
DIRECT = (Channel.SMS, Channel.VOICE)
"""Channels that ring."""


Knowledge = int | datetime | None
"""What whoever answers knew of the finding: the report version that was shown, or the moment when
the message or call was planned. None: nothing says."""


class Person(Contract):
    """Somebody who can be reached."""

    id: str
    name: str
    phone: str = ""
    email: str = ""

    def address(self, channel: Channel) -> str:
        """Return where the channel reaches this person; empty: it does not."""
        match channel:
            case Channel.SMS | Channel.VOICE:
                return self.phone
            case Channel.EMAIL:
                return self.email
            case Channel.IN_APP:
                return self.id


class Step(Contract):
    """One step of the frozen ladder, with the contacts as they were."""

    person: Person
    channels: tuple[Channel, ...]
    after_seconds: float

    def reaches(self, channels: Iterable[Channel]) -> bool:
        """Tell whether one of these channels is used here, and reaches this person."""
        return any(self.person.address(c) for c in channels if c in self.channels)


class Alert(Contract):
    """All that is known of an alert, but for its attempts and its evidence, which are rows."""

    id: UUID
    version: int = 1
    reference: str
    correlation_id: UUID
    finding: CriticalFinding
    finding_changed_at: UtcDatetime | None = None
    finding_changed_in: int = 0
    """The report version since which the finding reads as it does; 0: since it was raised."""
    status: AlertStatus = AlertStatus.OPEN

    steps: tuple[Step, ...]
    former_persons: tuple[Person, ...] = ()
    repeat_after_seconds: float
    read_back_within_seconds: float
    current_step: int = 1
    round: int = 1
    next_step_at: UtcDatetime | None
    acknowledge_by: UtcDatetime
    overdue: bool = False
    attempts_planned: int = 0

    notified_person_ids: tuple[str, ...] = ()
    acknowledgement: Acknowledgement | None = None
    reminders: int = 0
    read_back_text: str = ""
    read_back_at: UtcDatetime | None = None
    opened_at: UtcDatetime
    closed_at: UtcDatetime | None = None
    updated_at: UtcDatetime

    @property
    def step(self) -> Step:
        """The step that is being tried."""
        return self.steps[self.current_step - 1]

    @property
    def sufficient(self) -> tuple[Channel, ...]:
        """Channels of which one must reach a person, or the next one is told at once.

        A mail wakes nobody: it is enough only where there are days.
        """
        there_are_days = self.finding.category is CriticalCategory.YELLOW
        return OUTSIDE if there_are_days else DIRECT

    @property
    def responsible(self) -> Person:
        """Who has to act: whoever acknowledged, or else whom the current step reaches."""
        if self.acknowledgement:
            return self.person(self.acknowledgement.person_id) or Person(
                id=self.acknowledgement.person_id, name=self.acknowledgement.person_name
            )
        return self.step.person

    @property
    def read_back_within(self) -> timedelta:
        """How long after the acknowledgement the read-back may take."""
        return timedelta(seconds=self.read_back_within_seconds)

    def has_changed_since(self, knew: Knowledge) -> bool:
        """Tell whether the finding was changed or withdrawn since somebody knew it so."""
        if knew is None or self.finding_changed_at is None:
            return False
        if isinstance(knew, datetime):
            return knew < self.finding_changed_at
        return knew < self.finding_changed_in

    def person(self, person_id: str) -> Person | None:
        """Return a person who is or was on the ladder."""
        everybody = (*(step.person for step in self.steps), *self.former_persons)
        return next((person for person in everybody if person.id == person_id), None)

    def public_ladder(self) -> tuple[LadderStep, ...]:
        """Return the ladder as others may know it: without contacts."""
        return tuple(
            LadderStep(
                number=number,
                person_id=step.person.id,
                person_name=step.person.name,
                channels=step.channels,
                after_seconds=round(step.after_seconds),
            )
            for number, step in enumerate(self.steps, start=1)
        )


class Purpose(StrEnum):
    """Why somebody is written to: it tells when an attempt has become pointless."""

    NOTIFY = "NOTIFY"
    REMIND = "REMIND"
    REVISE = "REVISE"
    WITHDRAW = "WITHDRAW"


class What(StrEnum):
    """The lines of evidence; stable words, for programs too."""

    OPENED = "alert_opened"
    FINDING_REVISED = "finding_revised"
    FINDING_WITHDRAWN = "finding_withdrawn"
    PROVIDER_UNKNOWN = "ordering_provider_unknown"
    STEP_BEGUN = "step_begun"
    CHANNEL_MISSING = "channel_missing"
    ROUND_BEGUN = "round_begun"
    OVERDUE = "acknowledgement_overdue"
    ESCALATED = "escalated_by_person"
    DECLINED = "declined"
    HANDED_OVER = "handed_over"
    ATTEMPT_SENT = "attempt_sent"
    ATTEMPT_POSTPONED = "attempt_postponed"
    ATTEMPT_FAILED = "attempt_failed"
    ATTEMPT_IN_DOUBT = "attempt_in_doubt"
    ATTEMPT_FOUND = "attempt_found"
    ATTEMPT_ABSENT = "attempt_absent"
    ATTEMPT_DELIVERED = "attempt_delivered"
    ATTEMPT_SUPERSEDED = "attempt_superseded"
    CALL_ANSWERED = "call_answered"
    VOICEMAIL = "voicemail_answered"
    CALL_AGAIN = "call_repeated"
    NEXT_CHANNEL = "next_channel"
    STEP_UNREACHABLE = "step_unreachable"
    ACKNOWLEDGED = "acknowledged"
    ACKNOWLEDGED_AGAIN = "acknowledged_again"
    ATTEMPTS_CANCELLED = "attempts_cancelled"
    CALLS_RECALLED = "calls_recalled"
    REMINDED = "read_back_reminded"
    LAPSED = "acknowledgement_lapsed"
    READ_BACK = "read_back"
    READ_BACK_VOID = "read_back_void"
    CLOSED = "alert_closed"


@dataclass(frozen=True)
class Evidence:
    """One line: what happened, to or by whom. Never a patient, never an address."""

    what: What
    detail: str = ""


@dataclass(frozen=True)
class Planned:
    """An attempt to make."""

    person: Person
    channel: Channel
    due_at: datetime
    step: int
    round: int
    number: int
    purpose: Purpose = Purpose.NOTIFY


@dataclass(frozen=True)
class Decision:
    """What becomes of an alert: its new state, attempts to make, lines to write.

    `cancels` ends every attempt that has not been sent yet, before the planned ones are added.
    """

    alert: Alert
    planned: tuple[Planned, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    cancels: bool = False

    def then(self, *evidence: Evidence) -> "Decision":
        """Return the decision with more lines at its end."""
        return Decision(self.alert, self.planned, (*self.evidence, *evidence), self.cancels)

    def preceded_by(self, evidence: Iterable[Evidence], *, cancels: bool = False) -> "Decision":
        """Return the decision with lines before its own."""
        lines = (*evidence, *self.evidence)
        return Decision(self.alert, self.planned, lines, self.cancels or cancels)


def changed(alert: Alert, now: datetime, **news: object) -> Alert:
    """Return the alert with some fields changed, its version grown by one."""
    return alert.model_copy(
        update={"version": alert.version + 1, "updated_at": now, **news},
    )


def plan(
    alert: Alert,
    person: Person,
    channels: Iterable[Channel],
    due_at: datetime,
    purpose: Purpose = Purpose.NOTIFY,
) -> tuple[Alert, tuple[Planned, ...], tuple[Evidence, ...]]:
    """Plan attempts in the current step; returns the alert that has counted them."""
    wanted = list(dict.fromkeys(channels))
    reachable = [channel for channel in wanted if person.address(channel)]
    planned = tuple(
        Planned(
            person=person,
            channel=channel,
            due_at=due_at,
            step=alert.current_step,
            round=alert.round,
            number=alert.attempts_planned + offset,
            purpose=purpose,
        )
        for offset, channel in enumerate(reachable, start=1)
    )
    missing = tuple(
        Evidence(What.CHANNEL_MISSING, f"{channel} to {person.name}: no address is known")
        for channel in wanted
        if channel not in reachable
    )
    notified = tuple(dict.fromkeys((*alert.notified_person_ids, person.id)))
    counted = alert.model_copy(
        update={
            "attempts_planned": alert.attempts_planned + len(planned),
            "notified_person_ids": notified,
        }
    )
    return counted, planned, missing


def alert_reference(alert_id: UUID, attempt: int) -> str:
    """Return a short name of an alert that can be told on the phone; another for each attempt.

    Base 32 (RFC 4648) has no 0 and no 1, so none is taken for O or I.
    """
    digest = hashlib.sha256(f"{alert_id}/{attempt}".encode()).digest()
    return "CF-" + base64.b32encode(digest).decode()[:6]


def marker(reference: str, number: int) -> str:
    """Return what makes one attempt's text unique, to find it again at the provider."""
    return f"({reference}-{number})"
