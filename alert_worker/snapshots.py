"""`alert.updated`: an alert with all its attempts and evidence, as others may know it."""

from collections.abc import Sequence
from datetime import datetime

from alert_worker.domain.alert import Alert
from alert_worker.domain.attempts import Attempt
from alert_worker.repository import AlertRepository
from contracts.base import Contract
from contracts.events.alert_updated import AlertEvent, AlertUpdated
from contracts.events.alert_updated import Attempt as PublicAttempt
from contracts.topics import ALERT_UPDATED
from services import outbox
from services.database import Connection
from services.events import Event, new_event

SOURCE = "/alert_worker"


Cause = Event[Contract] | None
"""What no event caused (a timer, a sender) belongs to the chain that the finding began."""


async def publish(
    connection: Connection, alert: Alert, now: datetime, caused_by: Cause = None
) -> None:
    """Add the alert's snapshot to the outbox; the caller has locked and saved it."""
    await publish_all(connection, [(alert, caused_by)], now)


async def publish_all(
    connection: Connection, changed: Sequence[tuple[Alert, Cause]], now: datetime
) -> None:
    """Add the snapshots of different alerts, as above, in this order."""
    alerts, ids = AlertRepository(connection), [alert.id for alert, _ in changed]
    attempts, evidence = await alerts.attempts(ids), await alerts.evidence(ids)
    await outbox.add(
        connection,
        *(
            _event(alert_updated(alert, attempts[alert.id], evidence[alert.id]), alert, now, cause)
            for alert, cause in changed
        ),
    )


def alert_updated(
    alert: Alert, attempts: Sequence[Attempt], evidence: Sequence[AlertEvent]
) -> AlertUpdated:
    """Return what others may know."""
    responsible = alert.responsible
    return AlertUpdated(
        id=alert.id,
        version=alert.version,
        reference=alert.reference,
        finding=alert.finding,
        status=alert.status,
        ladder=alert.public_ladder(),
        current_step=alert.current_step,
        round=alert.round,
        next_step_at=alert.next_step_at,
        acknowledge_by=alert.acknowledge_by,
        responsible_id=responsible.id,
        responsible_name=responsible.name,
        notified_person_ids=alert.notified_person_ids,
        attempts=tuple(_public(attempt) for attempt in attempts),
        acknowledgement=alert.acknowledgement,
        read_back_text=alert.read_back_text,
        read_back_at=alert.read_back_at,
        evidence=tuple(evidence),
        opened_at=alert.opened_at,
        closed_at=alert.closed_at,
        updated_at=alert.updated_at,
    )


def _public(attempt: Attempt) -> PublicAttempt:
    return PublicAttempt(
        id=attempt.id,
        step=attempt.step,
        round=attempt.round,
        person_id=attempt.person_id,
        person_name=attempt.person_name,
        channel=attempt.channel,
        address_hint=attempt.address_hint,
        state=attempt.state,
        provider_id=attempt.provider_id,
        provider_status=attempt.provider_status,
        answered_by=attempt.answered_by,
        error=attempt.error,
        due_at=attempt.due_at,
        sent_at=attempt.sent_at,
        delivered_at=attempt.delivered_at,
        finished_at=attempt.finished_at,
    )


def _event(
    snapshot: AlertUpdated, alert: Alert, now: datetime, cause: Cause
) -> Event[AlertUpdated]:
    event = new_event(
        ALERT_UPDATED, snapshot, subject=alert.id, source=SOURCE, at=now, caused_by=cause
    )
    if cause:
        return event
    envelope = event.envelope.model_copy(update={"correlation_id": alert.correlation_id})
    return Event(event.topic, envelope, event.data)
