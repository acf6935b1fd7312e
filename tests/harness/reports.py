"""Valid orders to report on, reports and alerts; a test states only what differs."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.enumerations import (
    AlertStatus,
    Channel,
    CriticalCategory,
    OrderStatus,
    Role,
)
from contracts.events.alert_updated import Acknowledgement, AlertUpdated, LadderStep
from contracts.events.critical_finding import CriticalFinding
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportContent, ReportDrafted
from contracts.events.report_finalized import ReportFinalized, SignatureIntent
from contracts.people import Actor
from contracts.topics import ALERT_UPDATED, ORDER_UPDATED, REPORT_DRAFTED, REPORT_FINALIZED
from services.events import Event
from tests.harness.orders import NOW, actor, details, event

ADAMS = actor(Role.RADIOLOGIST, "00000000-0000-4000-8000-000000000001", "Dr. Ruth Adams")
SMITH = actor(Role.PROVIDER, "00000000-0000-4000-8000-000000000005", "Dr. John Smith")

CRITICAL = {
    "has_critical_findings": True,
    "critical_finding_code": "pulmonary_embolism",
    "critical_findings_text": "Acute central pulmonary embolism.",
}


def order_state(order_id: UUID | None = None, **changes: Any) -> OrderUpdated:
    """An order whose images are there."""
    suffix = uuid4().hex[:5].upper()
    values = {
        "id": order_id or uuid4(),
        "version": 5,
        "order_number": f"IMG-20261125-{suffix}",
        "accession_number": f"20261125-{suffix}",
        "details": details(workflow_order_id="WF-1", ordering_provider_name=SMITH.name),
        "status": OrderStatus.IMAGES_AVAILABLE,
        "images_captured_at": NOW,
        "received_instances": 3,
        "created_by": SMITH,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return OrderUpdated.model_validate(values | changes)


def order_updated(order: OrderUpdated) -> Event[OrderUpdated]:
    return event(ORDER_UPDATED, order, subject=order.id)


def content(**changes: Any) -> ReportContent:
    values = {
        "technique": "CT of the chest with IV contrast.",
        "findings": "Filling defects in both main pulmonary arteries.",
        "impression": "Acute pulmonary embolism.",
        "template_id": "ct-chest-pe",
        "checklist": {"pulmonary_arteries": True},
    }
    return ReportContent.model_validate(values | changes)


def drafted(
    order_id: UUID,
    *,
    expected_version: int = 0,
    by: Actor = ADAMS,
    raise_now: bool = False,
    **text: Any,
) -> Event[ReportDrafted]:
    data = ReportDrafted(
        order_id=order_id,
        content=content(**text),
        radiologist=by,
        expected_version=expected_version,
        raise_critical_now=raise_now,
    )
    return event(REPORT_DRAFTED, data, subject=order_id)


def finalized(
    order_id: UUID,
    *,
    expected_version: int = 0,
    by: Actor = ADAMS,
    reason: str = "",
    content_sha256: str | None = None,
    authenticated: timedelta = timedelta(0),
    **text: Any,
) -> Event[ReportFinalized]:
    """`authenticated`: how long before the request the PIN was typed."""
    asked = event(REPORT_FINALIZED, content(), subject=order_id)
    data = ReportFinalized(
        order_id=order_id,
        content=content(**text),
        radiologist=by,
        signature=SignatureIntent(
            method="PIN", authenticated_at=asked.envelope.time - authenticated
        ),
        expected_version=expected_version,
        amendment_reason=reason,
        content_sha256=content_sha256,
    )
    return Event(asked.topic, asked.envelope, data)


def alert_state(finding: CriticalFinding, **changes: Any) -> AlertUpdated:
    """The alert of a finding, not acknowledged yet."""
    values = {
        "id": finding.alert_id,
        "version": 1,
        "finding": finding,
        "status": AlertStatus.OPEN,
        "ladder": (
            LadderStep(
                number=1,
                person_id=SMITH.id,
                person_name=SMITH.name,
                channels=(Channel.SMS,),
                after_seconds=0,
            ),
        ),
        "current_step": 1,
        "acknowledge_by": NOW + timedelta(minutes=5),
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return AlertUpdated.model_validate(values | changes)


def acknowledged(finding: CriticalFinding, **changes: Any) -> AlertUpdated:
    """The alert after its doctor took the call."""
    acknowledgement = Acknowledgement(
        person_id=SMITH.id,
        person_name=SMITH.name,
        channel=Channel.VOICE,
        at=NOW + timedelta(minutes=2),
    )
    values = {
        "version": 2,
        "status": AlertStatus.ACKNOWLEDGED,
        "acknowledgement": acknowledgement,
        "responsible_name": SMITH.name,
    }
    return alert_state(finding, **(values | changes))


def closed(finding: CriticalFinding, **changes: Any) -> AlertUpdated:
    """The alert after the doctor read the finding back."""
    values = {
        "version": 3,
        "status": AlertStatus.CLOSED,
        "read_back_text": "Embolism on both sides",
        "closed_at": NOW + timedelta(minutes=3),
    }
    return acknowledged(finding, **(values | changes))


def alert_updated(alert: AlertUpdated) -> Event[AlertUpdated]:
    return event(ALERT_UPDATED, alert, subject=alert.id)


def critical_finding(**changes: Any) -> CriticalFinding:
    values = {
        "alert_id": uuid4(),
        "order_id": uuid4(),
        "order_number": "IMG-20261125-ABCD1",
        "report_id": uuid4(),
        "report_version": 1,
        "category": CriticalCategory.RED,
        "finding_code": "pulmonary_embolism",
        "finding_title": "Pulmonary embolism",
        "stat": True,
        "text": "Acute central pulmonary embolism.",
        "modality": "CT",
        "body_part": "CHEST",
        "priority": "STAT",
        "ordering_provider_id": SMITH.id,
        "ordering_provider_name": SMITH.name,
        "found_by": ADAMS,
        "found_at": NOW,
    }
    return CriticalFinding.model_validate(values | changes)
