"""The browser loses its graphics: no picture that stands still is left to be read."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

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
# A lost context has no extensions, so what gives them back is asked for before.
_LOSE_THEM = """
window.taken = drawn.map((one) => one.getExtension('WEBGL_lose_context')).filter(Boolean);
taken.forEach((one) => one.loseContext());
"""
_SEEN = """(() => {
  const { index, center, width, inverted, zoom } = window.radiologyViewer.view('a');
  return { index, center, width, inverted, zoom };
})()"""
_PLANES = """['axial', 'sagittal', 'coronal'].flatMap((plane) => {
  const { index, center, width, zoom } = window.radiologyViewer.view(plane);
  return [index, center, width, zoom];
})"""
# One context to ask whether there are any, and one for each cell of the largest layout.
_REHEARSED = """new Promise((resolve) => {
  const look = () => {
    const isOver = drawn.length >= 5 && !document.querySelector('[data-viewport-uid=rehearsal]');
    if (isOver) resolve();
    else requestAnimationFrame(look);
  };
  look();
})"""
_GIVE_BACK = "taken.forEach((one) => one.restoreContext())"


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


@pytest.mark.parametrize("by", ["reader", "browser"])
def test_images_are_drawn_again_at_their_place(
    adams: Page, house: House, ready_case: dict[str, Any], by: str
) -> None:
    adams.add_init_script(_REMEMBER_CONTEXTS)
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    adams.keyboard.press("Home")
    cell = adams.locator("[data-cell=a]")
    expect(cell).to_contain_text("1 / 4", timeout=WAITING_MS)
    for key in ("2", "+", "+", "i"):  # a window, a zoom, and inverted
        adams.keyboard.press(key)
    before = adams.evaluate(_SEEN)
    assert before["inverted"]
    adams.evaluate(_LOSE_THEM)
    lost = adams.get_by_role("alert").filter(has_text="The images have stopped")
    expect(lost).to_be_visible(timeout=WAITING_MS)

    if by == "reader":
        lost.get_by_role("button", name="Show the images again").click()
    else:
        adams.evaluate(_GIVE_BACK)

    expect(lost).to_have_count(0, timeout=WAITING_MS)
    expect(cell).to_contain_text("1 / 4", timeout=WAITING_MS)
    assert adams.evaluate(_SEEN) == pytest.approx(before)
    adams.keyboard.press("End")
    expect(cell).to_contain_text("4 / 4", timeout=WAITING_MS)
    assert _is_drawn(cell)


def _is_drawn(cell: Locator) -> bool:
    middle = Image.open(BytesIO(cell.screenshot())).convert("L")
    middle = middle.crop([round(side * part) for part in (0.4, 0.6) for side in middle.size])
    return max(middle.tobytes()) > 0


def test_case_is_drawn_although_graphics_were_lost_while_the_list_was_looked_at(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """What is made ready behind the list, for the first case, may be gone when that is opened."""
    adams.add_init_script(_REMEMBER_CONTEXTS)
    adams.goto(f"{house.radiology}/worklist")
    adams.evaluate(_REHEARSED)
    adams.evaluate(_LOSE_THEM)

    adams.get_by_role("row").filter(has_text=ready_case["patient"]["mrn"]).dblclick()

    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    expect(adams.get_by_role("alert").filter(has_text="The images have stopped")).to_have_count(0)
    cell = adams.locator("[data-cell=a]")
    expect(cell).to_contain_text("/ 4", timeout=WAITING_MS)
    assert _is_drawn(cell)


def test_reformat_is_drawn_again_at_its_place(adams: Page, house: House) -> None:
    """Each plane has a camera of its own: where it stands, how far it is zoomed, and turned."""
    order = house.order()
    house.examine(order, instances=12)
    adams.add_init_script(_REMEMBER_CONTEXTS)
    adams.goto(f"{house.radiology}/read/{order['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    adams.keyboard.press("m")
    axial = adams.locator("[data-cell=axial]")
    expect(axial.locator("canvas")).to_be_visible(timeout=WAITING_MS)
    adams.wait_for_function("window.radiologyViewer.view('axial') !== null", timeout=WAITING_MS)
    first = adams.evaluate(_PLANES)
    axial.click()
    for key in ("ArrowDown", "ArrowDown", "+", "+"):
        adams.keyboard.press(key)
    adams.wait_for_timeout(500)
    before = adams.evaluate(_PLANES)
    assert before != first, "nothing has moved"
    adams.evaluate(_LOSE_THEM)
    lost = adams.get_by_role("alert").filter(has_text="The images have stopped")
    expect(lost).to_be_visible(timeout=WAITING_MS)

    lost.get_by_role("button", name="Show the images again").click()

    expect(lost).to_have_count(0, timeout=WAITING_MS)
    expect(axial.locator("canvas")).to_be_visible(timeout=WAITING_MS)
    adams.wait_for_timeout(1_000)
    assert adams.evaluate(_PLANES) == pytest.approx(before)
    house.clear(order)
