"""A case from the order to the acknowledged alert: three browsers at once, through both portals."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.browser import window_of
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def report_embolism(adams: Page) -> None:
    """Write, mark what is critical, and sign."""
    adams.get_by_label("Findings").fill("Filling defects, both lower lobes.", timeout=WAITING_MS)
    adams.get_by_label("Impression").fill("Acute pulmonary embolism.")
    adams.get_by_label("Critical finding: the ordering doctor must be told").check()
    adams.get_by_role("combobox", name="Finding", exact=True).click()
    adams.get_by_role("option", name="Pulmonary embolism").click()
    adams.get_by_label("What the doctor must know").fill("Embolism in both lower lobes.")
    adams.get_by_role("button", name="Sign and finalize").click()
    dialog = adams.get_by_role("dialog", name="Sign and finalize")
    dialog.get_by_label("Signing PIN of").fill("4711")
    dialog.get_by_role("button", name="Sign", exact=True).click()


def test_case_from_the_order_to_the_acknowledged_alert(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    house.answer_alerts()
    with (
        window_of(browser, house.provider, "dr.smith") as smith,
        window_of(browser, house.radiology, "tech.cole") as cole,
        window_of(browser, house.radiology, "dr.adams") as adams,
    ):
        # Results that nobody has opened yet stand before a new order, but not among the open ones.
        smith.get_by_role("radiogroup", name="Which orders").get_by_text("Open").click()
        order = house.order(studyType="CT Chest PE protocol")
        name = order["patient"]["name"].split("^")[-1]
        # A push moves nothing that is being read: the new row waits to be asked for.
        row = smith.get_by_role("list", name="Orders").get_by_role("link").filter(has_text=name)
        waiting = smith.get_by_role("button", name=re.compile(r"^\d+ new( ·|$)"))
        expect(waiting.or_(row).first).to_be_visible(timeout=WAITING_MS)
        if waiting.is_visible():
            waiting.click()
        expect(row).to_be_visible(timeout=WAITING_MS)

        cole.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
        row = cole.get_by_role("button").filter(has_text=order["patient"]["mrn"])
        row.click(timeout=WAITING_MS)
        panel = cole.get_by_role("complementary", name="Order")
        panel.get_by_role("button", name="Check in").click()
        identity = cole.get_by_role("dialog", name="Is this the patient?")
        identity.get_by_label("Name:").check()
        identity.get_by_label("Date of birth:").check()
        identity.get_by_role("button", name="Check in").click()
        panel.get_by_role("button", name="Start").click(timeout=WAITING_MS)
        panel.get_by_role("link", name="Upload images").click(timeout=WAITING_MS)
        files = write_study(tmp_path, study_of(order), instances=3, rows=64, columns=64)
        cole.locator("input[type=file][multiple]:not([webkitdirectory])").set_input_files(files)
        cole.get_by_role("button", name="Send 3 files").click(timeout=WAITING_MS)
        expect(cole.get_by_role("main")).to_contain_text("3 of 3 stored", timeout=WAITING_MS)
        path = f"/api/radiology/orders/{order['id']}"
        house.do(house.staff.technologist.post(f"{path}/complete", {}))
        # Whoever signs would be warned of images that came after the case was opened.
        house.do(house.staff.technologist.until(path, lambda o: o["receivedInstances"] == 3))

        adams.goto(f"{house.radiology}/read/{order['id']}")
        expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
        report_embolism(adams)

        alert = smith.get_by_role("dialog", name="Critical finding: Pulmonary embolism")
        expect(alert).to_contain_text("Embolism in both lower lobes.", timeout=WAITING_MS)
        alert.get_by_label("Read-back").fill("Embolism on both sides; heparin now")
        alert.get_by_role("button", name="Acknowledge and read back").click()
        expect(alert).to_be_hidden(timeout=WAITING_MS)

        adams.goto(f"{house.radiology}/critical")
        adams.get_by_text("Closed", exact=True).click(timeout=WAITING_MS)
        card = adams.get_by_role("article").filter(has_text=order["orderNumber"])
        expect(card).to_contain_text("Embolism on both sides; heparin now", timeout=WAITING_MS)
        expect(card).to_contain_text("Acknowledged by Dr. John Smith")
