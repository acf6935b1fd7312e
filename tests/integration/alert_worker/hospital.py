"""A hospital with phones and mailboxes: the stand-ins at one end, alert_worker at the other.

Between them a switchboard takes Twilio's call-backs as the gateway does, and turns them into
requests. Tests read like stories: expect an SMS on this phone, move the clock, expect the next
person.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from aiohttp import web

from alert_worker.app import Parts
from alert_worker.domain.alert import Person
from contracts.events.alert_requested import (
    AcknowledgeByLink,
    AcknowledgeBySms,
    DeliveryReceipt,
    KeyPressed,
)
from contracts.events.alert_updated import AlertUpdated, Attempt
from contracts.links import INBOUND_SMS_PATH, STATUS_PATH, VOICE_PATH, voice_url
from contracts.people import Actor
from contracts.topics import ALERT_UPDATED
from services.clock import utc_now
from services.database import Database
from services.errors import Refused
from services.telephony import Telephony
from services.twiml import key_script, voice_script
from tests.harness.alerts import alert_requested, critical_finding
from tests.harness.outbox import last
from tests.harness.standins import eventually

TELEPHONY_TOKEN = "telephony-standin-demo-token"


@dataclass
class Switchboard:
    """The gateway's part in calls and messages."""

    telephony: Telephony | None = None
    parts: Parts | None = None
    base_url: str = ""
    refusals: list[str] = field(default_factory=list)
    forged: int = 0
    deaf: bool = False
    call_tokens: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_post(VOICE_PATH, self._voice)
        app.router.add_post(STATUS_PATH, self._status)
        app.router.add_post(INBOUND_SMS_PATH, self._sms)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"
        try:
            yield self.base_url
        finally:
            await runner.cleanup()

    async def _voice(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        token = request.match_info["token"]
        self.call_tokens.append(token)
        url = voice_url(self.base_url, token)
        if digits := form.get("Digits"):
            return _twiml(key_script(await self._press(token, digits)))
        answered_by = form.get("AnsweredBy", "")
        return _twiml(voice_script(action_url=url, hospital="Radiology", answered_by=answered_by))

    async def _press(self, token: str, digits: str) -> str:
        refusal = await self._hand_in(KeyPressed(token=token, digits=digits))
        return refusal or "Thank you. You have taken responsibility."

    async def _status(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if not self.deaf:
            await self._hand_in(
                DeliveryReceipt(
                    provider_id=form.get("MessageSid") or form["CallSid"],
                    status=form.get("MessageStatus") or form["CallStatus"],
                    answered_by=form.get("AnsweredBy", ""),
                    error_code=form.get("ErrorCode", ""),
                    sequence=int(form["SequenceNumber"]) if "SequenceNumber" in form else None,
                    received_at=utc_now(),
                )
            )
        return web.Response(status=204)

    async def _sms(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        await self._hand_in(AcknowledgeBySms(from_number=form["From"], body=form["Body"]))
        return web.Response(status=204)

    async def _hand_in(self, request: Any) -> str:
        assert self.parts is not None
        try:
            await self.parts.handlers.on_alert_requested(alert_requested(request))
        except Refused as refusal:
            self.refusals.append(refusal.rejection_code)
            return refusal.message
        return ""

    async def _form(self, request: web.Request) -> dict[str, str]:
        assert self.telephony is not None
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = self.base_url + request.path_qs
        if not self.telephony.valid_signature(url, form, request.headers.get("X-Twilio-Signature")):
            self.forged += 1
            raise web.HTTPForbidden
        return form


def token_in(text: str) -> str:
    """Return what the link of a message carries."""
    found = re.search(r"/acknowledge/(\S+)", text)
    assert found, text
    return found[1]


def code_in(text: str) -> str:
    """Return what a message asks to be answered with."""
    found = re.search(r"reply (\d{6})", text)
    assert found, text
    return found[1]


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


@dataclass
class Hospital:
    """What a test does and sees."""

    database: Database
    parts: Parts
    switchboard: Switchboard
    phones: httpx.AsyncClient
    mailboxes: httpx.AsyncClient
    _read: set[str] = field(default_factory=set)

    async def raise_finding(self, **news: Any) -> UUID:
        """A radiologist signs a report with a critical finding."""
        event = critical_finding(**news)
        await self.parts.handlers.on_critical_findings([event])
        return event.data.alert_id

    async def ask(self, alert_id: UUID, request: Any, actor: Actor) -> None:
        """Somebody asks for something in a portal."""
        await self.parts.handlers.on_alert_requested(
            alert_requested(request, alert_id=alert_id, actor=actor)
        )

    async def follow_link(self, text: str, read_back: str = "") -> None:
        """Follow the link of a message and press the button."""
        await self.parts.handlers.on_alert_requested(
            alert_requested(AcknowledgeByLink(token=token_in(text), read_back=read_back))
        )

    async def pass_time(self, **span: float) -> None:
        """Move the database's clock, and let everything happen that this makes due."""
        async with self.database.transaction() as connection:
            await connection.execute(
                "update clock_offset set ahead = ahead + $1", timedelta(**span)
            )
        await self.settle()

    async def settle(self) -> None:
        """Let timers, lookups and senders work until nothing is due."""
        for _ in range(50):
            moved = await self.parts.handlers.advance_due()
            moved += await self.parts.look_after.check_due()
            for sender in self.parts.senders:
                moved += await sender.send_due()
            if not moved:
                return
        raise AssertionError("it never comes to rest")

    async def expect_sms(self, person: Person, *, seconds: float = 10) -> str:
        """Return the text of a new SMS on somebody's phone."""
        await self.settle()
        message = await eventually(lambda: self._new("messages", person), seconds=seconds)
        return str(message["body"])

    async def expect_no_sms(self, person: Person) -> None:
        """Nothing new is on this phone."""
        await self.settle()
        assert await self._new("messages", person) is None

    async def expect_call(self, person: Person) -> dict[str, Any]:
        """Return a new call to somebody's phone."""
        await self.settle()
        return await eventually(lambda: self._new("calls", person))

    async def expect_no_call(self, person: Person) -> None:
        """Nobody has called this phone again."""
        await self.settle()
        assert await self._new("calls", person) is None

    async def expect_mail(self, person: Person) -> dict[str, Any]:
        """Return a new mail in somebody's mailbox."""
        await self.settle()

        async def new() -> dict[str, Any] | None:
            answer = await self.mailboxes.get("/api/messages", params={"to": person.email})
            return self._unread(answer.json()["messages"])

        return await eventually(new)

    async def reply(self, person: Person, body: str) -> None:
        """Send an SMS from somebody's phone to the hospital, and wait for its call-back."""
        before = len((await self.phone_state())["callbacks"])
        answer = await self.phones.post(
            "/control/replies", json={"phone": person.phone, "body": body}
        )
        answer.raise_for_status()

        async def heard() -> bool:
            callbacks = (await self.phone_state())["callbacks"]
            return any(c["kind"] == "status" and c["status"] == "reply" for c in
                       callbacks[: len(callbacks) - before])  # fmt: skip

        await eventually(heard)

    async def phone_state(self) -> dict[str, Any]:
        """Everything that the telephone company knows."""
        state: dict[str, Any] = (await self.phones.get("/control/state")).json()
        return state

    async def phone(self, rule: str, channel: str, outcome: str, **more: Any) -> None:
        """Say how phones behave: `next` for the next requests, `standing` from now on."""
        body = {"channel": channel, "outcome": outcome, **more}
        (await self.phones.post(f"/control/{rule}", json=body)).raise_for_status()

    async def mail(self, outcome: str, **more: Any) -> None:
        """Say how the mail server behaves at the next mail."""
        body = {"outcome": outcome, **more}
        (await self.mailboxes.post("/control/next", json=body)).raise_for_status()

    async def alert(self, alert_id: UUID) -> AlertUpdated:
        """Return the alert as others see it."""
        snapshot: AlertUpdated = await last(self.database, ALERT_UPDATED, alert_id)
        return snapshot

    async def attempt(self, alert_id: UUID, person: Person, channel: str) -> Attempt:
        """Return the newest attempt to reach a person by a channel."""
        snapshot = await self.alert(alert_id)
        return [a for a in snapshot.attempts if (a.person_id, a.channel) == (person.id, channel)][
            -1
        ]

    async def until(self, alert_id: UUID, person: Person, channel: str, state: str) -> Attempt:
        """Wait until an attempt is in a state; receipts come by themselves."""
        found: list[Attempt] = []

        async def there() -> bool:
            found[:] = [await self.attempt(alert_id, person, channel)]
            return found[0].state == state

        try:
            await eventually(there)
        except TimeoutError:
            raise AssertionError(f"not {state} but {found}") from None
        return found[0]

    async def read(self, alert_id: UUID, what: str) -> None:
        """Wait until the evidence has a line."""

        async def there() -> bool:
            return what in await self.whats(alert_id)

        await eventually(there)

    async def phone_is_free(self, person: Person) -> None:
        """Wait until nobody talks on a phone."""
        over = {"completed", "busy", "no-answer", "failed", "canceled"}

        async def free() -> bool:
            calls = (await self.phone_state())["calls"]
            return all(c["status"] in over for c in calls if c["to"] == person.phone)

        await eventually(free)

    async def whats(self, alert_id: UUID) -> list[str]:
        """Return the words of the evidence."""
        return [line.what for line in (await self.alert(alert_id)).evidence]

    async def _new(self, kind: str, person: Person) -> dict[str, Any] | None:
        items = (await self.phone_state())[kind]
        return self._unread([item for item in items if item["to"] == person.phone])

    def _unread(self, newest_first: list[dict[str, Any]]) -> dict[str, Any] | None:
        for item in reversed(newest_first):
            id_ = str(item.get("sid") or item.get("id"))
            if id_ not in self._read:
                self._read.add(id_)
                return item
        return None
