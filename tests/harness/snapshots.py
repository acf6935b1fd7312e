"""Valid snapshots of every kind; a test states only what differs."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.enumerations import (
    AlertStatus,
    CriticalCategory,
    MatchState,
    Modality,
    OrderStatus,
    Priority,
    ReportStatus,
    Role,
)
from contracts.events.alert_updated import AlertUpdated
from contracts.events.critical_finding import CriticalFinding
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_updated import Appointment, OrderUpdated
from contracts.events.report_drafted import ReportContent
from contracts.events.report_updated import ReportUpdated, ReportVersion
from contracts.events.study_updated import SeriesSummary, StudyMatch, StudyUpdated
from contracts.people import Actor
from tests.harness.orders import actor, details

STARTS = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def order_snapshot(**changes: Any) -> OrderUpdated:
    number = f"{uuid4().int % 36**5:05d}"[:5]
    values = {
        "id": uuid4(),
        "version": 1,
        "order_number": f"IMG-20261125-{number}",
        "accession_number": f"20261125-{number}",
        "details": details(),
        "status": OrderStatus.SCHEDULED,
        "appointment": appointment(),
        "created_by": actor(Role.PROVIDER),
        "created_at": STARTS - timedelta(hours=1),
        "updated_at": STARTS - timedelta(hours=1),
    }
    return OrderUpdated.model_validate(values | changes)


def appointment(**changes: Any) -> Appointment:
    values = {
        "id": uuid4(),
        "equipment_id": uuid4(),
        "equipment_name": "CT 1",
        "room": "R1",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(minutes=30),
        "scheduled_date": date(2026, 11, 25),
        "scheduled_time": time(10, 0),
        "appointment_duration": 30,
    }
    return Appointment.model_validate(values | changes)


def equipment_snapshot(**changes: Any) -> EquipmentUpdated:
    values = {
        "id": uuid4(),
        "version": 1,
        "name": "CT 1",
        "room": "R1",
        "modality": Modality.CT,
        "updated_at": STARTS,
    }
    return EquipmentUpdated.model_validate(values | changes)


def study_snapshot(order: OrderUpdated | None = None, **changes: Any) -> StudyUpdated:
    uid = f"2.25.{uuid4().int}"
    match = StudyMatch(
        state=MatchState.MATCHED if order else MatchState.NO_ORDER,
        order_id=order.id if order else None,
    )
    series = SeriesSummary(
        id=uuid4(), series_instance_uid=f"{uid}.1"[:64], modality="CT", number_of_instances=3
    )
    values = {
        "id": uuid4(),
        "version": 1,
        "study_instance_uid": uid,
        "patient_id": order.details.patient.mrn if order else "",
        "study_date": date(2026, 11, 25),
        "modality": "CT",
        "modalities_in_study": ("CT",),
        "body_part": "CHEST",
        "number_of_series": 1,
        "number_of_instances": 3,
        "series": (series,),
        "match": match,
        "first_received_at": STARTS,
        "last_received_at": STARTS,
        "updated_at": STARTS,
    }
    return StudyUpdated.model_validate(values | changes)


def report_snapshot(order: OrderUpdated, by: Actor | None = None, **changes: Any) -> ReportUpdated:
    version = ReportVersion(
        id=uuid4(),
        number=1,
        status=ReportStatus.PRELIMINARY,
        content=ReportContent(findings="No acute disease.", impression="Normal chest."),
        radiologist=by or actor(Role.RADIOLOGIST),
        created_at=STARTS,
    )
    values = {
        "id": uuid4(),
        "version": 1,
        "report_number": f"RAD-20261125-{uuid4().int % 90_000 + 10_000}",
        "order_id": order.id,
        "status": ReportStatus.PRELIMINARY,
        "versions": (version,),
        "created_at": STARTS,
        "updated_at": STARTS,
    }
    return ReportUpdated.model_validate(values | changes)


def alert_snapshot(order: OrderUpdated, **changes: Any) -> AlertUpdated:
    id_: UUID = changes.pop("id", None) or uuid4()
    finding = CriticalFinding(
        alert_id=id_,
        order_id=order.id,
        order_number=order.order_number,
        report_id=uuid4(),
        report_version=1,
        category=CriticalCategory.RED,
        finding_code="pneumothorax",
        finding_title="Pneumothorax",
        stat=True,
        text="Large pneumothorax on the left.",
        modality=order.details.modality,
        body_part=order.details.body_part,
        priority=Priority.STAT,
        ordering_provider_id=order.details.ordering_provider_id,
        found_by=actor(Role.RADIOLOGIST),
        found_at=STARTS,
    )
    values = {
        "id": id_,
        "version": 1,
        "finding": finding,
        "status": AlertStatus.OPEN,
        "ladder": (),
        "current_step": 1,
        "acknowledge_by": STARTS + timedelta(minutes=15),
        "opened_at": STARTS,
        "updated_at": STARTS,
    }
    return AlertUpdated.model_validate(values | changes)
