"""`order.updated`: the whole state of an order, after each change of it (snapshot)."""

from datetime import date, time
from uuid import UUID

from pydantic import Field

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import OrderStatus
from contracts.events.order_created import OrderDetails
from contracts.events.order_requested import Confirmations, ContrastScreening, MriScreening
from contracts.identifiers import AccessionNumber, OrderNumber, Uid
from contracts.people import Actor


class Appointment(Contract):
    """When and where the exam takes place."""

    id: UUID
    equipment_id: UUID
    equipment_name: str
    room: str
    starts_at: UtcDatetime
    ends_at: UtcDatetime
    scheduled_date: date = Field(description="In the hospital's zone")
    scheduled_time: time = Field(description="In the hospital's zone")
    appointment_duration: int = Field(description="Minutes")


class Screening(Contract):
    """Safety screening as answered, and the verdict over it."""

    contrast: ContrastScreening | None = None
    mri: MriScreening | None = None
    confirmations: Confirmations | None = Field(
        default=None, description="Of the answers that the order's own contradict"
    )
    passed: bool
    concerns: tuple[str, ...] = ()
    override_reason: str = ""
    overridden_by: Actor | None = Field(
        default=None, description="The radiologist who decided to go on in spite of the concerns"
    )
    overridden_at: UtcDatetime | None = None
    screened_by: Actor
    screened_at: UtcDatetime


class ReadingClaim(Contract):
    """Who reads the case now, and until when nobody else may take it."""

    radiologist_id: UUID
    radiologist_name: str
    claimed_at: UtcDatetime
    expires_at: UtcDatetime


class StatusChange(Contract):
    """One step of the order's history."""

    status: OrderStatus
    at: UtcDatetime
    by: Actor | None = None
    reason: str = ""


class OrderUpdated(Contract):
    """An order as others may know it."""

    id: UUID
    version: int = Field(ge=1)
    order_number: OrderNumber
    accession_number: AccessionNumber
    details: OrderDetails
    status: OrderStatus
    appointment: Appointment | None = Field(
        default=None, description="None: no slot was found yet; stands on the list of such orders"
    )
    checked_in_at: UtcDatetime | None = None
    screening: Screening | None = None
    screening_required: tuple[str, ...] = Field(
        default=(), description="Which of 'contrast', 'mri' must be answered before the start"
    )
    performing_technician_id: str | None = None
    started_at: UtcDatetime | None = None
    images_captured_at: UtcDatetime | None = None
    completed_at: UtcDatetime | None = None
    ready_for_read_at: UtcDatetime | None = None
    due_at: UtcDatetime | None = Field(default=None, description="End of the turnaround clock")
    study_instance_uids: tuple[Uid, ...] = ()
    received_instances: int = 0
    expected_instances: int | None = None
    assigned_radiologist_id: UUID | None = None
    assigned_radiologist_name: str = ""
    claim: ReadingClaim | None = None
    reading_started_at: UtcDatetime | None = None
    report_id: UUID | None = None
    reported_at: UtcDatetime | None = None
    cancelled_at: UtcDatetime | None = None
    cancel_reason: str = ""
    history: tuple[StatusChange, ...] = ()
    created_by: Actor
    created_at: UtcDatetime
    updated_at: UtcDatetime
