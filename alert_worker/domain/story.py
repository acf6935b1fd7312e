"""Rule: how the progress of an attempt reads as evidence."""

from alert_worker.domain.alert import Evidence, What
from alert_worker.domain.attempts import VOICEMAIL, Attempt
from contracts.enumerations import AttemptState, Channel


def progress(before: Attempt, after: Attempt) -> tuple[Evidence, ...]:
    """Return the lines that a change of an attempt is worth; none for a change of detail."""
    if before.state is after.state:
        return ()
    what = _what(before, after)
    told = f"{after.channel} to {after.person_name} ({after.address_hint})"
    said = after.error or after.provider_status
    return (Evidence(what, f"{told}: {said}" if said else told),)


def _what(before: Attempt, after: Attempt) -> What:
    doubtful = before.state is AttemptState.UNKNOWN or before.checks > 0
    match after.state:
        case AttemptState.PENDING:
            return What.ATTEMPT_ABSENT if doubtful else What.ATTEMPT_POSTPONED
        case AttemptState.SENT:
            return What.ATTEMPT_FOUND if doubtful else What.ATTEMPT_SENT
        case AttemptState.DELIVERED:
            voice = after.channel is Channel.VOICE
            return What.CALL_ANSWERED if voice else What.ATTEMPT_DELIVERED
        case AttemptState.UNKNOWN:
            return What.ATTEMPT_IN_DOUBT
        case AttemptState.CANCELLED:
            return What.ATTEMPTS_CANCELLED
        case _:
            return What.VOICEMAIL if after.error == VOICEMAIL else What.ATTEMPT_FAILED
