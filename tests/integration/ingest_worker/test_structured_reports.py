"""What was measured is exported as DICOM SR when the report is signed, and is one more series."""

import io
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pydicom
import pytest
import structlog
from highdicom.sr import srread

from contracts.enumerations import Modality, ReportStatus, StudyCompleteness
from contracts.events.images_ingested import FrameLocation
from contracts.events.report_updated import ReportUpdated, ReportVersion, Signature
from contracts.events.study_requested import CompleteStudy, MatchToOrder, SaveMeasurements
from contracts.topics import IMAGES_INGESTED, REPORT_UPDATED
from ingest_worker.handlers import IngestHandlers
from ingest_worker.series_documents import DocumentWriter
from ingest_worker.structured_reports import StructuredReports
from services.database import Database
from services.dicom.series_documents import read_metadata_document
from services.object_storage import IMAGES_BUCKET, ObjectStorage, metadata_key
from tests.harness.dicom import uid
from tests.harness.images import image, order_updated, study_requested
from tests.harness.orders import NOW, event
from tests.harness.outbox import outgoing
from tests.harness.reports import ADAMS, content

DICOM_JSON = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
    "00280010": {"vr": "US", "Value": [100]},
    "00280011": {"vr": "US", "Value": [100]},
    "00280030": {"vr": "DS", "Value": [0.5, 0.5]},
    "00280100": {"vr": "US", "Value": [16]},
    "00280101": {"vr": "US", "Value": [16]},
    "00280103": {"vr": "US", "Value": [0]},
    "00281052": {"vr": "DS", "Value": [-1024]},
    "00281053": {"vr": "DS", "Value": [1]},
    "00080060": {"vr": "CS", "Value": ["CT"]},
}


def drawn_length(of: Any, millimetres: float = 20.0) -> dict[str, Any]:
    return {
        "uid": "5b0c1b9e-0000-4000-8000-000000000001",
        "kind": "length",
        "seriesInstanceUid": of.series_instance_uid,
        "sopInstanceUid": of.sop_instance_uid,
        "frame": 1,
        "text": f"{millimetres} mm",
        "points": [[30.5, 50.5], [30.5 + 2 * millimetres, 50.5]],
        "values": [{"name": "length", "number": millimetres, "unit": "mm"}],
        "annotation": {},
    }


def signed(order_id: UUID, *numbers: int) -> Any:
    """A report with these signed versions, one after the other."""
    versions = tuple(
        ReportVersion(
            id=uuid4(),
            number=number,
            status=ReportStatus.FINAL if number == 1 else ReportStatus.AMENDED,
            content=content(),
            radiologist=ADAMS,
            created_at=NOW,
            signature=Signature(
                signed_by=ADAMS,
                signed_at=NOW + timedelta(minutes=number),
                meaning="approved",
                method="PIN",
                content_sha256="0" * 64,
                jws="a.b.c",
                key_id="k",
            ),
        )
        for number in numbers
    )
    report = ReportUpdated(
        id=uuid4(),
        version=numbers[-1],
        report_number="RAD-20261125-ABCD1",
        order_id=order_id,
        status=versions[-1].status,
        versions=versions,
        created_at=NOW,
        updated_at=NOW,
    )
    return event(REPORT_UPDATED, report, subject=order_id)


class Case:
    """A study of one image, matched to an order, read by Dr. Adams."""

    def __init__(self, handlers: IngestHandlers, database: Database, storage: ObjectStorage):
        self.handlers, self.database, self.storage = handlers, database, storage
        self.order = order_updated()
        self.image = image(dicom_json=DICOM_JSON, frames=(FrameLocation(offset=0, length=20_000),))
        self.uid = self.image.study_instance_uid

    async def measure(self, *annotations: dict[str, Any]) -> None:
        request = SaveMeasurements(order_id=self.order.data.id, annotations=annotations)
        await self.handlers.on_study_requested(study_requested(self.uid, request, ADAMS))

    async def sign(self, *numbers: int) -> None:
        await self.handlers.on_report_updated(signed(self.order.data.id, *numbers))

    async def make(self) -> None:
        await StructuredReports(self.database, self.storage).sender().drain()

    async def reports(self) -> list[Any]:
        return await outgoing(self.database, IMAGES_INGESTED)

    async def stored(self, told: Any) -> bytes:
        return await self.storage.get(IMAGES_BUCKET, told.data.stored.key)


@pytest.fixture
async def case(
    handlers: IngestHandlers, database: Database, object_storage: ObjectStorage, receive: Any
) -> Case:
    made = Case(handlers, database, object_storage)
    await handlers.on_orders_updated([made.order])
    await receive(made.image)
    return made


async def test_twenty_millimetres_are_read_from_the_structured_report(
    case: Case, tmp_path: Path
) -> None:
    await case.measure(drawn_length(case.image))

    await case.sign(1)
    await case.make()

    [told] = await case.reports()
    stored = await case.stored(told)
    report = srread(io.BytesIO(stored))
    [group] = report.content.get_image_measurement_groups()
    [measurement] = group.get_measurements()
    [coordinates] = measurement.referenced_coordinates
    assert measurement.value == pytest.approx(20.0)
    assert measurement.unit.value == "mm"
    assert coordinates.value.tolist() == [[30.5, 50.5], [70.5, 50.5]]
    source = coordinates.ContentSequence[0].ReferencedSOPSequence[0]
    assert source.ReferencedSOPInstanceUID == case.image.sop_instance_uid
    assert (report.PatientID, report.AccessionNumber) == ("MRN-000001", "20251111-ABCD1")
    assert _complaints(stored, tmp_path) == []


async def test_nobody_is_said_to_have_verified_it(case: Case) -> None:
    """The signature covers the report's text, not these numbers (PS3.3 section C.17.2)."""
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.make()

    [told] = await case.reports()
    report = srread(io.BytesIO(await case.stored(told)))
    assert (report.VerificationFlag, report.CompletionFlag) == ("UNVERIFIED", "COMPLETE")
    assert "VerifyingObserverSequence" not in report


async def test_it_is_one_more_series_and_no_late_image(
    case: Case, receive: Any, study: Any
) -> None:
    """It must not warn the reader of images after the draft, nor make the case ready again."""
    await case.handlers.on_study_requested(
        study_requested(case.uid, CompleteStudy(reason="all here"), ADAMS)
    )
    await case.measure(drawn_length(case.image))
    before = await study(case.uid)
    await case.sign(1)
    await case.make()

    await receive(*(told.data for told in await case.reports()))

    after = await study(case.uid)
    assert [s.modality for s in after.series] == ["CT", "SR"]
    assert after.modality == Modality.CT.value
    assert (after.revision, after.completeness) == (1, StudyCompleteness.COMPLETE)
    assert after.number_of_instances == before.number_of_instances == 1
    assert after.last_received_at == before.last_received_at


async def test_its_metadata_can_be_read_like_that_of_any_series(
    case: Case, receive: Any, study: Any, writer: DocumentWriter
) -> None:
    """A viewer that sees the study reads the documents of all its series."""
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.make()
    [told] = await case.reports()
    await receive(told.data)

    await writer.write_due()

    known = await study(case.uid)
    key = metadata_key(case.uid, known.series[1].series_instance_uid)
    [entry] = read_metadata_document(await case.storage.get(IMAGES_BUCKET, key))
    assert entry["00080018"]["Value"] == [told.data.sop_instance_uid]
    assert entry["00080060"]["Value"] == ["SR"]


async def test_second_delivery_makes_nothing_more(case: Case) -> None:
    await case.measure(drawn_length(case.image))

    for _ in range(2):
        await case.sign(1)
        await case.make()

    assert len(await case.reports()) == 1


async def test_made_again_after_a_crash_it_is_the_same_object(case: Case) -> None:
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    [job] = await StructuredReports(case.database, case.storage).claim(1)
    maker = StructuredReports(case.database, case.storage)
    measured = await maker._measured(job)

    first = await maker._store(job, measured)
    second = await maker._store(job, measured)

    assert first == second


async def test_killed_before_it_was_announced_another_worker_announces_the_same(
    case: Case,
) -> None:
    """It was stored, and the worker died: the lease runs out, and nothing is made twice."""
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    killed = StructuredReports(case.database, case.storage)
    [job] = await killed.claim(1)
    stored = await killed._store(job, await killed._measured(job))
    assert await case.reports() == []

    async with case.database.transaction() as connection:
        await connection.execute(
            "update structured_reports set leased_until = clock_timestamp() - interval '1 second'"
        )
    await case.make()
    await killed._finish(job, stored, 1)

    [told] = await case.reports()
    assert told.data == stored


async def test_statistics_of_an_area_are_those_of_the_stored_pixels(case: Case) -> None:
    """The browser said 40, the pixels say otherwise; the difference is logged without a name."""
    rows, columns = np.mgrid[0:100, 0:100]
    pixels = (rows * 100 + columns).astype("<u2").tobytes()
    await case.storage.put(
        IMAGES_BUCKET, case.image.stored.key, pixels, content_type="application/dicom"
    )
    square = [[40.0, 40.0], [60.0, 40.0], [40.0, 60.0], [60.0, 60.0]]
    told = [
        {"name": "area", "number": 100.0, "unit": "mm2"},
        {"name": "mean", "number": 40.0, "unit": "[hnsf'U]"},
    ]
    area = {"kind": "rectangle", "points": square, "values": told}
    await case.measure(drawn_length(case.image) | area)

    await case.sign(1)
    with structlog.testing.capture_logs() as logged:
        await case.make()

    [event_] = await case.reports()
    report = srread(io.BytesIO(await case.stored(event_)))
    [group] = report.content.get_image_measurement_groups()
    assert [(m.name.meaning, m.value, m.unit.value) for m in group.get_measurements()] == [
        ("Area", 100.0, "mm2"),
        ("Mean", pytest.approx(4950 + 49.5 - 1024), "[hnsf'U]"),
        ("Standard Deviation", pytest.approx((332_500 + 33.25) ** 0.5), "[hnsf'U]"),
        ("Minimum", 4040 - 1024, "[hnsf'U]"),
        ("Maximum", 5959 - 1024, "[hnsf'U]"),
    ]
    [difference] = [line for line in logged if line["event"] == "measurements_differ"]
    assert difference["count"] == 1


async def test_amendment_makes_another_only_when_the_measurements_changed(case: Case) -> None:
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.make()
    await case.sign(1, 2)
    await case.make()
    unchanged = len(await case.reports())

    await case.measure(drawn_length(case.image, millimetres=15.0))
    await case.sign(1, 2, 3)
    await case.make()

    first, second = await case.reports()
    assert unchanged == 1
    assert first.data.sop_instance_uid != second.data.sop_instance_uid
    assert first.data.series_instance_uid == second.data.series_instance_uid


async def test_each_report_names_the_one_before_it(
    case: Case, receive: Any, study: Any, tmp_path: Path
) -> None:
    """Whoever finds both knows which of them holds (PS3.3 section C.17.2)."""
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.measure(drawn_length(case.image, millimetres=15.0))
    await case.sign(1, 2)
    await case.make()

    first, second = await case.reports()
    await receive(first.data, second.data)

    stored = await case.stored(second)
    [of_study] = pydicom.dcmread(io.BytesIO(stored)).PredecessorDocumentsSequence
    [reference] = of_study.ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert reference.ReferencedSOPInstanceUID == first.data.sop_instance_uid
    assert _complaints(stored, tmp_path) == []
    known = await study(case.uid)
    assert [
        (r.report_version, r.number_of_findings, r.superseded) for r in known.measurement_reports
    ] == [(1, 1, True), (2, 1, False)]


async def test_amendment_without_measurements_takes_the_report_back(
    case: Case, receive: Any, study: Any, tmp_path: Path
) -> None:
    """Otherwise what was deleted would stand in the study as if it still held."""
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.make()
    await case.measure()
    await case.sign(1, 2)
    await case.make()

    first, second = await case.reports()
    await receive(first.data, second.data)

    stored = await case.stored(second)
    report = srread(io.BytesIO(stored))
    [of_study] = report.PredecessorDocumentsSequence
    [reference] = of_study.ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert reference.ReferencedSOPInstanceUID == first.data.sop_instance_uid
    [group] = report.content.get_image_measurement_groups()
    assert group.get_measurements() == []
    assert group[0].ContentSequence[-1].TextValue.startswith("No measurements.")
    assert (report.CompletionFlag, report.PreliminaryFlag) == ("COMPLETE", "FINAL")
    assert (report.PatientID, report.AccessionNumber) == ("MRN-000001", "20251111-ABCD1")
    assert _complaints(stored, tmp_path) == []
    known = await study(case.uid)
    assert [(r.number_of_findings, r.superseded) for r in known.measurement_reports] == [
        (1, True),
        (0, False),
    ]


async def test_taking_back_what_was_never_told_makes_none(case: Case) -> None:
    await case.measure(drawn_length(case.image))
    await case.measure()

    await case.sign(1)
    await case.make()

    assert await case.reports() == []


async def test_later_version_waits_until_the_earlier_is_made(case: Case) -> None:
    await case.measure(drawn_length(case.image))
    await case.sign(1)
    await case.measure(drawn_length(case.image, millimetres=15.0))
    await case.sign(1, 2)
    maker = StructuredReports(case.database, case.storage)

    claimed = await maker.claim(10)

    assert [job.report_version for job in claimed] == [1]
    assert await maker.claim(10) == []


async def test_what_an_arrow_says_stands_at_its_tip(case: Case, tmp_path: Path) -> None:
    arrow = {"kind": "arrow", "text": "Fracture?", "points": [[10.5, 20.5], [30, 40]], "values": []}
    await case.measure(drawn_length(case.image) | arrow)

    await case.sign(1)
    await case.make()

    [told] = await case.reports()
    stored = await case.stored(told)
    [group] = srread(io.BytesIO(stored)).content.get_planar_roi_measurement_groups()
    [comment] = [i for i in group[0].ContentSequence if i.ValueType == "TEXT"][-1:]
    assert group.roi.value.tolist() == [[10.5, 20.5]]
    assert comment.ConceptNameCodeSequence[0].CodeMeaning == "Comment"
    assert comment.TextValue == "Fracture?"
    assert _complaints(stored, tmp_path) == []


async def test_arrow_without_words_is_left_out(case: Case) -> None:
    await case.measure(drawn_length(case.image) | {"kind": "arrow", "text": " "})

    await case.sign(1)
    await case.make()

    assert await case.reports() == []


def on_prior(of: Any) -> dict[str, Any]:
    drawn = drawn_length(of, millimetres=8.0)
    named = {"uid": "5b0c1b9e-0000-4000-8000-000000000002"}
    return drawn | named | {"studyInstanceUid": of.study_instance_uid}


@pytest.fixture
async def prior(receive: Any) -> Any:
    """An earlier study of the patient, of one image."""
    made = image(
        study_instance_uid=uid(uuid4().hex),
        study_date=date(2024, 3, 1),
        accession_number="",
        dicom_json=DICOM_JSON,
    )
    await receive(made)
    return made


@pytest.mark.parametrize("is_alone", [False, True])
async def test_what_was_measured_on_a_prior_is_told_with_its_study(
    case: Case, prior: Any, tmp_path: Path, is_alone: bool
) -> None:
    """The report stays one of the exam; the prior's images are other evidence (C.17.2.3)."""
    own = [] if is_alone else [drawn_length(case.image)]
    await case.measure(on_prior(prior), *own)

    await case.sign(1)
    await case.make()

    [told] = await case.reports()
    stored = await case.stored(told)
    report = srread(io.BytesIO(stored))
    groups = report.content.get_image_measurement_groups()
    lengths = [group.get_measurements()[0].value for group in groups]
    assert sorted(lengths) == ([8.0] if is_alone else [8.0, 20.0])
    [on_the_prior] = [g for g in groups if g.get_measurements()[0].value == 8.0]
    [when] = [i for i in on_the_prior[0].ContentSequence if i.ValueType == "TEXT"][-1:]
    assert (when.ConceptNameCodeSequence[0].CodeMeaning, when.TextValue) == (
        "Time Point",
        "Prior study of 2024-03-01",
    )
    assert told.data.study_instance_uid == report.StudyInstanceUID == case.uid
    assert _studies(report, "PertinentOtherEvidenceSequence") == [prior.study_instance_uid]
    assert _studies(report, "CurrentRequestedProcedureEvidenceSequence") == (
        [] if is_alone else [case.uid]
    )
    assert _complaints(stored, tmp_path) == []


async def test_what_is_no_prior_any_more_when_it_is_made_is_left_out(
    case: Case, prior: Any
) -> None:
    """A person has found out that it is another patient's."""
    await case.measure(on_prior(prior))
    await case.sign(1)
    stranger = order_updated(mrn="MRN-000002", accession_number="OTHER")
    await case.handlers.on_orders_updated([stranger])
    match = MatchToOrder(
        order_id=stranger.data.id, reason="another patient's", confirm_patient_differs=True
    )
    await case.handlers.on_study_requested(study_requested(prior.study_instance_uid, match))

    await case.make()

    assert await case.reports() == []


def _studies(report: pydicom.Dataset, evidence: str) -> list[str]:
    return [item.StudyInstanceUID for item in report.get(evidence, ())]


async def test_a_draft_makes_none(case: Case) -> None:
    await case.measure(drawn_length(case.image))
    report = signed(case.order.data.id, 1)
    [version] = report.data.versions
    draft = version.model_copy(update={"signature": None, "status": ReportStatus.PRELIMINARY})
    data = report.data.model_copy(update={"versions": (draft,)})

    await case.handlers.on_report_updated(event(REPORT_UPDATED, data, subject=data.order_id))
    await case.make()

    assert await case.reports() == []


async def test_what_was_drawn_on_no_image_makes_none(case: Case) -> None:
    """A reformatted plane belongs to no instance."""
    nowhere = drawn_length(case.image) | {"sopInstanceUid": ""}
    await case.measure(nowhere)

    await case.sign(1)
    await case.make()

    assert await case.reports() == []


def _complaints(stored: bytes, folder: Path) -> list[str]:
    """Return the errors that David Clunie's validator finds; none where it is not installed."""
    validator = shutil.which("dciodvfy")
    if validator is None:
        return []
    path = folder / "report.dcm"
    path.write_bytes(stored)
    found = subprocess.run([validator, str(path)], capture_output=True, text=True, check=False)
    return [line for line in found.stderr.splitlines() if line.startswith("Error")]
