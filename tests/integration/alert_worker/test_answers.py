"""How a doctor takes responsibility: in the app, by link, by SMS, by key. The first one counts."""

import asyncio
from uuid import UUID

import pytest

from alert_worker.errors import (
    AlertUnknown,
    AlreadyAcknowledged,
    FindingChanged,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NotYourAlert,
    PersonUnknown,
)
from contracts.enumerations import AlertStatus, Channel, Role
from contracts.events.alert_requested import (
    Acknowledge,
    AcknowledgeByLink,
    Escalate,
    HandOver,
    KeyPressed,
    ReadBack,
    Seen,
)
from tests.harness.alerts import ADAMS, DIAZ, JONES, SHAH, SMITH, acting, alert_requested
from tests.integration.alert_worker.hospital import Hospital, code_in, token_in


async def test_acknowledging_in_the_app_ends_the_escalation(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))
    await hospital.pass_time(minutes=14)

    await hospital.expect_no_sms(SHAH)
    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.ACKNOWLEDGED
    assert alert.acknowledgement is not None
    assert alert.acknowledgement.person_id == SMITH.id
    assert alert.acknowledgement.channel is Channel.IN_APP
    assert alert.responsible_id == SMITH.id


async def test_read_back_closes_the_alert(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))

    await hospital.ask(alert_id, ReadBack(text="Left pneumothorax; chest tube now."), acting(SMITH))

    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.CLOSED
    assert alert.read_back_text == "Left pneumothorax; chest tube now."
    assert alert.next_step_at is None
    assert alert.evidence[-1].what == "alert_closed"


async def test_missing_read_back_reminds_and_then_escalates(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))

    await hospital.pass_time(minutes=15)
    assert "read-back is missing" in await hospital.expect_sms(SMITH)
    await hospital.expect_no_sms(SHAH)
    await hospital.pass_time(minutes=15)

    await hospital.expect_sms(SHAH)
    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN


async def test_first_acknowledgement_cancels_what_has_not_been_sent(hospital: Hospital) -> None:
    """Nobody is called about what has been taken care of; and the evidence says so."""
    alert_id = await hospital.raise_finding()

    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))

    await hospital.expect_no_sms(SMITH)
    await hospital.expect_no_call(SMITH)
    assert "attempts_cancelled" in await hospital.whats(alert_id)
    states = {a.channel: a.state for a in (await hospital.alert(alert_id)).attempts}
    assert states == {
        "IN_APP": "SENT", "SMS": "CANCELLED", "EMAIL": "CANCELLED", "VOICE": "CANCELLED"
    }  # fmt: skip


async def test_alert_on_the_screen_is_the_receipt_of_the_in_app_notice(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    await hospital.ask(alert_id, Seen(), acting(SMITH))
    version = (await hospital.alert(alert_id)).version
    await hospital.ask(alert_id, Seen(), acting(SMITH))

    alert = await hospital.alert(alert_id)
    assert alert.version == version, "what was seen already was news"
    assert (await hospital.attempt(alert_id, SMITH, "IN_APP")).state == "DELIVERED"
    assert alert.status is AlertStatus.OPEN, "to see is not to acknowledge"
    assert "attempt_delivered" in await hospital.whats(alert_id)


async def test_what_another_sees_is_no_receipt_of_the_notice(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    await hospital.ask(alert_id, Seen(), acting(SHAH))

    assert (await hospital.attempt(alert_id, SMITH, "IN_APP")).state == "SENT"


async def test_link_of_an_sms_acknowledges_once(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)

    await hospital.follow_link(text)

    alert = await hospital.alert(alert_id)
    assert alert.acknowledgement is not None
    assert (alert.acknowledgement.person_id, alert.acknowledgement.channel) == (SMITH.id, "SMS")
    with pytest.raises(LinkUsed):
        await hospital.follow_link(text)


async def test_link_with_read_back_closes(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    mail = await hospital.expect_mail(SMITH)

    await hospital.follow_link(mail["text"], read_back="Pneumothorax left, I am going there.")

    assert (await hospital.alert(alert_id)).status is AlertStatus.CLOSED


async def test_links_expire_and_guessed_ones_are_unknown(hospital: Hospital) -> None:
    await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)
    await hospital.pass_time(hours=73)

    with pytest.raises(LinkExpired):
        await hospital.follow_link(text)
    with pytest.raises(LinkUnknown):
        await hospital.follow_link("/acknowledge/AAAAAAAAAAAAAAAAAAAAAA")


async def test_token_of_a_call_is_no_link_and_that_of_a_link_no_call(hospital: Hospital) -> None:
    """What is known to whoever carries the one must not open the other door."""
    alert_id = await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)
    await hospital.expect_call(SMITH)
    await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")

    for request in (
        KeyPressed(token=token_in(text), digits="1"),
        AcknowledgeByLink(token=hospital.switchboard.call_tokens[0]),
    ):
        with pytest.raises(LinkUnknown):
            await hospital.parts.handlers.on_alert_requested(alert_requested(request))


async def test_sms_reply_with_the_code_acknowledges(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    code = code_in(await hospital.expect_sms(SMITH))

    await hospital.reply(SMITH, f"Ok {code}, on my way")

    alert = await hospital.alert(alert_id)
    assert alert.acknowledgement is not None
    assert (alert.acknowledgement.person_id, alert.acknowledgement.channel) == (SMITH.id, "SMS")


async def test_code_counts_only_from_the_phone_that_got_it(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    code = code_in(await hospital.expect_sms(SMITH))

    await hospital.reply(SHAH, code)

    assert hospital.switchboard.refusals == ["wrong_code"]
    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN


async def test_guessing_codes_ends_soon(hospital: Hospital) -> None:
    """Two codes a text, five in an hour; then even the right one is refused: it may be a guess."""
    alert_id = await hospital.raise_finding()
    code = code_in(await hospital.expect_sms(SMITH))

    for guess in range(0, 6, 2):
        await hospital.reply(SMITH, f"{guess:06d} {guess + 1:06d} {guess + 2:06d}")
    await hospital.reply(SMITH, code)

    assert hospital.switchboard.refusals == ["wrong_code"] * 3 + ["too_many_wrong_codes"]
    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN


async def test_whoever_guesses_codes_silences_no_alert(hospital: Hospital) -> None:
    """A number can be forged: the doctor's other ways stay open, and the ladder goes on."""
    alert_id = await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)
    for guess in range(5):
        await hospital.reply(SMITH, f"{guess:06d}")

    await hospital.pass_time(minutes=5)
    await hospital.expect_sms(SHAH)
    await hospital.follow_link(text)

    assert (await hospital.alert(alert_id)).status is AlertStatus.ACKNOWLEDGED


async def test_reply_without_a_code_is_no_guess(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    code = code_in(await hospital.expect_sms(SMITH))

    for _ in range(6):
        await hospital.reply(SMITH, "Thanks")
    await hospital.reply(SMITH, code)

    assert (await hospital.alert(alert_id)).status is AlertStatus.ACKNOWLEDGED


async def test_key_on_the_phone_acknowledges(hospital: Hospital) -> None:
    await hospital.phone("standing", "call", "normal", number=SMITH.phone, keys=["1"])
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)

    await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")

    alert = await hospital.alert(alert_id)
    assert alert.acknowledgement is not None
    assert alert.acknowledgement.channel is Channel.VOICE


async def test_key_two_calls_the_next_person_at_once(hospital: Hospital) -> None:
    await hospital.phone("standing", "call", "normal", number=SMITH.phone, keys=["2"])
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)
    await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")

    await hospital.expect_sms(SHAH)
    await hospital.expect_call(SHAH)


async def test_answering_machine_is_no_acknowledgement(hospital: Hospital) -> None:
    """Voicemail is nothing: keys on a tape must not end the escalation."""
    await hospital.phone("standing", "call", "machine", number=SMITH.phone, keys=["1"])
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)

    failed = await hospital.until(alert_id, SMITH, "VOICE", "FAILED")

    assert failed.error == "a voicemail answered"
    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN
    await hospital.pass_time(minutes=5)
    await hospital.expect_sms(SHAH)


async def test_answered_call_without_a_key_is_no_acknowledgement(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)

    await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")

    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN


async def test_only_who_was_notified_can_acknowledge(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    for stranger in (acting(SHAH), acting(JONES), ADAMS, acting(DIAZ, Role.RADIOLOGY_MANAGER)):
        with pytest.raises(NotYourAlert):
            await hospital.ask(alert_id, Acknowledge(), stranger)

    await hospital.pass_time(minutes=5)
    await hospital.ask(alert_id, Acknowledge(), acting(SHAH))
    assert (await hospital.alert(alert_id)).responsible_id == SHAH.id


async def test_radiologist_says_whom_he_has_told_in_person(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    await hospital.ask(
        alert_id, Acknowledge(told_person_id=SMITH.id, read_back="He said it back."), ADAMS
    )

    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.CLOSED
    assert alert.acknowledgement is not None
    assert alert.acknowledgement.person_id == SMITH.id
    assert any("told in person by Dr. Ruth Adams" in line.detail for line in alert.evidence)


async def test_a_provider_cannot_speak_for_another(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    with pytest.raises(NotYourAlert):
        await hospital.ask(alert_id, Acknowledge(told_person_id=SMITH.id), acting(SHAH))


async def test_second_person_is_told_that_it_has_happened(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    await hospital.pass_time(minutes=5)
    await hospital.ask(alert_id, Acknowledge(), acting(SHAH))

    with pytest.raises(AlreadyAcknowledged, match=r"Dr\. Priya Shah has acknowledged"):
        await hospital.ask(alert_id, Acknowledge(), acting(SMITH))


async def test_two_who_acknowledge_at_once_do_not_both_win(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    await hospital.pass_time(minutes=5)

    results = await asyncio.gather(
        *(hospital.ask(alert_id, Acknowledge(), acting(who)) for who in (SMITH, SHAH)),
        return_exceptions=True,
    )

    assert sorted(type(r).__name__ for r in results) == ["AlreadyAcknowledged", "NoneType"]


async def test_handing_over_begins_with_the_new_person(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    await hospital.ask(
        alert_id, HandOver(to_person_id=JONES.id, reason="not my patient"), acting(SMITH)
    )

    await hospital.expect_sms(JONES)
    alert = await hospital.alert(alert_id)
    assert [step.person_name for step in alert.ladder] == [JONES.name, SHAH.name, DIAZ.name]
    assert alert.responsible_id == JONES.id
    await hospital.pass_time(minutes=5)
    await hospital.expect_sms(SHAH)


async def test_handing_over_to_nobody_known_is_refused(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    for nobody in ("dr.who", ADAMS.id):
        with pytest.raises(PersonUnknown):
            await hospital.ask(alert_id, HandOver(to_person_id=nobody, reason="?"), acting(SMITH))


async def test_escalating_by_hand_calls_the_next_person(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)

    await hospital.ask(alert_id, Escalate(reason="unreachable"), ADAMS)

    await hospital.expect_sms(SHAH)


async def test_request_on_an_unknown_alert_is_refused(hospital: Hospital) -> None:
    missing = alert_requested(Acknowledge()).id

    with pytest.raises(AlertUnknown):
        await hospital.ask(missing, Acknowledge(), acting(SMITH))


async def test_repeated_request_changes_nothing(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()
    event = alert_requested(Acknowledge(), alert_id=alert_id, actor=acting(SMITH))
    await hospital.parts.handlers.on_alert_requested(event)
    version = (await hospital.alert(alert_id)).version

    await hospital.parts.handlers.on_alert_requested(event)

    assert (await hospital.alert(alert_id)).version == version


async def test_link_token_is_kept_only_as_a_hash(hospital: Hospital) -> None:
    """Who reads the database must not be able to acknowledge with what he finds there."""
    await hospital.raise_finding()
    token = token_in(await hospital.expect_sms(SMITH))

    async with hospital.database.connection() as connection:
        for table in ("proofs", "attempts", "alerts", "evidence", "outbox"):
            rows = await connection.fetch(f"select t::text from {table} t")  # noqa: S608 - names
            assert token not in " ".join(row[0] for row in rows)


async def test_link_that_was_read_but_not_pressed_stays_good(hospital: Hospital) -> None:
    """A refused acknowledgement does not use the link up."""
    alert_id = await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)
    await hospital.ask(alert_id, HandOver(to_person_id=SHAH.id, reason="busy"), acting(SMITH))
    await hospital.ask(alert_id, Acknowledge(), acting(SHAH))

    for _ in range(2):
        with pytest.raises(AlreadyAcknowledged):
            await hospital.follow_link(text)


async def corrected(hospital: Hospital, alert_id: UUID) -> None:
    """The radiologist signs the other side: report version 2."""
    told = (await hospital.alert(alert_id)).finding
    await hospital.raise_finding(**dict(told) | {"text": "RIGHT side.", "report_version": 2})


async def test_read_back_of_an_older_text_is_refused_and_the_new_one_taken(
    hospital: Hospital,
) -> None:
    """The finding was corrected while the doctor wrote."""
    alert_id = await hospital.raise_finding()
    await corrected(hospital, alert_id)

    for stale in (
        ReadBack(text="Left side.", report_version=1),
        Acknowledge(read_back="Left side.", report_version=1),
    ):
        with pytest.raises(FindingChanged):
            await hospital.ask(alert_id, stale, acting(SMITH))
    assert (await hospital.alert(alert_id)).status is AlertStatus.OPEN
    await hospital.ask(alert_id, ReadBack(text="Right side.", report_version=2), acting(SMITH))

    assert (await hospital.alert(alert_id)).read_back_text == "Right side."


async def test_message_from_before_a_correction_takes_responsibility_and_reads_nothing_back(
    hospital: Hospital,
) -> None:
    """It names no finding, so it is good for the one; what was heard by phone may be old."""
    alert_id = await hospital.raise_finding()
    text = await hospital.expect_sms(SMITH)
    await corrected(hospital, alert_id)

    with pytest.raises(FindingChanged):
        await hospital.follow_link(text, read_back="Left side.")
    await hospital.reply(SMITH, code_in(text))

    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.ACKNOWLEDGED
    assert any("told before the finding was changed" in line.detail for line in alert.evidence)
    await hospital.pass_time(minutes=1)
    await hospital.follow_link(await hospital.expect_sms(SMITH), read_back="Right side.")
    assert (await hospital.alert(alert_id)).status is AlertStatus.CLOSED


async def test_key_on_a_call_from_before_a_correction_takes_responsibility(
    hospital: Hospital,
) -> None:
    alert_id = await hospital.raise_finding()
    await hospital.expect_call(SMITH)
    await hospital.until(alert_id, SMITH, "VOICE", "DELIVERED")
    await corrected(hospital, alert_id)

    key = KeyPressed(token=hospital.switchboard.call_tokens[0], digits="1")
    await hospital.parts.handlers.on_alert_requested(alert_requested(key))

    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.ACKNOWLEDGED
    assert any("told before the finding was changed" in line.detail for line in alert.evidence)
