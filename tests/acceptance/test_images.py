"""Received images become studies: ingest_worker as a process, on real Kafka, Postgres and S3."""

from datetime import date
from uuid import uuid4

from contracts.enumerations import MatchState, OrderStatus, StudyCompleteness
from contracts.events.images_ingested import ImagesIngested
from contracts.events.study_requested import CompleteStudy, MatchToOrder
from contracts.topics import IMAGES_INGESTED, ORDER_UPDATED, REQUEST_REJECTED, STUDY_UPDATED
from services import dead_letters
from services.dicom.header import parse_header
from services.dicom.series_documents import read_metadata_document
from services.dicom.travelling import made_to_travel
from services.kafka import KafkaSettings, Outgoing, outgoing
from services.object_storage import IMAGES_BUCKET, ObjectStorage, metadata_key
from tests.acceptance.conftest import MakeWorker
from tests.harness.bus import Bus
from tests.harness.dicom import TestInstance, build_study
from tests.harness.images import image, ingested, order_updated, stack, study_requested
from tests.harness.orders import order_created, order_requested, patient, room
from tests.harness.processes import running


async def put(storage: ObjectStorage, instance: TestInstance) -> ImagesIngested:
    """Do what our edges do: store the bytes, then tell of them."""
    parsed = parse_header(instance.content)
    one = image(
        study_instance_uid=parsed.study_instance_uid,
        series_instance_uid=parsed.series_instance_uid,
        sop_instance_uid=parsed.sop_instance_uid,
    )
    await storage.put(IMAGES_BUCKET, one.stored.key, instance.content, content_type="x")
    size = one.stored.model_copy(update={"size_bytes": len(instance.content)})
    return made_to_travel(one.model_copy(update={"header": parsed, "stored": size}))


async def test_images_become_a_study_that_can_be_opened(
    bus: Bus, make_worker: MakeWorker, object_storage: ObjectStorage
) -> None:
    instances = build_study(seed=uuid4().hex, instances=6, series=2)
    uid = instances[0].study_instance_uid
    known = order_updated(mrn="MRN-000001", birth_date=None)

    async with running(make_worker("ingest_worker")):
        await bus.publish(known)
        await bus.publish(*ingested(*[await put(object_storage, i) for i in instances]))
        snapshot = await bus.first(
            STUDY_UPDATED,
            lambda e: (
                e.key == uid
                and e.data.number_of_instances == 12
                and len(e.data.series) == 2
                and all(s.documents_revision for s in e.data.series)
                and e.data.match.state is MatchState.MATCHED
            ),
        )
        done = study_requested(uid, CompleteStudy(reason="all made"))
        await bus.publish(done)
        complete = await bus.caused_by(done, STUDY_UPDATED)

    assert snapshot.data.match.order_id == known.data.id
    assert complete.data.completeness is StudyCompleteness.COMPLETE
    series = snapshot.data.series[0].series_instance_uid
    metadata = read_metadata_document(
        await object_storage.get(IMAGES_BUCKET, metadata_key(uid, series))
    )
    assert len(metadata) == 6


async def test_refusal_is_answered(bus: Bus, make_worker: MakeWorker) -> None:
    async with running(make_worker("ingest_worker")):
        request = study_requested("1.2.3", MatchToOrder(order_id=uuid4(), reason="so"))
        await bus.publish(request)
        rejected = await bus.caused_by(request, REQUEST_REJECTED)

    assert (rejected.data.code, rejected.data.status) == ("study_unknown", 404)


async def test_poison_is_set_aside_and_its_neighbours_are_indexed(
    bus: Bus, kafka: KafkaSettings, make_worker: MakeWorker
) -> None:
    """A batch is one transaction; one bad image must not condemn the other four hundred."""
    slices = stack(20)
    good = [outgoing(event) for event in ingested(*slices)]
    missing = image().model_copy(update={"header": None})
    lying = image().model_copy(update={"sop_instance_uid": "1.2.3"})
    unstorable = image(instance_number=2**40)
    poison = [outgoing(event) for event in ingested(missing, lying, unstorable)]
    garbage = Outgoing(IMAGES_INGESTED.name, b"k", b"{not json", good[0].headers)
    await bus.publisher.publish_many([*good[:10], *poison, garbage, *good[10:]])

    async with running(make_worker("ingest_worker")):
        await bus.first(
            STUDY_UPDATED,
            lambda e: e.key == slices[0].study_instance_uid and e.data.number_of_instances == 20,
        )
        await bus.settle()
    letters = await dead_letters.summaries(kafka)

    assert len(letters) == 4
    assert {letter.error for letter in letters} == {
        "ObjectMissing",
        "HeaderContradictsEvent",
        "ValueNotStorable",
        "MalformedEvent",
    }


async def test_killed_worker_loses_and_doubles_nothing(bus: Bus, make_worker: MakeWorker) -> None:
    """Between commit and publish, between publish and offset: the outbox and the inbox close it."""
    studies = [stack(60) for _ in range(5)]
    events = ingested(*(one for group in zip(*studies, strict=True) for one in group))
    worker = make_worker("ingest_worker", INGEST_WORKER_BATCH_RECORDS="10")
    await worker.start()
    for start in range(0, len(events), 60):
        await bus.publish(*events[start : start + 60])
        heard = set(map(id, bus.seen))
        await bus.first(STUDY_UPDATED, lambda e, heard=heard: id(e) not in heard)
        await worker.kill()
        await worker.start()

    try:
        for group in studies:
            uid = group[0].study_instance_uid
            snapshot = await bus.first(
                STUDY_UPDATED, lambda e, uid=uid: e.key == uid and e.data.number_of_instances == 60
            )
            assert snapshot.data.series[0].number_of_instances == 60
    finally:
        await worker.stop()
    by_study: dict[str, dict[int, str]] = {}
    for event in bus.seen:
        if event.topic is STUDY_UPDATED:
            told = by_study.setdefault(event.key, {}).setdefault(event.data.version, event.id)
            assert told == event.id, "one version was told by two events"
    assert len(by_study) == 5


async def test_order_and_images_meet_and_come_to_rest(
    bus: Bus, make_worker: MakeWorker, object_storage: ObjectStorage
) -> None:
    """Two owners follow each other's snapshots: both must end up with nothing more to say."""
    person = patient(mrn="MRN-000001", birth_date=date(1970, 1, 2))
    created = order_created(patient=person)
    id_ = created.data.order_id

    async with running(make_worker("order_consumer"), make_worker("ingest_worker")):
        await bus.publish(order_requested(uuid4(), room()))
        await bus.publish(created)
        order = (await bus.caused_by(created, ORDER_UPDATED)).data
        instances = build_study(
            seed=uuid4().hex, instances=4, accession_number=order.accession_number
        )
        await bus.publish(*ingested(*[await put(object_storage, i) for i in instances]))
        seen = await bus.first(
            ORDER_UPDATED, lambda e: e.data.id == id_ and e.data.received_instances == 4
        )
        study = await bus.first(
            STUDY_UPDATED,
            lambda e: e.data.match.order_id == id_ and e.data.number_of_instances == 4,
        )
        done = study_requested(study.key, CompleteStudy(reason="all made"))
        await bus.publish(done)
        complete = await bus.caused_by(done, STUDY_UPDATED)
        ready = await bus.first(
            ORDER_UPDATED, lambda e: e.data.id == id_ and e.data.ready_for_read_at is not None
        )
        await bus.settle(3)
        told = len(bus.seen)
        await bus.settle(3)

    assert seen.data.status is OrderStatus.IMAGES_AVAILABLE
    assert seen.data.study_instance_uids == (study.key,)
    assert complete.data.completeness is StudyCompleteness.COMPLETE
    assert ready.data.status is OrderStatus.IMAGES_AVAILABLE
    assert len(bus.seen) == told
    assert told < 25
