"""Twilio's own client against the telephony stand-in, and our client on top of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from twilio.request_validator import RequestValidator

from services.errors import UnknownOutcome
from services.telephony import (
    Telephony,
    TelephonyRefused,
    TelephonyUnavailable,
)
from services.telephony_callbacks import TelephonySettings
from services.twiml import sms_reply
from tests.harness.standins import eventually
from tests.integration.standins.application import Application, Received

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "telephony-standin-demo-token"
HOSPITAL = "+12025550199"
SMITH = "+12025550105"
SHAH = "+12025550107"


@pytest_asyncio.fixture
async def client(telephony: str) -> AsyncIterator[Telephony]:
    settings = TelephonySettings.model_validate(
        {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "from_number": HOSPITAL,
            "api_url": telephony,
            "callback_url": "http://gateway.example",
            "timeout_seconds": 1.5,
        }
    )
    client = Telephony(settings)
    yield client
    await client.close()


@pytest_asyncio.fixture
async def control(telephony: str) -> AsyncIterator["Control"]:
    async with httpx.AsyncClient(base_url=telephony) as http:
        yield Control(http)


class Control:
    """The control API in the words of the tests."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def next(self, channel: str, outcome: str, **more: Any) -> None:
        rule = {"channel": channel, "outcome": outcome} | more
        (await self.http.post("/control/next", json=rule)).raise_for_status()

    async def call(self, sid: str) -> dict[str, Any]:
        state = (await self.http.get("/control/state")).json()
        found: dict[str, Any] = next(call for call in state["calls"] if call["sid"] == sid)
        return found

    async def until_call(self, sid: str, status: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            call = await self.call(sid)
            return call if call["status"] == status else None

        return await eventually(there)

    async def until_answered(self, phone: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            messages = (await self.http.get("/control/state")).json()["messages"]
            sent = (m for m in messages if (m["to"], m["direction"]) == (phone, "outbound-reply"))
            return next(sent, None)

        return await eventually(there)

    async def until_listening(self, sid: str) -> None:
        async def listening() -> bool:
            return bool((await self.call(sid))["listening"])

        await eventually(listening)


def statuses(received: list[Received], name: str = "MessageStatus") -> list[str]:
    return [request.form[name] for request in received]


def heard(call: dict[str, Any], voice: str) -> list[str]:
    return [line["text"] for line in call["transcript"] if line["voice"] == voice]


async def test_a_message_is_queued_sent_and_delivered(
    client: Telephony, application: Application
) -> None:
    sid = await client.send_sms(SMITH, "A result needs you", application.url("/status?attempt=7"))

    received = await application.until("/status", 3)

    assert statuses(received) == ["queued", "sent", "delivered"]
    assert {request.form["MessageSid"] for request in received} == {sid}
    assert (await client.fetch_message(sid)).status == "delivered"


async def test_every_call_back_carries_a_signature_that_twilios_validator_accepts(
    client: Telephony, application: Application
) -> None:
    await client.send_sms(SMITH, "A result needs you", application.url("/status?attempt=7&x=%2B"))
    validator = RequestValidator(TOKEN)

    received = await application.until("/status", 3)

    for request in received:
        assert validator.validate(request.url, request.form, request.signature)
        assert client.valid_signature(request.url, request.form, request.signature)
        assert not client.valid_signature(request.url + "0", request.form, request.signature)
        forged = request.form | {"MessageStatus": "delivered!"}
        assert not client.valid_signature(request.url, forged, request.signature)
    assert not client.valid_signature(received[0].url, received[0].form, None)


@pytest.mark.parametrize(
    ("outcome", "expected", "code"),
    [
        ("undelivered", ["queued", "sent", "undelivered"], "30003"),
        ("failed", ["queued", "failed"], "30008"),
    ],
)
async def test_a_message_that_does_not_arrive_says_why(
    client: Telephony,
    control: Control,
    application: Application,
    outcome: str,
    expected: list[str],
    code: str,
) -> None:
    await control.next("sms", outcome)

    sid = await client.send_sms(SMITH, "text", application.url("/status"))
    received = await application.until("/status", len(expected))

    assert statuses(received) == expected
    assert received[-1].form["ErrorCode"] == code
    assert (await client.fetch_message(sid)).error_code == int(code)


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ("twice", ["queued", "queued", "sent", "sent", "delivered", "delivered"]),
        ("reversed", ["delivered", "sent", "queued"]),
    ],
)
async def test_receipts_can_come_twice_or_in_the_wrong_order(
    client: Telephony,
    control: Control,
    application: Application,
    receipts: str,
    expected: list[str],
) -> None:
    """An older status must never overwrite a newer one: this is how to try it."""
    await control.next("sms", "normal", receipts=receipts)

    await client.send_sms(SMITH, "text", application.url("/status"))

    assert statuses(await application.until("/status", len(expected))) == expected


async def test_a_refusal_is_permanent_and_names_twilios_code(
    client: Telephony, control: Control, application: Application
) -> None:
    await control.next("sms", "refuse", errorCode=21610)

    with pytest.raises(TelephonyRefused) as refusal:
        await client.send_sms(SMITH, "text", application.url("/status"))

    assert refusal.value.provider_code == 21610
    assert SMITH not in str(refusal.value)


async def test_a_number_that_cannot_be_is_refused(client: Telephony) -> None:
    with pytest.raises(TelephonyRefused) as refusal:
        await client.send_sms("5550105", "text", "http://127.0.0.1:9/status")

    assert refusal.value.provider_code == 21211


async def test_too_many_requests_are_worth_another_try(
    client: Telephony, control: Control, application: Application
) -> None:
    await control.next("sms", "rate_limit")

    with pytest.raises(TelephonyUnavailable):
        await client.send_sms(SMITH, "text", application.url("/status"))
    await client.send_sms(SMITH, "text", application.url("/status"))

    assert len(await application.until("/status", 3)) == 3


@pytest.mark.parametrize("outcome", ["lost_response", "garbled", "hang"])
async def test_a_message_whose_answer_was_lost_is_found_by_its_marker(
    client: Telephony, control: Control, application: Application, outcome: str
) -> None:
    begin = datetime.now(UTC)
    await control.next("sms", outcome, seconds=3)

    with pytest.raises(UnknownOutcome):
        await client.send_sms(SMITH, "Reply ACK 7KQ2", application.url("/status"))
    found = await client.find_message(SMITH, begin, "7KQ2")

    assert found is not None
    received = await application.until("/status", 3)
    assert received[0].form["MessageSid"] == found.sid
    assert await client.find_message(SMITH, begin, "9XYZ") is None
    assert await client.find_message(SHAH, begin, "7KQ2") is None


@pytest.mark.parametrize("outcome", ["server_error", "stall"])
async def test_a_message_that_was_not_taken_is_not_found(
    client: Telephony, control: Control, application: Application, outcome: str
) -> None:
    begin = datetime.now(UTC)
    await control.next("sms", outcome, seconds=3)

    with pytest.raises(UnknownOutcome):
        await client.send_sms(SMITH, "Reply ACK 7KQ2", application.url("/status"))

    assert await client.find_message(SMITH, begin, "7KQ2") is None


async def test_a_message_is_found_behind_many_pages_and_not_beyond_the_moment(
    client: Telephony, application: Application
) -> None:
    begin = datetime.now(UTC)
    first = await client.send_sms(SMITH, "Reply ACK 0001", application.url("/status"))
    for number in range(120):
        await client.send_sms(SMITH, f"Reply ACK A{number}", application.url("/status"))

    found = await client.find_message(SMITH, begin, "0001")
    too_late = await client.find_message(SMITH, begin + timedelta(hours=1), "0001")

    assert found is not None
    assert found.sid == first
    assert too_late is None


async def test_a_look_up_that_fails_is_not_taken_for_absence(
    client: Telephony, control: Control
) -> None:
    await control.next("lookup", "server_error")

    with pytest.raises(TelephonyUnavailable):
        await client.find_message(SMITH, datetime.now(UTC), "7KQ2")


MENU = """<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Gather numDigits="1" timeout="8" action="/pressed?attempt=7">
    <Say>Radiology has a critical result for you.</Say>
    <Pause length="1"/>
    <Say>Press 1 to acknowledge.</Say>
  </Gather>
  <Say>No key was pressed.</Say>
</Response>"""
THANKS = "<Response><Say>Thank you.</Say><Hangup/><Say>Never said.</Say></Response>"


async def test_a_call_is_answered_heard_and_acknowledged_by_a_key(
    client: Telephony, control: Control, application: Application
) -> None:
    application.documents |= {"/menu": MENU, "/pressed": THANKS}
    await control.next("call", "normal", keys=["1"])

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    call = await control.until_call(sid, "completed")

    received = await application.until("/status", 4)
    assert statuses(received, "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert [request.form["SequenceNumber"] for request in received] == ["0", "1", "2", "3"]
    assert application.at("/menu")[0].form["AnsweredBy"] == "human"
    assert application.at("/pressed")[0].form["Digits"] == "1"
    assert "Thank you." in heard(call, "hospital")
    assert "Never said." not in heard(call, "hospital")
    for request in application.received:
        assert client.valid_signature(request.url, request.form, request.signature)


async def test_a_call_without_a_key_goes_on_behind_the_gather(
    client: Telephony, control: Control, application: Application
) -> None:
    application.documents["/menu"] = MENU

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    call = await control.until_call(sid, "completed")

    assert heard(call, "hospital")[-1] == "No key was pressed."
    assert application.at("/pressed") == []


async def test_a_person_presses_keys_while_the_hospital_listens(
    client: Telephony, control: Control, application: Application
) -> None:
    application.documents |= {
        "/menu": '<Response><Gather timeout="60" finishOnKey="#" action="/pressed"/></Response>',
        "/pressed": "<Response><Redirect>/end</Redirect></Response>",
        "/end": THANKS,
    }
    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_listening(sid)

    await control.http.post(f"/control/calls/{sid}/keys", json={"keys": "4711#"})
    call = await control.until_call(sid, "completed")

    assert application.at("/pressed")[0].form["Digits"] == "4711"
    assert application.at("/pressed")[0].form["FinishedOnKey"] == "#"
    assert "Thank you." in heard(call, "hospital")


async def test_voicemail_is_told_from_a_person(
    client: Telephony, control: Control, application: Application
) -> None:
    """Voicemail is nothing: whoever plays the menu to it must be able to know."""
    application.documents["/menu"] = THANKS
    await control.next("call", "machine")

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_call(sid, "completed")

    assert application.at("/menu")[0].form["AnsweredBy"] == "machine_start"
    assert (await client.fetch_call(sid)).answered_by == "machine_start"
    last = (await application.until("/status", 4))[-1]
    assert last.form["AnsweredBy"] == "machine_start"


@pytest.mark.parametrize(
    ("outcome", "final", "rings"),
    [("busy", "busy", False), ("no_answer", "no-answer", True), ("failed", "failed", False)],
)
async def test_a_call_that_nobody_takes_ends_with_its_reason(
    client: Telephony,
    control: Control,
    application: Application,
    outcome: str,
    final: str,
    rings: bool,
) -> None:
    await control.next("call", outcome)

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    received = await application.until("/status", 3 if rings else 2)

    middle = ["ringing"] if rings else []
    assert statuses(received, "CallStatus") == ["initiated", *middle, final]
    assert received[-1].form["CallDuration"] == "0"
    assert application.at("/menu") == []
    assert (await client.fetch_call(sid)).status == final


async def test_a_person_declines(
    client: Telephony, control: Control, application: Application
) -> None:
    await control.next("call", "ring")
    sid = await client.place_call(
        SMITH, application.url("/menu"), application.url("/status"), ring_seconds=500
    )
    await control.until_call(sid, "ringing")

    await control.http.post(f"/control/calls/{sid}/decline")

    assert (await application.until("/status", 3))[-1].form["CallStatus"] == "busy"


async def test_the_hospital_stops_a_ringing_call_and_one_that_is_over_stays_so(
    client: Telephony, control: Control, application: Application
) -> None:
    """The first acknowledgement stops all other channels."""
    await control.next("call", "ring")
    sid = await client.place_call(
        SMITH, application.url("/menu"), application.url("/status"), ring_seconds=500
    )
    await control.until_call(sid, "ringing")

    await client.cancel_call(sid)
    await control.until_call(sid, "canceled")
    await client.cancel_call(sid)

    assert (await client.fetch_call(sid)).status == "canceled"


async def test_an_answered_call_goes_on_when_it_is_no_longer_needed(
    client: Telephony, control: Control, application: Application
) -> None:
    application.documents["/menu"] = '<Response><Pause length="600"/></Response>'
    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_call(sid, "in-progress")

    await client.cancel_call(sid)

    assert (await client.fetch_call(sid)).status == "in-progress"


@pytest.mark.parametrize("document", ["", "<Response><Say>", "<html/>"])
async def test_a_call_without_usable_twiml_ends(
    client: Telephony, control: Control, application: Application, document: str
) -> None:
    application.documents["/menu"] = document
    application.statuses["/menu"] = 200 if document else 500

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    call = await control.until_call(sid, "completed")

    assert "An application error has occurred. Goodbye." in heard(call, "hospital")


async def test_a_call_of_unknown_outcome_is_found_by_elimination(
    client: Telephony, control: Control, application: Application
) -> None:
    begin = datetime.now(UTC)
    application.documents["/menu"] = THANKS
    known = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_call(known, "completed")
    absent = await client.find_call(SMITH, begin, [known])

    await control.next("call", "lost_response")
    with pytest.raises(UnknownOutcome):
        await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    found = await client.find_call(SMITH, begin, [known])

    assert absent is None
    assert found is not None
    assert found.sid != known


async def test_a_reply_reaches_the_messaging_webhook_signed(
    client: Telephony, control: Control, application: Application
) -> None:
    await control.http.post("/control/replies", json={"phone": SMITH, "body": "ACK 7KQ2"})

    (received,) = await application.until("/sms", 1)

    assert received.form["From"] == SMITH
    assert received.form["To"] == HOSPITAL
    assert received.form["Body"] == "ACK 7KQ2"
    assert client.valid_signature(received.url, received.form, received.signature)


async def test_what_the_hospital_answers_to_a_reply_is_on_the_phone(
    control: Control, application: Application
) -> None:
    """Who sent a wrong code must be seen to hear of it."""
    application.documents["/sms"] = sms_reply("This code & number do not belong together.")

    await control.http.post("/control/replies", json={"phone": SMITH, "body": "999999"})
    answer = await control.until_answered(SMITH)

    assert answer["body"] == "This code & number do not belong together."
    assert answer["status"] == "delivered"


async def test_a_call_back_that_hangs_does_not_hold_up_the_call(
    client: Telephony, control: Control, application: Application
) -> None:
    application.documents["/menu"] = THANKS
    application.statuses["/status"] = 503

    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_call(sid, "completed")

    assert len(await application.until("/status", 4)) == 4  # not repeated: Twilio does not either


async def test_twilios_own_list_pages_and_filters(telephony: str, client: Telephony) -> None:
    begin = datetime.now(UTC) - timedelta(seconds=2)
    for number in range(5):
        await client.send_sms(SMITH, str(number), "http://127.0.0.1:9/")
    await client.send_sms(SHAH, "other", "http://127.0.0.1:9/")
    path = f"{telephony}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN)) as http:
        await asyncio.sleep(0.2)  # a message that is still queued has no DateSent
        query = {"To": SMITH, "PageSize": "2", "DateSent>": begin.isoformat()}
        first = (await http.get(path, params=query)).json()
        second = (await http.get(telephony + first["next_page_uri"])).json()
        third = (await http.get(telephony + second["next_page_uri"])).json()
        past = (await http.get(path, params={"DateSent<": "2020-01-01"})).json()

    bodies = [m["body"] for page in (first, second, third) for m in page["messages"]]
    assert bodies == ["4", "3", "2", "1", "0"]
    assert third["next_page_uri"] is None
    assert past["messages"] == []


async def test_only_the_account_itself_is_served(telephony: str) -> None:
    path = f"{telephony}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with httpx.AsyncClient() as http:
        nobody = await http.get(path)
        wrong = await http.get(path, auth=(ACCOUNT, "guess"))
        foreign = await http.get(path.replace(ACCOUNT, "AC" + "f" * 32), auth=(ACCOUNT, TOKEN))

    assert (nobody.status_code, wrong.status_code, foreign.status_code) == (401, 401, 404)
    assert wrong.json()["code"] == 20003


async def test_the_page_shows_what_arrived_as_text_only(
    telephony: str, client: Telephony, application: Application
) -> None:
    body = "<b>bold</b> http://localhost:3015/a/x?y=1&z=2."
    await client.send_sms(SMITH, body, application.url("/status"))

    async with httpx.AsyncClient() as http:
        shown = await http.get(telephony)

    assert "&lt;b&gt;bold&lt;/b&gt;" in shown.text
    assert 'href="http://localhost:3015/a/x?y=1&amp;z=2"' in shown.text
    assert "script-src 'self'" in shown.headers["content-security-policy"]


async def test_acting_on_the_page_is_what_the_phone_does(
    telephony: str, client: Telephony, control: Control, application: Application
) -> None:
    application.documents |= {"/menu": MENU.replace('"8"', '"600"'), "/pressed": THANKS}
    form = {"sms": "undelivered", "call": "ring"}
    await control.http.post(f"/phones/{SMITH}/behaviour", data=form)
    sid = await client.place_call(SMITH, application.url("/menu"), application.url("/status"))
    await control.until_call(sid, "ringing")

    await control.http.post(f"/calls/{sid}/answer")
    await control.until_listening(sid)
    await control.http.post(f"/calls/{sid}/keys", data={"key": "1"})
    await control.until_call(sid, "completed")
    await client.send_sms(SMITH, "text", application.url("/receipt"))

    assert application.at("/pressed")[0].form["Digits"] == "1"
    assert statuses(await application.until("/receipt", 3))[-1] == "undelivered"


async def test_fifty_messages_at_once_all_arrive(
    client: Telephony, application: Application
) -> None:
    sids = await asyncio.gather(
        *(client.send_sms(SMITH, f"{n}", application.url("/status")) for n in range(50))
    )

    received = await application.until("/status", 150)

    assert len(set(sids)) == 50
    assert statuses(received).count("delivered") == 50
