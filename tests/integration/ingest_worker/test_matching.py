"""Studies and orders meet, whichever comes first; a person's decision stands."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.enumerations import MatchState, OrderStatus, StudyCompleteness
from contracts.events.study_requested import KeepWithoutOrder, MatchToOrder, Unmatch
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker.errors import OrderUnknown, PatientDiffers, StudyMatched, StudyUnknown
from ingest_worker.handlers import IngestHandlers
from services.database import Database
from tests.harness.images import image, ingested, order_updated, stack, study_requested
from tests.harness.orders import actor
from tests.harness.outbox import outgoing

Receive = Callable[..., Awaitable[None]]
Study = Callable[[str], Awaitable[StudyUpdated]]


async def test_images_after_their_order(
    handlers: IngestHandlers, receive: Receive, study: Study
) -> None:
    known, one = order_updated(), image()

    await handlers.on_orders_updated([known])
    await receive(one)

    match = (await study(one.study_instance_uid)).match
    assert match.state is MatchState.MATCHED
    assert match.order_id == known.data.id
    assert match.decided_by is None


async def test_images_before_their_order(
    handlers: IngestHandlers, receive: Receive, study: Study, database: Database
) -> None:
    """An emergency patient is scanned first and ordered afterwards."""
    known, one = order_updated(), image()

    await receive(one)
    await handlers.on_orders_updated([known])

    assert (await study(one.study_instance_uid)).match.order_id == known.data.id
    snapshots = await outgoing(database, STUDY_UPDATED)
    assert snapshots[-1].envelope.causation_id == known.id


class TestImagesThatAreUploadedForAnOrderAfterTheyCame:
    """A modality sent them without a number; the technologist uploads the same files."""

    async def test_bring_the_study_to_the_order(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        known, one = order_updated(), image(accession_number="")
        await handlers.on_orders_updated([known])
        await receive(one)
        assert (await study(one.study_instance_uid)).match.state is MatchState.NO_ORDER

        await receive(one.model_copy(update={"order_id": str(known.data.id)}))

        match = (await study(one.study_instance_uid)).match
        assert (match.state, match.order_id) == (MatchState.MATCHED, known.data.id)

    async def test_do_not_take_it_from_the_order_that_has_it(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        known, other, one = order_updated(), order_updated(accession_number="OTHER-1"), image()
        await handlers.on_orders_updated([known, other])
        await receive(one)
        before = await study(one.study_instance_uid)

        await receive(one.model_copy(update={"order_id": str(other.data.id)}))

        assert await study(one.study_instance_uid) == before

    async def test_go_to_no_order_of_another_number(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        other, one = order_updated(accession_number="OTHER-2"), image(accession_number="UNKNOWN-1")
        await handlers.on_orders_updated([other])
        await receive(one)

        await receive(one.model_copy(update={"order_id": str(other.data.id)}))

        assert (await study(one.study_instance_uid)).match.state is MatchState.NO_ORDER


async def test_study_and_order_at_the_same_moment_never_miss_each_other(
    handlers: IngestHandlers, study: Study
) -> None:
    """Each looks for the other before the other is committed: a lock on the number decides."""
    pairs = [
        (image(accession_number=f"RACE-{n}"), order_updated(accession_number=f"RACE-{n}"))
        for n in range(25)
    ]

    await asyncio.gather(
        *(handlers.on_images_ingested(ingested(one)) for one, _ in pairs),
        *(handlers.on_orders_updated([known]) for _, known in pairs),
    )

    for one, known in pairs:
        assert (await study(one.study_instance_uid)).match.order_id == known.data.id


async def test_order_named_by_the_uploader_may_come_later(
    handlers: IngestHandlers, receive: Receive, study: Study
) -> None:
    known = order_updated()
    upload = image(accession_number="", order_id=str(known.data.id))

    await receive(upload)
    await handlers.on_orders_updated([known])

    assert (await study(upload.study_instance_uid)).match.order_id == known.data.id


async def test_older_snapshot_of_an_order_changes_nothing(
    handlers: IngestHandlers, receive: Receive, study: Study
) -> None:
    """Out of order: what Kafka delivers late must not undo what is known."""
    order_id, one = uuid4(), image()
    await handlers.on_orders_updated(
        [order_updated(order_id, version=3, status=OrderStatus.CANCELLED)]
    )
    await handlers.on_orders_updated([order_updated(order_id, version=2)])

    await receive(one)

    assert (await study(one.study_instance_uid)).match.state is MatchState.NO_ORDER


async def test_second_delivery_of_an_order_changes_nothing(
    handlers: IngestHandlers, receive: Receive, database: Database
) -> None:
    known = order_updated()
    await receive(image())

    await handlers.on_orders_updated([known])
    before = len(await outgoing(database, STUDY_UPDATED))
    await handlers.on_orders_updated([known])

    assert len(await outgoing(database, STUDY_UPDATED)) == before


async def test_order_that_changes_nothing_for_its_study_publishes_nothing(
    handlers: IngestHandlers, receive: Receive, database: Database
) -> None:
    """Each change of an order comes by here; an echo would go round for ever."""
    order_id, one = uuid4(), image()
    await handlers.on_orders_updated([order_updated(order_id)])
    await receive(one)
    before = len(await outgoing(database, STUDY_UPDATED))

    for version in range(2, 6):
        await handlers.on_orders_updated([order_updated(order_id, version=version)])

    assert len(await outgoing(database, STUDY_UPDATED)) == before


async def test_batch_of_orders_finds_the_study_of_each(
    handlers: IngestHandlers, receive: Receive, study: Study, database: Database
) -> None:
    """Several snapshots of an order, and one twice: each study is told once, of the newest."""
    pairs = [
        (image(accession_number=f"BATCH-{n}"), order_updated(accession_number=f"BATCH-{n}"))
        for n in range(5)
    ]
    newer = order_updated(pairs[0][1].data.id, version=2, accession_number="BATCH-0")
    for one, _ in pairs:
        await receive(one)
    before = len(await outgoing(database, STUDY_UPDATED))

    batch = [newer, *(known for _, known in pairs), pairs[1][1]]
    await handlers.on_orders_updated(batch)
    await handlers.on_orders_updated(batch)

    for one, known in pairs:
        assert (await study(one.study_instance_uid)).match.order_id == known.data.id
    causes = [s.envelope.causation_id for s in (await outgoing(database, STUDY_UPDATED))[before:]]
    assert sorted(causes, key=str) == sorted([newer.id, *(k.id for _, k in pairs[1:])], key=str)


class TestDecision:
    async def test_wins_over_the_rules_and_can_be_undone(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        rule, choice, one = order_updated(), order_updated(accession_number="OTHER"), image()
        await handlers.on_orders_updated([rule])
        await handlers.on_orders_updated([choice])
        await receive(one)
        uid, who = one.study_instance_uid, actor(name="Maria Diaz")

        request = MatchToOrder(order_id=choice.data.id, reason="ordered twice")
        await handlers.on_study_requested(study_requested(uid, request, who))
        await handlers.on_orders_updated([order_updated(rule.data.id, version=9)])
        decided = await study(uid)
        await handlers.on_study_requested(study_requested(uid, Unmatch(reason="mistake"), who))
        freed = await study(uid)
        request = MatchToOrder(order_id=rule.data.id, reason="the first was right")
        await handlers.on_study_requested(study_requested(uid, request, who))

        assert decided.match.order_id == choice.data.id
        assert decided.match.decided_by == who
        assert decided.match.reason == "ordered twice"
        assert freed.match.state is MatchState.NO_ORDER
        assert freed.match.candidate_order_ids == (choice.data.id, rule.data.id)
        assert (await study(uid)).match.order_id == rule.data.id

    async def test_study_from_elsewhere_is_kept_without_an_order(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """A disc with priors has no order here; said once, it does not stay on the list."""
        one, wanted = image(), order_updated()
        await receive(one)
        uid = one.study_instance_uid
        keep = KeepWithoutOrder(reason="prior from another hospital, on a disc")
        await handlers.on_study_requested(study_requested(uid, keep))
        kept = await study(uid)
        await handlers.on_orders_updated([wanted])
        still_kept = await study(uid)
        await handlers.on_study_requested(study_requested(uid, Unmatch(reason="mistake")))
        back = await study(uid)
        await handlers.on_study_requested(
            study_requested(uid, MatchToOrder(order_id=wanted.data.id, reason="it is ours"))
        )

        assert kept.match.kept_without_order
        assert kept.match.state is MatchState.NO_ORDER
        assert still_kept.match.kept_without_order
        assert not back.match.kept_without_order
        assert (await study(uid)).match.order_id == wanted.data.id
        with pytest.raises(StudyMatched):
            await handlers.on_study_requested(study_requested(uid, keep))

    async def test_other_patient_needs_confirmation(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        other, one = order_updated(mrn="MRN-000002"), image()
        await handlers.on_orders_updated([other])
        await receive(one)
        uid = one.study_instance_uid
        assert (await study(uid)).match.state is MatchState.PATIENT_DIFFERS

        request = MatchToOrder(order_id=other.data.id, reason="typing error at the scanner")
        with pytest.raises(PatientDiffers):
            await handlers.on_study_requested(study_requested(uid, request))
        confirmed = request.model_copy(update={"confirm_patient_differs": True})
        await handlers.on_study_requested(study_requested(uid, confirmed))
        matched = await study(uid)
        await handlers.on_study_requested(study_requested(uid, Unmatch(reason="it is another")))
        back = await study(uid)

        assert matched.match.order_id == other.data.id
        assert back.match.state is MatchState.PATIENT_DIFFERS
        assert back.match.candidate_order_ids == (other.data.id,)

    async def test_unknown_study_and_unknown_order_are_refused(
        self, handlers: IngestHandlers, receive: Receive
    ) -> None:
        one, request = image(), MatchToOrder(order_id=uuid4(), reason="so")
        await receive(one)

        with pytest.raises(StudyUnknown):
            await handlers.on_study_requested(study_requested("1.2.3", request))
        with pytest.raises(OrderUnknown):
            await handlers.on_study_requested(study_requested(one.study_instance_uid, request))

    async def test_second_delivery_changes_nothing(
        self, handlers: IngestHandlers, receive: Receive, database: Database
    ) -> None:
        known, one = order_updated(accession_number="OTHER"), image()
        await handlers.on_orders_updated([known])
        await receive(one)
        request = study_requested(
            one.study_instance_uid, MatchToOrder(order_id=known.data.id, reason="so")
        )

        await handlers.on_study_requested(request)
        before = len(await outgoing(database, STUDY_UPDATED))
        await handlers.on_study_requested(request)

        assert len(await outgoing(database, STUDY_UPDATED)) == before


async def test_expected_count_over_both_studies_of_an_order_completes_the_last(
    handlers: IngestHandlers, receive: Receive, study: Study
) -> None:
    known = order_updated(completed_at=datetime.now(UTC), expected_instances=5)
    first, second = stack(3), stack(2)
    await handlers.on_orders_updated([known])

    await receive(*first)
    waiting = await study(first[0].study_instance_uid)
    await receive(*second)

    assert waiting.completeness is StudyCompleteness.RECEIVING
    assert waiting.completeness_reason == "3 of 5 expected images"
    last = await study(second[0].study_instance_uid)
    assert last.completeness is StudyCompleteness.COMPLETE
    assert last.completeness_reason == "all 5 expected images are here"
