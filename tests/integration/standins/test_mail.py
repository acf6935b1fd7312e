"""The hospital's mailer against the mail stand-in, over SMTP."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio

from services.errors import UnknownOutcome
from services.mail import MailDeferred, Mailer, MailRefused, MailSettings
from tests.harness.standins import free_port, running_stand_in

SMITH = "john.smith@hospital.example"
TEXT = "A result needs you.\nhttp://localhost:3015/a/7KQ2?x=1&y=2\n\n.leading dot\n"


class MailStandIn(NamedTuple):
    """Its page and its SMTP port."""

    url: str
    smtp_port: int


@pytest_asyncio.fixture(scope="session")
async def mail_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailStandIn]:
    port = free_port()
    settings = {"SMTP_PORT": str(port), "DIR": str(tmp_path_factory.mktemp("mail") / "maildir")}
    async with running_stand_in("mail", settings) as url:
        yield MailStandIn(url, port)


@pytest_asyncio.fixture
async def http(mail_process: MailStandIn) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=mail_process.url) as client:
        (await client.post("/control/reset")).raise_for_status()
        yield client


@pytest.fixture
def mailer(mail_process: MailStandIn) -> Mailer:
    return Mailer(MailSettings(host="127.0.0.1", port=mail_process.smtp_port, timeout_seconds=1))


async def send(mailer: Mailer, **changes: Any) -> None:
    mail = {
        "to": SMITH,
        "subject": "Critical result: please acknowledge",
        "text": TEXT,
        "message_id": "<attempt-7@radiology.example>",
    }
    await mailer.send(**mail | changes)


async def received(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = (await http.get("/api/messages")).json()["messages"]
    return messages


async def test_a_mail_arrives_as_it_was_written(mailer: Mailer, http: httpx.AsyncClient) -> None:
    await send(mailer, subject="Wichtig: Rückruf erbeten – bitte lesen")

    (mail,) = await received(http)

    assert mail["to"] == [SMITH]
    assert mail["from"] == "radiology@hospital.example"
    assert mail["subject"] == "Wichtig: Rückruf erbeten – bitte lesen"
    assert mail["messageId"] == "<attempt-7@radiology.example>"
    assert mail["text"].replace("\r\n", "\n") == TEXT


@pytest.mark.parametrize("outcome", ["reject", "reject_text"])
async def test_a_refused_mail_is_refused_for_good(
    mailer: Mailer, http: httpx.AsyncClient, outcome: str
) -> None:
    await http.post("/control/next", json={"outcome": outcome})

    with pytest.raises(MailRefused) as refusal:
        await send(mailer)

    assert refusal.value.smtp_code in (550, 554)
    assert SMITH not in str(refusal.value)
    assert await received(http) == []


@pytest.mark.parametrize("outcome", ["defer", "defer_text", "hang"])
async def test_a_mail_that_is_put_off_can_be_sent_again(
    mailer: Mailer, http: httpx.AsyncClient, outcome: str
) -> None:
    await http.post("/control/next", json={"outcome": outcome, "seconds": 3})

    with pytest.raises(MailDeferred):
        await send(mailer)
    await send(mailer)

    assert len(await received(http)) == 1


@pytest.mark.parametrize("outcome", ["hang_text", "lost_response"])
async def test_silence_after_the_text_is_an_unknown_outcome(
    mailer: Mailer, http: httpx.AsyncClient, outcome: str
) -> None:
    """The mail is there, and the sender cannot know: same Message-ID when it is sent again."""
    await http.post("/control/next", json={"outcome": outcome, "seconds": 3})

    with pytest.raises(UnknownOutcome):
        await send(mailer)
    await send(mailer)

    assert {mail["messageId"] for mail in await received(http)} == {"<attempt-7@radiology.example>"}


async def test_a_server_that_is_away_puts_off(http: httpx.AsyncClient) -> None:
    mailer = Mailer(MailSettings(host="127.0.0.1", port=free_port(), timeout_seconds=1))

    with pytest.raises(MailDeferred):
        await send(mailer)


async def test_one_mailbox_fails_and_the_others_do_not(
    mailer: Mailer, http: httpx.AsyncClient
) -> None:
    await http.post("/mailboxes", data={"recipient": SMITH, "outcome": "reject"})

    with pytest.raises(MailRefused):
        await send(mailer)
    await send(mailer, to="priya.shah@hospital.example")

    assert [mail["to"] for mail in await received(http)] == [["priya.shah@hospital.example"]]


async def test_mail_is_shown_as_text_with_links_that_can_be_clicked(
    mailer: Mailer, http: httpx.AsyncClient
) -> None:
    await send(mailer, subject="<script>alert(1)</script>", text="<img src=x> " + TEXT)

    page = await http.get("/")

    assert "<script>alert" not in page.text
    assert "&lt;img src=x&gt;" in page.text
    assert 'href="http://localhost:3015/a/7KQ2?x=1&amp;y=2"' in page.text


async def test_a_malformed_mail_is_kept_and_shown_as_far_as_it_goes(
    mail_process: MailStandIn, http: httpx.AsyncClient
) -> None:
    raw = b"Subject: =?x-none?b?!!?=\nContent-Type: text/plain; charset=none-such\n\n\xff\xfe bytes"

    def send_raw() -> None:
        with smtplib.SMTP("127.0.0.1", mail_process.smtp_port, timeout=5) as server:
            server.sendmail("a@hospital.example", [SMITH, "b@hospital.example"], raw)

    await asyncio.to_thread(send_raw)

    (mail,) = await received(http)
    page = await http.get("/")
    eml = await http.get(f"/api/messages/{mail['id']}/raw")
    assert mail["to"] == [SMITH, "b@hospital.example"]
    assert page.status_code == 200
    assert b"\xff\xfe bytes" in eml.content


async def test_mail_survives_a_restart(tmp_path: Path) -> None:
    port = free_port()
    settings = {"SMTP_PORT": str(port), "DIR": str(tmp_path / "state" / "mail")}
    mailer = Mailer(MailSettings(host="127.0.0.1", port=port, timeout_seconds=2))

    async with running_stand_in("mail", settings):
        await send(mailer, message_id="<1@radiology.example>")
        await send(mailer, message_id="<2@radiology.example>")
    async with running_stand_in("mail", settings) as url, httpx.AsyncClient(base_url=url) as http:
        mails = await received(http)

    assert {mail["messageId"] for mail in mails} == {
        "<1@radiology.example>",
        "<2@radiology.example>",
    }
    assert all(mail["to"] == [SMITH] for mail in mails)


async def test_fifty_mails_at_once_all_arrive(mailer: Mailer, http: httpx.AsyncClient) -> None:
    await asyncio.gather(*(send(mailer, message_id=f"<{n}@radiology.example>") for n in range(50)))

    assert len({mail["messageId"] for mail in await received(http)}) == 50
