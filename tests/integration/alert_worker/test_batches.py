"""Findings that arrive together are opened together, and each as if it came alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from alert_worker import handlers as handlers_module
from alert_worker.domain import escalation
from alert_worker.domain.alert import Decision, alert_reference
from alert_worker.sender import Sender
from contracts.enumerations import Channel
from contracts.events.alert_updated import AlertUpdated
from contracts.events.critical_finding import CriticalFinding
from contracts.topics import ALERT_UPDATED, CRITICAL_FINDING
from services.errors import PermanentError
from services.events import Event
from services.kafka import Outgoing
from tests.harness.alerts import critical_finding
from tests.harness.delivery import deliver_batch
from tests.harness.outbox import outgoing
from tests.integration.alert_worker.hospital import Hospital


async def deliver(hospital: Hospital, events: Sequence[Event[Any]]) -> list[Outgoing]:
    handler = hospital.parts.handlers.on_critical_findings
    return await deliver_batch(hospital.database, CRITICAL_FINDING, events, handler)


async def published(hospital: Hospital) -> list[Event[AlertUpdated]]:
    return await outgoing(hospital.database, ALERT_UPDATED)


async def test_each_finding_of_a_flood_opens_its_alert(hospital: Hospital) -> None:
    events = [critical_finding() for _ in range(2 * handlers_module.OPENED_TOGETHER + 3)]

    assert await deliver(hospital, events) == []

    causes = {alert.data.id: alert.envelope.causation_id for alert in await published(hospital)}
    assert causes == {event.data.alert_id: event.id for event in events}


async def test_finding_that_stands_twice_in_a_batch_is_opened_once(hospital: Hospital) -> None:
    event, other = critical_finding(), critical_finding()

    assert await deliver(hospital, [event, other, event]) == []
    assert await deliver(hospital, [other, event]) == []

    assert len(await published(hospital)) == 2


async def test_finding_and_its_revision_in_one_batch_stay_in_order(hospital: Hospital) -> None:
    first, other = critical_finding(), critical_finding()
    newer = critical_finding(**dict(first.data) | {"report_version": 2, "text": "Larger."})

    await deliver(hospital, [first, other, newer])

    of_it = [a.data for a in await published(hospital) if a.data.id == first.data.alert_id]
    assert [(alert.version, alert.finding.text) for alert in of_it] == [
        (1, first.data.text),
        (2, "Larger."),
    ]


async def test_findings_whose_references_collide_get_two(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = alert_reference
    monkeypatch.setattr(
        escalation,
        "alert_reference",
        lambda alert_id, attempt: reference(alert_id, attempt) if attempt else "AL-TAKEN",
    )

    assert await deliver(hospital, [critical_finding(), critical_finding()]) == []

    one, other = [alert.data.reference for alert in await published(hospital)]
    assert "AL-TAKEN" in (one, other)
    assert one != other


async def test_one_bad_finding_takes_none_of_its_batch_along(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = [critical_finding() for _ in range(4)], critical_finding()
    open_alert = escalation.open_alert

    def opened(finding: CriticalFinding, *args: Any, **more: Any) -> Decision:
        if finding.alert_id == bad.data.alert_id:
            raise PermanentError("no ladder fits")
        return open_alert(finding, *args, **more)

    monkeypatch.setattr(escalation, "open_alert", opened)

    letters = await deliver(hospital, [*good[:2], bad, *good[2:]])

    assert {alert.data.id for alert in await published(hospital)} == {e.data.alert_id for e in good}
    set_aside = [letter.key for letter in letters if letter.topic == CRITICAL_FINDING.dead]
    assert set_aside == [str(bad.data.alert_id).encode()]


async def test_first_words_do_not_wait_until_other_results_are_written(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More findings than may be sent at once, and nothing of the first can be written down yet."""
    sender = next(s for s in hospital.parts.senders if s.system.channel is Channel.SMS)
    few = Sender(
        sender.database, sender.system, 2, sender.proof_lifetime, recording=asyncio.Semaphore(0)
    )
    await deliver(hospital, [critical_finding(stat=False) for _ in range(5)])
    running = asyncio.create_task(few.run())
    try:
        async with asyncio.timeout(10):
            while len((await hospital.phone_state())["messages"]) < 5:  # noqa: ASYNC110 - it happens at the provider
                await asyncio.sleep(0.05)
    finally:
        for _ in range(5):
            few.recording.release()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
