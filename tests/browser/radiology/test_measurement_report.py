"""What was measured leaves with the signature, as a series that is listed and not drawn."""

import io
import zipfile
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import draw_length, open_case, wait_until_saved
from tests.browser.radiology.test_reading import sign, write
from tests.harness.house import House

WAITING_MS = 60_000
API = "/api/radiology"
pytestmark = pytest.mark.timeout(300)


def measure_and_sign(adams: Page, house: House, order: dict[str, Any]) -> None:
    open_case(adams, house, order)
    draw_length(adams, (-10, 0), (10, 0))
    wait_until_saved(house, order, "20.0 mm")
    write(adams, "Nodule of 20 mm.", "Nodule.")
    adams.get_by_role("button", name="Sign and finalize").click()
    sign(adams, "4711")
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("signed by Dr. Ruth Adams", timeout=WAITING_MS)


def study_with_report(house: House, order: dict[str, Any]) -> dict[str, Any]:
    """Wait until the report's series can be read; return its study."""
    data = house.do(
        house.staff.readers[0].until(
            f"{API}/orders/{order['id']}/viewer-data",
            lambda found: any(s["documentsRevision"] for s in report_series(found["studies"][0])),
        )
    )
    study: dict[str, Any] = data["studies"][0]
    return study


def report_series(study: dict[str, Any]) -> list[dict[str, Any]]:
    return [series for series in study["series"] if series["modality"] == "SR"]


def test_measurement_leaves_with_the_signature(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    measure_and_sign(adams, house, ready_case)
    study = study_with_report(house, ready_case)
    [series] = report_series(study)
    root = f"{house.radiology}/dicom-web/studies/{study['studyInstanceUid']}"

    metadata = adams.request.get(f"{root}/series/{series['seriesInstanceUid']}/metadata").json()
    archive = adams.request.get(f"{root}/archive").body()

    assert [one["00080060"]["Value"] for one in metadata] == [["SR"]]
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        names = [name for name in files.namelist() if not name.endswith("DICOMDIR")]
        read = [pydicom.dcmread(io.BytesIO(files.read(name)), force=True) for name in names]
    [report] = [ds for ds in read if ds.get("Modality") == "SR"]
    assert report.AccessionNumber == ready_case["accessionNumber"]
    assert lengths(report) == [(20.0, "mm")]


def test_report_of_measurements_is_listed_and_is_no_late_image(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    measure_and_sign(adams, house, ready_case)
    study = study_with_report(house, ready_case)

    open_case(adams, house, ready_case)

    listed = adams.get_by_role("navigation", name="Series")
    expect(listed.get_by_role("group", name="Measurements")).to_contain_text("SR · 1 document")
    expect(listed.get_by_role("button")).to_have_count(1)
    assert study["numberOfInstances"] == 4
    assert (study["revision"], study["completeness"]) == (1, "COMPLETE")
    order = house.do(house.staff.readers[0].get(f"{API}/orders/{ready_case['id']}"))
    assert (order["status"], order["receivedInstances"]) == ("FINAL_REPORT", 4)


def test_amendment_without_measurements_takes_them_back(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """What stood in the study as a report must not go on as if it held."""
    measure_and_sign(adams, house, ready_case)
    study_with_report(house, ready_case)
    open_case(adams, house, ready_case)
    listed = adams.get_by_role("navigation", name="Series").get_by_role(
        "group", name="Measurements"
    )
    expect(listed).to_contain_text("Current: report version 1")
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name="Measurements").click()
    panel.get_by_role("button", name="Delete Length 20.0 mm").click()
    wait_until_saved(house, ready_case)
    panel.get_by_role("tab", name="Report").click()

    panel.get_by_role("button", name="Amend").click()
    panel.get_by_label("Findings").fill("No nodule.")
    panel.get_by_role("button", name="Sign the amendment").click()
    dialog = adams.get_by_role("dialog", name="Sign the amendment")
    dialog.get_by_label("Reason for the amendment").fill("It was a vessel")
    dialog.get_by_label("Signing PIN of").fill("4711")
    dialog.get_by_role("button", name="Sign", exact=True).click()
    house.do(
        house.staff.readers[0].until(
            f"{API}/orders/{ready_case['id']}/viewer-data",
            lambda found: len(found["studies"][0]["measurementReports"]) == 2,
        )
    )

    open_case(adams, house, ready_case)

    expect(listed).to_contain_text("SR · 2 documents")
    expect(listed).to_contain_text("Withdrawn with report version 2")


def lengths(report: pydicom.Dataset) -> list[tuple[float, str]]:
    """Return the values of a structured report that are named Length (SCT 410668003)."""
    found = []
    for item in report.iterall():
        if item.keyword == "MeasuredValueSequence":
            [value] = item.value
            unit = value.MeasurementUnitsCodeSequence[0].CodeValue
            found.append((round(float(value.NumericValue), 1), unit))
    return found
