"""Received images on a real database: indexed once, whole batches at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from random import Random
from uuid import uuid4

import pytest

from contracts.enumerations import MatchState, StudyCompleteness
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker.errors import HeaderContradictsEvent
from ingest_worker.handlers import IngestHandlers
from services.database import Database, ValueNotStorable
from tests.harness.dicom import uid
from tests.harness.images import RECEIVED_AT, image, ingested, stack
from tests.harness.outbox import outgoing

Receive = Callable[..., Awaitable[None]]
Study = Callable[[str], Awaitable[StudyUpdated]]


async def test_first_images_make_a_study(receive: Receive, study: Study) -> None:
    slices = stack(3)

    await receive(*slices)

    known = await study(slices[0].study_instance_uid)
    assert known.version == 1
    assert known.number_of_instances == 3
    assert known.number_of_series == 1
    assert known.size_bytes == 3 * 525_288
    assert known.modality == "CT"
    assert known.patient_id == "MRN-000001"
    assert known.accession_number == "20251111-ABCD1"
    assert known.match.state is MatchState.NO_ORDER
    assert known.completeness is StudyCompleteness.RECEIVING
    assert known.first_received_at == RECEIVED_AT
    [series] = known.series
    assert (series.number_of_instances, series.number_of_frames) == (3, 3)


async def test_batch_publishes_each_study_once(
    handlers: IngestHandlers, database: Database
) -> None:
    """Caused by its last image, whose sender may be waiting."""
    one, other = stack(3), stack(2)
    events = ingested(one[0], other[0], one[1], other[1], one[2])

    await handlers.on_images_ingested(events)

    published = await outgoing(database, STUDY_UPDATED)
    causes = {event.key: event.envelope.causation_id for event in published}
    assert len(published) == 2
    assert causes == {
        one[0].study_instance_uid: events[4].id,
        other[0].study_instance_uid: events[3].id,
    }


async def test_second_delivery_changes_nothing(
    handlers: IngestHandlers, database: Database
) -> None:
    """Kafka delivers at least once; the inbox makes the effect happen once."""
    events = ingested(*stack(3))

    await handlers.on_images_ingested(events)
    await handlers.on_images_ingested(events)

    assert len(await outgoing(database, STUDY_UPDATED)) == 1


async def test_batch_that_overlaps_an_earlier_one_indexes_the_rest(
    handlers: IngestHandlers, study: Study
) -> None:
    """After a crash between commit and offset, Kafka cuts batches elsewhere."""
    events = ingested(*stack(4))

    await handlers.on_images_ingested(events[:3])
    await handlers.on_images_ingested(events[1:])

    assert (await study(events[0].key)).number_of_instances == 4


async def test_same_image_sent_again_changes_nothing(receive: Receive, database: Database) -> None:
    """A scanner repeats what it is not sure of; that is a success, and no news."""
    slices = stack(2)

    await receive(*slices)
    await receive(*slices)

    assert len(await outgoing(database, STUDY_UPDATED)) == 1


async def test_same_image_twice_in_one_batch_counts_once(receive: Receive, study: Study) -> None:
    one = image()

    await receive(one, one)

    known = await study(one.study_instance_uid)
    assert known.number_of_instances == 1
    assert known.quarantined == ()


async def test_images_in_any_order_give_the_same_study(receive: Receive, study: Study) -> None:
    """The localiser may come last; the study is still named by its first image series."""
    uids = [uid("order", n) for n in range(3)]
    series = [
        {"series_instance_uid": uids[0], "series_number": 1, "modality": "CT"},
        {"series_instance_uid": uids[1], "series_number": 2, "body_part": "ABDOMEN"},
        {"series_instance_uid": uids[2], "series_number": 99, "modality": "SR"},
    ]
    first, second = uid("order", "a"), uid("order", "b")
    one = [image(study_instance_uid=first, **s) for s in series]
    other = [
        image(study_instance_uid=second, **s | {"series_instance_uid": uid(n)})
        for n, s in enumerate(series)
    ]

    await receive(*one)
    for late in reversed(other):
        await receive(late)

    a, b = await study(first), await study(second)
    for name in ("modality", "body_part", "modalities_in_study", "number_of_series"):
        assert getattr(a, name) == getattr(b, name)
    assert [s.series_number for s in a.series] == [s.series_number for s in b.series] == [1, 2, 99]
    assert a.modality == "CT"
    assert a.body_part == "CHEST"


async def test_event_that_contradicts_its_header_is_permanent(handlers: IngestHandlers) -> None:
    lying = image().model_copy(update={"sop_instance_uid": "1.2.3"})

    with pytest.raises(HeaderContradictsEvent):
        await handlers.on_images_ingested(ingested(lying))


async def test_value_that_cannot_be_stored_is_permanent(handlers: IngestHandlers) -> None:
    """An outside producer may send anything; a retry would hold back its neighbours for ever."""
    poison = image(instance_number=2**40)

    with pytest.raises(ValueNotStorable):
        await handlers.on_images_ingested(ingested(poison))


async def test_control_characters_of_an_outside_header_are_dropped(
    receive: Receive, study: Study
) -> None:
    one = image(study_description="CT\x00Chest", series_description="x" * 400)

    await receive(one)

    known = await study(one.study_instance_uid)
    assert known.study_description == "CTChest"
    assert len(known.series[0].series_description) == 255


async def test_batches_side_by_side_neither_deadlock_nor_lose(
    handlers: IngestHandlers, database: Database, study: Study
) -> None:
    """Two replicas after a rebalance may work on the same studies, in any order of images."""
    studies = [stack(20) for _ in range(6)]
    events = ingested(*(one for group in studies for one in group))
    random = Random(1)  # noqa: S311 - a seed makes the run repeatable

    async def consumer() -> None:
        mine = events.copy()
        random.shuffle(mine)
        for start in range(0, len(mine), 15):
            await handlers.on_images_ingested(mine[start : start + 15])

    await asyncio.gather(*(consumer() for _ in range(4)))

    for group in studies:
        assert (await study(group[0].study_instance_uid)).number_of_instances == 20
    versions: dict[str, list[int]] = {}
    for event in await outgoing(database, STUDY_UPDATED):
        versions.setdefault(event.key, []).append(event.data.version)
    assert all(found == sorted(set(found)) for found in versions.values())


async def test_studies_of_one_patient_side_by_side_do_not_deadlock(
    handlers: IngestHandlers, study: Study
) -> None:
    """Each is a prior of the other, and refers to it while that is being changed, too."""
    uids = [uid(uuid4().hex) for _ in range(2)]

    for n in range(8):
        # A series that comes first in its study changes the body part, which ranks priors.
        first = {"series_number": 100 - n, "body_part": f"PART {n}"}
        images = [
            image(
                study_instance_uid=study_uid,
                series_instance_uid=uid(study_uid, n),
                study_date=date(2020, 1, day),
                **first,
            )
            for day, study_uid in enumerate(uids, start=1)
        ]
        await asyncio.gather(*(handlers.on_images_ingested(ingested(one)) for one in images))
    while await handlers.search_priors():
        pass

    [prior] = (await study(uids[1])).priors
    assert (prior.study_instance_uid, prior.body_part) == (uids[0], "PART 7")
