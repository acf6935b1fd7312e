"""Rule: how the progress of an attempt reads as evidence."""

from alert_worker.domain.alert import Evidence, What
from alert_worker.domain.attempts import VOICEMAIL, Attempt
from contracts.enumerations import AttemptState, Channel


def progress(before: Attempt, after: Attempt) -> tuple[Evidence, ...]:
    """Return the lines that a change of an attempt is worth; none for a change of detail.

    An attempt may be sent and over at once, when its receipt was faster than the answer to the
    request: that is two lines.
    """
    if before.state is after.state:
        return ()
    told = f"{after.channel} to {after.person_name}"
    if after.address_hint:
        told = f"{told} ({after.address_hint})"
    lines = []
    if after.provider_id and not before.provider_id:
        doubtful = before.state is AttemptState.UNKNOWN or before.checks > 0
        lines.append(Evidence(What.ATTEMPT_FOUND if doubtful else What.ATTEMPT_SENT, told))
    if after.state is not AttemptState.SENT:
        said = after.error or after.provider_status
        lines.append(Evidence(_what(before, after), f"{told}: {said}" if said else told))
    return tuple(lines)


def _what(before: Attempt, after: Attempt) -> What:
    match after.state:
        case AttemptState.PENDING:
            doubtful = before.state is AttemptState.UNKNOWN or before.checks > 0
            return What.ATTEMPT_ABSENT if doubtful else What.ATTEMPT_POSTPONED
        case AttemptState.DELIVERED:
            voice = after.channel is Channel.VOICE
            return What.CALL_ANSWERED if voice else What.ATTEMPT_DELIVERED
        case AttemptState.UNKNOWN:
            return What.ATTEMPT_IN_DOUBT
        case AttemptState.CANCELLED:
            return What.ATTEMPTS_CANCELLED
        case _:
            return What.VOICEMAIL if after.error == VOICEMAIL else What.ATTEMPT_FAILED
