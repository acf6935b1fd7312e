"""What is measured, in which unit: the same cases hold for the viewer (`calibration.test.ts`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest_worker.domain.measured import measure

CASES = json.loads((Path(__file__).parents[2] / "harness" / "calibration.json").read_text())
SIZE = {"00280010": {"Value": [200]}, "00280011": {"Value": [200]}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_image_is_measured_as_far_as_it_can_be(case: dict[str, Any]) -> None:
    measured = measure(case, SIZE | case["instance"])

    assert measured is not None
    told = [(value.name, value.unit) for value in measured.values]
    assert told == [(value["name"], value["unit"]) for value in case["values"]]
    assert [value.number for value in measured.values] == pytest.approx(
        [value["number"] for value in case["values"]]
    )
