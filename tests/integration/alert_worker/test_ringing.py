"""Calls that ring for as long as real ones: what happens before anybody has answered."""

from collections.abc import AsyncIterator

import pytest_asyncio

from contracts.enumerations import AttemptState
from contracts.events.alert_requested import Acknowledge, HandOver
from contracts.links import INBOUND_SMS_PATH
from tests.harness.alerts import JONES, SMITH, acting
from tests.harness.standins import eventually, running_stand_in
from tests.integration.alert_worker.hospital import Hospital, Switchboard


@pytest_asyncio.fixture(scope="module")
async def telephony_url(switchboard_server: Switchboard) -> AsyncIterator[str]:
    """A telephone company where time goes by as it does."""
    settings = {
        "ANSWER_AFTER_SECONDS": "25",
        "MESSAGING_URL": switchboard_server.base_url + INBOUND_SMS_PATH,
    }
    async with running_stand_in("telephony", settings) as url:
        yield url


async def until_ended(hospital: Hospital, sid: str) -> None:
    async def ended() -> bool:
        await hospital.settle()  # a receipt may have held the row at the first look
        calls = (await hospital.phone_state())["calls"]
        return next(call["status"] for call in calls if call["sid"] == sid) == "canceled"

    await eventually(ended)


async def test_acknowledgement_ends_a_call_that_still_rings(hospital: Hospital) -> None:
    """Who has confirmed by SMS need not hear it again, and nobody else is woken up for it."""
    alert_id = await hospital.raise_finding()
    call = await hospital.expect_call(SMITH)

    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))
    await hospital.settle()

    await until_ended(hospital, call["sid"])
    failed = await hospital.until(alert_id, SMITH, "VOICE", AttemptState.FAILED)
    assert "no longer needed" in failed.error
    assert "calls_recalled" in await hospital.whats(alert_id)


async def test_handing_over_stops_ringing_at_the_wrong_person(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    call = await hospital.expect_call(SMITH)

    await hospital.ask(alert_id, HandOver(to_person_id=JONES.id, reason="not mine"), acting(SMITH))
    await hospital.expect_call(JONES)

    await until_ended(hospital, call["sid"])
