"""Providers refuse, hang, lie and die: nobody is forgotten, and nobody is called twice."""

import asyncio

import asyncpg
import pytest

from alert_worker.domain.alert import Purpose
from alert_worker.domain.attempts import has_failed
from alert_worker.progress import record_outcome
from alert_worker.repository import AlertRepository
from contracts.enumerations import AttemptState, Channel
from contracts.events.alert_requested import Acknowledge, DeliveryReceipt
from services.clock import utc_now
from tests.harness.alerts import SHAH, SMITH, acting, alert_requested
from tests.integration.alert_worker.hospital import Hospital


async def sms_sent_to(hospital: Hospital, phone: str) -> int:
    messages = (await hospital.phone_state())["messages"]
    return sum(m["to"] == phone for m in messages)


async def test_receipts_tell_sent_from_delivered(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    delivered = await hospital.until(alert_id, SMITH, "SMS", "DELIVERED")

    assert delivered.provider_status == "delivered"
    assert delivered.sent_at is not None
    assert delivered.delivered_at is not None
    assert (await hospital.attempt(alert_id, SMITH, "EMAIL")).state is AttemptState.SENT
    assert hospital.switchboard.forged == 0


async def test_delivered_message_does_not_stop_the_escalation(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.until(alert_id, SMITH, "SMS", "DELIVERED")

    await hospital.pass_time(minutes=5)

    await hospital.expect_sms(SHAH)


async def test_receipts_in_reverse_order_end_the_same(hospital: Hospital) -> None:
    """An older receipt never overwrites a newer one."""
    for channel in ("sms", "call"):
        await hospital.phone("standing", channel, "normal", number=SMITH.phone, receipts="reversed")
    alert_id = await hospital.raise_finding()
    await hospital.expect_sms(SMITH)
    await hospital.expect_call(SMITH)

    await hospital.until(alert_id, SMITH, "SMS", "DELIVERED")
    call = await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")
    await hospital.settle()

    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.DELIVERED
    assert call.provider_status == "completed"


async def test_receipt_that_is_faster_than_the_answer_is_not_lost(hospital: Hospital) -> None:
    receipt = DeliveryReceipt(
        provider_id="SM-not-known-yet", status="delivered", received_at=utc_now()
    )

    await hospital.parts.handlers.on_alert_requested(alert_requested(receipt))

    async with hospital.database.connection() as connection:
        [report] = await AlertRepository(connection).receipts("SM-not-known-yet")
    assert report.status == "delivered"


async def test_temporary_refusal_is_tried_again(hospital: Hospital) -> None:
    await hospital.phone("next", "sms", "rate_limit")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_no_sms(SMITH)

    await hospital.pass_time(seconds=6)

    await hospital.expect_sms(SMITH)
    assert "attempt_postponed" in await hospital.whats(alert_id)


async def test_definite_refusal_of_an_sms_makes_a_call(hospital: Hospital) -> None:
    """A wrong number must not cost the minutes that the next step would take."""
    await hospital.phone("standing", "sms", "refuse", number=SMITH.phone, errorCode=21610)
    alert_id = await hospital.raise_finding(stat=False)

    await hospital.expect_call(SMITH)

    assert "next_channel" in await hospital.whats(alert_id)
    failed = await hospital.attempt(alert_id, SMITH, "SMS")
    assert failed.state is AttemptState.FAILED
    assert "21610" in failed.error


async def test_undelivered_sms_makes_a_call_too(hospital: Hospital) -> None:
    """Twilio takes the message, and says a minute later that the phone cannot be reached."""
    await hospital.phone("standing", "sms", "undelivered", number=SMITH.phone)
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.settle()
    await hospital.until(alert_id, SMITH, "SMS", "FAILED")

    await hospital.expect_call(SMITH)


async def test_when_no_channel_reaches_the_person_the_next_one_is_told_at_once(
    hospital: Hospital,
) -> None:
    for channel in ("sms", "call"):
        await hospital.phone("standing", channel, "refuse", number=SMITH.phone)
    alert_id = await hospital.raise_finding()

    await hospital.expect_sms(SHAH)

    assert "step_unreachable" in await hospital.whats(alert_id)


async def test_a_dead_provider_does_not_make_the_ladder_spin(hospital: Hospital) -> None:
    """When all is refused, one round is made at once, and the pause before the next one holds."""
    for channel in ("sms", "call"):
        await hospital.phone("standing", channel, "refuse")
    alert_id = await hospital.raise_finding()

    await hospital.settle()

    alert = await hospital.alert(alert_id)
    assert (alert.round, alert.current_step) == (1, 3)
    assert alert.next_step_at is not None


async def test_busy_phone_is_called_once_more(hospital: Hospital) -> None:
    await hospital.phone("next", "call", "busy")
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)
    await hospital.read(alert_id, "call_repeated")

    await hospital.expect_no_call(SMITH)
    await hospital.pass_time(seconds=61)

    await hospital.expect_call(SMITH)


async def test_lost_answer_is_looked_up_and_not_repeated(hospital: Hospital) -> None:
    """Twilio has taken the SMS and answered 500: a second one would be a second alarm."""
    await hospital.phone("next", "sms", "lost_response")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.UNKNOWN

    await hospital.pass_time(seconds=11)

    assert await sms_sent_to(hospital, SMITH.phone) == 1
    found = await hospital.attempt(alert_id, SMITH, "SMS")
    assert found.state in (AttemptState.SENT, AttemptState.DELIVERED)
    assert found.provider_id.startswith("SM")
    assert "attempt_found" in await hospital.whats(alert_id)


async def test_lost_answer_to_a_call_is_looked_up_and_not_repeated(hospital: Hospital) -> None:
    await hospital.phone("next", "call", "lost_response")
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)

    await hospital.pass_time(seconds=11)

    await hospital.expect_no_call(SMITH)
    assert (await hospital.attempt(alert_id, SMITH, "VOICE")).provider_id.startswith("CA")


async def test_what_the_provider_never_got_is_sent_after_the_lookup(hospital: Hospital) -> None:
    await hospital.phone("next", "sms", "server_error")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_no_sms(SMITH)
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.UNKNOWN

    await hospital.pass_time(seconds=11)

    await hospital.expect_sms(SMITH)
    assert "attempt_absent" in await hospital.whats(alert_id)


async def test_nothing_is_sent_again_while_the_provider_cannot_be_asked(hospital: Hospital) -> None:
    await hospital.phone("next", "sms", "lost_response")
    await hospital.phone("next", "lookup", "server_error", times=3)
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    for _ in range(3):
        await hospital.pass_time(seconds=11)
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.UNKNOWN
    await hospital.pass_time(seconds=11)

    assert await sms_sent_to(hospital, SMITH.phone) == 1
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is not AttemptState.UNKNOWN


async def test_outcome_that_is_never_learned_counts_as_failed(hospital: Hospital) -> None:
    """Asking has an end, so that the ladder can act on it."""
    await hospital.phone("next", "sms", "lost_response")
    await hospital.phone("standing", "lookup", "server_error")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    for _ in range(9):
        await hospital.pass_time(seconds=11)

    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.FAILED
    assert await sms_sent_to(hospital, SMITH.phone) == 1
    await hospital.expect_call(SMITH)


async def test_lookup_that_comes_after_the_acknowledgement_sends_nothing(
    hospital: Hospital,
) -> None:
    await hospital.phone("next", "sms", "server_error")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.settle()
    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))

    await hospital.pass_time(seconds=11)

    await hospital.expect_no_sms(SMITH)
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.CANCELLED


async def test_missing_receipt_is_asked_for(hospital: Hospital) -> None:
    hospital.switchboard.deaf = True
    alert_id = await hospital.raise_finding()
    await hospital.expect_sms(SMITH)
    await hospital.expect_call(SMITH)
    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.SENT

    await hospital.pass_time(minutes=2, seconds=1)

    assert (await hospital.attempt(alert_id, SMITH, "SMS")).state is AttemptState.DELIVERED
    await hospital.phone_is_free(SMITH)
    await hospital.pass_time(minutes=4)
    assert (await hospital.attempt(alert_id, SMITH, "VOICE")).finished_at is not None


async def test_call_that_the_provider_does_not_know_any_more_leaves_the_line_free(
    hospital: Hospital,
) -> None:
    """Of a call that rings, the end would be told too, as soon as its patience is over."""
    await hospital.phone("next", "call", "silent")
    alert_id = await hospital.raise_finding()
    await hospital.settle()
    await hospital.expect_call(SMITH)
    (await hospital.phones.post("/control/reset")).raise_for_status()

    await hospital.pass_time(minutes=2, seconds=1)

    first = await hospital.attempt(alert_id, SMITH, "VOICE")
    assert (first.state, first.error) == (
        AttemptState.FAILED,
        "the provider does not know it any more",
    )
    await hospital.raise_finding()
    await hospital.settle()
    await hospital.expect_call(SMITH)


async def test_one_call_at_a_time_for_a_person(hospital: Hospital) -> None:
    """A second alert waits until the first call has ended: a phone rings once."""
    await hospital.raise_finding()
    await hospital.raise_finding()
    voice = next(s for s in hospital.parts.senders if s.system.channel is Channel.VOICE)

    first = await voice._claim(16)
    meanwhile = await voice._claim(16)
    await record_outcome(
        hospital.database, first[0][0], lambda attempt, now: has_failed(attempt, now, "busy")
    )
    second = await voice._claim(16)

    assert len(first) == len(second) == 1
    assert meanwhile == []
    assert first[0][0].attempt.alert_id != second[0][0].attempt.alert_id


async def test_database_forbids_a_second_call_in_flight(hospital: Hospital) -> None:
    """Whatever the code does, and however many replicas there are."""
    await hospital.raise_finding()
    await hospital.raise_finding()

    with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_call_per_person"):
        async with hospital.database.transaction() as connection:
            await connection.execute(
                "update attempts set state = 'SENDING', check_at = clock() where channel = 'VOICE'"
            )


async def test_after_an_outage_nobody_gets_a_storm(hospital: Hospital) -> None:
    """Repeated notices of one alert to one phone are at least a minute apart."""
    await hospital.phone("standing", "sms", "rate_limit")
    await hospital.raise_finding(stat=False)
    for _ in range(8):
        await hospital.pass_time(minutes=5)
    await hospital.phone("standing", "sms", "normal")

    for _ in range(4):
        await hospital.pass_time(minutes=1)

    for person in (SMITH, SHAH):
        assert await sms_sent_to(hospital, person.phone) <= 2


async def test_refused_mail_leaves_the_other_channels_alone(hospital: Hospital) -> None:
    await hospital.mail("reject")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    assert (await hospital.attempt(alert_id, SMITH, "EMAIL")).state is AttemptState.FAILED
    await hospital.expect_no_call(SMITH)


async def test_mail_of_unknown_outcome_is_not_repeated(hospital: Hospital) -> None:
    await hospital.mail("lost_response")
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_mail(SMITH)

    await hospital.pass_time(minutes=2)

    failed = await hospital.attempt(alert_id, SMITH, "EMAIL")
    assert failed.state is AttemptState.FAILED
    assert "may have arrived" in failed.error
    mails = (await hospital.mailboxes.get("/api/messages", params={"to": SMITH.email})).json()
    assert len(mails["messages"]) == 1


async def test_hanging_mail_server_does_not_hold_up_the_sms(hospital: Hospital) -> None:
    await hospital.mail("hang", seconds=3)
    alert_id = await hospital.raise_finding(stat=False)
    email = next(s for s in hospital.parts.senders if s.system.channel is Channel.EMAIL)
    hanging = asyncio.create_task(email.send_due())

    await hospital.parts.senders[0].send_due()
    sent = await hospital.attempt(alert_id, SMITH, "SMS")

    assert sent.state is not AttemptState.PENDING
    assert not hanging.done()
    await hanging


async def test_reminder_carries_neither_link_nor_code(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))

    await hospital.pass_time(minutes=15)
    text = await hospital.expect_sms(SMITH)

    assert "http" not in text
    async with hospital.database.connection() as connection:
        codes = await connection.fetch(
            "select reply_code from attempts where purpose = $1", Purpose.REMIND
        )
    assert {row["reply_code"] for row in codes} == {None}
