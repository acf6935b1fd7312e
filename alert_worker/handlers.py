"""What alert_worker does on each event and when time passes: one transaction each; a few findings
that come at once share one.

Every handler tells the same story: record the event in the inbox (a repeated one ends here), load
and lock the alert, decide, save, and add the snapshot to the outbox.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from alert_worker import snapshots
from alert_worker.answers import number_of, on_key, on_link, on_sms
from alert_worker.codes import codes_in
from alert_worker.domain import escalation, response
from alert_worker.domain.alert import Alert, Decision
from alert_worker.domain.attempts import was_shown
from alert_worker.domain.ladders import Ladders
from alert_worker.errors import (
    ActorMissing,
    AlertUnknown,
    NumberTaken,
    PersonUnknown,
    TooManyWrongCodes,
    WrongCode,
)
from alert_worker.heartbeat import beat
from alert_worker.progress import record_report, save_progress
from alert_worker.repository import AlertRepository, Locked
from alert_worker.settings import AlertWorkerSettings
from contracts.events.alert_requested import (
    Acknowledge,
    AcknowledgeByLink,
    AcknowledgeBySms,
    AlertRequested,
    DeliveryReceipt,
    Escalate,
    HandOver,
    KeyPressed,
    ReadBack,
    Seen,
)
from contracts.events.critical_finding import CriticalFinding
from contracts.people import Actor
from services import inbox
from services.database import Connection, Database
from services.errors import DatabaseUnavailable
from services.events import Event

OPENED_TOGETHER = 10
"""Findings of one transaction: few, so that the first of a flood does not wait for the last."""
_REFERENCE_TRIES = 8

AskedByPerson = Acknowledge | ReadBack | HandOver | Escalate
"""What a signed-in person decides about an alert."""

log = structlog.get_logger()


@dataclass(frozen=True)
class AlertHandlers:
    """The handlers, with what they stand on."""

    database: Database
    ladders: Ladders
    settings: AlertWorkerSettings

    async def on_critical_findings(self, events: Sequence[Event[CriticalFinding]]) -> None:
        """Open alerts and tell the first person of each at once, by rows that the senders see."""
        for first in range(0, len(events), OPENED_TOGETHER):
            for decision in await self._open_some(events[first : first + OPENED_TOGETHER]):
                log.info(
                    "alert_opened" if decision.alert.version == 1 else "finding_revised",
                    alert_id=str(decision.alert.id),
                    category=decision.alert.finding.category,
                )

    async def _open_some(self, events: Sequence[Event[CriticalFinding]]) -> list[Decision]:
        """Open or revise alerts in one transaction; return what was decided."""
        async with self.database.transaction() as connection:
            fresh = await inbox.record_many(connection, [event.id for event in events])
            alerts = AlertRepository(connection)
            now = await alerts.now()
            new = inbox.new_of(events, fresh)
            opened = await self._open(alerts, new, now)
            await snapshots.publish_all(
                connection, [(opened[e.id].alert, e) for e in new if e.id in opened], now
            )
            decisions = list(opened.values())
            for event in new:
                if event.id in opened:
                    continue
                if decision := await _revise(alerts, event, now):
                    await snapshots.publish(connection, decision.alert, now, event)
                    decisions.append(decision)
        return decisions

    async def on_alert_requested(self, event: Event[AlertRequested]) -> None:
        """Carry out what somebody asks of an alert, or refuse it with a reason."""
        match event.data.request:
            case DeliveryReceipt():
                await self._on_receipt(event, event.data.request)
            case Seen():
                await self._on_seen(event)
            case AcknowledgeBySms():
                await self._on_sms(event, event.data.request)
            case AcknowledgeByLink():
                await self._decide(event, partial(on_link, request=event.data.request))
            case KeyPressed():
                await self._decide(event, partial(on_key, request=event.data.request))
            case request:
                await self._decide(event, partial(self._on_actor, request=request))

    async def advance_due(self) -> int:
        """Let every alert whose time has come go on to the next person; return how many did.

        An alert that cannot be read must not hold up the others: it is named, and left out.
        """
        beat("escalation")
        moved, stuck = 0, set[UUID]()
        while (due := await self._advance_one(stuck)) is not None:
            moved += due
        return moved

    async def _open(
        self, alerts: AlertRepository, events: Sequence[Event[CriticalFinding]], now: datetime
    ) -> dict[UUID, Decision]:
        """Open an alert for each finding that has none; return them by event."""
        opened: dict[UUID, Decision] = {}
        waiting = {event.data.alert_id: event for event in reversed(events)}  # the first of each
        for attempt in range(_REFERENCE_TRIES):
            decisions = [self._opened(event, now, attempt) for event in waiting.values()]
            stored = await alerts.insert(decisions, now)
            opened |= {waiting[d.alert.id].id: d for d in decisions if d.alert.id in stored}
            known = await alerts.known(waiting)
            waiting = {id_: event for id_, event in waiting.items() if id_ not in known}
            if not waiting:
                return opened
        raise NumberTaken

    def _opened(self, event: Event[CriticalFinding], now: datetime, attempt: int) -> Decision:
        return escalation.open_alert(
            event.data,
            self.ladders,
            now,
            correlation_id=event.envelope.correlation_id,
            reference_attempt=attempt,
        )

    async def _advance_one(self, stuck: set[UUID]) -> int | None:
        """Return 1 when an alert went on, 0 when it could not, None when none is due."""
        alert_id: UUID | None = None
        try:
            async with self.database.transaction() as connection:
                alerts = AlertRepository(connection)
                due = await alerts.lock_due(stuck)
                if due is None:
                    return None
                alert_id, state, now = due
                decision = escalation.advance(Alert.model_validate_json(state), now)
                if decision is None:
                    return None
                await alerts.save(decision, now)
                await snapshots.publish(connection, decision.alert, now)
        except Exception as error:
            if alert_id is None or isinstance(error, DatabaseUnavailable):
                raise
            log.exception("alert_stuck", alert_id=str(alert_id))
            stuck.add(alert_id)
            return 0
        _log_advance(decision.alert)
        return 1

    async def _decide(
        self,
        event: Event[AlertRequested],
        decide: Callable[..., Awaitable[tuple[Locked, Decision]]],
    ) -> None:
        async with self.database.transaction() as connection:
            if await inbox.record(connection, event.id) is None:
                return
            alerts = AlertRepository(connection)
            locked, decision = await decide(alerts, event)
            await self._finish(connection, locked, decision, event)

    async def _finish(
        self, connection: Connection, locked: Locked, decision: Decision, event: Event[Any]
    ) -> None:
        await AlertRepository(connection).save(decision, locked.now)
        await snapshots.publish(connection, decision.alert, locked.now, event)
        log.info(
            "alert_changed",
            alert_id=str(locked.alert.id),
            action=event.data.request.action,
            status=decision.alert.status,
        )

    async def _on_actor(
        self, alerts: AlertRepository, event: Event[AlertRequested], request: AskedByPerson
    ) -> tuple[Locked, Decision]:
        """Decide what a signed-in person asks for."""
        if event.data.actor is None:
            raise ActorMissing
        locked = await _lock(alerts, event.data.alert_id)
        return locked, self._answer(locked, request, event.data.actor)

    def _answer(self, locked: Locked, request: AskedByPerson, actor: Actor) -> Decision:
        alert, now = locked
        match request:
            case Acknowledge(told_person_id=told) if told:
                return response.acknowledge_for(
                    alert,
                    actor,
                    told,
                    now,
                    read_back=request.read_back,
                    knew=request.report_version,
                )
            case Acknowledge():
                return response.acknowledge(
                    alert,
                    actor.id,
                    request.channel,
                    now,
                    read_back=request.read_back,
                    knew=request.report_version,
                )
            case ReadBack():
                return response.read_back(
                    alert, actor, request.text, now, knew=request.report_version
                )
            case HandOver():
                to = self.ladders.persons.get(request.to_person_id)
                if to is None:
                    raise PersonUnknown
                return response.hand_over(alert, actor, to, request.reason, now)
            case Escalate():
                return escalation.escalate(alert, actor, request.reason, now)

    async def _on_sms(self, event: Event[AlertRequested], request: AcknowledgeBySms) -> None:
        """Acknowledge by a reply, unless its number has guessed too often."""
        await self._refuse_guesses(event, request)
        await self._decide(
            event, partial(on_sms, request=request, lifetime=self.settings.proof_lifetime)
        )

    async def _refuse_guesses(
        self, event: Event[AlertRequested], request: AcknowledgeBySms
    ) -> None:
        """Count wrong codes of a number, one reply at a time; after too many none is taken.

        A sender's number can be forged. Link, app and call stay open, and the ladder goes on, so
        whoever guesses silences no alert.
        """
        number, codes = number_of(request), codes_in(request.body)
        async with self.database.transaction() as connection:
            alerts = AlertRepository(connection)
            await alerts.lock_replies(number)
            now = await alerts.now()
            wrong = await alerts.wrong_codes(number, now - self.settings.wrong_code_window)
            if wrong >= self.settings.wrong_codes_allowed:
                raise TooManyWrongCodes
            if await alerts.attempt_with_code(number, codes, now - self.settings.proof_lifetime):
                return
            await alerts.add_wrong_codes(event.id, number, codes)
        raise WrongCode

    async def _on_receipt(self, event: Event[AlertRequested], receipt: DeliveryReceipt) -> None:
        """Keep a receipt, and apply it if its attempt knows the provider's id already."""
        async with self.database.transaction() as connection:
            if await inbox.record(connection, event.id) is None:
                return
            alerts = AlertRepository(connection)
            await alerts.lock_provider_id(receipt.provider_id)
            await alerts.add_receipt(receipt)
            found = await alerts.attempt_with_provider_id(receipt.provider_id)
            if found is None:
                return
            attempt_id, alert_id = found
            locked = await _lock(alerts, alert_id)
            attempt = await alerts.lock_attempt(attempt_id)
            await record_report(connection, attempt, locked, receipt, event)

    async def _on_seen(self, event: Event[AlertRequested]) -> None:
        """Note that a person has the alert before their eyes; saying so again changes nothing."""
        if event.data.actor is None:
            raise ActorMissing
        async with self.database.transaction() as connection:
            if await inbox.record(connection, event.id) is None:
                return
            alerts = AlertRepository(connection)
            locked = await _lock(alerts, event.data.alert_id)
            shown = await alerts.lock_unseen(locked.alert.id, event.data.actor.id)
            if shown is not None:
                after = was_shown(shown, locked.now)
                await save_progress(connection, locked.alert, shown, after, locked.now, event)


async def _revise(
    alerts: AlertRepository, event: Event[CriticalFinding], now: datetime
) -> Decision | None:
    """Return the alert with a newer version of its finding, or None when there is none."""
    locked = await _lock(alerts, event.data.alert_id)
    decision = escalation.revise_finding(locked.alert, event.data, now)
    if decision:
        await alerts.save(decision, now)
    return decision


def _log_advance(alert: Alert) -> None:
    log.info(
        "alert_advanced",
        alert_id=str(alert.id),
        step=alert.current_step,
        round=alert.round,
        status=alert.status,
    )


async def _lock(alerts: AlertRepository, alert_id: UUID | None) -> Locked:
    locked = await alerts.lock(alert_id) if alert_id else None
    if locked is None:
        raise AlertUnknown
    return locked
