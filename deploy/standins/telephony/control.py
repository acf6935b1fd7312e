"""The control API: a test says how phones and provider behave, and acts for who has the phone."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from deploy.standins.telephony.behaviour import (
    CALL_OUTCOMES,
    LOOKUP_OUTCOMES,
    SMS_OUTCOMES,
    Channel,
    NextRule,
    Outcome,
    Rule,
)
from deploy.standins.telephony.messages import reply
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.records import IN_PROGRESS, Call, Message

_POSSIBLE = {
    Channel.SMS: SMS_OUTCOMES,
    Channel.CALL: CALL_OUTCOMES,
    Channel.LOOKUP: LOOKUP_OUTCOMES,
}


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Reply(_Body):
    """An SMS from a phone to the hospital."""

    phone: Annotated[str, Field(pattern=r"^\+[1-9]\d{7,14}$")]
    body: Annotated[str, Field(min_length=1, max_length=1600)]


class Keys(_Body):
    """Keys pressed on a phone."""

    keys: Annotated[str, Field(pattern=r"^[0-9*#]{1,32}$")]


def control_routes(provider: Provider) -> APIRouter:
    """Return the routes below /control."""
    routes = APIRouter(prefix="/control")

    @routes.post("/next")
    async def order_next(rule: NextRule) -> dict[str, str]:
        check_possible(rule.channel, rule.outcome)
        provider.script.order(rule, rule.times)
        return {"status": "ordered"}

    @routes.post("/standing")
    async def set_standing(rule: Rule) -> dict[str, str]:
        check_possible(rule.channel, rule.outcome)
        provider.script.set_standing(rule)
        return {"status": "set"}

    @routes.post("/replies")
    async def send_reply(body: Reply) -> dict[str, str]:
        return {"sid": reply(provider, phone=body.phone, body=body.body).sid}

    @routes.post("/calls/{sid}/keys")
    async def press(sid: str, body: Keys) -> dict[str, str]:
        press_keys(find_call(provider, sid), body.keys)
        return {"status": "pressed"}

    @routes.post("/calls/{sid}/{act}")
    async def act_on(sid: str, act: str) -> dict[str, str]:
        act_on_call(find_call(provider, sid), act)
        return {"status": act}

    @routes.get("/state")
    async def state() -> dict[str, Any]:
        return {
            "messages": [_message(m) for m in provider.records.messages.newest_first()],
            "calls": [_call(c) for c in provider.records.calls.newest_first()],
            "callbacks": [delivery.__dict__ for delivery in provider.records.deliveries],
            "next": [{"times": t} | r.model_dump() for r, t in provider.script.waiting()],
        }

    @routes.post("/reset")
    async def reset() -> dict[str, str]:
        await provider.errands.cancel()
        provider.script.clear()
        provider.records.clear()
        return {"status": "reset"}

    return routes


def check_possible(channel: Channel, outcome: Outcome) -> None:
    """Refuse a rule that could never come true."""
    if outcome not in _POSSIBLE[channel]:
        raise HTTPException(422, f"{outcome} is no outcome of {channel}")


def find_call(provider: Provider, sid: str) -> Call:
    """Return a call or answer 404."""
    call = provider.records.calls.get(sid)
    if call is None:
        raise HTTPException(404, "There is no such call.")
    return call


def press_keys(call: Call, keys: str) -> None:
    """Press keys; only a call that is answered hears them."""
    if call.status != IN_PROGRESS:
        raise HTTPException(409, "The call is not in progress.")
    for key in keys:
        call.handset.keys.put_nowait(key)


def act_on_call(call: Call, act: str) -> None:
    """Answer, decline or hang up, as the person with the phone in the hand."""
    acts = {
        "answer": call.handset.picked_up,
        "decline": call.handset.declined,
        "hang-up": call.handset.hung_up,
    }
    if act not in acts:
        raise HTTPException(404, "One can answer, decline or hang-up.")
    if call.is_over:
        raise HTTPException(409, "The call is over.")
    acts[act].set()


def _message(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid, "to": message.to, "from": message.sender, "body": message.body,
        "direction": message.direction, "status": message.status, "errorCode": message.error_code,
        "createdAt": message.created_at,
    }  # fmt: skip


def _call(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid, "to": call.to, "from": call.sender, "status": call.status,
        "answeredBy": call.answered_by, "createdAt": call.created_at, "listening": call.listening,
        "transcript": [{"voice": line.voice, "text": line.text} for line in call.transcript],
    }  # fmt: skip
