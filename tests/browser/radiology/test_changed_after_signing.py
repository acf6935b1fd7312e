"""Images come after the signature: who signed is told, wherever he is, until he has amended."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import look_into
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_signer_is_told_until_the_report_is_amended(
    adams: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    report = house.report(ready_case)
    adams.goto(f"{house.radiology}/worklist")
    expect(adams.get_by_role("button", name="Read next case")).to_be_visible(timeout=WAITING_MS)

    tech, study = house.staff.technologist, study_of(ready_case)
    path = f"/api/radiology/studies/{study.study_instance_uid}"
    house.do(tech.until(path, lambda found: found["completeness"] == "COMPLETE"))
    files = write_study(tmp_path, study, instances=6, rows=64, columns=64)
    house.do(tech.store(files))

    told = adams.get_by_role("button", name="changed after you signed")
    expect(told).to_be_visible(timeout=WAITING_MS)
    look_into(adams, told, adams.get_by_role("menu"))
    told.click()
    case = adams.get_by_role("menuitem").filter(has_text=ready_case["patient"]["mrn"])
    case.click()
    panel = adams.get_by_role("complementary", name="Report")
    notice = panel.get_by_text("The images changed after this report was signed")
    expect(notice).to_be_visible(timeout=WAITING_MS)

    house.amend(report, "Two more images; no change", impression="Normal chest, also on these.")
    expect(notice).to_have_count(0, timeout=WAITING_MS)
    query = {"mine": True, "imagesChanged": True, "pageSize": 200}
    left = house.do(house.staff.readers[0].get("/api/radiology/reports", **query))
    assert report["id"] not in [one["id"] for one in left["items"]]
