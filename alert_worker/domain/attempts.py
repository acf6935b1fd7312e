"""One attempt, and what becomes of it: results of sending, receipts, lookups.

What must stay true: a state never goes back. Sent is not delivered, delivered is not read, and a
voicemail is a failure. What the provider says is ordered by its sequence number and by the rank of
its words, so an older receipt never overwrites a newer one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from alert_worker.domain.alert import Purpose
from contracts.enumerations import AttemptState, Channel

_RANK = {
    "": 0,
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "initiated": 3,
    "ringing": 4,
    "sent": 4,
    "in-progress": 5,
    "answered": 5,
    "delivered": 6,
    "read": 7,
    "undelivered": 6,
    "failed": 6,
    "completed": 6,
    "busy": 6,
    "no-answer": 6,
    "canceled": 6,
}
"""Twilio's words for messages and calls, in the order in which they come; 6 and more are final."""

_FAILURES = {"undelivered", "failed", "busy", "no-answer", "canceled"}
_NOBODY = {"busy": "the line was busy", "no-answer": "nobody answered"}
VOICEMAIL = "a voicemail answered"
RECALLED = "ended before it was answered: it was no longer needed"


@dataclass(frozen=True)
class Attempt:
    """One row: a try to reach one person by one channel."""

    id: UUID
    alert_id: UUID
    step: int
    round: int
    number: int
    purpose: Purpose
    person_id: str
    person_name: str
    channel: Channel
    address: str
    state: AttemptState
    due_at: datetime
    check_at: datetime | None = None
    checks: int = 0
    tries: int = 0
    token: UUID | None = None
    started_at: datetime | None = None
    provider_id: str = ""
    provider_status: str = ""
    provider_sequence: int | None = None
    answered_by: str = ""
    error: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    finished_at: datetime | None = None
    unwanted: bool = False

    @property
    def address_hint(self) -> str:
        """The last digits or the domain: enough to know which, too little to reach."""
        match self.channel:
            case Channel.SMS | Channel.VOICE:
                return f"…{self.address[-2:]}"
            case Channel.EMAIL:
                return f"…@{self.address.rpartition('@')[2]}"
            case Channel.IN_APP:
                return ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be heard of it."""
        return self.finished_at is not None


@dataclass(frozen=True)
class Report:
    """What the provider says of an attempt: by call-back, or when asked."""

    status: str
    answered_by: str = ""
    error_code: str = ""
    sequence: int | None = None


def was_sent(attempt: Attempt, now: datetime, provider_id: str) -> Attempt:
    """The provider has taken it. An e-mail is over with that: nothing more is heard of it."""
    return replace(
        attempt,
        state=AttemptState.SENT,
        sent_at=attempt.sent_at or now,
        provider_id=provider_id,
        error="",
        finished_at=now if attempt.channel is Channel.EMAIL else None,
    )


def was_shown(attempt: Attempt, now: datetime) -> Attempt:
    """The portal has shown it to the person: the receipt of what is sent in the app."""
    return replace(attempt, state=AttemptState.DELIVERED, delivered_at=now, finished_at=now)


def has_failed(attempt: Attempt, now: datetime, error: str) -> Attempt:
    """It is certain that nobody was reached by it."""
    return replace(
        attempt, state=AttemptState.FAILED, error=error, finished_at=now, check_at=None, token=None
    )


def apply_report(attempt: Attempt, report: Report, now: datetime) -> Attempt | None:
    """Return the attempt as the provider now describes it; None for old or repeated news."""
    if not _is_news(attempt, report):
        return None
    told = replace(
        attempt,
        provider_status=report.status,
        provider_sequence=_later(attempt.provider_sequence, report.sequence),
        answered_by=report.answered_by or attempt.answered_by,
        error=f"provider code {report.error_code}" if report.error_code else attempt.error,
        state=AttemptState.SENT if _not_yet_sent(attempt) else attempt.state,
        sent_at=attempt.sent_at or now,
    )
    if told.channel is Channel.VOICE:
        return _call(told, now)
    return _message(told, now)


def _message(told: Attempt, now: datetime) -> Attempt:
    if told.provider_status in _FAILURES:
        return has_failed(told, now, told.error or "the message was not delivered")
    if told.provider_status in ("delivered", "read"):
        return replace(
            told,
            state=AttemptState.DELIVERED,
            delivered_at=told.delivered_at or now,
            finished_at=now,
            check_at=None,
        )
    return told


def _call(told: Attempt, now: datetime) -> Attempt:
    """An answered call is delivered, unless a machine answered; it is over when it has ended."""
    if told.provider_status in _FAILURES:
        reason = _NOBODY.get(told.provider_status, told.error or "the call failed")
        reason = RECALLED if told.unwanted else reason
        return has_failed(told, now, reason)
    over = told.provider_status == "completed"
    if over and told.unwanted and told.delivered_at is None:
        return has_failed(told, now, RECALLED)
    if is_voicemail(told.answered_by):
        return has_failed(told, now, VOICEMAIL) if over else told
    if over or told.provider_status in ("in-progress", "answered"):
        told = replace(told, state=AttemptState.DELIVERED, delivered_at=told.delivered_at or now)
    return replace(told, finished_at=now, check_at=None) if over else told


def _is_news(attempt: Attempt, report: Report) -> bool:
    if attempt.is_over and attempt.state is not AttemptState.DELIVERED:
        return False
    new, old = _RANK.get(report.status, 0), _RANK.get(attempt.provider_status, 0)
    if None not in (report.sequence, attempt.provider_sequence):
        return bool(report.sequence > attempt.provider_sequence and new >= old)  # type: ignore[operator]  # checked
    learned = bool(report.answered_by) and not attempt.answered_by
    return new > old or (new == old and learned and not attempt.is_over)


def is_voicemail(answered_by: str) -> bool:
    """Return whether a machine took the call."""
    return answered_by.startswith(("machine", "fax"))


def _not_yet_sent(attempt: Attempt) -> bool:
    return attempt.state in (AttemptState.PENDING, AttemptState.SENDING, AttemptState.UNKNOWN)


def _later(old: int | None, new: int | None) -> int | None:
    return max((n for n in (old, new) if n is not None), default=None)
