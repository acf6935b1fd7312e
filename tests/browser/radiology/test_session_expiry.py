"""The session ends while somebody types: after signing in again the text is there, and is saved."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import identify, violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_nothing_typed_is_lost_when_the_session_ends(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    adams.get_by_label("Findings").fill("Nodule of 6 mm.", timeout=WAITING_MS)

    adams.context.clear_cookies()
    adams.keyboard.press("Control+s")
    dialog = adams.get_by_role("dialog", name="Please sign in again")
    expect(dialog).to_be_visible(timeout=WAITING_MS)
    assert violations(adams) == []
    with adams.expect_popup() as opened:
        dialog.get_by_role("button", name="Sign in").click()
    window = opened.value
    identify(window, "dr.adams")

    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(adams.get_by_label("Findings")).to_have_value("Nodule of 6 mm.")
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("On the server, version 1", timeout=WAITING_MS)

    # The window has done its work; it must not stay, with a second portal in it.
    if not window.is_closed():
        window.wait_for_event("close", timeout=WAITING_MS)
