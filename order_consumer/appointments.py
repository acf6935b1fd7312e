"""Gives orders their appointments inside a transaction: search in memory, PostgreSQL decides.

What must stay true: an order that finds no slot is kept without one, and never refused for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from contracts.enumerations import OrderStatus, Priority
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_requested import Schedule
from contracts.events.order_updated import Appointment, OrderUpdated
from contracts.identifiers import new_id
from order_consumer import domain
from order_consumer.calendar import Calendar
from order_consumer.errors import (
    EquipmentUnknown,
    NoFreeSlot,
    OutsideOpeningHours,
    SlotTaken,
    TimeIsOver,
    WrongModality,
)
from order_consumer.repository import OrderRepository, RoutineBooking
from order_consumer.scheduling import (
    ENTERED_AFTERWARDS,
    LEAD_TIME,
    STAT_WITHIN,
    USUAL_DURATION,
    Slot,
    Span,
    is_open,
    on_grid,
)

_TRIES = 20
"""Each clash means that another replica took the slot; after so many something else is wrong."""


@dataclass(frozen=True)
class Appointments:
    """Appointments within one transaction, at the database's `now`."""

    orders: OrderRepository
    calendar: Calendar
    now: datetime

    async def propose(self, orders: Sequence[OrderUpdated]) -> list[OrderUpdated]:
        """Return new orders with the first slot that seems free; `book_new` makes it true."""
        await self.calendar.refresh(self.orders, self.now)
        since = min(self.now, *(self._wanted(order) for order in orders))
        patients = {order.details.patient.id for order in orders}
        busy = await self.orders.bookings_of_patients(patients, since)
        return [self._proposed(order, busy[order.details.patient.id]) for order in orders]

    def _proposed(self, order: OrderUpdated, busy: list[Span]) -> OrderUpdated:
        slot = self.calendar.take_first_free(
            order.details.modality,
            _duration(order),
            not_before=self._wanted(order),
            patient_busy=busy,
        )
        if slot is None:
            return order
        busy.append(slot.span)  # the patient's next order in this batch
        appointment = domain.appointment_at(new_id(), slot, self.calendar.zone)
        return order.model_copy(update={"appointment": appointment})

    async def book_new(
        self, orders: Sequence[OrderUpdated]
    ) -> list[tuple[OrderUpdated, list[OrderUpdated]]]:
        """Book what was proposed for stored orders; return each as it is now, and what it moved.

        STAT orders come last: a routine one that gives way may be of the same batch.
        """
        booked = await self.orders.book_appointments(orders)
        last = sorted(orders, key=lambda order: order.details.priority is Priority.STAT)
        return [await self._settle(order, booked) for order in last]

    async def _settle(
        self, order: OrderUpdated, booked: set[UUID]
    ) -> tuple[OrderUpdated, list[OrderUpdated]]:
        """Look again when another replica was faster; let a STAT order that is late take over."""
        appointment = order.appointment
        if appointment and appointment.id not in booked:
            self.calendar.doubt()
            appointment = await self._book_first_free(order, not_before=self._wanted(order))
        moved: list[OrderUpdated] = []
        if order.details.priority is Priority.STAT and self._is_late(appointment):
            appointment, moved = await self._take_over(order, appointment)
        if appointment != order.appointment:
            order = order.model_copy(update={"appointment": appointment})
            await self.orders.update_order(order)
        return order, moved

    async def reschedule(self, order: OrderUpdated, request: Schedule) -> OrderUpdated:
        """Return an order with the wanted appointment; raises a refusal when it cannot be had."""
        domain.require_reschedulable(order)
        await self.orders.unbook_order(order.id)
        self.calendar.doubt()
        await self.calendar.refresh(self.orders, self.now)
        if request.starts_at is None:
            earliest = on_grid(self.now + LEAD_TIME[order.details.priority])
            appointment = await self._book_first_free(order, not_before=earliest, request=request)
            if appointment is None:
                raise NoFreeSlot
        else:
            span = Span(request.starts_at, request.starts_at + _length(order, request))
            appointment = await self._book_wanted(order, request, span)
        return domain.give_appointment(order, appointment, self.now)

    async def _book_wanted(self, order: OrderUpdated, request: Schedule, span: Span) -> Appointment:
        """Book exactly the wanted time, in the wanted room or in any that has it free."""
        if span.start < self.now - timedelta(minutes=5):
            raise TimeIsOver
        refusal: Exception = NoFreeSlot()
        for room in self._rooms_for(order, request):
            if not is_open(room, span, self.calendar.zone):
                refusal = OutsideOpeningHours()
                continue
            slot = Slot(room, span)
            try:
                return await self._book(order, slot)
            except SlotTaken:
                refusal = await self.orders.refusal_of(slot, order, self.calendar.zone)
        raise refusal

    def _rooms_for(self, order: OrderUpdated, request: Schedule) -> list[EquipmentUpdated]:
        if request.equipment_id is None:
            usual = order.appointment.equipment_id if order.appointment else None
            rooms = self.calendar.rooms_for(order.details.modality)
            return sorted(rooms, key=lambda room: room.id != usual)
        room = self.calendar.room(request.equipment_id)
        if room is None or not room.active:
            raise EquipmentUnknown
        if room.modality is not order.details.modality:
            raise WrongModality
        return [room]

    async def _book_first_free(
        self,
        order: OrderUpdated,
        *,
        not_before: datetime,
        request: Schedule | None = None,
    ) -> Appointment | None:
        """Book the first slot that fits; on a clash the next one."""
        patient = order.details.patient.id
        since = min(self.now, not_before)
        busy = await self.orders.bookings_of_patient(patient, since, without_order=order.id)
        for _ in range(_TRIES):
            await self.calendar.refresh(self.orders, self.now)
            slot = self.calendar.take_first_free(
                order.details.modality,
                _length(order, request),
                not_before=not_before,
                patient_busy=busy,
                equipment_id=request.equipment_id if request else None,
            )
            if slot is None:
                return None
            try:
                return await self._book(order, slot)
            except SlotTaken:
                self.calendar.doubt()
        return None

    async def _book(self, order: OrderUpdated, slot: Slot) -> Appointment:
        booking_id = _standing(order, slot) or new_id()
        await self.orders.book(booking_id, slot, order)
        return domain.appointment_at(booking_id, slot, self.calendar.zone)

    async def _take_over(
        self, order: OrderUpdated, late: Appointment | None
    ) -> tuple[Appointment | None, list[OrderUpdated]]:
        """Let a STAT order take the place of a routine one, which moves to its next free slot."""
        until = late.starts_at if late else self.now + timedelta(days=1)
        candidates = await self.orders.routine_bookings(order.details.modality, self.now, until)
        for candidate in candidates:
            routine = await self._if_it_can_give_way(candidate, _duration(order))
            room = self.calendar.room(candidate.equipment_id)
            if routine is None or room is None:
                continue
            start = candidate.span.start
            slot = Slot(room, Span(start, start + _duration(order)))
            try:
                async with self.orders.savepoint():
                    await self.orders.unbook_order(routine.id)
                    await self.orders.unbook_order(order.id)
                    appointment = await self._book(order, slot)
            except SlotTaken:
                continue  # the STAT patient is elsewhere at that time
            self.calendar.doubt()
            return appointment, [await self._move(routine, candidate.span.end)]
        return late, []

    async def _if_it_can_give_way(
        self, candidate: RoutineBooking, duration: timedelta
    ) -> OrderUpdated | None:
        """Lock the routine order, and look again: it may have moved or begun meanwhile."""
        if candidate.span.end - candidate.span.start < duration:
            return None
        routine = await self.orders.lock_order(candidate.order_id)
        if (
            routine is None
            or routine.status is not OrderStatus.SCHEDULED
            or routine.checked_in_at is not None
            or routine.appointment is None
            or routine.appointment.starts_at != candidate.span.start
        ):
            return None
        return routine

    async def _move(self, routine: OrderUpdated, not_before: datetime) -> OrderUpdated:
        appointment = await self._book_first_free(routine, not_before=not_before)
        moved = domain.give_appointment(routine, appointment, self.now)
        await self.orders.update_order(moved)
        return moved

    def _is_late(self, appointment: Appointment | None) -> bool:
        return appointment is None or appointment.starts_at > self.now + STAT_WITHIN

    def _wanted(self, order: OrderUpdated) -> datetime:
        """Return the earliest start: what the orderer wants, but time to come there.

        An exam that took place some hours ago, in an emergency or while systems were down, is
        entered afterwards with its time.
        """
        details = order.details
        earliest = on_grid(self.now + LEAD_TIME[details.priority])
        if details.scheduled_date is None:
            return earliest
        wanted = datetime.combine(
            details.scheduled_date, details.scheduled_time or time(0), self.calendar.zone
        )
        if details.scheduled_time and self.now - ENTERED_AFTERWARDS <= wanted < self.now:
            return wanted
        return max(wanted, earliest)


def _standing(order: OrderUpdated, slot: Slot) -> UUID | None:
    """Return the id of an order's appointment if it is this slot: then it stays as it is."""
    held = order.appointment
    if held and held.equipment_id == slot.equipment.id:
        return held.id if Span(held.starts_at, held.ends_at) == slot.span else None
    return None


def _length(order: OrderUpdated, request: Schedule | None) -> timedelta:
    """Return how long the exam shall be: as wanted, else as it stands in the calendar."""
    if request and request.duration_minutes:
        return timedelta(minutes=request.duration_minutes)
    held = order.appointment
    return held.ends_at - held.starts_at if held else _duration(order)


def _duration(order: OrderUpdated) -> timedelta:
    wanted = order.details.appointment_duration
    return timedelta(minutes=wanted) if wanted else USUAL_DURATION[order.details.modality]
