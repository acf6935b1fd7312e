"""A manager's day without a mouse: a case is assigned, a room blocked and freed, an exam moved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import press, sign_in, tab_to
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_assign_block_and_move_by_keyboard_alone(
    page: Page, house: House, ready_case: dict[str, Any]
) -> None:
    order = house.order()
    sign_in(page, house.radiology, "manager.diaz")
    press(page, page.get_by_role("link", name="Worklist").first)
    assign = page.get_by_role("button", name=f"Assign {ready_case['orderNumber']}")
    press(page, assign)
    expect(page.get_by_role("combobox", name="Reader")).to_be_focused()
    page.keyboard.type("baker")
    expect(page.get_by_role("option")).to_have_text(["Dr. Samuel Baker"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text=ready_case["patient"]["mrn"])
    expect(row).to_contain_text("Dr. Samuel Baker", timeout=WAITING_MS)

    quiet = datetime.now(UTC).date() + timedelta(days=25)
    page.goto(f"{house.radiology}/schedule?date={quiet}")
    press(page, page.get_by_role("button", name="Block a room"))
    dialog = page.get_by_role("dialog", name="Block a room")
    tab_to(page, dialog.get_by_role("combobox", name="Room"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_be_visible(timeout=WAITING_MS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_label("Why"))
    page.keyboard.type("Quality check")
    press(page, dialog.get_by_role("button", name="Block", exact=True))
    free = dialog.get_by_role("button", name="Quality check").first
    expect(free).to_be_visible(timeout=WAITING_MS)
    press(page, free)
    expect(free).to_have_count(0, timeout=WAITING_MS)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    exam = page.get_by_role("button").filter(has_text=order["patient"]["mrn"])
    expect(exam).to_be_visible(timeout=WAITING_MS)
    press(page, exam)
    panel = page.get_by_role("complementary", name="Order")
    press(page, panel.get_by_role("button", name="Reschedule"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="First free slot"))
    expect(page.get_by_text("Appointment changed")).to_be_visible(timeout=WAITING_MS)
