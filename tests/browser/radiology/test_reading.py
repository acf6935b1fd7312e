"""A case is read from the worklist to the signature, with its images in view."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import sign_in_anew
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_COLOURS = """canvas => {
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [64, 64];
  const pen = copy.getContext('2d');
  pen.drawImage(canvas, 0, 0, 64, 64);
  const { data } = pen.getImageData(0, 0, 64, 64);
  return new Set(data.filter((_, index) => index % 4 === 0)).size;
}"""


def open_from_worklist(page: Page, order: dict[str, Any]) -> None:
    page.get_by_role("link", name="Worklist").first.click()
    row = page.get_by_role("row").filter(has_text=order["patient"]["mrn"])
    expect(row).to_be_visible(timeout=WAITING_MS)
    row.dblclick()
    expect(page.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)


def wait_until_drawn(page: Page) -> None:
    """An image that is ready is painted with one of the next frames of the browser."""
    canvas = page.locator("[data-cell=a] canvas").first
    for _ in range(100):
        if canvas.evaluate(_COLOURS) > 8:
            return
        page.wait_for_timeout(100)
    pytest.fail("the image is one colour")


def write(page: Page, findings: str, impression: str) -> None:
    page.get_by_label("Findings").fill(findings)
    page.get_by_label("Impression").fill(impression)


def sign(page: Page, pin: str) -> None:
    dialog = page.get_by_role("dialog", name="Sign and finalize")
    dialog.get_by_label("Signing PIN of").fill(pin)
    dialog.get_by_role("button", name="Sign", exact=True).click()


def test_case_without_a_report_is_opened_without_an_error(
    adams: Page, ready_case: dict[str, Any]
) -> None:
    """Whoever looks for a fault in the browser's log finds only what is one."""
    errors: list[str] = []
    adams.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)

    open_from_worklist(adams, ready_case)

    expect(adams.get_by_label("Findings")).to_be_visible(timeout=WAITING_MS)
    assert errors == []


def test_case_is_read_and_signed(adams: Page, house: House, ready_case: dict[str, Any]) -> None:
    open_from_worklist(adams, ready_case)
    wait_until_drawn(adams)
    expect(adams.get_by_test_id("image-number-a")).to_contain_text("/ 4")

    write(adams, "No nodule. No effusion.", "Normal chest.")
    adams.get_by_role("button", name="Save as preliminary").click()
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("On the server, version 1", timeout=WAITING_MS)

    adams.get_by_role("button", name="Sign and finalize").click()
    sign(adams, "4711")

    expect(panel).to_contain_text("signed by Dr. Ruth Adams", timeout=WAITING_MS)
    path = f"/api/radiology/orders/{ready_case['id']}"
    house.do(house.staff.technologist.until(path, lambda found: found["status"] == "FINAL_REPORT"))
    link = panel.get_by_role("link", name="PDF")
    expect(link).to_be_visible(timeout=WAITING_MS)
    address = link.get_attribute("href")
    assert address is not None
    answer = adams.request.get(house.radiology + address)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def test_wrong_pin_is_said_where_it_is_typed(adams: Page, ready_case: dict[str, Any]) -> None:
    open_from_worklist(adams, ready_case)
    write(adams, "No nodule.", "Normal chest.")
    adams.get_by_role("button", name="Sign and finalize").click()

    sign(adams, "0000")

    pin = adams.get_by_role("dialog", name="Sign and finalize").get_by_label("Signing PIN of")
    expect(pin).to_have_attribute("aria-invalid", "true", timeout=WAITING_MS)
    expect(pin).to_have_value("")
    sign(adams, "4711")
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("signed by Dr. Ruth Adams", timeout=WAITING_MS)


def test_left_in_the_findings_and_right_in_the_impression_is_told(
    adams: Page, ready_case: dict[str, Any]
) -> None:
    open_from_worklist(adams, ready_case)
    adams.set_viewport_size({"width": 1366, "height": 768})
    write(adams, "Small effusion on the left.", "Right effusion.")
    told = adams.get_by_text("The impression says right, the findings say left")
    adams.get_by_role("button", name="1 warning").click()
    expect(told).to_be_in_viewport(ratio=1)

    adams.get_by_role("button", name="Sign and finalize").click()
    dialog = adams.get_by_role("dialog", name="Sign and finalize")
    dialog.get_by_label("Signing PIN of").fill("4711")
    expect(dialog.get_by_text("The impression says right")).to_be_visible()
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Back to the text").click()

    adams.get_by_role("textbox", name="Impression").fill("Left effusion.")
    expect(told).to_have_count(0)


def test_text_survives_a_reload(adams: Page, ready_case: dict[str, Any]) -> None:
    open_from_worklist(adams, ready_case)
    write(adams, "Nodule of 6 mm in the left upper lobe.", "")
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)

    adams.on("dialog", lambda dialog: dialog.accept())
    adams.reload()

    expect(panel).to_contain_text("Your unsaved text is back", timeout=WAITING_MS)
    expect(adams.get_by_label("Findings")).to_have_value("Nodule of 6 mm in the left upper lobe.")


def test_who_signs_out_is_out(adams: Page, house: House) -> None:
    adams.get_by_role("button", name="Dr. Ruth Adams").click()
    adams.get_by_role("menuitem", name="Sign out").click()
    adams.wait_for_url(lambda url: not url.startswith(house.radiology + "/worklist"))
    expect(adams.get_by_text("Dr. Samuel Baker", exact=True)).to_be_visible(timeout=WAITING_MS)

    sign_in_anew(adams, house.radiology, "dr.baker")


def test_saved_draft_is_looked_at_as_its_document(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """Before the signature the reader sees the PDF as the doctor gets it, marked as preliminary."""
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    adams.get_by_label("Findings").fill("No nodule.", timeout=WAITING_MS)
    adams.get_by_role("button", name="Save as preliminary").click()

    preview = adams.get_by_role("link", name="PDF preview")
    expect(preview).to_be_visible(timeout=WAITING_MS)
    answer = adams.request.get(f"{house.radiology}{preview.get_attribute('href')}")
    assert answer.body().startswith(b"%PDF-")
    adams.get_by_label("Findings").fill("No nodule, no effusion.")
    expect(preview).to_have_count(0)
