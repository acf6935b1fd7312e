"""Answers from the telephone and from links: signed, passed on once, and answered in words."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.base import Contract
from contracts.events.request_rejected import RequestRejected
from contracts.topics import ALERT_UPDATED, Topic
from services.events import Event
from tests.harness.gateway import TWILIO_TOKEN, TestGateway
from tests.harness.snapshots import alert_snapshot, order_snapshot
from tests.integration.gateway.owner import Owner, refuse

VOICE = "/api/radiology/telephony/voice/{}"
STATUS = "/api/radiology/telephony/status"
SMS = "/api/radiology/telephony/sms"


def accept(event: Event[Any]) -> tuple[Topic[Any], Contract, object] | RequestRejected | None:
    if event.data.request.action == "delivery_receipt":
        return None
    alert = alert_snapshot(order_snapshot())
    return ALERT_UPDATED, alert, alert.id


def signed(url: str, form: Mapping[str, str]) -> dict[str, str]:
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.digest(TWILIO_TOKEN.encode(), text.encode(), hashlib.sha1)
    return {"x-twilio-signature": base64.b64encode(digest).decode()}


async def call_back(gateway: TestGateway, path: str, form: dict[str, str]) -> httpx.Response:
    url = gateway.url("api") + path
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.post(url, data=form, headers=signed(url, form))


async def test_call_asks_its_question(gateway: TestGateway, owner: Owner) -> None:
    token = uuid4().hex

    answer = await call_back(
        gateway, VOICE.format(token), {"CallSid": "CA1", "CallStatus": "in-progress"}
    )

    assert answer.headers["content-type"].startswith("application/xml")
    assert "Press 1 to confirm" in answer.text
    assert f'action="{gateway.url("api")}{VOICE.format(token)}"' in answer.text


async def test_voicemail_hears_no_question(gateway: TestGateway, owner: Owner) -> None:
    form = {"CallSid": "CA2", "CallStatus": "in-progress", "AnsweredBy": "machine_start"}

    answer = await call_back(gateway, VOICE.format(uuid4().hex), form)

    assert "<Gather" not in answer.text


async def test_pressed_key_is_passed_on_and_confirmed(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = accept
    token = uuid4().hex

    answer = await call_back(gateway, VOICE.format(token), {"CallSid": "CA3", "Digits": "1"})

    assert "Your confirmation has been recorded" in answer.text
    (asked,) = owner.asked
    assert (asked.data.request.token, asked.data.request.digits) == (token, "1")


async def test_wrong_key_is_asked_again(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = refuse("wrong_key", 422)

    answer = await call_back(gateway, VOICE.format(uuid4().hex), {"CallSid": "C", "Digits": "7"})

    assert "<Gather" in answer.text


async def test_receipt_is_passed_on_once_however_often_it_comes(
    gateway: TestGateway, owner: Owner
) -> None:
    owner.answer = accept
    form = {"MessageSid": f"SM{uuid4().hex}", "MessageStatus": "delivered", "ErrorCode": "30003"}

    answers = [await call_back(gateway, STATUS, form) for _ in range(2)]
    await call_back(gateway, SMS, {"MessageSid": "after", "From": "+1", "Body": "x"})

    assert [answer.status_code for answer in answers] == [204, 204]
    receipts = [e for e in owner.asked if e.data.request.action == "delivery_receipt"]
    assert {event.id for event in receipts} == {receipts[0].id}
    assert receipts[0].data.request.status == "delivered"
    assert receipts[0].data.request.error_code == "30003"


async def test_sms_reply_is_answered(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = accept
    form = {"MessageSid": f"SM{uuid4().hex}", "From": "+12025550105", "Body": "ok 123456"}

    answer = await call_back(gateway, SMS, form)

    assert "<Message>Thank you." in answer.text
    assert owner.asked[-1].data.request.from_number == "+12025550105"


@pytest.mark.parametrize("path", [VOICE.format("a-token-of-a-call"), STATUS, SMS])
async def test_call_back_without_the_providers_signature_is_refused(
    gateway: TestGateway, owner: Owner, path: str
) -> None:
    form = {"CallSid": "CA9", "Digits": "1", "MessageSid": "SM9", "MessageStatus": "sent"}
    url = gateway.url("api") + path
    forged = signed(url, form | {"Digits": "2"})
    async with httpx.AsyncClient() as client:
        answers = [
            await client.post(url, data=form),
            await client.post(url, data=form, headers=forged),
        ]

    assert [answer.json()["code"] for answer in answers] == ["signature_invalid"] * 2
    assert owner.asked == []


async def test_link_shows_a_page_and_changes_nothing(gateway: TestGateway, owner: Owner) -> None:
    """Scanners of mail and messages open every link."""
    async with httpx.AsyncClient(base_url=gateway.url("api")) as client:
        page = await client.get(f"/acknowledge/{uuid4().hex}")

    assert page.status_code == 200
    assert "I take responsibility" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert owner.asked == []


async def test_link_acknowledges_when_its_button_is_pressed(
    gateway: TestGateway, owner: Owner
) -> None:
    owner.answer = accept
    token = uuid4().hex
    async with httpx.AsyncClient(base_url=gateway.url("api"), timeout=20) as client:
        answer = await client.post(
            f"/acknowledge/{token}",
            data={"readBack": "Pneumothorax left"},
            headers={"origin": gateway.url("api")},
        )

    assert answer.status_code == 200
    assert "recorded" in answer.text
    (asked,) = owner.asked
    assert asked.data.request.token == token
    assert asked.data.request.read_back == "Pneumothorax left"
    assert token not in asked.key


async def press(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    """Open the page behind a link and press its button."""
    page = await client.get(path)
    hidden = re.search(r'name="page" value="([^"]+)"', page.text)
    assert hidden, page.text
    origin = {"origin": str(client.base_url).rstrip("/")}
    return await client.post(path, data={"page": hidden[1], **form}, headers=origin)


async def test_refused_link_is_asked_again_from_a_new_page(
    gateway: TestGateway, owner: Owner
) -> None:
    """Who had it before has let it lapse, or the doctor now says nothing of words that changed."""
    path = f"/acknowledge/{uuid4().hex}"
    async with httpx.AsyncClient(base_url=gateway.url("api"), timeout=20) as client:
        owner.answer = refuse("already_acknowledged", 409)
        refused = await press(client, path)
        owner.answer = accept
        taken = await press(client, path)

    assert (refused.status_code, taken.status_code) == (409, 200)
    assert len({event.id for event in owner.asked}) == 2


async def test_same_page_is_asked_again_when_something_else_is_written(
    gateway: TestGateway, owner: Owner
) -> None:
    path, origin = f"/acknowledge/{uuid4().hex}", {"origin": gateway.url("api")}
    async with httpx.AsyncClient(base_url=gateway.url("api"), timeout=20) as client:
        owner.answer = refuse("finding_changed", 409)
        answers = [
            await client.post(path, data={"page": "p", "readBack": words}, headers=origin)
            for words in ("Left side", "Left side")
        ]
        owner.answer = accept
        answers.append(await client.post(path, data={"page": "p"}, headers=origin))

    assert [answer.status_code for answer in answers] == [409, 409, 200]
    assert len(owner.asked) == 2, "pressed twice, it is one answer"


async def test_used_link_says_so(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = refuse("link_used", 410)
    async with httpx.AsyncClient(base_url=gateway.url("api"), timeout=20) as client:
        answer = await client.post(
            f"/acknowledge/{uuid4().hex}", headers={"origin": gateway.url("api")}
        )

    assert answer.status_code == 410
    assert "Not recorded" in answer.text


async def test_form_of_another_site_acknowledges_nothing(
    gateway: TestGateway, owner: Owner
) -> None:
    async with httpx.AsyncClient(base_url=gateway.url("api")) as client:
        answer = await client.post(
            f"/acknowledge/{uuid4().hex}", headers={"origin": "https://evil.example"}
        )

    assert answer.status_code == 403
    assert owner.asked == []
