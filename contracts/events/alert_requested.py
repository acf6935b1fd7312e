"""`alert.requested`: somebody acts on an alert, or a provider tells what became of an attempt."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Contract, Line, RequiredLine, RequiredText, Text, UtcDatetime
from contracts.enumerations import Channel
from contracts.people import Actor

ReportVersion = Annotated[
    int | None,
    Field(
        ge=1,
        description="Of the finding as it was shown (`finding.reportVersion` of the alert). A "
        "read-back of words that were changed since is refused",
    ),
]


class Acknowledge(Contract):
    """A person takes responsibility for the finding."""

    action: Literal["acknowledge"] = "acknowledge"
    channel: Channel = Channel.IN_APP
    read_back: Text = Field(default="", description="What was understood, in the person's words")
    told_person_id: str = Field(
        default="",
        max_length=255,
        description="A radiologist or manager who spoke to a notified person says who that was",
    )
    report_version: ReportVersion = None


class AcknowledgeByLink(Contract):
    """Confirmed with the one-time link of an SMS or e-mail; the token proves who was written to."""

    action: Literal["acknowledge_by_link"] = "acknowledge_by_link"
    token: str = Field(max_length=512)
    read_back: Text = ""


class AcknowledgeBySms(Contract):
    """An SMS reply with the code that the message carried."""

    action: Literal["acknowledge_by_sms"] = "acknowledge_by_sms"
    from_number: str = Field(max_length=32)
    body: Text


class KeyPressed(Contract):
    """Digits pressed in a call; `token` is the call's own."""

    action: Literal["key_pressed"] = "key_pressed"
    token: str = Field(max_length=512)
    digits: str = Field(max_length=16)


class ReadBack(Contract):
    """The acknowledging person repeats the finding; this closes the alert."""

    action: Literal["read_back"] = "read_back"
    text: RequiredText
    report_version: ReportVersion = None


class HandOver(Contract):
    """Not my patient: this person instead."""

    action: Literal["hand_over"] = "hand_over"
    to_person_id: str = Field(max_length=255)
    reason: RequiredLine


class Escalate(Contract):
    """A person sends the alert to the next step now."""

    action: Literal["escalate"] = "escalate"
    reason: Line = ""


class Seen(Contract):
    """The portal shows the alert to this person: the receipt of what is sent in the app."""

    action: Literal["seen"] = "seen"


class DeliveryReceipt(Contract):
    """What the provider says of an attempt; `sequence` orders what it says."""

    action: Literal["delivery_receipt"] = "delivery_receipt"
    provider_id: str = Field(max_length=64)
    status: str = Field(max_length=32)
    answered_by: str = Field(default="", max_length=32)
    error_code: str = Field(default="", max_length=16)
    sequence: int | None = None
    received_at: UtcDatetime


AlertRequest = Annotated[
    Acknowledge
    | AcknowledgeByLink
    | AcknowledgeBySms
    | KeyPressed
    | ReadBack
    | HandOver
    | Escalate
    | Seen
    | DeliveryReceipt,
    Field(discriminator="action"),
]


class AlertRequested(Contract):
    """A request to the owner of alerts; an SMS reply may not know which alert it answers."""

    alert_id: UUID | None = None
    request: AlertRequest
    actor: Actor | None = Field(default=None, description="None: the telephone or a link")
