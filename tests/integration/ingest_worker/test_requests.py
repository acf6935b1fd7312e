"""What people ask of a study: complete it, measure in it, work off its quarantine, note priors."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pydicom import dcmread

from contracts.enumerations import StudyCompleteness
from contracts.events.images_ingested import ImagesIngested, StoredObject
from contracts.events.study_requested import (
    CompleteStudy,
    MatchToOrder,
    NotePrior,
    ResolveQuarantine,
    SaveMeasurements,
)
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker.errors import (
    MeasuredElsewhere,
    MeasurementsStale,
    NotesStale,
    NotesTooLong,
    PriorUnknown,
    QuarantineDecided,
    QuarantineDecisionStands,
    QuarantineUnknown,
    StudyOfOtherOrder,
)
from ingest_worker.handlers import IngestHandlers
from ingest_worker.series_documents import DocumentWriter
from services.database import Database
from services.dicom.header import parse_header
from services.dicom.series_documents import read_frames_document
from services.errors import ObjectMissing
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    frames_key,
    instance_key,
    quarantine_key,
    thumbnail_key,
)
from tests.harness.dicom import TestInstance, TestPatient, build_instance, instance_of, uid
from tests.harness.images import image, order_updated, stack, study_requested
from tests.harness.orders import actor
from tests.harness.outbox import outgoing
from tests.harness.standins import eventually

Receive = Callable[..., Awaitable[None]]
Study = Callable[[str], Awaitable[StudyUpdated]]


async def test_person_completes_a_study_and_a_late_image_opens_a_revision(
    handlers: IngestHandlers, receive: Receive, study: Study
) -> None:
    slices = stack(3)
    uid_ = slices[0].study_instance_uid
    await receive(*slices[:2])

    who = actor(name="Tom Cole")
    request = CompleteStudy(reason="patient could not go on")
    await handlers.on_study_requested(study_requested(uid_, request, who))
    complete = await study(uid_)
    await receive(slices[2])
    late = await study(uid_)

    assert complete.completeness is StudyCompleteness.COMPLETE
    assert complete.completeness_reason == "Tom Cole: patient could not go on"
    assert (late.revision, late.completeness) == (2, StudyCompleteness.RECEIVING)


class TestMeasurements:
    async def measured(self, handlers: IngestHandlers, receive: Receive) -> tuple[str, Any]:
        known, one = order_updated(), image()
        await handlers.on_orders_updated([known])
        await receive(one)
        return one.study_instance_uid, known.data.id

    async def test_are_kept_for_each_reader_with_a_version(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        uid_, order_id = await self.measured(handlers, receive)
        readers = actor(id_="a"), actor(id_="b")

        for reader in (*readers, readers[0]):
            request = SaveMeasurements(order_id=order_id, annotations=({"tool": "Length"},))
            await handlers.on_study_requested(study_requested(uid_, request, reader))

        sets = (await study(uid_)).measurements
        assert [(s.reader_id, s.version) for s in sets] == [("a", 2), ("b", 1)]
        assert sets[0].annotations == ({"tool": "Length"},)

    async def test_stale_save_is_refused(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """Two windows of one reader must not overwrite each other silently."""
        uid_, order_id = await self.measured(handlers, receive)
        reader = actor()
        first = SaveMeasurements(order_id=order_id, annotations=(), expected_version=0)
        await handlers.on_study_requested(study_requested(uid_, first, reader))

        with pytest.raises(MeasurementsStale) as refusal:
            await handlers.on_study_requested(study_requested(uid_, first, reader))

        assert refusal.value.current_version == 1

    async def test_hold_any_text(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        uid_, order_id = await self.measured(handlers, receive)
        drawn = {"label": "Läsion\x00 𝔘", "nested": [{"\x00": 1.5}]}

        request = SaveMeasurements(order_id=order_id, annotations=(drawn,))
        await handlers.on_study_requested(study_requested(uid_, request))

        [saved] = (await study(uid_)).measurements[0].annotations
        assert saved == {"label": "Läsion 𝔘", "nested": [{"": 1.5}]}

    async def test_are_refused_for_another_order(
        self, handlers: IngestHandlers, receive: Receive
    ) -> None:
        uid_, _ = await self.measured(handlers, receive)
        request = SaveMeasurements(order_id=uuid4(), annotations=())

        with pytest.raises(StudyOfOtherOrder):
            await handlers.on_study_requested(study_requested(uid_, request))

    async def test_on_a_prior_are_kept_with_the_exam_that_is_read(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """The size of last year is measured to compare with that of today."""
        uid_, order_id = await self.measured(handlers, receive)
        prior = _exam(2024)
        await receive(prior)

        request = SaveMeasurements(order_id=order_id, annotations=(_drawn_on(prior),))
        await handlers.on_study_requested(study_requested(uid_, request))

        [kept] = (await study(uid_)).measurements
        assert kept.annotations == (_drawn_on(prior),)
        assert (await study(prior.study_instance_uid)).measurements == ()

    async def test_on_what_is_no_prior_are_refused(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """Of another patient, of nobody, and under the name of another study than the image's."""
        uid_, order_id = await self.measured(handlers, receive)
        prior, stranger = _exam(2024), _exam(2024, patient_id="MRN-000002")
        await receive(prior, stranger)
        named = {"studyInstanceUid": uid_}, {"studyInstanceUid": prior.study_instance_uid}
        unnamed = {"sopInstanceUid": stranger.sop_instance_uid}
        nobody = _drawn_on(prior) | {"studyInstanceUid": "1.2.3", "sopInstanceUid": "1.2.4"}

        for drawn in (
            _drawn_on(stranger),
            _drawn_on(prior) | named[0],
            _drawn_on(stranger) | named[1],
            unnamed,
            nobody,
        ):
            request = SaveMeasurements(order_id=order_id, annotations=(drawn,))
            with pytest.raises(MeasuredElsewhere):
                await handlers.on_study_requested(study_requested(uid_, request))

        assert (await study(uid_)).measurements == ()


async def study_with_a_stranger(receive: Receive, object_storage: ObjectStorage) -> str:
    """One image of a patient, and under the same study another patient's, which is quarantined."""
    one = build_instance(seed=uuid4().hex)
    stranger = build_instance(seed=uuid4().hex, patient=TestPatient(patient_id="MRN-000002"))
    uid_ = one.study_instance_uid
    stranger = under_uids_of(stranger, replace(stranger, study_instance_uid=uid_))
    await receive(await kept_in(object_storage, one), await kept_in(object_storage, stranger, "q"))
    return uid_


class TestQuarantine:
    """Nothing stored is ever overwritten; a person works off what contradicts it."""

    async def test_other_bytes_under_the_same_uid(
        self, receive: Receive, study: Study, database: Database
    ) -> None:
        one = image()
        contradicting = _other_bytes(one)

        await receive(one)
        await receive(contradicting)
        await receive(contradicting)

        known = await study(one.study_instance_uid)
        [quarantined] = known.quarantined
        assert known.number_of_instances == 1
        assert quarantined.sop_instance_uid == one.sop_instance_uid
        assert "other content" in quarantined.reason
        assert (quarantined.received, quarantined.stored) == (contradicting.stored, one.stored)
        assert len(await outgoing(database, STUDY_UPDATED)) == 2

    async def test_same_uid_in_another_study(self, receive: Receive, study: Study) -> None:
        one = image()
        elsewhere = image(sop_instance_uid=one.sop_instance_uid)

        await receive(one)
        await receive(elsewhere)

        assert (await study(one.study_instance_uid)).quarantined == ()
        other = await study(elsewhere.study_instance_uid)
        assert other.number_of_instances == 0
        assert "another series" in other.quarantined[0].reason

    async def test_series_of_another_study(self, receive: Receive, study: Study) -> None:
        one = image()
        thief = image(series_instance_uid=one.series_instance_uid)

        await receive(one, thief)

        known = await study(thief.study_instance_uid)
        assert "another study" in known.quarantined[0].reason

    async def test_other_patient_in_the_same_study(self, receive: Receive, study: Study) -> None:
        slices = stack(2)
        stranger = image(study_instance_uid=slices[0].study_instance_uid, patient_id="MRN-000002")

        await receive(*slices, stranger)

        known = await study(slices[0].study_instance_uid)
        assert known.number_of_instances == 2
        assert "patient ID differs" in known.quarantined[0].reason
        assert known.quarantined[0].stored is None

    async def test_contradiction_within_one_batch(self, receive: Receive, study: Study) -> None:
        one = image()

        await receive(one, _other_bytes(one))

        known = await study(one.study_instance_uid)
        assert (known.number_of_instances, len(known.quarantined)) == (1, 1)

    async def test_discarded(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        one = image()
        await receive(one, _other_bytes(one))
        uid_ = one.study_instance_uid
        request = await self.decision(study, uid_, "DISCARD")

        await handlers.on_study_requested(study_requested(uid_, request))

        known = await study(uid_)
        assert known.quarantined[0].decision == "DISCARD"
        assert known.number_of_instances == 1
        with pytest.raises(QuarantineDecided):
            await handlers.on_study_requested(study_requested(uid_, request))

    async def test_kept_as_new(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        writer: DocumentWriter,
        object_storage: ObjectStorage,
    ) -> None:
        """Whoever downloads it finds the UIDs of the index in it: two files of one UID would be
        taken for one."""
        one, other = build_instance(seed=uuid4().hex), build_instance(rows=16)
        other = under_uids_of(other, one)
        uid_, series = one.study_instance_uid, one.series_instance_uid
        await receive(await kept_in(object_storage, one), await kept_in(object_storage, other, "q"))
        request = study_requested(uid_, await self.decision(study, uid_, "KEEP_AS_NEW"))

        await handlers.on_study_requested(request)
        await writer.write_due()

        known = await study(uid_)
        assert known.quarantined[0].decision == "KEEP_AS_NEW"
        assert known.series[0].number_of_instances == 2
        frames = read_frames_document(
            await object_storage.get(IMAGES_BUCKET, frames_key(uid_, series))
        )
        for sop, stored in frames.items():
            file = dcmread(BytesIO(await object_storage.get(IMAGES_BUCKET, stored.key)))
            assert (file.SOPInstanceUID, file.file_meta.MediaStorageSOPInstanceUID) == (sop, sop)
            assert stored.key == instance_key(uid_, series, sop)
            [place] = stored.frames
            raw = await object_storage.get_range(
                IMAGES_BUCKET, stored.key, place.offset, place.length
            )
            assert raw == file.PixelData
        original = await object_storage.get(IMAGES_BUCKET, quarantine_object(other))
        assert original == other.content

    async def test_other_patients_images_become_a_study_of_their_own(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        database: Database,
        object_storage: ObjectStorage,
    ) -> None:
        uid_ = await study_with_a_stranger(receive, object_storage)
        request = study_requested(uid_, await self.decision(study, uid_, "KEEP_AS_NEW"))

        await handlers.on_study_requested(request)

        told = [
            event
            for event in await outgoing(database, STUDY_UPDATED)
            if event.envelope.causation_id == request.id
        ]
        patients = {event.data.patient_id: event.data.number_of_instances for event in told}
        assert patients == {"MRN-000001": 1, "MRN-000002": 1}

    async def test_lost_object_is_not_kept_as_new(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        one = image()
        uid_ = one.study_instance_uid
        await receive(one, _other_bytes(one))
        request = study_requested(uid_, await self.decision(study, uid_, "KEEP_AS_NEW"))

        with pytest.raises(ObjectMissing):
            await handlers.on_study_requested(request)

        assert (await study(uid_)).quarantined[0].decision == ""

    async def test_unknown_one_is_refused(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        one = image()
        await receive(one)
        request = ResolveQuarantine(quarantine_id=uuid4(), decision="DISCARD", reason="so")

        with pytest.raises(QuarantineUnknown):
            await handlers.on_study_requested(study_requested(one.study_instance_uid, request))

    async def test_left_out_is_put_back_on_the_list_and_decided_otherwise(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """Nothing is deleted, so that a wrong click costs nothing."""
        one = image()
        await receive(one, _other_bytes(one))
        uid_ = one.study_instance_uid
        left_out = await self.decision(study, uid_, "DISCARD")
        await handlers.on_study_requested(study_requested(uid_, left_out))
        again = left_out.model_copy(update={"is_taken_back": True})

        await handlers.on_study_requested(study_requested(uid_, again))

        assert (await study(uid_)).quarantined[0].decision == ""
        await handlers.on_study_requested(study_requested(uid_, left_out))
        assert (await study(uid_)).quarantined[0].decision == "DISCARD"

    async def test_kept_as_new_is_taken_back_and_kept_once_more(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        writer: DocumentWriter,
        object_storage: ObjectStorage,
    ) -> None:
        """The index forgets it; the store does not, so that it can be decided anew."""
        one, other = build_instance(seed=uuid4().hex), build_instance(rows=16)
        other = under_uids_of(other, one)
        uid_, series = one.study_instance_uid, one.series_instance_uid
        await receive(await kept_in(object_storage, one), await kept_in(object_storage, other, "q"))
        before = await study(uid_)
        keep = await self.decision(study, uid_, "KEEP_AS_NEW")
        who = actor(name="Tom Cole")
        await handlers.on_study_requested(study_requested(uid_, keep, who))
        kept = await study(uid_)

        undo = keep.model_copy(update={"is_taken_back": True})
        await handlers.on_study_requested(study_requested(uid_, undo))
        await writer.write_due()

        [decided], known = kept.quarantined, await study(uid_)
        assert (decided.decided_by, decided.decision_reason) == (who, keep.reason)
        assert decided.decided_at is not None
        assert known.quarantined == before.quarantined
        assert (kept.number_of_instances, known.number_of_instances) == (2, 1)
        assert known.series[0].number_of_instances == 1
        assert known.size_bytes == before.size_bytes
        document = await object_storage.get(IMAGES_BUCKET, frames_key(uid_, series))
        assert list(read_frames_document(document)) == [one.sop_instance_uid]
        assert await object_storage.get(IMAGES_BUCKET, quarantine_object(other)) == other.content
        await handlers.on_study_requested(study_requested(uid_, keep))
        assert (await study(uid_)).number_of_instances == 2

    async def test_study_that_was_made_by_keeping_is_empty_when_that_is_taken_back(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        database: Database,
        writer: DocumentWriter,
        object_storage: ObjectStorage,
    ) -> None:
        uid_ = await study_with_a_stranger(receive, object_storage)
        keep = await self.decision(study, uid_, "KEEP_AS_NEW")
        await handlers.on_study_requested(study_requested(uid_, keep))
        undo = study_requested(uid_, keep.model_copy(update={"is_taken_back": True}))

        await handlers.on_study_requested(undo)
        await writer.write_due()

        told = [
            event.data
            for event in await outgoing(database, STUDY_UPDATED)
            if event.envelope.causation_id == undo.id
        ]
        [made] = {s.study_instance_uid for s in told} - {uid_}
        assert ((await study(uid_)).number_of_instances, (await study(made)).series) == (1, ())
        assert (await study(made)).number_of_instances == 0

    async def test_picture_of_an_image_that_was_taken_out_goes_with_it(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        database: Database,
        writer: DocumentWriter,
        object_storage: ObjectStorage,
    ) -> None:
        """It shows another patient than the study that it was filed under."""
        uid_ = await study_with_a_stranger(receive, object_storage)
        keep = await self.decision(study, uid_, "KEEP_AS_NEW")
        await handlers.on_study_requested(study_requested(uid_, keep))
        await writer.write_due()
        told = {e.data.study_instance_uid for e in await outgoing(database, STUDY_UPDATED)}
        [made] = told - {uid_}
        key = thumbnail_key(made, (await study(made)).series[0].series_instance_uid)
        assert await object_storage.get(IMAGES_BUCKET, key)

        undo = keep.model_copy(update={"is_taken_back": True})
        await handlers.on_study_requested(study_requested(uid_, undo))
        await eventually(writer.write_due)  # documents that were just written rest for a while

        with pytest.raises(ObjectMissing):
            await object_storage.get(IMAGES_BUCKET, key)

    async def test_reader_is_told_that_an_image_was_taken_out(
        self,
        handlers: IngestHandlers,
        receive: Receive,
        study: Study,
        object_storage: ObjectStorage,
    ) -> None:
        """It was part of what was read: it opens a revision as an image does that comes late."""
        one, other = build_instance(seed=uuid4().hex), build_instance(rows=16)
        other = under_uids_of(other, one)
        uid_ = one.study_instance_uid
        await receive(await kept_in(object_storage, one), await kept_in(object_storage, other, "q"))
        keep = await self.decision(study, uid_, "KEEP_AS_NEW")
        await handlers.on_study_requested(study_requested(uid_, keep))
        complete = study_requested(uid_, CompleteStudy(reason="all here"))
        await handlers.on_study_requested(complete)
        before = await study(uid_)

        undo = keep.model_copy(update={"is_taken_back": True})
        await handlers.on_study_requested(study_requested(uid_, undo))

        after = await study(uid_)
        assert (before.revision, before.number_withdrawn) == (1, 0)
        assert (after.revision, after.number_withdrawn) == (2, 1)
        assert after.revision_opened_at is not None
        assert before.revision_opened_at is not None
        assert after.revision_opened_at > before.revision_opened_at

    async def test_decision_of_last_week_stands(
        self, handlers: IngestHandlers, receive: Receive, study: Study, database: Database
    ) -> None:
        one = image()
        await receive(one, _other_bytes(one))
        uid_ = one.study_instance_uid
        left_out = await self.decision(study, uid_, "DISCARD")
        await handlers.on_study_requested(study_requested(uid_, left_out))
        async with database.transaction() as connection:
            await connection.execute(
                "update quarantined_instances set decided_at = decided_at - interval '8 days'"
            )

        undo = left_out.model_copy(update={"is_taken_back": True})
        with pytest.raises(QuarantineDecisionStands):
            await handlers.on_study_requested(study_requested(uid_, undo))

    async def test_only_what_was_left_out_is_put_back(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        one = image()
        await receive(one, _other_bytes(one))
        uid_ = one.study_instance_uid
        undecided = await self.decision(study, uid_, "DISCARD")
        again = undecided.model_copy(update={"is_taken_back": True})
        unknown = again.model_copy(update={"quarantine_id": uuid4()})

        with pytest.raises(QuarantineDecisionStands):
            await handlers.on_study_requested(study_requested(uid_, again))
        with pytest.raises(QuarantineUnknown):
            await handlers.on_study_requested(study_requested(uid_, unknown))

    async def decision(self, study: Study, uid_: str, decision: Any) -> ResolveQuarantine:
        [quarantined] = (await study(uid_)).quarantined
        return ResolveQuarantine(
            quarantine_id=quarantined.id, decision=decision, reason="looked at both"
        )


class TestPriors:
    async def test_are_in_the_first_snapshot(self, receive: Receive, study: Study) -> None:
        old, new = _exam(2024), _exam(2025)

        await receive(old)
        await receive(new)

        [prior] = (await study(new.study_instance_uid)).priors
        assert prior.study_instance_uid == old.study_instance_uid
        assert prior.study_date == date(2024, 3, 1)
        assert (await study(old.study_instance_uid)).priors == ()

    async def test_older_study_that_comes_later_is_found_too(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """Priors are fetched from another archive while the new exam is already here."""
        old, new = _exam(2024), _exam(2025)
        await receive(new)
        await receive(old)
        assert (await study(new.study_instance_uid)).priors == ()

        await handlers.search_priors()

        [prior] = (await study(new.study_instance_uid)).priors
        assert prior.study_instance_uid == old.study_instance_uid
        assert await handlers.search_priors() == 0

    async def test_of_a_study_matched_to_another_patient_are_that_patients(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        """The wrong patient was chosen at the scanner; a person has put it right."""
        wrong_prior, right_prior = _exam(2023), _exam(2024, patient_id="MRN-000002")
        new, right = _exam(2025), order_updated(mrn="MRN-000002", accession_number="OTHER")
        await receive(wrong_prior, right_prior)
        await receive(new)
        await handlers.on_orders_updated([right])

        request = MatchToOrder(
            order_id=right.data.id, reason="wrong patient chosen", confirm_patient_differs=True
        )
        await handlers.on_study_requested(study_requested(new.study_instance_uid, request))

        priors = (await study(new.study_instance_uid)).priors
        assert [p.study_instance_uid for p in priors] == [right_prior.study_instance_uid]

    async def test_notes_on_a_pair_are_kept(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        old, new = _exam(2024), _exam(2025)
        await receive(old)
        await receive(new)
        request = NotePrior(
            prior_study_instance_uid=old.study_instance_uid, comparison_notes="larger by 3 mm"
        )

        await handlers.on_study_requested(study_requested(new.study_instance_uid, request))
        await receive(_exam(2025, study_instance_uid=new.study_instance_uid))

        [prior] = (await study(new.study_instance_uid)).priors
        assert prior.comparison_notes == "larger by 3 mm"

    async def test_notes_of_a_second_reader_do_not_overwrite_those_not_read(
        self, handlers: IngestHandlers, receive: Receive, study: Study
    ) -> None:
        old, new = _exam(2024), _exam(2025)
        await receive(old, new)

        async def note(notes: str, expected_version: int) -> None:
            request = NotePrior(
                prior_study_instance_uid=old.study_instance_uid,
                comparison_notes=notes,
                expected_version=expected_version,
            )
            await handlers.on_study_requested(study_requested(new.study_instance_uid, request))

        await note("larger by 3 mm", 0)
        with pytest.raises(NotesStale):
            await note("unchanged", 0)
        await note("larger by 3 mm, and a second one", 1)

        [prior] = (await study(new.study_instance_uid)).priors
        assert prior.comparison_notes == "larger by 3 mm, and a second one"
        assert prior.notes_version == 2

    async def test_notes_on_what_is_no_prior_are_refused(
        self, handlers: IngestHandlers, receive: Receive
    ) -> None:
        new, stranger = _exam(2025), _exam(2024, patient_id="MRN-000002")
        await receive(new, stranger)
        for other in (stranger.study_instance_uid, new.study_instance_uid, "1.2.3"):
            request = NotePrior(prior_study_instance_uid=other, comparison_notes="so")
            with pytest.raises(PriorUnknown):
                await handlers.on_study_requested(study_requested(new.study_instance_uid, request))
        request = NotePrior(prior_study_instance_uid="1.2.3", comparison_notes="x" * 3000)
        with pytest.raises(NotesTooLong):
            await handlers.on_study_requested(study_requested(new.study_instance_uid, request))


def under_uids_of(instance: TestInstance, other: TestInstance) -> TestInstance:
    """Return an instance that claims to be another one."""
    ds = dcmread(BytesIO(instance.content))
    ds.StudyInstanceUID = other.study_instance_uid
    ds.SeriesInstanceUID = other.series_instance_uid
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = other.sop_instance_uid
    return instance_of(ds)


def quarantine_object(instance: TestInstance) -> str:
    digest = hashlib.sha256(instance.content).hexdigest()
    return quarantine_key("1", "2", instance.sop_instance_uid, digest)


async def kept_in(
    storage: ObjectStorage, instance: TestInstance, place: str = ""
) -> ImagesIngested:
    """Store an instance, and return its event as the gateway would publish it."""
    header = parse_header(instance.content)
    uids = instance.study_instance_uid, instance.series_instance_uid, instance.sop_instance_uid
    key = quarantine_object(instance) if place else instance_key(*uids)
    await storage.put(IMAGES_BUCKET, key, instance.content, content_type="application/dicom")
    stored = StoredObject(
        bucket=IMAGES_BUCKET,
        key=key,
        size_bytes=len(instance.content),
        sha256=hashlib.sha256(instance.content).hexdigest(),
    )
    named = dict(zip(("study", "series", "sop"), uids, strict=True))
    return image().model_copy(
        update={
            **{f"{name}_instance_uid": uid_ for name, uid_ in named.items()},
            "stored": stored,
            "header": header,
        }
    )


def _other_bytes(one: ImagesIngested) -> ImagesIngested:
    changed = one.stored.model_copy(update={"sha256": "f" * 64, "key": f"{one.stored.key}.other"})
    return one.model_copy(update={"stored": changed})


def _exam(year: int, **changes: Any) -> ImagesIngested:
    seed = uuid4().hex
    values = {
        "study_instance_uid": uid(seed),
        "study_date": date(year, 3, 1),
        "accession_number": "",
    }
    return image(**values | changes)


def _drawn_on(of: ImagesIngested) -> dict[str, Any]:
    return {"studyInstanceUid": of.study_instance_uid, "sopInstanceUid": of.sop_instance_uid}
