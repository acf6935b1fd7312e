"""Orders on a real database: accepted once, scheduled without a conflict, moved by requests."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from contracts.enumerations import Modality, OrderStatus, Priority, Role
from contracts.events.order_created import StatedContrast, StatedSafety
from contracts.events.order_requested import (
    BlockTime,
    Cancel,
    CheckIn,
    Claim,
    Confirmations,
    ContrastScreening,
    MriScreening,
    Schedule,
    Screen,
    Start,
)
from contracts.topics import EQUIPMENT_UPDATED, ORDER_UPDATED
from order_consumer.errors import (
    BirthDateInFuture,
    OrderAlreadyExists,
    OrderUnknown,
    OverrideNotAllowed,
    ScreeningContradictsOrder,
    ScreeningMissing,
    ScreeningNotPassed,
    SlotTaken,
    StatusForbids,
    VersionStale,
)
from order_consumer.handlers import OrderHandlers
from services.clock import utc_now
from tests.harness.orders import actor, order_created, order_requested, patient, room
from tests.harness.outbox import last, outgoing


async def open_room(handlers: OrderHandlers, modality: Modality = Modality.CT) -> None:
    await handlers.on_order_requested(order_requested(uuid4(), room(modality)))


async def test_new_order_gets_an_appointment_and_is_published(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    created = order_created()

    await handlers.on_orders_created([created])

    order = await last(handlers.database, ORDER_UPDATED, created.data.order_id)
    assert order.status is OrderStatus.SCHEDULED
    assert order.order_number.startswith("IMG-")
    assert order.accession_number == order.order_number[4:]
    assert order.appointment.starts_at > utc_now()
    [snapshot] = await outgoing(handlers.database, ORDER_UPDATED)
    assert snapshot.envelope.causation_id == created.id


async def test_second_delivery_changes_nothing(handlers: OrderHandlers) -> None:
    """Kafka delivers at least once; the inbox makes the effect happen once."""
    await open_room(handlers)
    created = order_created()

    await handlers.on_orders_created([created])
    await handlers.on_orders_created([created])

    assert len(await outgoing(handlers.database, ORDER_UPDATED)) == 1


async def test_another_order_under_the_same_id_is_refused(handlers: OrderHandlers) -> None:
    first = order_created()
    await handlers.on_orders_created([first])

    with pytest.raises(OrderAlreadyExists):
        await handlers.on_orders_created([order_created(first.data.order_id)])


async def test_order_without_a_free_slot_is_kept(handlers: OrderHandlers) -> None:
    """An order must never be lost because a room is missing."""
    created = order_created(modality=Modality.MRI)

    await handlers.on_orders_created([created])

    order = await last(handlers.database, ORDER_UPDATED, created.data.order_id)
    assert order.appointment is None
    assert order.status is OrderStatus.SCHEDULED


async def test_many_orders_at_once_never_overlap(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    await open_room(handlers)
    events = [order_created() for _ in range(40)]

    await asyncio.gather(*(handlers.on_orders_created([event]) for event in events))

    orders = [event.data for event in await outgoing(handlers.database, ORDER_UPDATED)]
    spans = sorted(
        (o.appointment.equipment_id, o.appointment.starts_at, o.appointment.ends_at) for o in orders
    )
    assert len(spans) == 40
    for (room_a, _, end), (room_b, start, _) in pairwise(spans):
        assert room_a != room_b or end <= start


async def test_two_replicas_never_give_the_same_slot(
    handlers: OrderHandlers,
) -> None:
    """Each replica believes in its own calendar; PostgreSQL decides, and the loser looks again."""
    await open_room(handlers)
    other = OrderHandlers(
        handlers.database, type(handlers.calendar)(**_fresh(handlers)), handlers.settings
    )
    events = [order_created() for _ in range(12)]

    await asyncio.gather(
        *(
            replica.on_orders_created([event])
            for event, replica in zip(events, [handlers, other] * 6, strict=True)
        )
    )

    orders = [event.data for event in await outgoing(handlers.database, ORDER_UPDATED)]
    assert len({order.appointment.starts_at for order in orders}) == 12


def _fresh(handlers: OrderHandlers) -> dict[str, object]:
    return {"zone": handlers.calendar.zone, "horizon": handlers.calendar.horizon}


async def test_patient_is_never_in_two_rooms_at_once(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    await open_room(handlers, Modality.USG)
    person = patient()
    first, second = (
        order_created(patient=person),
        order_created(patient=person, modality=Modality.USG),
    )

    await handlers.on_orders_created([first])
    await handlers.on_orders_created([second])

    a = (await last(handlers.database, ORDER_UPDATED, first.data.order_id)).appointment
    b = (await last(handlers.database, ORDER_UPDATED, second.data.order_id)).appointment
    assert b.starts_at >= a.ends_at or a.starts_at >= b.ends_at


async def test_stat_order_takes_the_place_of_a_routine_one(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    now = utc_now()
    blocked = BlockTime(
        block_id=uuid4(), starts_at=now, ends_at=now + timedelta(minutes=125), reason="service"
    )
    [equipment] = await outgoing(handlers.database, EQUIPMENT_UPDATED)
    await handlers.on_order_requested(order_requested(equipment.data.id, blocked))
    routine = order_created(priority=Priority.ROUTINE)
    await handlers.on_orders_created([routine])
    before = (await last(handlers.database, ORDER_UPDATED, routine.data.order_id)).appointment
    stat = order_created(priority=Priority.STAT)
    for _ in range(3):
        await handlers.on_orders_created([order_created(priority=Priority.URGENT)])

    await handlers.on_orders_created([stat])

    placed = (await last(handlers.database, ORDER_UPDATED, stat.data.order_id)).appointment
    moved = (await last(handlers.database, ORDER_UPDATED, routine.data.order_id)).appointment
    assert placed.starts_at == before.starts_at
    assert moved.starts_at >= before.ends_at


async def test_exam_that_took_place_already_is_entered_with_its_time(
    handlers: OrderHandlers,
) -> None:
    """After an emergency, or when systems were down, the order comes behind the exam."""
    await open_room(handlers)
    now = utc_now()
    # Two appointments of one day: a room's opening hours end at midnight.
    then = (now - timedelta(hours=3 if now.hour >= 4 else 6)).replace(second=0, microsecond=0)
    wanted = {"scheduled_date": then.date(), "scheduled_time": then.time()}
    first, second = order_created(**wanted), order_created(**wanted)

    await handlers.on_orders_created([first])
    await handlers.on_orders_created([second])

    a = (await last(handlers.database, ORDER_UPDATED, first.data.order_id)).appointment
    b = (await last(handlers.database, ORDER_UPDATED, second.data.order_id)).appointment
    assert timedelta(0) <= a.starts_at - then < timedelta(minutes=5)
    assert b.starts_at == a.ends_at


async def test_reschedule_to_a_taken_time_is_refused_and_keeps_the_old_one(
    handlers: OrderHandlers,
) -> None:
    await open_room(handlers)
    first, second = order_created(), order_created()
    await handlers.on_orders_created([first])
    await handlers.on_orders_created([second])
    taken = (await last(handlers.database, ORDER_UPDATED, first.data.order_id)).appointment
    own = (await last(handlers.database, ORDER_UPDATED, second.data.order_id)).appointment

    number = (await last(handlers.database, ORDER_UPDATED, first.data.order_id)).order_number
    with pytest.raises(SlotTaken, match=f"is taken from .* by {number}; choose another time"):
        await handlers.on_order_requested(
            order_requested(second.data.order_id, Schedule(starts_at=taken.starts_at))
        )

    # The slot was given back with the transaction: the same request for its own time succeeds.
    await handlers.on_order_requested(
        order_requested(second.data.order_id, Schedule(starts_at=own.starts_at))
    )
    kept = (await last(handlers.database, ORDER_UPDATED, second.data.order_id)).appointment
    assert kept.starts_at == own.starts_at


async def test_blocked_time_and_patient_elsewhere_are_told_as_such(
    handlers: OrderHandlers,
) -> None:
    ct, mri = order_requested(uuid4(), room()), order_requested(uuid4(), room(Modality.MRI))
    for opened in (ct, mri):
        await handlers.on_order_requested(opened)
    who = patient()
    first = order_created(patient=who)
    second = order_created(patient=who, modality=Modality.MRI)
    await handlers.on_orders_created([first, second])
    here = await last(handlers.database, ORDER_UPDATED, first.data.order_id)
    starts = here.appointment.ends_at + timedelta(hours=2)
    block = BlockTime(
        block_id=uuid4(), starts_at=starts, ends_at=starts + timedelta(hours=1), reason="service"
    )
    await handlers.on_order_requested(order_requested(ct.data.subject_id, block))

    with pytest.raises(SlotTaken, match=r"is blocked from .* \(service\)"):
        await handlers.on_order_requested(order_requested(here.id, Schedule(starts_at=starts)))
    with pytest.raises(SlotTaken, match=f"The patient is in .* for {here.order_number}"):
        await handlers.on_order_requested(
            order_requested(second.data.order_id, Schedule(starts_at=here.appointment.starts_at))
        )
    in_the_way = block.model_copy(
        update={"block_id": uuid4(), "starts_at": here.appointment.starts_at}
    )
    with pytest.raises(SlotTaken, match=f"is taken from .* by {here.order_number}"):
        await handlers.on_order_requested(order_requested(ct.data.subject_id, in_the_way))


async def test_appointment_that_is_moved_keeps_its_length(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    created = order_created()
    await handlers.on_orders_created([created])
    order_id = created.data.order_id
    held = (await last(handlers.database, ORDER_UPDATED, order_id)).appointment
    longer = Schedule(starts_at=held.starts_at, duration_minutes=60)
    await handlers.on_order_requested(order_requested(order_id, longer))

    later = Schedule(starts_at=held.starts_at + timedelta(minutes=5))
    await handlers.on_order_requested(order_requested(order_id, later))

    moved = (await last(handlers.database, ORDER_UPDATED, order_id)).appointment
    assert moved.ends_at - moved.starts_at == timedelta(minutes=60)


async def test_cancelled_order_gives_its_slot_back(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    first, second = order_created(), order_created()
    await handlers.on_orders_created([first])
    slot = (await last(handlers.database, ORDER_UPDATED, first.data.order_id)).appointment

    await handlers.on_order_requested(
        order_requested(first.data.order_id, Cancel(reason="not needed"))
    )
    await handlers.on_orders_created([second])

    again = (await last(handlers.database, ORDER_UPDATED, second.data.order_id)).appointment
    assert again.starts_at == slot.starts_at


async def test_patient_who_is_not_born_is_refused(handlers: OrderHandlers) -> None:
    """A slip of the keyboard, or of another system: both ways lead here."""
    tomorrow = utc_now().astimezone(handlers.settings.hospital.zone).date() + timedelta(days=1)
    unborn = order_created(patient=patient(birth_date=tomorrow))
    newborn = order_created(patient=patient(birth_date=tomorrow - timedelta(days=1)))

    with pytest.raises(BirthDateInFuture):
        await handlers.on_orders_created([unborn])
    await handlers.on_orders_created([newborn])

    accepted = await last(handlers.database, ORDER_UPDATED, newborn.data.order_id)
    assert accepted.status is OrderStatus.SCHEDULED


async def test_exam_starts_only_behind_the_safety_gate(handlers: OrderHandlers) -> None:
    await open_room(handlers, Modality.MRI)
    created = order_created(modality=Modality.MRI)
    await handlers.on_orders_created([created])
    id_ = created.data.order_id
    await handlers.on_order_requested(order_requested(id_, CheckIn(identity_verified=True)))

    with pytest.raises(ScreeningMissing):
        await handlers.on_order_requested(order_requested(id_, Start()))
    answers = MriScreening(
        pacemaker=True,
        metallic_implants=False,
        cochlear_implants=False,
        aneurysm_clips=False,
        claustrophobia=True,
        claustrophobia_measure="Open scanner",
    )
    await handlers.on_order_requested(order_requested(id_, Screen(mri=answers)))
    decision = Screen(override_reason="MR conditional, 1.5 T")
    with pytest.raises(OverrideNotAllowed):
        await handlers.on_order_requested(order_requested(id_, decision))
    with pytest.raises(ScreeningNotPassed):
        await handlers.on_order_requested(order_requested(id_, Start()))
    adams = actor(Role.RADIOLOGIST)
    await handlers.on_order_requested(order_requested(id_, decision, by=adams))
    await handlers.on_order_requested(order_requested(id_, Start()))

    assert (await last(handlers.database, ORDER_UPDATED, id_)).status is OrderStatus.IN_PROGRESS


async def test_answer_that_the_order_contradicts_is_saved_only_with_a_word(
    handlers: OrderHandlers,
) -> None:
    """The order as it is stored decides, whatever a page knows of it; a refusal saves nothing."""
    await open_room(handlers, Modality.CT)
    created = order_created(
        contrast_required=True,
        stated_safety=StatedSafety(contrast=StatedContrast(allergy_to_contrast="yes")),
    )
    await handlers.on_orders_created([created])
    id_ = created.data.order_id
    before = await last(handlers.database, ORDER_UPDATED, id_)
    answers = ContrastScreening(allergy_to_contrast=False, egfr_ml_per_min=84)

    with pytest.raises(ScreeningContradictsOrder, match="allergy to contrast medium"):
        await handlers.on_order_requested(order_requested(id_, Screen(contrast=answers)))

    assert await last(handlers.database, ORDER_UPDATED, id_) == before
    words = Confirmations(allergy_to_contrast="Another patient's, says Dr. Smith")
    request = Screen(contrast=answers, confirmations=words)
    await handlers.on_order_requested(order_requested(id_, request))
    screened = await last(handlers.database, ORDER_UPDATED, id_)
    assert screened.details.stated_safety == created.data.details.stated_safety
    assert screened.screening.passed
    assert screened.screening.confirmations == words


async def test_request_on_a_stale_version_is_refused(handlers: OrderHandlers) -> None:
    created = order_created()
    await handlers.on_orders_created([created])

    with pytest.raises(VersionStale) as refusal:
        await handlers.on_order_requested(
            order_requested(created.data.order_id, Cancel(reason="x"), expected_version=7)
        )

    assert refusal.value.current_version == 1


async def test_unknown_order_and_illegal_move_are_refused(handlers: OrderHandlers) -> None:
    created = order_created()
    await handlers.on_orders_created([created])

    with pytest.raises(OrderUnknown):
        await handlers.on_order_requested(order_requested(uuid4(), Start()))
    with pytest.raises(StatusForbids):
        await handlers.on_order_requested(
            order_requested(created.data.order_id, Claim(), actor(Role.RADIOLOGIST))
        )
