"""The page: a phone per number, what it received, and what a person could do with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Response

from deploy.standins.telephony.behaviour import Channel, Outcome, Rule
from deploy.standins.telephony.control import act_on_call, find_call, press_keys
from deploy.standins.telephony.messages import reply
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.records import Call, Message
from deploy.standins.web import back_to, page

KEYPAD = tuple("123456789*0#")
_SHOWN_PER_PHONE = 25

SMS_CHOICES = {
    Outcome.NORMAL: "receives SMS",
    Outcome.UNDELIVERED: "is out of reach for SMS",
    Outcome.FAILED: "cannot be sent SMS",
    Outcome.RATE_LIMIT: "SMS: too many requests (429)",
    Outcome.LOST_RESPONSE: "SMS: accepted, answer lost",
}
CALL_CHOICES = {
    Outcome.NORMAL: "is answered by itself",
    Outcome.RING: "rings until somebody acts here",
    Outcome.BUSY: "is busy",
    Outcome.NO_ANSWER: "is not answered",
    Outcome.MACHINE: "has voicemail on",
    Outcome.FAILED: "cannot be called",
}


@dataclass(frozen=True)
class Phone:
    """A number and its card on the page."""

    number: str
    name: str
    title: str
    items: tuple[Message | Call, ...]
    sms: Outcome
    call: Outcome

    @property
    def id(self) -> str:
        """A name for HTML attributes."""
        return self.number.removeprefix("+")


def page_routes(provider: Provider) -> APIRouter:
    """Return the page and its forms."""
    routes = APIRouter()

    @routes.get("/")
    async def home() -> Response:
        return page(
            "telephony/home.html",
            settings=provider.settings,
            phones=_phones(provider),
            deliveries=provider.records.deliveries,
            waiting=provider.script.waiting(),
            name_of=provider.name_of,
            keypad=KEYPAD,
            sms_choices=SMS_CHOICES,
            call_choices=CALL_CHOICES,
        )

    @routes.post("/phones/{number}/reply")
    async def send_reply(number: str, body: Annotated[str, Form(max_length=1600)]) -> Response:
        if body.strip():
            reply(provider, phone=number, body=body)
        return back_to(f"/#phone-{number.removeprefix('+')}")

    @routes.post("/phones/{number}/behaviour")
    async def set_behaviour(
        number: str, sms: Annotated[Outcome, Form()], call: Annotated[Outcome, Form()]
    ) -> Response:
        if sms not in SMS_CHOICES or call not in CALL_CHOICES:
            raise HTTPException(422, "The page does not offer this.")
        for channel, outcome in ((Channel.SMS, sms), (Channel.CALL, call)):
            if provider.standing_outcome(channel, number) != outcome:
                rule = Rule(channel=channel, number=number, outcome=outcome)
                provider.script.set_standing(rule)
        return back_to(f"/#phone-{number.removeprefix('+')}")

    @routes.post("/calls/{sid}/keys")
    async def press(sid: str, key: Annotated[str, Form(pattern=r"^[0-9*#]$")]) -> Response:
        press_keys(find_call(provider, sid), key)
        return back_to("/")

    @routes.post("/calls/{sid}/{act}")
    async def act_on(sid: str, act: str) -> Response:
        act_on_call(find_call(provider, sid), act)
        return back_to("/")

    return routes


def _phones(provider: Provider) -> list[Phone]:
    by_number: dict[str, list[Message | Call]] = {p.phone: [] for p in provider.people.people}
    for message in provider.records.messages.newest_first():
        other = message.sender if message.direction == "inbound" else message.to
        by_number.setdefault(other, []).append(message)
    for call in provider.records.calls.newest_first():
        by_number.setdefault(call.to, []).append(call)
    phones = [_phone(provider, number, items) for number, items in by_number.items()]
    return sorted(phones, key=lambda phone: not phone.items)


def _phone(provider: Provider, number: str, items: list[Message | Call]) -> Phone:
    person = provider.people.with_phone(number)
    latest = sorted(items, key=_created_at, reverse=True)[:_SHOWN_PER_PHONE]
    return Phone(
        number=number,
        name=person.name if person else number,
        title=person.title if person else "Unknown number",
        items=tuple(latest),
        sms=provider.standing_outcome(Channel.SMS, number),
        call=provider.standing_outcome(Channel.CALL, number),
    )


def _created_at(item: Message | Call) -> datetime:
    return item.created_at
