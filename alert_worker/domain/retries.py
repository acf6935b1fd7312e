"""Rule: when something is tried again, and when it is asked what became of it.

What must stay true: nothing of unknown outcome is sent again before the provider was asked; and
asking ends, so that a provider who never answers leaves a failure that the ladder can act on.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from alert_worker.domain.attempts import Attempt, has_failed
from contracts.enumerations import AttemptState, Channel

LEASE = {
    Channel.SMS: timedelta(seconds=20),
    Channel.VOICE: timedelta(seconds=20),
    Channel.EMAIL: timedelta(seconds=60),
}
"""How long one request may take, with reserve; then whoever holds the row is thought dead."""

CHECK_LEASE = timedelta(seconds=20)
_TRY_AGAIN_AFTER = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=30))
_ASK_AGAIN_AFTER = timedelta(seconds=10)
_ASKED_AT_MOST = 8
_RECEIPT_OVERDUE = {Channel.SMS: timedelta(minutes=1), Channel.VOICE: timedelta(minutes=2)}
_RECEIPT_CHECKS = 5


def after_temporary_failure(attempt: Attempt, now: datetime, error: str) -> Attempt:
    """Nothing was taken: try again a few times, then give up."""
    if attempt.tries > len(_TRY_AGAIN_AFTER):
        return has_failed(attempt, now, f"{error}; given up after {attempt.tries} tries")
    return replace(
        attempt,
        state=AttemptState.PENDING,
        due_at=now + _TRY_AGAIN_AFTER[attempt.tries - 1],
        check_at=None,
        token=None,
        started_at=None,
        error=error,
    )


def after_unknown_outcome(attempt: Attempt, now: datetime, error: str) -> Attempt:
    """It may have been taken: ask the provider. A mail server cannot be asked."""
    if attempt.channel is Channel.EMAIL:
        return has_failed(attempt, now, f"{error}; not repeated, since it may have arrived")
    return replace(
        attempt,
        state=AttemptState.UNKNOWN,
        check_at=now + _ASK_AGAIN_AFTER,
        token=None,
        error=error,
    )


def after_unanswered_question(attempt: Attempt, now: datetime) -> Attempt:
    """The provider could not be asked, or does not know it: ask again, for a while."""
    if attempt.checks >= _ASKED_AT_MOST and attempt.state is not AttemptState.SENDING:
        if attempt.state is AttemptState.UNKNOWN:
            return has_failed(attempt, now, "the outcome was never learned; not repeated")
        return expect_receipt(attempt, now)
    sending = attempt.state is AttemptState.SENDING
    state = AttemptState.UNKNOWN if sending else attempt.state
    return replace(attempt, state=state, check_at=now + _ASK_AGAIN_AFTER, token=None)


def after_absence(attempt: Attempt, now: datetime) -> Attempt:
    """The provider has nothing of it: send it, now that this is certain."""
    return replace(
        attempt,
        state=AttemptState.PENDING,
        due_at=now,
        check_at=None,
        token=None,
        started_at=None,
        error="",
    )


def expect_receipt(attempt: Attempt, now: datetime) -> Attempt:
    """Say when to ask for a receipt that does not come; after some asking, leave it.

    A call must end: one of which nothing is heard any more would keep the line from ringing again.
    """
    if attempt.is_over or attempt.channel not in _RECEIPT_OVERDUE:
        return replace(attempt, check_at=None, token=None)
    if attempt.checks >= _RECEIPT_CHECKS:
        if attempt.channel is Channel.VOICE:
            return has_failed(attempt, now, "the end of the call was never heard")
        return replace(attempt, check_at=None, token=None)
    wait = _RECEIPT_OVERDUE[attempt.channel] * (1 + attempt.checks)
    return replace(attempt, check_at=now + wait, token=None)
