"""The browser loses its graphics: no picture that stands still is left to be read."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_REMEMBER_CONTEXTS = """
window.drawn = [];
for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
  const open = canvas.prototype.getContext;
  canvas.prototype.getContext = function (kind, ...options) {
    const context = open.call(this, kind, ...options);
    if (String(kind).startsWith('webgl') && context) window.drawn.push(context);
    return context;
  };
}
"""
_LOSE_THEM = "drawn.forEach((one) => one.getExtension('WEBGL_lose_context')?.loseContext())"


def test_lost_graphics_are_said_and_the_case_goes_on(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    adams.add_init_script(_REMEMBER_CONTEXTS)
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    ready = adams.locator("[data-viewer][data-ready]")
    expect(ready).to_be_visible(timeout=WAITING_MS)
    adams.get_by_label("Findings").fill("No nodule.")
    panel = adams.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)

    adams.evaluate(_LOSE_THEM)

    lost = adams.get_by_role("alert").filter(has_text="The images have stopped")
    expect(lost).to_be_visible(timeout=WAITING_MS)
    assert violations(adams) == []
    adams.on("dialog", lambda dialog: dialog.accept())
    lost.get_by_role("button", name="Load the page again").click()
    expect(ready).to_be_visible(timeout=WAITING_MS)
    expect(lost).to_have_count(0)
    expect(adams.get_by_label("Findings")).to_have_value("No nodule.", timeout=WAITING_MS)
