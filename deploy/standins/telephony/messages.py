"""What becomes of an SMS: on its way to a phone, or from a phone to the application."""

from deploy.standins.telephony.behaviour import Behaviour, Outcome
from deploy.standins.telephony.forms import message_form
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.records import Message, new_sid
from deploy.standins.telephony.twiml import BadTwiml, messages_in
from deploy.standins.telephony.webhooks import StatusReports

_STEP_SECONDS = 0.3
_UNREACHABLE = 30003
_UNKNOWN_ERROR = 30008


def accept_message(provider: Provider, message: Message, behaviour: Behaviour) -> None:
    """Take a message into the queue and let it go its way."""
    provider.records.messages.add(message)
    provider.errands.start(_deliver(provider, message, behaviour))


async def _deliver(provider: Provider, message: Message, behaviour: Behaviour) -> None:
    reports = StatusReports(
        provider.webhooks,
        url=message.status_callback,
        sid=message.sid,
        phone=message.to,
        how=behaviour.receipts,
    )
    reports.report(message.status, message_form(provider, message))
    if behaviour.outcome is Outcome.SILENT:
        return
    for status, error_code in _way(behaviour):
        await provider.let_pass(_STEP_SECONDS)
        message.move_to(status, error_code)
        reports.report(status, message_form(provider, message))
    reports.close()


def _way(behaviour: Behaviour) -> list[tuple[str, int | None]]:
    match behaviour.outcome:
        case Outcome.FAILED:
            return [("failed", behaviour.error_code or _UNKNOWN_ERROR)]
        case Outcome.UNDELIVERED:
            return [("sent", None), ("undelivered", behaviour.error_code or _UNREACHABLE)]
        case _:
            return [("sent", None), ("delivered", None)]


def reply(provider: Provider, *, phone: str, body: str) -> Message:
    """Send an SMS from a phone to the hospital's number, and give it to the messaging webhook.

    What the webhook answers comes back to the phone.
    """
    message = Message(
        sid=new_sid("SM"),
        to=provider.settings.own_number,
        sender=phone,
        body=body,
        direction="inbound",
        status="received",
    )
    message.move_to("received")
    provider.records.messages.add(message)
    if url := provider.settings.messaging_url:
        provider.errands.start(_hand_in(provider, url, message))
    return message


async def _hand_in(provider: Provider, url: str, message: Message) -> None:
    form = message_form(provider, message)
    form |= {"Body": message.body, "NumMedia": "0", "NumSegments": "1"}
    document = await provider.webhooks.tell(url, form, phone=message.sender, status="reply")
    for text in _texts_in(provider, message, document):
        answer = Message(
            sid=new_sid("SM"),
            to=message.sender,
            sender=message.to,
            body=text,
            direction="outbound-reply",
            status="sent",
        )
        answer.move_to("sent")
        answer.move_to("delivered")
        provider.records.messages.add(answer)


def _texts_in(provider: Provider, message: Message, document: str) -> tuple[str, ...]:
    try:
        return messages_in(document) if document else ()
    except BadTwiml as error:
        answer = f"{type(error).__name__}: {error}"
        provider.webhooks.log(
            kind="twiml", phone=message.sender, status="document", answer=answer, good=False
        )
        return ()
