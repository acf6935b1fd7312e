"""A snapshot tells the whole state of a study, and always fits into Kafka."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.events.images_ingested import StoredObject
from contracts.events.study_updated import StudyUpdated
from ingest_worker.domain.priors import MAX_PRIORS
from ingest_worker.domain.snapshot import (
    MAX_NOTE_CHARACTERS,
    MAX_QUARANTINED,
    Measurements,
    Parts,
    Prior,
    Quarantined,
    require_short,
    save_measurements,
    study_snapshot,
)
from ingest_worker.domain.sorting import Contradiction
from ingest_worker.domain.study import describe, summarise
from ingest_worker.errors import MeasurementsStale, MeasurementsTooLarge, NotesTooLong
from tests.harness.images import header
from tests.unit.ingest_worker.factories import NOW, series, study

KAFKA_LIMIT = 900_000


def measurements(reader: str = "reader", size: int = 10) -> Measurements:
    return Measurements(
        study_id=uuid4(),
        reader_id=reader,
        version=0,
        annotations=({"text": "x" * size},),
        saved_at=NOW,
    )


def test_series_are_told_in_their_order() -> None:
    localiser, axial, report = (
        series(series_number=1),
        series(series_number=2, modality="CT"),
        series(series_number=None, modality="SR"),
    )

    snapshot = study_snapshot(study(), Parts(series=[report, axial, localiser]))

    assert [s.series_number for s in snapshot.series] == [1, 2, None]
    assert snapshot.modalities_in_study == ("CT", "SR")


def test_study_is_named_by_its_first_image_series() -> None:
    """A structured report or a presentation state often has the lowest series number."""
    found = summarise(
        study(modality="", body_part=""),
        [
            series(series_number=1, modality="SR", body_part=""),
            series(series_number=2, modality="MR", body_part="HEAD"),
        ],
    )

    assert (found.modality, found.body_part, found.number_of_series) == ("MR", "HEAD", 2)


def test_first_value_that_is_known_stays() -> None:
    blank = study(patient_id="", patient_key="", accession_number="", accession_key="")

    described = describe(blank, [header(patient_id="", kvp=120.0), header(patient_id="MRN-7")])
    again = describe(described, [header(patient_id="MRN-8", kvp=90.0)])

    assert (again.patient_id, again.patient_key, again.kvp) == ("MRN-7", "MRN-7", 120.0)


def test_largest_snapshot_fits_into_kafka() -> None:
    wide = "𝔘" * 255
    prior = Prior(
        current_study_id=uuid4(),
        study_instance_uid="1." + "2" * 62,
        study_date=str(date(2020, 1, 1)),
        modality=wide[:16],
        body_part=wide,
        study_description=wide,
        imaging_order_id=uuid4(),
        comparison_notes="𝔘" * MAX_NOTE_CHARACTERS,
        notes_version=2**31 - 1,
    )
    largest = StoredObject(bucket="b" * 63, key="k" * 1024, size_bytes=2**40, sha256="f" * 64)
    quarantined = Quarantined(
        id=uuid4(),
        study_id=uuid4(),
        sop_instance_uid="1." + "2" * 62,
        contradiction=Contradiction.SERIES_OF_OTHER_STUDY,
        received=largest,
        stored=largest,
        received_from=wide,
        received_at=NOW,
        decision="",
    )
    parts = Parts(
        series=[series(series_description=wide, body_part=wide) for _ in range(3_000)],
        quarantined=[quarantined] * MAX_QUARANTINED,
        priors=[prior] * MAX_PRIORS,
        measurements=[measurements(str(n), 60_000) for n in range(4)],
    )
    full = study(**dict.fromkeys(("study_description", "patient_name", "match_reason"), wide))

    snapshot = study_snapshot(full.changed(number_of_series=3_000), parts)

    assert len(snapshot.to_json()) < KAFKA_LIMIT
    assert snapshot.number_of_series == 3_000
    assert len(snapshot.series) > 50
    assert len(snapshot.quarantined) > 30
    assert StudyUpdated.model_validate_json(snapshot.to_json()) == snapshot


class TestMeasurements:
    def test_first_save_is_version_one(self) -> None:
        assert save_measurements([], measurements(), 0).version == 1

    def test_each_reader_has_a_set_of_their_own(self) -> None:
        other = measurements("other").model_copy(update={"version": 7})

        assert save_measurements([other], measurements(), 0).version == 1

    def test_stale_save_is_refused_with_the_version_as_it_is(self) -> None:
        saved = save_measurements([], measurements(), None)

        with pytest.raises(MeasurementsStale) as refusal:
            save_measurements([saved], measurements(), 0)
        assert refusal.value.current_version == 1

    def test_what_no_snapshot_can_carry_is_refused(self) -> None:
        others = [measurements(str(n), 80_000) for n in range(3)]

        with pytest.raises(MeasurementsTooLarge):
            save_measurements(others, measurements(size=80_000), None)


def test_long_notes_are_refused() -> None:
    require_short("x" * MAX_NOTE_CHARACTERS)
    with pytest.raises(NotesTooLong):
        require_short("x" * (MAX_NOTE_CHARACTERS + 1))
