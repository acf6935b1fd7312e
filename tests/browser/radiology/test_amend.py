"""A signed report is corrected: with a reason, and what was changed in view before and after."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

NODULE = "Nodule of 6 mm in the left upper lobe."


def begin_to_amend(adams: Page, house: House, order: dict[str, Any]) -> Locator:
    """A signed report is opened, and what it means is corrected; nothing is signed yet."""
    house.report(order)
    adams.goto(f"{house.radiology}/read/{order['id']}")
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("button", name="Amend").click(timeout=WAITING_MS)
    expect(panel.get_by_label("Findings")).to_be_focused()
    panel.get_by_label("Impression").fill(NODULE)
    return panel


def test_signed_report_is_amended_with_reason_and_difference(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    panel = begin_to_amend(adams, house, ready_case)

    panel.get_by_role("button", name="Sign the amendment").click()
    dialog = adams.get_by_role("dialog", name="Sign the amendment")
    changes = dialog.get_by_label("Changes")
    expect(changes.locator("del").first).to_have_text("Normal")
    expect(changes.locator("ins").first).to_contain_text("Nodule")
    dialog.get_by_label("Signing PIN of").fill("4711")
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_disabled()
    dialog.get_by_label("Reason for the amendment").fill("Nodule seen in the review")
    dialog.get_by_role("button", name="Sign", exact=True).click()

    expect(panel).to_contain_text("Nodule seen in the review", timeout=WAITING_MS)
    expect(panel).to_contain_text(NODULE)
    expect(panel).to_contain_text("Amended")


def test_amendment_that_was_begun_is_told_of_after_a_reload(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """Who does not press Amend again would not know that words of his are still unsigned."""
    panel = begin_to_amend(adams, house, ready_case)
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)
    adams.on("dialog", lambda dialog: dialog.accept())

    adams.reload()

    begun = panel.get_by_role("alert").filter(has_text="You have written more than was signed")
    begun.get_by_role("button", name="Go on amending").click(timeout=WAITING_MS)
    expect(panel.get_by_label("Impression")).to_have_value(NODULE)
    expect(panel.get_by_role("button", name="Sign the amendment")).to_be_enabled()
