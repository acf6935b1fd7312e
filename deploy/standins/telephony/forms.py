"""The fields that Twilio posts to the application with each call-back."""

from deploy.standins.telephony.provider import API_VERSION, Provider
from deploy.standins.telephony.records import Call, Message


def message_form(provider: Provider, message: Message) -> dict[str, str]:
    """Return what every call-back about a message carries."""
    form = {
        "AccountSid": provider.settings.account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender,
        "To": message.to,
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
    }
    if message.error_code:
        form["ErrorCode"] = str(message.error_code)
    return form


def call_form(provider: Provider, call: Call) -> dict[str, str]:
    """Return what every call-back about a call carries."""
    form = {
        "AccountSid": provider.settings.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": "outbound-api",
        "From": call.sender,
        "To": call.to,
        "Called": call.to,
        "Caller": call.sender,
    }
    if call.answered_by:
        form["AnsweredBy"] = call.answered_by
    return form
