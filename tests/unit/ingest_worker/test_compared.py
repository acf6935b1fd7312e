"""What speaks against a match: the same cases hold for the portal (`compare.test.ts`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.enumerations import Modality
from ingest_worker.domain.matching import accession_allows, modality_fits
from ingest_worker.domain.study import KnownOrder, Study
from services.dicom.identity import Sameness, compare_persons
from tests.unit.ingest_worker.factories import order, study

CASES = json.loads((Path(__file__).parents[2] / "harness" / "matching.json").read_text())
OF_PERSON = {
    "patient": Sameness.OTHER_ID,
    "issuer": Sameness.OTHER_ISSUER,
    "birth date": Sameness.OTHER_BIRTH_DATE,
}


def study_of(images: dict[str, str]) -> Study:
    return study(
        patient_id=images.get("patientId", ""),
        issuer_of_patient_id=images.get("issuerOfPatientId", ""),
        patient_birth_date=images.get("patientBirthDate"),
        modality=images.get("modality", ""),
        accession_number=images.get("accessionNumber", ""),
    )


def order_of(wanted: dict[str, Any]) -> KnownOrder:
    patient = wanted["patient"]
    return order(
        accession_number=wanted["accessionNumber"],
        modality=Modality(wanted["modality"]),
        patient_mrn=patient["mrn"],
        issuer_of_patient_id=patient.get("issuerOfPatientId", ""),
        patient_birth_date=patient.get("birthDate"),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_only_what_is_known_on_both_sides_differs(case: dict[str, Any]) -> None:
    images, wanted = study_of(case["images"]), order_of(case["order"])

    sameness = compare_persons(images.person, wanted.person)

    differing = [OF_PERSON[what] for what in case["differs"] if what in OF_PERSON]
    assert sameness.differs == bool(differing)
    assert not differing or sameness is differing[0]
    assert modality_fits(images, wanted) == ("modality" not in case["differs"])
    assert accession_allows(images, wanted) == ("accession" not in case["differs"])
