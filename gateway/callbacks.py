"""Answers that come with a proof instead of a session: links, SMS replies, keys of a phone.

What must stay true: the same call-back twice is the same event. Who is right is alert_worker's
decision; here it is only passed on, and its answer told to whoever waits.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID, uuid5

from contracts.base import Contract
from contracts.events.alert_requested import (
    AcknowledgeByLink,
    AcknowledgeBySms,
    AlertRequested,
    DeliveryReceipt,
    KeyPressed,
)
from contracts.topics import ALERT_REQUESTED, ALERT_UPDATED
from gateway.errors import OwnerRefused
from gateway.idempotency import Ask
from gateway.writes import Pending, Writes
from services.clock import utc_now

_NAMESPACE = UUID("0a1d0f64-9c35-5c0b-8a5e-4f5c3f2f5a11")
_THANKS = "Thank you. Your confirmation has been recorded. Open the portal to read the finding."
_NOTED = "Your answer has arrived and is being recorded. Open the portal to read the finding."


async def confirm_by_link(
    writes: Writes, token: str, read_back: str, *, page: str
) -> tuple[int, str]:
    """Acknowledge with a link's token; return the HTTP status and the sentence to show.

    Parameters
    ----------
    page : names the page whose button was pressed. What was refused once may be taken later, from a
        page that is opened anew, or with other words.
    """
    wanted = AcknowledgeByLink(token=token, read_back=read_back)
    return await _ask(writes, wanted, source=f"link|{token}|{page}|{read_back}")


async def press_key(writes: Writes, token: str, digits: str) -> tuple[int, str]:
    """Acknowledge or decline with a key; return the status and the sentence to speak."""
    wanted = KeyPressed(token=token, digits=digits)
    return await _ask(writes, wanted, source=f"key|{token}|{digits}")


async def reply_by_sms(writes: Writes, form: Mapping[str, str]) -> tuple[int, str]:
    """Acknowledge with a reply; return the status and the sentence to send back."""
    wanted = AcknowledgeBySms(from_number=form.get("From", "")[:32], body=form.get("Body", ""))
    return await _ask(writes, wanted, source=f"sms|{form.get('MessageSid', '')}")


async def pass_on_receipt(writes: Writes, form: Mapping[str, str]) -> None:
    """Tell alert_worker what became of a message or a call."""
    provider_id = form.get("MessageSid") or form.get("SmsSid") or form.get("CallSid") or ""
    status = form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or ""
    if not provider_id or not status:
        return
    answered_by = form.get("AnsweredBy", "")
    sequence = form.get("SequenceNumber", "")
    receipt = DeliveryReceipt(
        provider_id=provider_id[:64],
        status=status[:32],
        answered_by=answered_by[:32],
        error_code=form.get("ErrorCode", "")[:16],
        sequence=int(sequence) if sequence.isdecimal() else None,
        received_at=utc_now(),
    )
    event_id = uuid5(_NAMESPACE, f"receipt|{provider_id}|{status}|{answered_by}|{sequence}")
    await writes.tell(
        ALERT_REQUESTED, AlertRequested(request=receipt), key=provider_id, event_id=event_id
    )


async def _ask(writes: Writes, wanted: Contract, *, source: str) -> tuple[int, str]:
    """Ask alert_worker; `source` makes the same call-back the same event."""
    digest = hashlib.sha256(source.encode())
    ask = Ask(
        event_id=uuid5(_NAMESPACE, source),
        caller="callback",
        route="callback",
        body_sha256=digest.digest(),
        keyed=True,
    )
    event = AlertRequested(request=wanted)
    try:
        # The token stays secret: the key of the record is its digest.
        result = await writes.send(
            ask,
            ALERT_REQUESTED,
            event,
            key=digest.hexdigest()[:32],
            answer=ALERT_UPDATED,
            answer_has_key=False,
        )
    except OwnerRefused as refusal:
        return refusal.http_status, refusal.message
    return (202, _NOTED) if isinstance(result, Pending) else (200, _THANKS)
