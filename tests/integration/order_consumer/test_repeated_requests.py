"""A request that finds everything as it wants it: answered with what is, and nothing has changed.

Somebody presses twice, or a caller repeats without a key. Whoever asked is told the order as it
stands; its version does not grow, so nobody else takes it for news.
"""

from uuid import UUID, uuid4

import pytest

from contracts.base import Contract
from contracts.enumerations import Modality, Role
from contracts.events.order_requested import Assign, CheckIn, Complete, Schedule, Start
from contracts.events.order_updated import OrderUpdated
from contracts.topics import EQUIPMENT_UPDATED, ORDER_UPDATED
from order_consumer.handlers import OrderHandlers
from tests.harness.orders import actor, details, order_created, order_requested, room
from tests.harness.outbox import last, outgoing

CHECK_IN = CheckIn(identity_verified=True)


async def ordered(handlers: OrderHandlers, *steps: Contract) -> UUID:
    created = order_created(details=details(contrast_required=False))
    await handlers.on_orders_created([created])
    for step in steps:
        await handlers.on_order_requested(order_requested(created.data.order_id, step))
    return created.data.order_id


async def assert_nothing_changes(handlers: OrderHandlers, order_id: UUID, step: Contract) -> None:
    before: OrderUpdated = await last(handlers.database, ORDER_UPDATED, order_id)

    again = order_requested(order_id, step, by=actor(Role.RADIOLOGY_TECH, name="Another"))
    await handlers.on_order_requested(again)

    answer = (await outgoing(handlers.database, ORDER_UPDATED))[-1]
    assert answer.envelope.causation_id == again.id
    assert answer.data == before


async def bookings(handlers: OrderHandlers) -> list[UUID]:
    async with handlers.database.transaction() as connection:
        return [row["id"] for row in await connection.fetch("select id from bookings")]


async def test_second_check_in_changes_nothing(handlers: OrderHandlers) -> None:
    order_id = await ordered(handlers, CHECK_IN)

    await assert_nothing_changes(handlers, order_id, CHECK_IN)


async def test_second_assignment_to_the_same_reader_changes_nothing(
    handlers: OrderHandlers,
) -> None:
    assign = Assign(radiologist_id=uuid4(), radiologist_name="Dr. Adams")
    order_id = await ordered(handlers, assign)

    await assert_nothing_changes(handlers, order_id, assign)


async def test_second_completion_changes_nothing(handlers: OrderHandlers) -> None:
    complete = Complete(expected_instances=4)
    order_id = await ordered(handlers, CHECK_IN, Start(), complete)

    await assert_nothing_changes(handlers, order_id, complete)


@pytest.mark.parametrize("names_the_room", [True, False])
async def test_second_appointment_in_the_same_slot_changes_nothing(
    handlers: OrderHandlers, names_the_room: bool
) -> None:
    """As when somebody drags an exam in the timeline and lets it go where it was."""
    await handlers.on_order_requested(order_requested(uuid4(), room(Modality.CT)))
    order_id = await ordered(handlers)
    slot = (await last(handlers.database, ORDER_UPDATED, order_id)).appointment
    room_id = slot.equipment_id if names_the_room else None

    same = Schedule(starts_at=slot.starts_at, equipment_id=room_id)
    await assert_nothing_changes(handlers, order_id, same)

    assert await bookings(handlers) == [slot.id]


async def test_longer_appointment_in_the_same_slot_is_news(handlers: OrderHandlers) -> None:
    await handlers.on_order_requested(order_requested(uuid4(), room(Modality.CT)))
    order_id = await ordered(handlers)
    before: OrderUpdated = await last(handlers.database, ORDER_UPDATED, order_id)
    assert before.appointment

    longer = Schedule(starts_at=before.appointment.starts_at, duration_minutes=60)
    await handlers.on_order_requested(order_requested(order_id, longer))

    after: OrderUpdated = await last(handlers.database, ORDER_UPDATED, order_id)
    assert after.appointment
    assert after.version == before.version + 1
    assert after.appointment.appointment_duration == 60
    assert await bookings(handlers) == [after.appointment.id]


async def test_assignment_to_another_reader_is_news(handlers: OrderHandlers) -> None:
    order_id = await ordered(handlers, Assign(radiologist_id=uuid4(), radiologist_name="A"))
    before = await last(handlers.database, ORDER_UPDATED, order_id)

    other = Assign(radiologist_id=uuid4(), radiologist_name="B")
    await handlers.on_order_requested(order_requested(order_id, other))

    after = await last(handlers.database, ORDER_UPDATED, order_id)
    assert after.version == before.version + 1


async def test_room_saved_as_it_is_does_not_change(handlers: OrderHandlers) -> None:
    room_id, saved = uuid4(), room(Modality.CT)
    await handlers.on_order_requested(order_requested(room_id, saved))

    again = order_requested(room_id, saved)
    await handlers.on_order_requested(again)

    first, answer = await outgoing(handlers.database, EQUIPMENT_UPDATED)
    assert answer.envelope.causation_id == again.id
    assert answer.data == first.data
