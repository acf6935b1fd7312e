"""`alert.updated`: an alert with all its attempts and evidence, as others may know it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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


async def publish(
    connection: Connection, alert: Alert, now: datetime, caused_by: Event[Contract] | None = None
) -> None:
    """Add the alert's snapshot to the outbox; the caller has locked and saved it.

    What no event caused (a timer, a sender) belongs to the chain that the finding began.
    """
    alerts = AlertRepository(connection)
    snapshot = alert_updated(
        alert, await alerts.attempts(alert.id), await alerts.evidence(alert.id)
    )
    event = new_event(
        ALERT_UPDATED, snapshot, subject=alert.id, source=SOURCE, at=now, caused_by=caused_by
    )
    await outbox.add(connection, event if caused_by else _in_chain(event, alert.correlation_id))


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


def _in_chain(event: Event[AlertUpdated], correlation_id: UUID) -> Event[AlertUpdated]:
    envelope = event.envelope.model_copy(update={"correlation_id": correlation_id})
    return Event(event.topic, envelope, event.data)
