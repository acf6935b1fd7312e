"""Orders follow their studies and reports: once, in any order, and whatever breaks in between."""

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contracts.enumerations import MatchState, OrderStatus, ReportStatus, StudyCompleteness
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyMatch, StudyUpdated
from contracts.topics import ORDER_UPDATED, REPORT_UPDATED, STUDY_UPDATED
from order_consumer import domain
from order_consumer.handlers import OrderHandlers
from services.errors import DatabaseUnavailable
from services.events import Event
from tests.harness.orders import NOW, event, order_created
from tests.harness.outbox import last, outgoing
from tests.harness.snapshots import report_snapshot, study_snapshot


@pytest_asyncio.fixture
async def order(handlers: OrderHandlers) -> OrderUpdated:
    """An accepted order."""
    created = order_created()
    await handlers.on_orders_created([created])
    accepted: OrderUpdated = await last(handlers.database, ORDER_UPDATED, created.data.order_id)
    return accepted


def study_of(order: OrderUpdated | None, **changes: Any) -> Event[StudyUpdated]:
    match = StudyMatch(
        state=MatchState.MATCHED if order else MatchState.NO_ORDER,
        order_id=order.id if order else None,
    )
    data = study_snapshot(**{"number_of_instances": 3, "match": match, **changes})
    return event(STUDY_UPDATED, data, subject=data.study_instance_uid)


def report_on(order: OrderUpdated, **changes: Any) -> Event[ReportUpdated]:
    return event(REPORT_UPDATED, report_snapshot(order, **changes), subject=order.id)


async def state(handlers: OrderHandlers, order: OrderUpdated) -> OrderUpdated:
    now: OrderUpdated = await last(handlers.database, ORDER_UPDATED, order.id)
    return now


async def test_images_make_an_order_available(handlers: OrderHandlers, order: OrderUpdated) -> None:
    study = study_of(order)

    await handlers.on_study_updated(study)

    now = await state(handlers, order)
    assert now.status is OrderStatus.IMAGES_AVAILABLE
    assert now.study_instance_uids == (study.data.study_instance_uid,)
    assert now.received_instances == 3


async def test_two_studies_count_together_and_both_must_be_complete(
    handlers: OrderHandlers, order: OrderUpdated
) -> None:
    complete = {"completeness": StudyCompleteness.COMPLETE}
    first, second = study_of(order, **complete), study_of(order, study_instance_uid="1.2.3.4")

    await handlers.on_study_updated(first)
    await handlers.on_study_updated(second)
    now = await state(handlers, order)

    assert now.received_instances == 6
    assert len(now.study_instance_uids) == 2


async def test_same_snapshot_twice_changes_nothing(
    handlers: OrderHandlers, order: OrderUpdated
) -> None:
    study = study_of(order)

    await handlers.on_study_updated(study)
    before = len(await outgoing(handlers.database))
    await handlers.on_study_updated(study)

    assert len(await outgoing(handlers.database)) == before


async def test_older_snapshot_that_comes_late_changes_nothing(
    handlers: OrderHandlers, order: OrderUpdated
) -> None:
    """Resent after a crash of its producer's relay, or replayed by a person."""
    newer = study_of(order, version=5, number_of_instances=10)
    older = study_of(
        order,
        version=4,
        number_of_instances=2,
        study_instance_uid=newer.data.study_instance_uid,
    )

    await handlers.on_study_updated(newer)
    await handlers.on_study_updated(older)

    assert (await state(handlers, order)).received_instances == 10


async def test_images_that_belong_elsewhere_go_from_one_order_to_the_other(
    handlers: OrderHandlers, order: OrderUpdated
) -> None:
    created = order_created()
    await handlers.on_orders_created([created])
    other = await last(handlers.database, ORDER_UPDATED, created.data.order_id)
    wrong = study_of(order, version=1)
    right = study_of(other, version=2, study_instance_uid=wrong.data.study_instance_uid)

    await handlers.on_study_updated(wrong)
    await handlers.on_study_updated(right)

    assert (await state(handlers, order)).status is OrderStatus.SCHEDULED
    assert (await state(handlers, order)).received_instances == 0
    assert (await state(handlers, other)).status is OrderStatus.IMAGES_AVAILABLE


async def test_study_without_an_order_concerns_nobody(handlers: OrderHandlers) -> None:
    await handlers.on_study_updated(study_of(None))

    assert await outgoing(handlers.database, ORDER_UPDATED) == []


@pytest.mark.parametrize(
    ("status", "follows"),
    [
        (ReportStatus.PRELIMINARY, OrderStatus.PRELIMINARY_REPORT),
        (ReportStatus.FINAL, OrderStatus.FINAL_REPORT),
        (ReportStatus.AMENDED, OrderStatus.FINAL_REPORT),
    ],
)
async def test_status_follows_the_report(
    handlers: OrderHandlers, order: OrderUpdated, status: ReportStatus, follows: OrderStatus
) -> None:
    await handlers.on_study_updated(study_of(order))

    await handlers.on_report_updated(report_on(order, status=status))

    assert (await state(handlers, order)).status is follows


async def test_draft_that_comes_after_the_signature_does_not_take_it_back(
    handlers: OrderHandlers, order: OrderUpdated
) -> None:
    await handlers.on_study_updated(study_of(order))

    await handlers.on_report_updated(report_on(order, status=ReportStatus.FINAL))
    await handlers.on_report_updated(report_on(order, status=ReportStatus.PRELIMINARY))

    assert (await state(handlers, order)).status is OrderStatus.FINAL_REPORT


async def test_report_on_an_unknown_order_is_passed_over(handlers: OrderHandlers) -> None:
    stranger = domain.accept_order(order_created(uuid4()).data, "IMG-20261125-ABCDE", NOW)

    await handlers.on_report_updated(report_on(stranger))

    assert await outgoing(handlers.database, ORDER_UPDATED) == []


async def test_crash_before_the_commit_leaves_no_trace(
    handlers: OrderHandlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inbox, order and outbox stand or fall together; the same event works afterwards."""
    created = order_created()

    async def crash(*_: object) -> None:
        raise ConnectionResetError("the machine went down")

    with monkeypatch.context() as broken:
        broken.setattr("order_consumer.handlers.outbox.add", crash)
        with pytest.raises(DatabaseUnavailable):
            await handlers.on_orders_created([created])
    assert await outgoing(handlers.database) == []

    await handlers.on_orders_created([created])

    assert len(await outgoing(handlers.database, ORDER_UPDATED)) == 1


async def test_database_that_is_away_is_a_reason_to_wait(handlers: OrderHandlers) -> None:
    await handlers.database.pool.close()

    with pytest.raises(DatabaseUnavailable):
        await handlers.on_orders_created([order_created()])
