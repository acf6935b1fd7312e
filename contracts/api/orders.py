"""Orders, as the portals and the workflow service see them: the spec's `imaging_orders`."""

from datetime import date, time
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from contracts.api.paging import Filter, Page
from contracts.base import Contract, Day, Line, RequestBody, RequiredLine, Text, UtcDatetime
from contracts.enumerations import Laterality, Modality, OrderStatus, Priority
from contracts.events.order_created import OrderDetails
from contracts.events.order_requested import Confirmations, ContrastScreening, MriScreening
from contracts.events.order_updated import (
    Appointment,
    OrderUpdated,
    ReadingClaim,
    Screening,
    StatusChange,
)
from contracts.identifiers import AccessionNumber, OrderNumber, Uid
from contracts.people import Actor


class Order(OrderDetails):
    """An order: what was wanted, and where it stands."""

    id: UUID
    version: int = Field(description="Also its ETag; send it back as If-Match")
    order_number: OrderNumber
    accession_number: AccessionNumber
    status: OrderStatus
    appointment: Appointment | None = Field(default=None, description="None: no slot was found yet")
    scheduled_date: date | None = Field(
        default=None, description="Day of the appointment in the hospital's zone"
    )
    scheduled_time: time | None = Field(
        default=None, description="Time of the appointment in the hospital's zone"
    )
    appointment_duration: int | None = Field(default=None, description="Minutes")
    wanted_date: date | None = Field(default=None, description="Day that the orderer asked for")
    wanted_time: time | None = Field(default=None, description="Time that the orderer asked for")
    checked_in_at: UtcDatetime | None = None
    screening: Screening | None = None
    screening_required: tuple[str, ...] = ()
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

    @classmethod
    def of(cls, snapshot: OrderUpdated) -> "Order":
        """Flatten a snapshot; the appointment's day and time stand where the spec has them."""
        slot = snapshot.appointment
        state = {name: value for name, value in snapshot if name != "details"}
        wanted = dict(snapshot.details)
        return cls(
            **wanted
            | state
            | {
                "wanted_date": snapshot.details.scheduled_date,
                "wanted_time": snapshot.details.scheduled_time,
                "scheduled_date": slot.scheduled_date if slot else None,
                "scheduled_time": slot.scheduled_time if slot else None,
                "appointment_duration": slot.appointment_duration
                if slot
                else snapshot.details.appointment_duration,
            }
        )


class OrderPage(Page[Order]):
    """A page of orders."""


class OrderFilter(Filter):
    """Which orders to list; all that is given must hold."""

    status: tuple[OrderStatus, ...] = ()
    modality: tuple[Modality, ...] = ()
    priority: tuple[Priority, ...] = ()
    day: Day | None = Field(
        default=None, alias="date", description="Day of the appointment in the hospital's zone"
    )
    date_from: Day | None = None
    date_to: Day | None = Field(default=None, description="Including this day")
    patient_id: UUID | None = None
    equipment_id: UUID | None = None
    assigned_to: UUID | Literal["me", "nobody"] | None = None
    without_slot: bool | None = None
    mine: bool = Field(
        default=False,
        description="Ordered by me, or I was told of a critical finding in it; assigned to me or "
        "claimed by me",
    )
    sort: Literal["scheduled", "due", "newest", "updated", "unread"] = Field(
        default="scheduled",
        description="`unread`: what I have not opened first, then the newest, then cancelled",
    )

    @model_validator(mode="after")
    def _days_are_in_order(self) -> "OrderFilter":
        if self.date_from and self.date_to and self.date_to < self.date_from:
            raise ValueError("dateTo is before dateFrom")
        return self


class OrderSearch(OrderFilter):
    """A list by patient: sent as a body, since names and numbers do not belong into an address."""

    patient: Line = Field(
        default="", description="Part of the name, the MRN, an order or accession number"
    )


class WantedExam(RequestBody):
    """An exam that somebody is about to order; the patient by number, as images are matched."""

    model_config = ConfigDict(extra="forbid")

    mrn: RequiredLine = Field(max_length=64)
    issuer_of_patient_id: Line = Field(default="", max_length=64)
    modality: Modality
    study_type: Line = ""
    body_part: RequiredLine
    within_days: int = Field(default=7, ge=0, le=365, description="An open order counts at any age")


class SimilarOrder(Contract):
    """As much of an order, whoever gave it, as keeps a patient from the same exam twice."""

    id: UUID = Field(description="Opens nothing by itself; see mayOpen")
    modality: Modality
    study_type: str
    body_part: str
    laterality: Laterality | None = None
    status: OrderStatus
    starts_at: UtcDatetime | None = Field(default=None, description="Of the appointment")
    created_at: UtcDatetime
    completed_at: UtcDatetime | None = None
    may_open: bool = Field(description="Whether the order itself may be read by who asks")

    @classmethod
    def of(cls, snapshot: OrderUpdated, *, may_open: bool) -> "SimilarOrder":
        """Leave out who ordered it, why, and what was found."""
        wanted = snapshot.details
        return cls(
            id=snapshot.id,
            modality=wanted.modality,
            study_type=wanted.study_type,
            body_part=wanted.body_part,
            laterality=wanted.laterality,
            status=snapshot.status,
            starts_at=snapshot.appointment.starts_at if snapshot.appointment else None,
            created_at=snapshot.created_at,
            completed_at=snapshot.completed_at,
            may_open=may_open,
        )


class SimilarOrders(Contract):
    """Orders that another one would double, the newest first."""

    items: tuple[SimilarOrder, ...]


class CreateOrder(OrderDetails, RequestBody):
    """The spec's CreateImagingOrderDto."""

    ordering_provider_id: UUID | None = Field(  # type: ignore[assignment]  # wider on its way in
        default=None, description="None: whoever sends this"
    )

    def details(self, ordering_provider_id: UUID, name: str) -> OrderDetails:
        """Return what is wanted, with its orderer."""
        return OrderDetails(
            **dict(self)
            | {
                "ordering_provider_id": ordering_provider_id,
                "ordering_provider_name": self.ordering_provider_name or name,
            }
        )


class Reschedule(RequestBody):
    """Another appointment; without a start the first free slot."""

    starts_at: UtcDatetime | None = None
    equipment_id: UUID | None = None
    duration_minutes: int | None = Field(default=None, ge=5, le=480)


class CancelOrder(RequestBody):
    """Why the exam shall not take place."""

    reason: RequiredLine


class CheckInPatient(RequestBody):
    """The patient is here."""

    identity_verified: bool = Field(description="Two identifiers compared with the person")


class ScreenPatient(RequestBody):
    """Answers of the safety screening; without any: a decision over those that stand."""

    contrast: ContrastScreening | None = None
    mri: MriScreening | None = None
    confirmations: Confirmations | None = Field(
        default=None, description="Demanded for each answer that the order's own contradicts"
    )
    override_reason: Text = ""


class CompleteExam(RequestBody):
    """All images are made."""

    expected_instances: int | None = Field(default=None, ge=1, le=100_000)


class AssignOrder(RequestBody):
    """Who shall read it; none takes it back."""

    radiologist_id: UUID | None


class ReadyFilter(Filter):
    """The reading worklist, by time left on the clock."""

    model_config = ConfigDict(extra="forbid")

    modality: tuple[Modality, ...] = ()
    priority: tuple[Priority, ...] = ()
    body_part: Line = ""
    assigned_to: UUID | Literal["me", "nobody"] | None = None
    unclaimed: bool = Field(default=False, description="Only what nobody else is reading")
    page_size: int = Field(default=200, ge=1, le=500)


class ScheduleFilter(Filter):
    """The schedule of one day, or of some."""

    day: Day | None = Field(
        default=None, alias="date", description="None: today in the hospital's zone"
    )
    date_to: Day | None = Field(default=None, description="Including this day; none: one day")
    modality: tuple[Modality, ...] = ()
    priority: tuple[Priority, ...] = ()
    equipment_id: UUID | None = None
    page_size: int = Field(default=500, ge=1, le=500)
