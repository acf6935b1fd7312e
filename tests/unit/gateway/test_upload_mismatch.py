"""What an uploader is told of a file and its order is what ingest_worker will find."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.enumerations import Modality
from contracts.people import Patient
from gateway.upload import mismatch_of
from tests.harness.images import header
from tests.harness.orders import details
from tests.harness.snapshots import order_snapshot

CASES = json.loads((Path(__file__).parents[2] / "harness" / "matching.json").read_text())
WARNINGS = {
    "patient": "patient_differs",
    "issuer": "patient_differs",
    "birth date": "patient_differs",
    "accession": "accession_differs",
    "modality": "modality_differs",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_warning_follows_the_rules_of_matching(case: dict[str, Any]) -> None:
    images, wanted = case["images"], case["order"]
    order = order_snapshot(
        accession_number=wanted["accessionNumber"],
        details=details(
            modality=Modality(wanted["modality"]),
            patient=Patient.model_validate({"id": uuid4(), "name": "Doe^John"} | wanted["patient"]),
        ),
    )
    imaged = header(
        patient_id=images.get("patientId", ""),
        issuer_of_patient_id=images.get("issuerOfPatientId", ""),
        patient_birth_date=images.get("patientBirthDate"),
        modality=images.get("modality", ""),
        accession_number=images.get("accessionNumber", ""),
    )

    said = mismatch_of(imaged, order)

    assert (said or "") in ({WARNINGS[what] for what in case["differs"]} or {""})
