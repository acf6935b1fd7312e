"""Deciding over an image in quarantine, and taking the decision back a while later."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
_API = "/api/radiology"
pytestmark = pytest.mark.timeout(300)


def test_kept_image_leaves_the_study_again_when_that_is_undone(
    cole: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    files = write_study(tmp_path, study_of(ready_case), rows=32, columns=32, instances=1)
    house.do(house.staff.technologist.store(files))
    patient = ready_case["patient"]["mrn"]
    cole.goto(f"{house.radiology}/unmatched")
    cole.get_by_role("tab", name="Quarantine").click()
    panel = cole.get_by_role("tabpanel")
    waiting = panel.get_by_text(patient)
    expect(waiting).to_be_visible(timeout=WAITING_MS)

    cole.get_by_role("button", name="Keep as a new image").first.click()
    cole.get_by_role("textbox", name="Why").fill("Another slice")
    cole.get_by_role("button", name="Decide").click()
    expect(waiting).to_have_count(0, timeout=WAITING_MS)
    assert received(house, ready_case) == 5
    panel.get_by_text("Decided", exact=True).click()
    decided = cole.get_by_role("article").filter(has_text=patient)
    expect(decided).to_contain_text("Kept as a new image by Tom Cole", timeout=WAITING_MS)
    expect(decided).to_contain_text("Another slice")
    assert violations(cole) == []

    decided.get_by_role("button", name="Undo").click()
    cole.get_by_role("textbox", name="Why").fill("It is the same slice")
    cole.get_by_role("button", name="Take back").click()

    expect(decided).to_have_count(0, timeout=WAITING_MS)
    panel.get_by_text("To decide", exact=True).click()
    expect(waiting).to_be_visible(timeout=WAITING_MS)
    assert received(house, ready_case) == 4


def received(house: House, order: dict[str, Any]) -> int:
    uid = study_of(order).study_instance_uid
    study = house.do(house.staff.technologist.get(f"{_API}/studies/{uid}"))
    return int(study["numberOfInstances"])
