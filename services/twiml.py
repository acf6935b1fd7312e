"""What a call says (TwiML): pure texts, without a finding, a patient, or an order.

What must stay true: a voicemail hears no question, so that nothing on a tape can be an
acknowledgement; and whoever answers hears the same, whoever it is.
"""

from xml.sax.saxutils import escape, quoteattr

KEY_ACKNOWLEDGE = "1"
KEY_NEXT_PERSON = "2"

_QUESTION = (
    "This is {hospital}, with a critical imaging finding for one of your patients. "
    "Press 1 to confirm that you take responsibility. "
    "Press 2 if you cannot, and the next person will be called."
)
_VOICEMAIL = (
    "This is {hospital}, with a critical imaging finding for one of your patients. "
    "Open the portal, or call radiology, now. Others are being called."
)
_REPEATS = 3


def voice_script(*, action_url: str, hospital: str, answered_by: str = "") -> str:
    """Return what a call says when it is answered.

    Parameters
    ----------
    action_url : where the pressed key is posted (`contracts.links.voice_url`).
    hospital : who is calling, as people know the house.
    answered_by : Twilio's `AnsweredBy`; `machine_start` and the like are voicemails.
    """
    if is_machine(answered_by):
        return _document(_say(_VOICEMAIL.format(hospital=hospital)))
    question = _say(_QUESTION.format(hospital=hospital))
    gather = (
        f'<Gather numDigits="1" timeout="8" method="POST" action={quoteattr(action_url)}>'
        f"{question}</Gather>"
    )
    return _document(gather * _REPEATS + _say("Nothing was pressed. Others are being called."))


def key_script(sentence: str, *, action_url: str = "", hospital: str = "") -> str:
    """Return what a call says after a key; with an URL it asks again."""
    if not action_url:
        return _document(_say(sentence) + "<Hangup/>")
    again = voice_script(action_url=action_url, hospital=hospital)
    return again.replace("<Response>", "<Response>" + _say(sentence), 1)


def sms_reply(sentence: str) -> str:
    """Return the answer to an SMS."""
    return _document(f"<Message>{escape(sentence)}</Message>")


def no_reply() -> str:
    """Return the answer to an SMS that gets none."""
    return _document("")


def is_machine(answered_by: str) -> bool:
    """Return whether Twilio's machine detection heard a voicemail or a fax."""
    return answered_by.startswith(("machine", "fax"))


def _say(text: str) -> str:
    return f"<Say>{escape(text)}</Say>"


def _document(verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
