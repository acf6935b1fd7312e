"""Puts the mail stand-in together: SMTP server, JSON API, control API, page."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from aiosmtpd.smtp import SMTP
from fastapi import APIRouter, FastAPI, Form, HTTPException, Response

from deploy.demo.people import People, load_people
from deploy.standins.mail.behaviour import NextRule, Outcome, Rule
from deploy.standins.mail.letters import Letter
from deploy.standins.mail.mailbox import Mailbox
from deploy.standins.mail.settings import MailStandInSettings
from deploy.standins.mail.smtp import Desk
from deploy.standins.script import Script
from deploy.standins.web import back_to, new_app, page

_SHOWN = 100

CHOICES = {
    Outcome.NORMAL: "takes mail",
    Outcome.REJECT: "refuses mail (550)",
    Outcome.DEFER: "puts mail off (451)",
    Outcome.HANG: "does not answer",
    Outcome.LOST_RESPONSE: "takes mail, and the answer is lost",
}


def build_app(settings: MailStandInSettings, smtp_listener: socket.socket) -> FastAPI:
    """Return the application; the SMTP server runs as long as it does."""
    mailbox, script = Mailbox(settings.dir), Script[Rule]()
    desk = Desk(mailbox, script)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(desk, loop=loop, hostname="mail.stand-in", enable_SMTPUTF8=True),
            sock=smtp_listener,
        )
        yield
        server.close()

    app = new_app("Mail (stand-in)", lifespan)
    app.include_router(_api(mailbox))
    app.include_router(_control(mailbox, script))
    app.include_router(_pages(settings, mailbox, script))
    return app


def _api(mailbox: Mailbox) -> APIRouter:
    routes = APIRouter(prefix="/api/messages")

    @routes.get("")
    async def list_messages(to: str | None = None) -> dict[str, Any]:
        return {"messages": [_json(letter) for letter in mailbox.newest_first(to)]}

    @routes.get("/{letter_id}")
    async def get_message(letter_id: str) -> dict[str, Any]:
        letter = _find(mailbox, letter_id)
        return _json(letter) | {"headers": [list(header) for header in letter.headers]}

    @routes.get("/{letter_id}/raw")
    async def get_raw(letter_id: str) -> Response:
        raw = _find(mailbox, letter_id).raw
        headers = {"Content-Disposition": 'attachment; filename="message.eml"'}
        return Response(raw, media_type="message/rfc822", headers=headers)

    @routes.delete("", status_code=204)
    async def delete_all() -> None:
        await mailbox.clear()

    return routes


def _control(mailbox: Mailbox, script: Script[Rule]) -> APIRouter:
    routes = APIRouter(prefix="/control")

    @routes.post("/next")
    async def order_next(rule: NextRule) -> dict[str, str]:
        script.order(rule, rule.times)
        return {"status": "ordered"}

    @routes.post("/standing")
    async def set_standing(rule: Rule) -> dict[str, str]:
        script.set_standing(rule)
        return {"status": "set"}

    @routes.post("/reset")
    async def reset() -> dict[str, str]:
        script.clear()
        await mailbox.clear()
        return {"status": "reset"}

    return routes


def _pages(settings: MailStandInSettings, mailbox: Mailbox, script: Script[Rule]) -> APIRouter:
    routes = APIRouter()
    people = load_people(settings.people_file)

    @routes.get("/")
    async def home(to: str | None = None) -> Response:
        letters = mailbox.newest_first(to or None)
        return page(
            "mail/home.html",
            settings=settings,
            letters=letters[:_SHOWN],
            total=len(letters),
            to=to or "",
            mailboxes=_mailboxes(people, mailbox),
            standing=lambda address: script.standing("mail", address),
            waiting=script.waiting(),
            choices=CHOICES,
        )

    @routes.post("/mailboxes")
    async def set_behaviour(
        recipient: Annotated[str, Form(max_length=320)], outcome: Annotated[Outcome, Form()]
    ) -> Response:
        script.set_standing(Rule(outcome=outcome, recipient=recipient))
        return back_to("/")

    @routes.post("/empty")
    async def empty() -> Response:
        await mailbox.clear()
        return back_to("/")

    return routes


def _mailboxes(people: People, mailbox: Mailbox) -> list[tuple[str, str]]:
    known = {person.email: person.name for person in people.people}
    for letter in mailbox.newest_first():
        for recipient in letter.recipients:
            known.setdefault(recipient, recipient)
    return list(known.items())


def _find(mailbox: Mailbox, letter_id: str) -> Letter:
    letter = mailbox.get(letter_id)
    if letter is None:
        raise HTTPException(404, "There is no such mail.")
    return letter


def _json(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "receivedAt": letter.received_at,
        "from": letter.sender,
        "to": list(letter.recipients),
        "subject": letter.subject,
        "messageId": letter.message_id,
        "text": letter.text,
    }
