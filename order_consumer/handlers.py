"""What order_consumer does on each event: one function per topic, one transaction each.

Every handler tells the same story: record the event in the inbox (a repeated one ends here), load
and lock what it concerns, decide, save, and add the snapshot to the outbox. `order.created`, which
somebody waits for, does so for a whole batch at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.base import Contract
from contracts.enumerations import StudyCompleteness
from contracts.events.equipment_updated import BlockedTime, EquipmentUpdated
from contracts.events.order_created import OrderCreated
from contracts.events.order_requested import (
    BlockTime,
    Cancel,
    Claim,
    OrderRequested,
    SaveEquipment,
    Schedule,
    UnblockTime,
)
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyUpdated
from contracts.topics import EQUIPMENT_UPDATED, ORDER_UPDATED
from order_consumer import domain
from order_consumer.appointments import Appointments
from order_consumer.calendar import Calendar
from order_consumer.errors import (
    BlockUnknown,
    EquipmentUnknown,
    OrderAlreadyExists,
    OrderUnknown,
    SlotTaken,
    TimeIsOver,
    VersionStale,
)
from order_consumer.repository import OrderRepository
from order_consumer.scheduling import Slot, Span
from order_consumer.settings import OrderConsumerSettings
from services import inbox, outbox
from services.database import Connection, Database
from services.events import Event, new_event

SOURCE = "/order_consumer"
_NUMBER_TRIES = 8


@dataclass(frozen=True)
class OrderHandlers:
    """The handlers, with what they stand on."""

    database: Database
    calendar: Calendar
    settings: OrderConsumerSettings

    async def on_orders_created(self, events: Sequence[Event[OrderCreated]]) -> None:
        """Accept orders, each with the first slot that fits; without one it waits on a list."""
        async with self.calendar.kept_true(), self.database.transaction() as connection:
            fresh = await inbox.record_many(connection, [event.id for event in events])
            if not fresh:
                return
            now = max(fresh.values())
            causes = {event.data.order_id: event for event in inbox.new_of(events, fresh)}
            if len(causes) < len(fresh):
                raise OrderAlreadyExists  # twice in this batch; by itself, the first is accepted
            orders = OrderRepository(connection)
            appointments = Appointments(orders, self.calendar, now)
            accepted = [self._accept(event.data, now) for event in causes.values()]
            stored = await self._insert(orders, await appointments.propose(accepted), now)
            await outbox.add(
                connection,
                *(
                    _snapshot(changed, causes[order.id], now)
                    for order, moved in await appointments.book_new(stored)
                    for changed in (*moved, order)
                ),
            )

    async def on_order_requested(self, event: Event[OrderRequested]) -> None:
        """Carry out a request on an order or a room, or refuse it with a reason."""
        request = event.data.request
        if isinstance(request, SaveEquipment | BlockTime | UnblockTime):
            await self._change_equipment(event)
        else:
            await self._change_order(event, request)

    async def on_study_updated(self, event: Event[StudyUpdated]) -> None:
        """Let the orders follow whose images these are, or were until now."""
        study = event.data
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            orders = OrderRepository(connection)
            is_news, previous = await orders.save_study(
                study.study_instance_uid,
                study.version,
                order_id=study.match.order_id,
                instances=study.number_of_instances,
                complete=study.completeness is StudyCompleteness.COMPLETE,
            )
            if not is_news:
                return
            concerned = {id_ for id_ in (study.match.order_id, previous) if id_}
            for order_id in sorted(concerned):
                await _follow_images(connection, orders, event, order_id, now)

    async def on_report_updated(self, event: Event[ReportUpdated]) -> None:
        """Let the order's status follow its report."""
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            orders = OrderRepository(connection)
            order = await orders.lock_order(event.data.order_id)
            changed = order and domain.follow_report(order, event.data, now)
            if changed:
                await orders.update_order(changed)
                await _publish(connection, event, now, changed)

    async def end_silent_claims(self) -> int:
        """Free cases whose reader's lease ran out; return how many."""
        async with self.database.transaction() as connection:
            orders = OrderRepository(connection)
            freed = 0
            for order, now in await orders.orders_with_expired_claim(50):
                if changed := domain.expire_claim(order, now):
                    await orders.update_order(changed)
                    await outbox.add(
                        connection,
                        new_event(ORDER_UPDATED, changed, subject=order.id, source=SOURCE, at=now),
                    )
                    freed += 1
            return freed

    def _accept(self, created: OrderCreated, now: datetime) -> OrderUpdated:
        domain.require_born(created.details.patient, now, self.settings.hospital.zone)
        return domain.accept_order(created, self._number(created.order_id, now, 0), now)

    def _number(self, order_id: UUID, now: datetime, attempt: int) -> str:
        return domain.order_number(order_id, now, self.settings.hospital.zone, attempt)

    async def _insert(
        self, orders: OrderRepository, new: Sequence[OrderUpdated], now: datetime
    ) -> list[OrderUpdated]:
        """Store new orders; one whose number is taken gets another."""
        stored = await orders.insert_orders(new)
        return [
            order if order.id in stored else await self._insert_renumbered(orders, order, now)
            for order in new
        ]

    async def _insert_renumbered(
        self, orders: OrderRepository, order: OrderUpdated, now: datetime
    ) -> OrderUpdated:
        if await orders.lock_order(order.id):
            raise OrderAlreadyExists
        for attempt in range(1, _NUMBER_TRIES):
            renumbered = domain.with_number(order, self._number(order.id, now, attempt))
            if await orders.insert_orders([renumbered]):
                return renumbered
        raise OrderAlreadyExists("No free order number was found for today; try again.")

    async def _change_order(
        self, event: Event[OrderRequested], request: Schedule | Claim | domain.Decided
    ) -> None:
        actor = event.data.actor
        async with self.calendar.kept_true(), self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            orders = OrderRepository(connection)
            order = await orders.lock_order(event.data.subject_id)
            if order is None:
                raise OrderUnknown
            _require_version(event, order.version)
            if isinstance(request, Schedule):
                changed = await Appointments(orders, self.calendar, now).reschedule(order, request)
            elif isinstance(request, Claim):
                lease = self.settings.claim_lease
                changed = domain.claim_reading(order, actor, now, lease)
            else:
                changed = domain.decide(request, order, actor, now)
            if isinstance(request, Cancel) and await orders.unbook_order(order.id):
                self.calendar.doubt()
            answer = domain.newer_of(order, changed)
            if answer is changed:
                await orders.update_order(changed)
            await _publish(connection, event, now, answer)

    async def _change_equipment(self, event: Event[OrderRequested]) -> None:
        async with self.calendar.kept_true(), self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            orders = OrderRepository(connection)
            room = await orders.lock_equipment(event.data.subject_id)
            if room:
                _require_version(event, room.version)
            changed = await _changed_equipment(orders, event, room, now, self.calendar.zone)
            answer = domain.newer_of(room, changed)
            if answer is changed:
                await orders.save_equipment(changed)
            await outbox.add(
                connection,
                new_event(
                    EQUIPMENT_UPDATED,
                    answer,
                    subject=answer.id,
                    source=SOURCE,
                    at=now,
                    caused_by=event,
                ),
            )
        self.calendar.doubt()


async def _changed_equipment(
    orders: OrderRepository,
    event: Event[OrderRequested],
    room: EquipmentUpdated | None,
    now: datetime,
    zone: ZoneInfo,
) -> EquipmentUpdated:
    request = event.data.request
    if isinstance(request, SaveEquipment):
        return domain.save_equipment(room, event.data.subject_id, request, now)
    if room is None:
        raise EquipmentUnknown
    blocked = [b for b in room.blocked_times if b.ends_at > now]
    if isinstance(request, BlockTime):
        if request.ends_at <= max(request.starts_at, now):
            raise TimeIsOver
        span = Span(request.starts_at, request.ends_at)
        try:
            await orders.block(request.block_id, Slot(room, span), request.reason)
        except SlotTaken:
            raise await orders.refusal_of(Slot(room, span), None, zone) from None
        blocked.append(
            BlockedTime(
                id=request.block_id, starts_at=span.start, ends_at=span.end, reason=request.reason
            )
        )
    elif isinstance(request, UnblockTime):
        if not await orders.unblock(request.block_id, room.id):
            raise BlockUnknown
        blocked = [b for b in blocked if b.id != request.block_id]
    return room.model_copy(
        update={
            "version": room.version + 1,
            "blocked_times": tuple(sorted(blocked, key=lambda b: b.starts_at)),
            "updated_at": now,
        }
    )


async def _follow_images(
    connection: Connection,
    orders: OrderRepository,
    event: Event[StudyUpdated],
    order_id: UUID,
    now: datetime,
) -> None:
    order = await orders.lock_order(order_id)
    if order is None:
        return  # a study cannot be matched to an order that its owner never published
    studies = await orders.studies_of_order(order_id)
    changed = domain.receive_images(
        order,
        study_instance_uids=tuple(study.study_instance_uid for study in studies),
        instances=sum(study.instances for study in studies),
        all_complete=bool(studies) and all(study.complete for study in studies),
        now=now,
    )
    if changed:
        await orders.update_order(changed)
        await _publish(connection, event, now, changed)


def _require_version(event: Event[OrderRequested], version: int) -> None:
    expected = event.data.expected_version
    if expected is not None and expected != version:
        raise VersionStale(current_version=version)


async def _publish(
    connection: Connection, event: Event[Contract], now: datetime, *orders: OrderUpdated
) -> None:
    await outbox.add(connection, *(_snapshot(order, event, now) for order in orders))


def _snapshot(order: OrderUpdated, cause: Event[Contract], now: datetime) -> Event[OrderUpdated]:
    return new_event(ORDER_UPDATED, order, subject=order.id, source=SOURCE, at=now, caused_by=cause)
