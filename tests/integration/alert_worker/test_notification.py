"""A critical finding reaches a doctor by every channel, and the next person when it does not."""

import re

from contracts.enumerations import AlertStatus, AttemptState
from contracts.events.alert_requested import Acknowledge, HandOver, ReadBack
from tests.harness.alerts import ADAMS, DIAZ, SHAH, SMITH, acting
from tests.integration.alert_worker.hospital import Hospital


async def test_stat_finding_reaches_its_doctor_by_every_channel(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=True)

    sms = await hospital.expect_sms(SMITH)
    mail = await hospital.expect_mail(SMITH)
    call = await hospital.expect_call(SMITH)

    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.OPEN
    assert alert.notified_person_ids == (SMITH.id,)
    assert "RED critical imaging finding" in sms
    assert "RED critical imaging finding" in mail["subject"]
    assert call["to"] == SMITH.phone
    assert [a.channel for a in alert.attempts] == ["IN_APP", "SMS", "EMAIL", "VOICE"]


async def test_unacknowledged_alert_goes_up_the_ladder_and_round_again(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.expect_no_sms(SHAH)

    await hospital.pass_time(minutes=5)
    await hospital.expect_sms(SHAH)
    await hospital.expect_no_sms(SMITH)
    await hospital.pass_time(minutes=5)
    await hospital.expect_sms(DIAZ)
    await hospital.pass_time(minutes=10)
    await hospital.expect_sms(SMITH)

    alert = await hospital.alert(alert_id)
    assert (alert.round, alert.current_step) == (2, 1)
    assert alert.next_step_at is not None


async def test_next_messages_say_that_the_finding_was_withdrawn(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    told = (await hospital.alert(alert_id)).finding
    await hospital.raise_finding(**dict(told) | {"withdrawn": True, "report_version": 9})

    await hospital.pass_time(minutes=5)
    sms, mail = await hospital.expect_sms(SHAH), await hospital.expect_mail(SHAH)

    assert "RED critical imaging finding, withdrawn since" in sms
    assert "withdrawn since" in mail["subject"]
    assert "WITHDRAWN: the report was signed anew" in str(mail)
    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.OPEN
    assert "finding_withdrawn" in [line.what for line in alert.evidence]


async def test_who_confirmed_is_told_by_mail_that_the_finding_was_withdrawn(
    hospital: Hospital,
) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.expect_mail(SMITH)
    await hospital.ask(alert_id, Acknowledge(read_back="Understood"), acting(SMITH))
    told = (await hospital.alert(alert_id)).finding

    for _ in range(2):
        await hospital.raise_finding(**dict(told) | {"withdrawn": True, "report_version": 9})
    await hospital.pass_time(minutes=1)
    mail = await hospital.expect_mail(SMITH)

    assert "withdrawn since" in mail["subject"]
    assert "/acknowledge/" not in str(mail)
    await hospital.expect_no_sms(SMITH)
    alert = await hospital.alert(alert_id)
    assert alert.status is AlertStatus.CLOSED
    assert [a.channel for a in alert.attempts] == ["IN_APP", "SMS", "EMAIL", "IN_APP", "EMAIL"]
    assert alert.attempts[-1].state is AttemptState.SENT


async def test_finding_that_was_changed_is_told_again_and_read_back_again(
    hospital: Hospital,
) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    await hospital.expect_mail(SMITH)
    await hospital.ask(alert_id, Acknowledge(read_back="Left, I drain it"), acting(SMITH))
    told = (await hospital.alert(alert_id)).finding
    right = dict(told) | {"text": "Right pneumothorax.", "report_version": 9}

    for _ in range(2):
        await hospital.raise_finding(**right)
    await hospital.raise_finding(**right | {"text": "Old", "report_version": 8})
    await hospital.pass_time(minutes=1)

    assert "CHANGED" in await hospital.expect_sms(SMITH)
    assert "changed" in (await hospital.expect_mail(SMITH))["subject"]
    await hospital.expect_no_sms(SMITH)
    alert = await hospital.alert(alert_id)
    assert (alert.status, alert.finding.text) == (AlertStatus.ACKNOWLEDGED, "Right pneumothorax.")
    await hospital.ask(alert_id, ReadBack(text="Right!"), acting(SMITH))
    alert = await hospital.alert(alert_id)
    assert (alert.status, alert.read_back_text) == (AlertStatus.CLOSED, "Right!")


async def test_word_of_a_change_does_not_give_way_to_one_more_notice(hospital: Hospital) -> None:
    """It waits, since the phone was troubled a moment ago, when the alert is handed back to him."""
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_sms(SMITH)
    told = (await hospital.alert(alert_id)).finding
    await hospital.raise_finding(**dict(told) | {"text": "Right side.", "report_version": 9})

    await hospital.ask(alert_id, HandOver(to_person_id=SMITH.id, reason="is his"), ADAMS)
    await hospital.pass_time(minutes=1)
    await hospital.pass_time(minutes=1)

    texts = [await hospital.expect_sms(SMITH) for _ in range(2)]
    assert ["CHANGED" in text for text in texts] == [True, False]


async def test_word_of_a_withdrawal_leaves_also_when_it_is_read_back_meanwhile(
    hospital: Hospital,
) -> None:
    """A read-back ends what asks for it, not what says that there is nothing to do."""
    alert_id = await hospital.raise_finding(stat=False)
    await hospital.expect_mail(SMITH)
    await hospital.ask(alert_id, Acknowledge(), acting(SMITH))
    told = (await hospital.alert(alert_id)).finding
    await hospital.raise_finding(**dict(told) | {"withdrawn": True, "report_version": 9})
    await hospital.ask(alert_id, ReadBack(text="Understood"), acting(SMITH))

    await hospital.pass_time(minutes=1)

    assert "withdrawn since" in (await hospital.expect_mail(SMITH))["subject"]


async def test_no_message_names_the_patient_the_order_or_the_finding(hospital: Hospital) -> None:
    """Phones lie about, and mailboxes are read by others."""
    await hospital.raise_finding(
        order_number="IMG-20251125-MARK1", finding_title="MARKED title", text="MARKED text"
    )

    sms, mail = await hospital.expect_sms(SMITH), await hospital.expect_mail(SMITH)
    await hospital.expect_call(SMITH)

    state = await hospital.phone_state()
    said = " ".join(line["text"] for call in state["calls"] for line in call["transcript"])
    for text in (sms, str(mail), said):
        assert not re.search(r"MARK|IMG-|CHEST|pneumothorax", text, re.IGNORECASE), text
