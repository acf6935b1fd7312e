"""What contradicts what is stored, and how it is kept all the same."""

from uuid import uuid4

from ingest_worker.domain.sorting import (
    Contradiction,
    StoredInstance,
    contradicted,
    misplaced,
    uids_as_new,
)
from tests.harness.images import image
from tests.unit.ingest_worker.factories import study


def test_same_bytes_are_a_repetition() -> None:
    one = image()
    stored = StoredInstance(one.series_instance_uid, bytes.fromhex(one.stored.sha256))

    assert contradicted(one, stored) is None


def test_other_bytes_contradict() -> None:
    one, other = image(content="one"), image(content="other")
    stored = StoredInstance(one.series_instance_uid, bytes.fromhex(other.stored.sha256))

    assert contradicted(one, stored) is Contradiction.OTHER_BYTES


def test_same_bytes_in_another_series_contradict() -> None:
    one = image()

    assert (
        contradicted(one, StoredInstance("1.2.3", bytes.fromhex(one.stored.sha256)))
        is Contradiction.OTHER_SERIES
    )


def test_series_belongs_to_one_study() -> None:
    mine = study()

    assert misplaced(image(), mine, mine.id) is None
    assert misplaced(image(), mine, uuid4()) is Contradiction.SERIES_OF_OTHER_STUDY


def test_no_two_patients_in_one_study() -> None:
    mine = study(patient_id="MRN-000001")

    assert misplaced(image(patient_id="MRN-000002"), mine, None) is Contradiction.OTHER_PATIENT
    assert misplaced(image(patient_id=" mrn-000001 "), mine, None) is None
    assert misplaced(image(patient_id=""), mine, None) is None


def test_kept_as_new_contradicts_nothing_any_more() -> None:
    one = image()

    uids = uids_as_new(one, Contradiction.OTHER_BYTES)

    assert uids.sop != one.sop_instance_uid
    assert (uids.study, uids.series) == (one.study_instance_uid, one.series_instance_uid)
    assert uids_as_new(one, Contradiction.OTHER_BYTES) == uids


def test_other_patients_images_stay_together_in_a_study_of_their_own() -> None:
    common = {"study_instance_uid": "1.2.3", "series_instance_uid": "1.2.3.1"}
    first, second = image(**common), image(**common)

    one, other = (uids_as_new(each, Contradiction.OTHER_PATIENT) for each in (first, second))

    assert one.study == other.study != "1.2.3"
    assert one.series == other.series != "1.2.3.1"
    assert one.sop != other.sop
