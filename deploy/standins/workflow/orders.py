"""Unified orders: what is asked for by `POST .../orders/unified`, and what is kept of it."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from contracts.base import Contract, Line, RequiredLine, RequiredText, Text
from contracts.enumerations import ContrastType, Laterality, Modality, Priority
from contracts.events.order_created import OrderDetails, StatedSafety
from contracts.identifiers import new_id
from contracts.people import Patient


class RadiologyItem(Contract):
    """An exam; becomes an imaging order."""

    item_type: Literal["RADIOLOGY"]
    modality: Modality
    study_type: RequiredLine
    body_part: RequiredLine
    laterality: Laterality | None = None
    clinical_indication: RequiredText
    clinical_history: Text = ""
    contrast_required: bool = False
    contrast_type: ContrastType | None = None
    contrast_allergy_checked: bool = False
    creatinine_checked: bool = False
    stated_safety: StatedSafety | None = None
    special_instructions: Text = ""
    priority: Priority | None = Field(default=None, description="None: that of the order")
    scheduled_date: date | None = None
    scheduled_time: time | None = None
    appointment_duration: int | None = None


class OtherItem(Contract):
    """Something for another department; noted, and dispatched to nobody."""

    item_type: Literal["LABORATORY", "PHARMACY", "NURSING", "CONSULT"]
    description: Line = ""


Item = Annotated[RadiologyItem | OtherItem, Field(discriminator="item_type")]


class UnifiedOrderRequest(Contract):
    """One patient, one orderer, one or more things to do."""

    patient: Patient
    encounter_id: UUID = Field(default_factory=new_id)
    ordering_provider_id: UUID
    ordering_provider_name: Line = ""
    priority: Priority = Priority.ROUTINE
    items: tuple[Item, ...] = Field(min_length=1, max_length=50)

    def imaging_order(self, item: RadiologyItem, workflow_order_id: str) -> OrderDetails:
        """Return an item as the radiology service takes it; raises pydantic's ValidationError."""
        return OrderDetails.model_validate(
            item.model_dump(exclude={"item_type"})
            | {
                "workflow_order_id": workflow_order_id,
                "patient": self.patient,
                "encounter_id": self.encounter_id,
                "ordering_provider_id": self.ordering_provider_id,
                "ordering_provider_name": self.ordering_provider_name,
                "priority": item.priority or self.priority,
            }
        )


class State(StrEnum):
    """Where an item stands, or an order."""

    PENDING = "PENDING"
    DISPATCHED = "DISPATCHED"
    REFUSED = "REFUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    ELSEWHERE = "ELSEWHERE"


class Via(StrEnum):
    """The way to the radiology service."""

    HTTP = "http"
    KAFKA = "kafka"


class _Record(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class UnifiedItem(_Record):
    """One item of an order, and what became of it. Its id is the key under which it is sent."""

    id: UUID = Field(default_factory=new_id)
    item_type: str
    title: str
    state: State
    details: OrderDetails | None = None
    imaging_order_id: UUID | None = None
    imaging_order_number: str = ""
    appointment: dict[str, Any] | None = None
    problem: str = ""
    tries: int = 0


class UnifiedOrder(_Record):
    """A unified order as it is kept and shown."""

    id: UUID
    created_at: datetime
    idempotency_key: str | None = None
    via: Via
    patient: Patient
    encounter_id: UUID
    ordering_provider_id: UUID
    ordering_provider_name: str = ""
    priority: Priority
    items: list[UnifiedItem]

    @property
    def state(self) -> State:
        """The state of the item that is least far."""
        order = (State.PENDING, State.DISPATCHED, State.REFUSED, State.CANCELLED, State.COMPLETED)
        states = {item.state for item in self.items}
        return next((state for state in order if state in states), State.ELSEWHERE)


class Callback(_Record):
    """What the radiology service told us, once per event id."""

    id: str
    received_at: datetime
    type: str
    subject: str
    data: dict[str, Any]
    deliveries: int = 1


def new_order(
    request: UnifiedOrderRequest, *, at: datetime, via: Via, idempotency_key: str | None
) -> UnifiedOrder:
    """Make an order of a request; raises pydantic's ValidationError for an exam that cannot be."""
    order_id = new_id()
    return UnifiedOrder(
        id=order_id,
        created_at=at,
        idempotency_key=idempotency_key,
        via=via,
        patient=request.patient,
        encounter_id=request.encounter_id,
        ordering_provider_id=request.ordering_provider_id,
        ordering_provider_name=request.ordering_provider_name,
        priority=request.priority,
        items=[_item(request, item, str(order_id)) for item in request.items],
    )


def _item(
    request: UnifiedOrderRequest, item: RadiologyItem | OtherItem, order_id: str
) -> UnifiedItem:
    if isinstance(item, OtherItem):
        return UnifiedItem(item_type=item.item_type, title=item.description, state=State.ELSEWHERE)
    details = request.imaging_order(item, order_id)
    return UnifiedItem(
        item_type=item.item_type, title=item.study_type, state=State.PENDING, details=details
    )
