"""What somebody types stays in the browser for its writer only (docs/decisions/0010)."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import identify, sign_in, sign_in_anew
from tests.harness.house import House, name_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

TEXT = "Nodule of 6 mm in the left upper lobe."
COUNT_DRAFTS = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('radiology-drafts', 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const count = opening.result.transaction('drafts').objectStore('drafts').count();
        count.onsuccess = () => { opening.result.close(); resolve(count.result); };
    };
})"""


def test_signing_out_asks_and_then_leaves_nothing_in_the_browser(
    page: Page, house: House, ready_case: dict[str, Any]
) -> None:
    type_a_finding(page, house, ready_case)

    page.get_by_text(name_of("dr.adams")).first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    asked = page.get_by_role("dialog", name="Text that is not on the server")
    expect(asked).to_contain_text("One text")
    asked.get_by_role("button", name="Stay and save").click()
    expect(page.get_by_label("Findings")).to_have_value(TEXT)
    page.on("dialog", lambda dialog: dialog.accept())  # the browser asks too
    page.get_by_text(name_of("dr.adams")).first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    asked.get_by_role("button", name="Sign out and remove").click()
    expect(page.get_by_label("Password")).to_be_visible(timeout=WAITING_MS)

    sign_in_anew(page, house.radiology, "dr.adams")
    assert page.evaluate(COUNT_DRAFTS) == 0


def test_nothing_is_left_for_who_signs_in_after_a_lost_session(
    page: Page, house: House, ready_case: dict[str, Any]
) -> None:
    type_a_finding(page, house, ready_case)
    page.on("dialog", lambda dialog: dialog.accept())

    page.context.clear_cookies()
    page.goto(house.radiology)
    identify(page, "dr.baker")

    expect(page.get_by_text(name_of("dr.baker")).first).to_be_visible(timeout=WAITING_MS)
    assert page.evaluate(COUNT_DRAFTS) == 0


def type_a_finding(page: Page, house: House, case: dict[str, Any]) -> None:
    sign_in(page, house.radiology, "dr.adams")
    page.goto(f"{house.radiology}/read/{case['id']}")
    page.get_by_label("Findings").fill(TEXT, timeout=WAITING_MS)
    panel = page.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)
    assert page.evaluate(COUNT_DRAFTS) == 1
