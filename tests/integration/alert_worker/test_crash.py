"""The worker dies at the worst moment: what was promised happens, nothing is repeated blindly."""

import asyncio
import time

import asyncpg
import pytest

from alert_worker.app import compose
from alert_worker.handlers import AlertHandlers
from alert_worker.sender import Sender
from alert_worker.settings import AlertWorkerSettings
from contracts.enumerations import AttemptState, Channel, CriticalCategory
from contracts.topics import ALERT_UPDATED
from services.database import Database, open_database
from services.errors import DatabaseUnavailable
from tests.harness.alerts import SMITH, critical_finding
from tests.harness.outbox import outgoing
from tests.integration.alert_worker.hospital import Hospital


def sender_of(hospital: Hospital, channel: Channel) -> Sender:
    return next(s for s in hospital.parts.senders if s.system.channel is channel)


async def send_all(sender: Sender) -> int:
    sent = 0
    while count := await sender.send_due():
        sent += count
    return sent


async def sms_to_smith(hospital: Hospital) -> int:
    messages = (await hospital.phone_state())["messages"]
    return sum(m["to"] == SMITH.phone for m in messages)


async def test_finding_delivered_twice_opens_one_alert(hospital: Hospital) -> None:
    event = critical_finding()

    await hospital.parts.handlers.on_critical_findings([event])
    await hospital.parts.handlers.on_critical_findings([event])

    assert len(await outgoing(hospital.database, ALERT_UPDATED)) == 1
    await hospital.expect_sms(SMITH)
    await hospital.expect_no_sms(SMITH)


async def test_same_finding_in_another_event_changes_nothing(hospital: Hospital) -> None:
    """The report's owner may say it again, under another event id."""
    first = critical_finding()
    await hospital.parts.handlers.on_critical_findings([first])

    again = critical_finding(**dict(first.data))
    await hospital.parts.handlers.on_critical_findings([again])

    assert (await hospital.alert(first.data.alert_id)).version == 1


async def test_older_finding_after_a_newer_one_changes_nothing(hospital: Hospital) -> None:
    newer = critical_finding(report_version=3, text="Tension pneumothorax.")
    await hospital.parts.handlers.on_critical_findings([newer])

    older = critical_finding(**dict(newer.data) | {"report_version": 2, "text": "Old."})
    await hospital.parts.handlers.on_critical_findings([older])

    assert (await hospital.alert(newer.data.alert_id)).finding.text == "Tension pneumothorax."


async def test_newer_finding_of_the_same_alert_is_taken_over(hospital: Hospital) -> None:
    first = critical_finding()
    await hospital.parts.handlers.on_critical_findings([first])

    newer = critical_finding(**dict(first.data) | {"report_version": 2, "text": "Larger."})
    await hospital.parts.handlers.on_critical_findings([newer])

    alert = await hospital.alert(first.data.alert_id)
    assert (alert.version, alert.finding.text) == (2, "Larger.")


async def test_database_away_leaves_nothing_half_done(hospital: Hospital) -> None:
    """The event comes again, and is then handled as if for the first time."""
    event = critical_finding()
    closed = await asyncpg.create_pool(
        hospital.parts.handlers.settings.database_url.get_secret_value(), min_size=0
    )
    await closed.close()
    handlers = AlertHandlers(
        Database(closed), hospital.parts.handlers.ladders, hospital.parts.handlers.settings
    )

    with pytest.raises(DatabaseUnavailable):
        await handlers.on_critical_findings([event])
    await hospital.parts.handlers.on_critical_findings([event])

    await hospital.expect_sms(SMITH)


async def test_snapshot_waits_in_the_outbox_when_the_worker_dies_after_its_commit(
    hospital: Hospital,
) -> None:
    alert_id = await hospital.raise_finding()

    [snapshot] = await outgoing(hospital.database, ALERT_UPDATED)

    assert snapshot.key == str(alert_id)
    assert snapshot.data.attempts


async def test_death_between_claim_and_request_is_made_good(hospital: Hospital) -> None:
    """The provider has nothing of it: so it is sent, once, when the lease has run out."""
    alert_id = await hospital.raise_finding(stat=False)
    await sender_of(hospital, Channel.SMS)._claim(16)
    await hospital.expect_no_sms(SMITH)
    assert (await hospital.alert(alert_id)).attempts[1].state is not AttemptState.SENT

    await hospital.pass_time(seconds=21)

    await hospital.expect_sms(SMITH)
    assert "attempt_absent" in await hospital.whats(alert_id)
    assert await sms_to_smith(hospital) == 1


async def test_mail_that_a_dead_sender_never_sent_counts_as_failed(hospital: Hospital) -> None:
    """Nobody can ask whether it arrived: it is not repeated, and it has told nobody."""
    alert_id = await hospital.raise_finding(category=CriticalCategory.YELLOW, stat=False)
    for channel in (Channel.SMS, Channel.EMAIL):
        await sender_of(hospital, channel)._claim(16)
    await hospital.phone("next", "sms", "refuse")

    await hospital.pass_time(seconds=61)
    await hospital.pass_time(seconds=1)

    mail = await hospital.attempt(alert_id, SMITH, "EMAIL")
    assert (mail.state, mail.sent_at) == (AttemptState.FAILED, None)
    assert "step_unreachable" in await hospital.whats(alert_id)
    assert (await hospital.alert(alert_id)).current_step == 2


async def test_death_between_request_and_record_is_found_out(hospital: Hospital) -> None:
    """The phone has rung; the worker that comes after finds that out, and does not ring again."""
    alert_id = await hospital.raise_finding()
    for channel in (Channel.SMS, Channel.VOICE):
        sender = sender_of(hospital, channel)
        [(claimed, token)] = await sender._claim(16)
        await sender.system.send(claimed, token)

    await hospital.pass_time(seconds=21)

    assert await sms_to_smith(hospital) == 1
    assert len((await hospital.phone_state())["calls"]) == 1
    for channel in ("SMS", "VOICE"):
        assert (await hospital.attempt(alert_id, SMITH, channel)).provider_id
    assert (await hospital.whats(alert_id)).count("attempt_found") == 2


async def test_who_lost_his_lease_cannot_write_over_the_one_who_took_over(
    hospital: Hospital,
) -> None:
    alert_id = await hospital.raise_finding(stat=False)
    sender = sender_of(hospital, Channel.SMS)
    [(claimed, token)] = await sender._claim(16)
    await hospital.pass_time(seconds=21)
    before = await hospital.attempt(alert_id, SMITH, "SMS")

    await hospital.phone("next", "sms", "refuse")
    await sender._send(claimed, token, time.monotonic())

    after = await hospital.attempt(alert_id, SMITH, "SMS")
    assert after.provider_id == before.provider_id
    assert after.state is not AttemptState.FAILED


async def test_process_that_stood_still_after_its_claim_sends_nothing(hospital: Hospital) -> None:
    """A suspended machine wakes up with old claims; by then others have seen to them."""
    await hospital.raise_finding(stat=False)
    sender = sender_of(hospital, Channel.SMS)
    [(claimed, token)] = await sender._claim(16)

    await sender._send(claimed, token, time.monotonic() - 60)

    await hospital.expect_no_sms(SMITH)


async def test_replicas_share_the_work_and_double_nothing(
    hospital: Hospital, settings: AlertWorkerSettings
) -> None:
    for _ in range(20):
        await hospital.raise_finding(stat=False)

    async with (
        open_database(settings.database_url, application="second") as database,
        compose(database, settings) as second,
    ):
        senders = (*hospital.parts.senders, *second.senders)
        sent = await asyncio.gather(*(send_all(sender) for sender in senders))

    assert sum(sent) == 40
    assert await sms_to_smith(hospital) == 20


async def test_unreadable_alert_does_not_hold_up_the_others(hospital: Hospital) -> None:
    broken, sound = await hospital.raise_finding(), await hospital.raise_finding()
    async with hospital.database.transaction() as connection:
        await connection.execute("update alerts set state = state - 'steps' where id = $1", broken)

    await hospital.pass_time(minutes=5)

    assert (await hospital.alert(sound)).current_step == 2
    assert (await hospital.alert(broken)).current_step == 1


async def test_database_forbids_an_alert_that_ends_silently(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding()

    for forbidden in (
        '{"nextStepAt": null}',
        '{"status": "CLOSED"}',
        '{"status": "CLOSED", "nextStepAt": null}',
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            async with hospital.database.transaction() as connection:
                await connection.execute(
                    "update alerts set state = state || $2::jsonb where id = $1",
                    alert_id,
                    forbidden,
                )


async def test_alert_that_goes_round_for_days_still_fits_into_an_event(hospital: Hospital) -> None:
    alert_id = await hospital.raise_finding(text="x" * 60_000)
    async with hospital.database.transaction() as connection:
        await connection.execute(
            "insert into evidence (alert_id, at, what, detail)"
            " select $1, clock(), 'round_begun', repeat('y', 150) from generate_series(1, 5000)",
            alert_id,
        )

    await hospital.pass_time(minutes=5)

    alert = await hospital.alert(alert_id)
    assert alert.evidence[0].what == "alert_opened"
    assert "lines_left_out" in [line.what for line in alert.evidence]
    assert len(alert.evidence) < 400
