"""Valid orders, rooms and requests; a test states only what differs."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from contracts.base import Contract
from contracts.enumerations import Modality, Role, Sex
from contracts.events.order_created import OrderCreated, OrderDetails
from contracts.events.order_requested import (
    OpeningHours,
    OrderRequest,
    OrderRequested,
    SaveEquipment,
)
from contracts.people import Actor, Patient
from contracts.topics import ORDER_CREATED, ORDER_REQUESTED, Topic
from services.events import Event, new_event

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday

ALWAYS_OPEN = tuple(OpeningHours(weekday=day, opens=time(0), closes=time(0)) for day in range(7))


def actor(
    role: Role = Role.RADIOLOGY_TECH, id_: str | None = None, name: str = "Somebody"
) -> Actor:
    return Actor(id=id_ or str(uuid4()), name=name, role=role)


def patient(**changes: Any) -> Patient:
    values = {
        "id": uuid4(),
        "mrn": f"M{uuid4().hex[:8]}",
        "name": "Doe^John",
        "birth_date": date(1980, 5, 17),
        "sex": Sex.MALE,
    }
    return Patient.model_validate(values | changes)


def details(**changes: Any) -> OrderDetails:
    values = {
        "patient": patient(),
        "encounter_id": uuid4(),
        "ordering_provider_id": uuid4(),
        "modality": Modality.CT,
        "study_type": "CT Chest",
        "body_part": "CHEST",
        "clinical_indication": "Dyspnea",
    }
    return OrderDetails.model_validate(values | changes)


def order_created(order_id: UUID | None = None, **changes: Any) -> Event[OrderCreated]:
    id_ = order_id or uuid4()
    data = OrderCreated(
        order_id=id_,
        details=details(**changes),
        created_by=actor(Role.PROVIDER),
        created_at=datetime.now(UTC),
    )
    return event(ORDER_CREATED, data, subject=id_)


def order_requested(
    subject_id: UUID, request: OrderRequest, by: Actor | None = None, **changes: Any
) -> Event[OrderRequested]:
    data = OrderRequested(subject_id=subject_id, request=request, actor=by or actor(), **changes)
    return event(ORDER_REQUESTED, data, subject=subject_id)


def room(modality: Modality = Modality.CT, **changes: Any) -> SaveEquipment:
    values = {
        "name": f"{modality} 1",
        "room": "R1",
        "modality": modality,
        "opening_hours": ALWAYS_OPEN,
    }
    return SaveEquipment.model_validate(values | changes)


def event(topic: Topic[Any], data: Contract, *, subject: object) -> Event[Any]:
    return new_event(topic, data, subject=subject, source="/tests", at=datetime.now(UTC))
