"""Orders, rooms and bookings in the database: one class over one connection of a transaction."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from contracts.enumerations import Modality
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_updated import OrderUpdated
from order_consumer.errors import SlotTaken
from order_consumer.scheduling import Slot, Span
from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("order_consumer")


class Booking(NamedTuple):
    """A time at which a room is taken."""

    equipment_id: UUID
    span: Span


class RoutineBooking(NamedTuple):
    """An appointment that may give way."""

    order_id: UUID
    equipment_id: UUID
    span: Span


class InTheWay(NamedTuple):
    """What a wanted time collides with."""

    room: str
    span: Span
    order_number: str | None
    """None: the room is blocked."""
    is_room: bool
    """Whether it is the room that is taken, or else the patient."""
    reason: str

    def in_words(self, zone: ZoneInfo) -> str:
        """Return the sentence for who wanted that time, its dates as the portals write them."""
        start, end = (moment.astimezone(zone) for moment in self.span)
        last_day = f"{end:%d %b %Y} " if end.date() != start.date() else ""
        when = f"from {start:%d %b %Y %H:%M} to {last_day}{end:%H:%M}"
        if self.order_number is None:
            return f"{self.room} is blocked {when} ({self.reason}); choose another time."
        if self.is_room:
            return f"{self.room} is taken {when} by {self.order_number}; choose another time."
        return f"The patient is in {self.room} {when} for {self.order_number}; choose another time."


class OrderStudy(NamedTuple):
    """A study that fulfils an order."""

    study_instance_uid: str
    instances: int
    complete: bool


class OrderRepository:
    """One method per named query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what the body did when it fails, and keep the transaction."""
        async with self._connection.transaction():
            yield

    async def lock_order(self, order_id: UUID) -> OrderUpdated | None:
        """Load an order and keep it from changing until the transaction ends."""
        state = await self._connection.fetchval(_QUERIES["lock_order"], order_id)
        return OrderUpdated.model_validate_json(state) if state else None

    async def insert_orders(self, orders: Sequence[OrderUpdated]) -> set[UUID]:
        """Store new orders; return those whose id and number were free."""
        states = [order.model_dump_json(by_alias=True) for order in orders]
        rows = await self._connection.fetch(_QUERIES["insert_orders"], states)
        return {UUID(int=row["id"].int) for row in rows}

    async def update_order(self, order: OrderUpdated) -> None:
        """Store a changed order."""
        await self._connection.execute(
            _QUERIES["update_order"], order.id, order.model_dump_json(by_alias=True)
        )

    async def lock_equipment(self, equipment_id: UUID) -> EquipmentUpdated | None:
        """Load a room and keep it from changing until the transaction ends."""
        state = await self._connection.fetchval(_QUERIES["lock_equipment"], equipment_id)
        return EquipmentUpdated.model_validate_json(state) if state else None

    async def equipment(self) -> list[EquipmentUpdated]:
        """Load all rooms."""
        rows = await self._connection.fetch(_QUERIES["equipment"])
        return [EquipmentUpdated.model_validate_json(row["state"]) for row in rows]

    async def save_equipment(self, equipment: EquipmentUpdated) -> None:
        """Store a room."""
        await self._connection.execute(
            _QUERIES["save_equipment"], equipment.model_dump_json(by_alias=True)
        )

    async def bookings_from(self, moment: datetime) -> list[Booking]:
        """Load what is booked and not over at a moment."""
        rows = await self._connection.fetch(_QUERIES["bookings_from"], moment)
        return [Booking(row["equipment_id"], _span(row)) for row in rows]

    async def bookings_of_patient(
        self, patient_id: UUID, moment: datetime, *, without_order: UUID
    ) -> list[Span]:
        """Load where a patient is expected from a moment on, but for one order."""
        rows = await self._connection.fetch(
            _QUERIES["bookings_of_patient"], patient_id, moment, without_order
        )
        return [_span(row) for row in rows]

    async def bookings_of_patients(
        self, patient_ids: Collection[UUID], moment: datetime
    ) -> dict[UUID, list[Span]]:
        """Load where each patient is expected from a moment on."""
        spans: dict[UUID, list[Span]] = {id_: [] for id_ in patient_ids}
        rows = await self._connection.fetch(
            _QUERIES["bookings_of_patients"], list(patient_ids), moment
        )
        for row in rows:
            spans[UUID(int=row["patient_id"].int)].append(_span(row))
        return spans

    async def book_appointments(self, orders: Sequence[OrderUpdated]) -> set[UUID]:
        """Take the slots of new orders' appointments; return the appointments that were free."""
        wanted = [
            (a.id, a.equipment_id, a.starts_at, a.ends_at, order.id, order.details.patient.id)
            for order in orders
            if (a := order.appointment)
        ]
        if not wanted:
            return set()
        columns = (list(column) for column in zip(*wanted, strict=True))
        rows = await self._connection.fetch(_QUERIES["book_many"], *columns)
        return {UUID(int=row["id"].int) for row in rows}

    async def book(self, booking_id: UUID, slot: Slot, order: OrderUpdated) -> None:
        """Take a slot for an order; `SlotTaken` when room or patient has something else."""
        await self._book(booking_id, slot, order.id, order.details.patient.id, "")

    async def block(self, booking_id: UUID, slot: Slot, reason: str) -> None:
        """Take a time out of a room's calendar; `SlotTaken` when an appointment is in it."""
        await self._book(booking_id, slot, None, None, reason)

    async def _book(
        self,
        booking_id: UUID,
        slot: Slot,
        order_id: UUID | None,
        patient_id: UUID | None,
        reason: str,
    ) -> None:
        room, (start, end) = slot.equipment.id, slot.span
        booked = await self._connection.fetchval(
            _QUERIES["book"], booking_id, room, start, end, order_id, patient_id, reason
        )
        if booked is None:
            raise SlotTaken

    async def refusal_of(self, slot: Slot, order: OrderUpdated | None, zone: ZoneInfo) -> SlotTaken:
        """Return the refusal of a slot for an order, or for nobody, with what it collides with."""
        order_id, patient = (order.id, order.details.patient.id) if order else (None, None)
        row = await self._connection.fetchrow(
            _QUERIES["in_the_way"], slot.equipment.id, patient, *slot.span, order_id
        )
        if row is None:
            return SlotTaken()  # it was given back meanwhile
        number, is_room, reason = row["order_number"], row["is_room"], row["reason"]
        return SlotTaken(InTheWay(row["room"], _span(row), number, is_room, reason).in_words(zone))

    async def unbook_order(self, order_id: UUID) -> Booking | None:
        """Give the slot of an order back."""
        row = await self._connection.fetchrow(_QUERIES["unbook_order"], order_id)
        return Booking(row["equipment_id"], _span(row)) if row else None

    async def unblock(self, booking_id: UUID, equipment_id: UUID) -> bool:
        """Give a blocked time back; False when there is none with this id."""
        query = _QUERIES["unblock"]
        return await self._connection.fetchval(query, booking_id, equipment_id) is not None

    async def routine_bookings(
        self, modality: Modality, start: datetime, end: datetime
    ) -> list[RoutineBooking]:
        """Load appointments that may give way to a STAT order, soonest first."""
        rows = await self._connection.fetch(_QUERIES["routine_bookings"], modality, start, end)
        return [RoutineBooking(row["order_id"], row["equipment_id"], _span(row)) for row in rows]

    async def save_study(
        self,
        study_instance_uid: str,
        version: int,
        *,
        order_id: UUID | None,
        instances: int,
        complete: bool,
    ) -> tuple[bool, UUID | None]:
        """Store what a study's owner says; tell whether it was news, and whose it was before."""
        row = await self._connection.fetchrow(
            _QUERIES["save_study"], study_instance_uid, version, order_id, instances, complete
        )
        return (False, None) if row is None else (True, row["previous_order_id"])

    async def studies_of_order(self, order_id: UUID) -> list[OrderStudy]:
        """Load the studies that fulfil an order."""
        rows = await self._connection.fetch(_QUERIES["studies_of_order"], order_id)
        return [OrderStudy(*row.values()) for row in rows]

    async def orders_with_expired_claim(
        self, limit: int
    ) -> Sequence[tuple[OrderUpdated, datetime]]:
        """Load and lock orders whose reader fell silent, with the database's clock."""
        rows = await self._connection.fetch(_QUERIES["orders_with_expired_claim"], limit)
        return [(OrderUpdated.model_validate_json(row["state"]), row["now"]) for row in rows]


def _span(row: asyncpg.Record) -> Span:
    return Span(row["starts_at"], row["ends_at"])
