"""Answers that come with a proof instead of a signed-in person: a link, a reply by SMS, a key.

What must stay true: who answers is whoever was written to, never who the answer says it is; and no
machine can answer.
"""

import re
from datetime import timedelta

from alert_worker.codes import codes_in, token_hash
from alert_worker.domain import escalation, response
from alert_worker.domain.alert import Decision
from alert_worker.domain.attempts import is_voicemail
from alert_worker.errors import (
    AlertUnknown,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    VoicemailAnswered,
    WrongCode,
    WrongKey,
)
from alert_worker.repository import AlertRepository, Locked, Proof
from contracts.enumerations import Channel
from contracts.events.alert_requested import (
    AcknowledgeByLink,
    AcknowledgeBySms,
    AlertRequested,
    KeyPressed,
)
from services.events import Event
from services.twiml import KEY_ACKNOWLEDGE, KEY_NEXT_PERSON


async def on_link(
    alerts: AlertRepository, _event: Event[AlertRequested], *, request: AcknowledgeByLink
) -> tuple[Locked, Decision]:
    """Acknowledge by the one-time link of an SMS or e-mail."""
    hashed = token_hash(request.token)
    proof = _valid(await alerts.proof(hashed))
    if proof.channel is Channel.VOICE:
        raise LinkUnknown
    locked = await alerts.lock(proof.alert_id)
    if locked is None:
        raise AlertUnknown
    if not await alerts.use_proof(hashed):
        raise LinkUsed
    decision = response.acknowledge(
        locked.alert,
        proof.person_id,
        proof.channel,
        locked.now,
        read_back=request.read_back,
        knew=proof.told_at,
    )
    return locked, decision


async def on_key(
    alerts: AlertRepository, _event: Event[AlertRequested], *, request: KeyPressed
) -> tuple[Locked, Decision]:
    """Acknowledge or decline by a key, on a call that a person took."""
    proof = _valid(await alerts.proof(token_hash(request.token)))
    if proof.channel is not Channel.VOICE:
        raise LinkUnknown
    if is_voicemail(proof.answered_by):
        raise VoicemailAnswered
    locked = await alerts.lock(proof.alert_id)
    if locked is None:
        raise AlertUnknown
    alert, now = locked
    match request.digits.strip("#* "):
        case key if key == KEY_ACKNOWLEDGE:
            return locked, response.acknowledge(
                alert, proof.person_id, Channel.VOICE, now, knew=proof.told_at
            )
        case key if key == KEY_NEXT_PERSON:
            return locked, escalation.decline(alert, proof.person_id, now)
        case _:
            raise WrongKey


async def on_sms(
    alerts: AlertRepository,
    _event: Event[AlertRequested],
    *,
    request: AcknowledgeBySms,
    lifetime: timedelta,
) -> tuple[Locked, Decision]:
    """Acknowledge by a reply that quotes the code of a message to the same number."""
    since = await alerts.now() - lifetime
    quoted = await alerts.attempt_with_code(number_of(request), codes_in(request.body), since)
    locked = await alerts.lock(quoted.alert_id) if quoted else None
    if quoted is None or locked is None:
        raise WrongCode
    alert, now = locked
    return locked, response.acknowledge(
        alert, quoted.person_id, Channel.SMS, now, knew=quoted.told_at
    )


def number_of(request: AcknowledgeBySms) -> str:
    """Return the number that a reply came from, written as ours are."""
    return re.sub(r"[^+0-9]", "", request.from_number)


def _valid(proof: Proof | None) -> Proof:
    if proof is None:
        raise LinkUnknown
    if proof.expired:
        raise LinkExpired
    if proof.used:
        raise LinkUsed
    return proof
