"""Two radiologists on one case: each sees the other, and nobody's text is lost."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.browser import Line, sign_in
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

HERS, HIS = "Nodule of 6 mm in the left upper lobe.", "No pleural effusion."
LATER = "Heart not enlarged."


def open_case(page: Page, house: House, order: dict[str, Any]) -> None:
    page.goto(f"{house.radiology}/read/{order['id']}")
    expect(page.get_by_label("Findings")).to_be_visible(timeout=WAITING_MS)


def test_second_reader_keeps_his_words_beside_hers(
    adams: Page, house: House, browser: Browser, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)
    adams.get_by_label("Findings").fill(HERS)
    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        baker, line = context.new_page(), Line(context)
        sign_in(baker, house.radiology, "dr.baker")
        open_case(baker, house, ready_case)
        banner = baker.get_by_label("Patient and exam")
        expect(banner).to_contain_text("Dr. Ruth Adams is reading", timeout=WAITING_MS)
        baker.get_by_label("Findings").fill(HIS)

        line.cut()
        adams.get_by_role("button", name="Save as preliminary").click()
        saved = adams.get_by_role("complementary", name="Report")
        expect(saved).to_contain_text("On the server, version 1", timeout=WAITING_MS)
        baker.get_by_role("button", name="Save as preliminary").click()

        expect(baker.get_by_text("Not saved on the server")).to_be_visible(timeout=WAITING_MS)
        conflict = baker.get_by_role("alert").filter(has_text="Somebody else saved this report")
        expect(conflict).to_contain_text(HIS, timeout=WAITING_MS)
        expect(baker.get_by_label("Findings")).to_have_value(HERS)
        panel = baker.get_by_role("complementary", name="Report")
        sign = panel.get_by_role("button", name="Sign and finalize")
        baker.get_by_label("Impression").fill("Nodule.")
        expect(sign).to_be_disabled()
        expect(panel).to_contain_text("decide which text stands (Findings)")
        baker.get_by_label("Findings").fill(f"{HERS} {LATER}")
        conflict.get_by_role("button", name="Add mine below theirs").click()
        expect(baker.get_by_label("Findings")).to_have_value(f"{HERS} {LATER}\n{HIS}")
        expect(sign).to_be_enabled()
        baker.get_by_role("button", name="Save as preliminary").click()
        expect(panel).to_contain_text("On the server, version 2", timeout=WAITING_MS)

    both = f"{HERS} {LATER}\n{HIS}"
    expect(adams.get_by_label("Findings")).to_have_value(both, timeout=WAITING_MS)


def test_signature_is_refused_under_a_text_that_another_changed_meanwhile(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """What was read is what is signed; her own words are still there, and stand beside his."""
    house.report(ready_case, status="PRELIMINARY")
    open_case(adams, house, ready_case)
    expect(adams.get_by_label("Findings")).to_have_value("No nodule. No effusion.")
    adams.get_by_label("Impression").fill(HERS)
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("button", name="Sign and finalize").click()
    dialog = adams.get_by_role("dialog", name="Sign and finalize")
    dialog.get_by_label("Signing PIN of").fill("4711")

    his = {"findings": HIS, "impression": "Normal chest.", "expectedVersion": 1}
    path = f"/api/radiology/orders/{ready_case['id']}/report"
    house.do(house.staff.readers[1].post(path, {"status": "PRELIMINARY", **his}))
    expect(adams.get_by_label("Findings")).to_have_value(HIS, timeout=WAITING_MS)
    dialog.get_by_role("button", name="Sign", exact=True).click()

    refused = dialog.get_by_role("alert", name="Not signed")
    expect(refused).to_contain_text("another text than when you came here", timeout=WAITING_MS)
    dialog.get_by_role("button", name="Back to the text").click()
    expect(adams.get_by_label("Impression")).to_have_value(HERS)
    panel.get_by_role("button", name="Sign and finalize").click()
    dialog.get_by_label("Signing PIN of").fill("4711")
    dialog.get_by_role("button", name="Sign", exact=True).click()
    expect(panel).to_contain_text("Final", timeout=WAITING_MS)
