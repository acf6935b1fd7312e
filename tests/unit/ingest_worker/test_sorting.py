"""What contradicts what is stored, and how it is kept all the same."""

import base64
import json
import zlib
from uuid import uuid4

from ingest_worker.domain.sorting import (
    Contradiction,
    StoredInstance,
    as_new,
    contradicted,
    misplaced,
)
from services.dicom.travelling import made_to_travel
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

    kept = as_new(one, Contradiction.OTHER_BYTES)

    assert kept.sop_instance_uid != one.sop_instance_uid
    assert kept.series_instance_uid == one.series_instance_uid
    assert kept.header.sop_instance_uid == kept.sop_instance_uid
    assert kept.stored == one.stored
    assert as_new(one, Contradiction.OTHER_BYTES) == kept


def test_other_patients_images_stay_together_in_a_study_of_their_own() -> None:
    common = {"study_instance_uid": "1.2.3", "series_instance_uid": "1.2.3.1"}
    first, second = image(**common), image(**common)

    kept = [as_new(one, Contradiction.OTHER_PATIENT) for one in (first, second)]

    assert kept[0].study_instance_uid == kept[1].study_instance_uid != "1.2.3"
    assert kept[0].series_instance_uid == kept[1].series_instance_uid != "1.2.3.1"
    assert kept[0].sop_instance_uid != kept[1].sop_instance_uid


def test_documents_of_what_is_kept_tell_the_new_uids() -> None:
    one = image(
        dicom_json={
            "00080018": {"vr": "UI", "Value": ["old"]},
            "00420011": {"vr": "OB", "BulkDataURI": "bulk/00420011"},
        }
    )

    for travelled in (one, made_to_travel(one)):
        kept = as_new(travelled, Contradiction.OTHER_BYTES)
        told = json.loads(zlib.decompress(base64.b64decode(kept.documents.metadata)))
        assert told["00080018"]["Value"] == [kept.sop_instance_uid]
        assert told["00420011"]["BulkDataURI"].startswith(f"instances/{kept.sop_instance_uid}/")
