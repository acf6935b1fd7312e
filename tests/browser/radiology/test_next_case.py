"""From case to case without the mouse; the next one is fetched while this one is read."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def case_in(page: Page) -> str:
    return page.url.rsplit("/", 1)[-1]


def wait_for_another(page: Page, asked: list[str], first: str) -> list[str]:
    """Return the requests for cases that are not open, when there is one."""
    for _ in range(100):
        if found := [url for url in asked if "/viewer-data" in url and first not in url]:
            return found
        page.wait_for_timeout(100)
    return []


def test_next_case_is_opened_by_keyboard_and_was_fetched_before(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    another = house.order()
    house.examine(another, instances=4)
    asked: list[str] = []
    adams.on("request", lambda request: asked.append(request.url))
    adams.goto(f"{house.radiology}/worklist")
    expect(adams.get_by_role("button", name="Read next case")).to_be_enabled(timeout=WAITING_MS)

    adams.keyboard.press("n")
    adams.wait_for_url(re.compile(r"/read/"), timeout=WAITING_MS)
    first = case_in(adams)
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    adams.keyboard.press("F2")
    adams.keyboard.type("No nodule.")
    adams.keyboard.press("Tab")
    adams.keyboard.type("Normal chest.")
    adams.keyboard.press("Control+Enter")
    pin = adams.get_by_role("dialog", name="Sign and finalize").get_by_label("Signing PIN of")
    expect(pin).to_be_focused()
    adams.keyboard.type("4711")
    adams.keyboard.press("Enter")
    expect(adams.get_by_role("button", name="Read next case")).to_be_enabled(timeout=WAITING_MS)
    ahead = wait_for_another(adams, asked, first)
    assert ahead, "no other case was fetched ahead"

    adams.keyboard.press("n")

    expect(adams).not_to_have_url(re.compile(first), timeout=WAITING_MS)
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
