"""Publishes what became of a report, after the commit of the transaction that changed it."""

from collections.abc import Iterable
from uuid import UUID

from contracts.base import Contract
from contracts.events.critical_finding import CriticalFinding
from contracts.events.report_updated import ReportUpdated
from contracts.topics import CRITICAL_FINDING, REPORT_UPDATED
from services import outbox
from services.database import Connection
from services.events import Event, new_event

SOURCE = "/report_consumer"


async def publish_outcome(
    connection: Connection,
    event: Event[Contract],
    report: ReportUpdated,
    findings: Iterable[CriticalFinding] = (),
) -> None:
    """Add the snapshot that an event led to, and the critical findings if there are any."""
    at = report.updated_at
    events: list[Event[Contract]] = [
        new_event(
            REPORT_UPDATED, report, subject=report.order_id, source=SOURCE, at=at, caused_by=event
        )
    ]
    for finding in findings:
        alert_id = finding.alert_id
        events.append(
            new_event(
                CRITICAL_FINDING, finding, subject=alert_id, source=SOURCE, at=at, caused_by=event
            )
        )
    await outbox.add(connection, *events)


async def publish_change(
    connection: Connection, report: ReportUpdated, *, correlation_id: UUID
) -> None:
    """Add the snapshot of a change that no event caused: a document was made, a call-back taken."""
    snapshot = new_event(
        REPORT_UPDATED,
        report,
        subject=report.order_id,
        source=SOURCE,
        at=report.updated_at,
        correlation_id=correlation_id,
    )
    await outbox.add(connection, snapshot)
