"""How answers of Twilio become errors of ours: above all, whether anything may have been sent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import ValidationError

from services.errors import PermanentError, TransientError, UnknownOutcome
from services.telephony import (
    Telephony,
    TelephonyRefused,
    TelephonyUnavailable,
)
from services.telephony_callbacks import TelephonySettings

SMITH = "+12025550105"


class Twilio:
    """Answers every request with the same, and keeps what was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.hangs, self.cuts = 200, "{}", False, False
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path_qs, dict(await request.post())))
        if self.hangs:
            await asyncio.sleep(5)
        if self.cuts and request.transport:
            request.transport.close()
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[Twilio]:
    twilio, app = Twilio(), web.Application()
    app.router.add_route("*", "/base/{path:.*}", twilio.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    twilio.url = f"http://127.0.0.1:{runner.addresses[0][1]}/base"
    yield twilio
    await runner.cleanup()


def settings(**changes: Any) -> TelephonySettings:
    return TelephonySettings.model_validate(
        {
            "account_sid": "AC" + "0" * 32,
            "auth_token": "token",
            "from_number": "+12025550199",
            "callback_url": "https://radiology.example/",
            "timeout_seconds": 30,
        }
        | changes
    )


@pytest_asyncio.fixture
async def client(twilio: Twilio) -> AsyncIterator[Telephony]:
    client = Telephony(settings(api_url=twilio.url))
    yield client
    await client.close()


async def send(client: Telephony) -> str:
    return await client.send_sms(SMITH, "text", "https://radiology.example/status")


async def call(client: Telephony) -> str:
    return await client.place_call(
        SMITH, "https://radiology.example/menu", "https://radiology.example/status"
    )


async def look_up(client: Telephony) -> object:
    return await client.find_message(SMITH, datetime.now(UTC), "marker")


@pytest.mark.parametrize("request_", [send, call])
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            400,
            '{"code": 21211, "message": "+12025550105 is no number", "status": 400}',
            TelephonyRefused,
        ),
        (401, '{"code": 20003, "message": "Authenticate", "status": 401}', TelephonyRefused),
        (404, "not found", TelephonyRefused),
        (
            429,
            '{"code": 20429, "message": "Too Many Requests", "status": 429}',
            TelephonyUnavailable,
        ),
        (500, "", UnknownOutcome),
        (503, "<html>", UnknownOutcome),
        (201, '{"sid": "SM', UnknownOutcome),
        (201, "{}", UnknownOutcome),
    ],
)
async def test_an_error_of_a_create_request_says_whether_anything_may_have_been_sent(
    twilio: Twilio,
    client: Telephony,
    request_: Any,
    status: int,
    body: str,
    expected: type[Exception],
) -> None:
    twilio.status, twilio.body = status, body

    with pytest.raises(expected) as error:
        await request_(client)

    assert type(error.value) is expected
    assert SMITH not in str(error.value)


@pytest.mark.parametrize("fault", ["hangs", "cuts"])
async def test_no_answer_to_a_create_request_is_an_unknown_outcome(
    twilio: Twilio, fault: str
) -> None:
    setattr(twilio, fault, True)
    impatient = Telephony(settings(api_url=twilio.url, timeout_seconds=1))

    with pytest.raises(UnknownOutcome):
        await send(impatient)
    await impatient.close()

    assert len(twilio.requests) == 1  # never repeated by itself


@pytest.mark.parametrize(("status", "body"), [(500, ""), (429, ""), (200, "{")])
async def test_a_look_up_that_fails_can_simply_be_repeated(
    twilio: Twilio, client: Telephony, status: int, body: str
) -> None:
    twilio.status, twilio.body = status, body

    with pytest.raises(TelephonyUnavailable):
        await look_up(client)


async def test_without_a_connection_nothing_was_sent() -> None:
    client = Telephony(settings(api_url="http://127.0.0.1:9"))

    with pytest.raises(TelephonyUnavailable):
        await send(client)
    await client.close()


async def test_requests_go_below_the_base_url_and_a_call_asks_for_all_its_events(
    twilio: Twilio, client: Telephony
) -> None:
    twilio.status, twilio.body = 201, '{"sid": "CA1"}'

    assert await call(client) == "CA1"

    method, path, form = twilio.requests[0]
    assert (method, path) == ("POST", f"/base/2010-04-01/Accounts/AC{'0' * 32}/Calls.json")
    assert form["MachineDetection"] == "Enable"
    assert form["From"] == "+12025550199"


def test_every_error_is_one_of_the_two_kinds() -> None:
    assert issubclass(TelephonyRefused, PermanentError)
    assert issubclass(TelephonyUnavailable, TransientError)
    assert issubclass(UnknownOutcome, TransientError)
    assert not issubclass(UnknownOutcome, TelephonyUnavailable)


@pytest.mark.parametrize(
    "changes", [{"account_sid": "AC1"}, {"from_number": "0555"}, {"timeout_seconds": 0}]
)
def test_wrong_settings_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**changes)
