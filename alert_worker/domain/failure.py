"""Rule: what follows when it is certain that an attempt has failed.

What must stay true: a failure never makes the alert slower, and never spins: one more call per step
at the most for each reason, and the pause before a new round always holds.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alert_worker.domain.alert import Alert, Decision, Evidence, What, changed, plan
from alert_worker.domain.attempts import VOICEMAIL, Attempt
from contracts.enumerations import AlertStatus, AttemptState, Channel, CriticalCategory

CALL_AGAIN_AFTER = timedelta(minutes=1)
CALLS_PER_STEP = 2
_LOST = (AttemptState.FAILED, AttemptState.CANCELLED)


def after_failure(
    alert: Alert, failed: Attempt, siblings: Sequence[Attempt], now: datetime
) -> Decision | None:
    """Return what else is done for the current step; None when nothing is.

    Parameters
    ----------
    siblings : all attempts of the failed one's step and round, itself among them.
    """
    person_id = alert.step.person.id
    current = (alert.round, alert.current_step, person_id)
    if alert.status is not AlertStatus.OPEN:
        return None
    if (failed.round, failed.step, failed.person_id) != current:
        return None
    siblings = [a for a in siblings if a.person_id == person_id]  # others hear of a change
    calls = [a for a in siblings if a.channel is Channel.VOICE]
    nobody = failed.channel is Channel.VOICE and failed.provider_status in ("busy", "no-answer")
    if nobody and len(calls) < CALLS_PER_STEP:
        return _call(alert, now + CALL_AGAIN_AFTER, Evidence(What.CALL_AGAIN, failed.error), now)
    alive = {a.channel for a in siblings if a.state not in _LOST}
    if alive.intersection(alert.sufficient):
        return None
    urgent = alert.finding.category is not CriticalCategory.YELLOW
    if urgent and not calls and alert.step.person.phone:
        line = Evidence(What.NEXT_CHANNEL, f"{failed.channel} failed, so a call is made")
        return _call(alert, now, line, now)
    return _hurry(alert, failed, now)


def _call(alert: Alert, due_at: datetime, line: Evidence, now: datetime) -> Decision:
    counted, planned, _ = plan(changed(alert, now), alert.step.person, (Channel.VOICE,), due_at)
    return Decision(counted, planned, (line,))


def _hurry(alert: Alert, failed: Attempt, now: datetime) -> Decision | None:
    """Nobody can be reached in this step: the next one begins at once, unless a round ends."""
    last = alert.current_step == len(alert.steps)
    if last or alert.next_step_at is None or alert.next_step_at <= now:
        return None
    # A voicemail may still be heard; the others have surely reached nobody.
    if failed.error == VOICEMAIL:
        return None
    line = Evidence(What.STEP_UNREACHABLE, f"{alert.step.person.name}: the next person is told now")
    return Decision(changed(alert, now, next_step_at=now), evidence=(line,))
