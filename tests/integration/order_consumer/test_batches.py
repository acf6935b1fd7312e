"""Orders that arrive together are accepted in one transaction, and each as if it came alone."""

from itertools import pairwise
from typing import Any

from contracts.enumerations import Modality, Priority
from contracts.events.order_updated import OrderUpdated
from contracts.topics import ORDER_CREATED, ORDER_UPDATED, REQUEST_REJECTED
from order_consumer.handlers import OrderHandlers
from services.events import Event
from tests.harness.delivery import deliver_batch
from tests.harness.orders import order_created, patient
from tests.harness.outbox import last, outgoing
from tests.integration.order_consumer.test_orders import open_room


def spans_of(orders: list[OrderUpdated]) -> list[tuple[Any, ...]]:
    return sorted(
        (a.equipment_id, a.starts_at, a.ends_at) for order in orders if (a := order.appointment)
    )


async def published(handlers: OrderHandlers) -> list[Event[OrderUpdated]]:
    return await outgoing(handlers.database, ORDER_UPDATED)


async def test_orders_of_a_batch_never_overlap_and_answer_their_own_events(
    handlers: OrderHandlers,
) -> None:
    await open_room(handlers)
    await open_room(handlers)
    events = [order_created() for _ in range(40)]

    await handlers.on_orders_created(events)

    snapshots = await published(handlers)
    spans = spans_of([snapshot.data for snapshot in snapshots])
    assert len(spans) == 40
    for (room_a, _, end), (room_b, start, _) in pairwise(spans):
        assert room_a != room_b or end <= start
    causes = {snapshot.data.id: snapshot.envelope.causation_id for snapshot in snapshots}
    assert causes == {event.data.order_id: event.id for event in events}


async def test_event_that_stands_twice_in_a_batch_is_handled_once(handlers: OrderHandlers) -> None:
    await open_room(handlers)
    created, other = order_created(), order_created()

    letters = await deliver_batch(
        handlers.database, ORDER_CREATED, [created, other, created], handlers.on_orders_created
    )

    assert len(await published(handlers)) == 2
    assert letters == []


async def test_one_refused_order_takes_none_of_its_batch_along(handlers: OrderHandlers) -> None:
    """The batch is undone and done again one by one: the refusal finds the one it belongs to."""
    await open_room(handlers)
    known = order_created()
    await handlers.on_orders_created([known])
    same_id, twice = order_created(known.data.order_id), order_created()
    batch = [order_created(), same_id, twice, order_created(twice.data.order_id), order_created()]

    letters = await deliver_batch(
        handlers.database, ORDER_CREATED, batch, handlers.on_orders_created
    )

    accepted = {snapshot.data.id for snapshot in await published(handlers)}
    assert accepted == {known.data.order_id, *(batch[n].data.order_id for n in (0, 2, 4))}
    refused = await outgoing(handlers.database, REQUEST_REJECTED)
    assert [one.envelope.causation_id for one in refused] == [batch[1].id, batch[3].id]
    assert letters == []


async def test_patient_with_two_orders_in_a_batch_is_in_one_room_at_a_time(
    handlers: OrderHandlers,
) -> None:
    await open_room(handlers)
    await open_room(handlers, Modality.USG)
    person = patient()

    await handlers.on_orders_created(
        [order_created(patient=person), order_created(patient=person, modality=Modality.USG)]
    )

    [first, second] = [s.data.appointment for s in await published(handlers)]
    assert first
    assert second
    assert first.ends_at <= second.starts_at or second.ends_at <= first.starts_at


async def test_slot_that_another_replica_took_is_looked_for_again(handlers: OrderHandlers) -> None:
    """Both believe in an empty calendar; the loser's whole batch still gets appointments."""
    await open_room(handlers)
    other = OrderHandlers(
        handlers.database,
        type(handlers.calendar)(handlers.calendar.zone, handlers.calendar.horizon),
        handlers.settings,
    )
    await other.on_orders_created([order_created()])
    await handlers.on_orders_created([order_created()])

    await other.on_orders_created([order_created() for _ in range(4)])

    assert len(set(spans_of([s.data for s in await published(handlers)]))) == 6


async def test_stat_order_takes_the_place_of_a_routine_one_of_the_same_batch(
    handlers: OrderHandlers,
) -> None:
    """What moved is told after what it was, so that versions only grow."""
    await open_room(handlers)
    now = {"scheduled_date": None}
    urgent = [order_created(priority=Priority.URGENT, **now) for _ in range(6)]
    routine = [order_created(priority=Priority.ROUTINE, **now) for _ in range(8)]
    stat = [order_created(priority=Priority.STAT, **now) for _ in range(4)]

    await handlers.on_orders_created([*stat[:2], *urgent, *routine, *stat[2:]])

    versions: dict[Any, list[int]] = {}
    for snapshot in await published(handlers):
        versions.setdefault(snapshot.data.id, []).append(snapshot.data.version)
    assert all(seen == sorted(seen) for seen in versions.values())
    assert len(versions) == 18
    assert any(seen[0] == 1 and len(seen) > 1 for seen in versions.values())
    newest = [await last(handlers.database, ORDER_UPDATED, id_) for id_ in versions]
    spans = spans_of(newest)
    assert len(spans) == 18
    assert all(end <= start for (_, _, end), (_, start, _) in pairwise(spans))
