"""A clip shows what the viewport draws; what is drawn stays on the image it was drawn on."""

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import (
    WAITING_MS,
    draw_length,
    open_case,
    wait_until_saved,
)
from tests.harness.browser import violations
from tests.harness.house import House

pytestmark = pytest.mark.timeout(300)

_KEEP_SHEET = """() => {
  const remove = Element.prototype.remove;
  Element.prototype.remove = function () { if (!('clip' in this.dataset)) remove.call(this); };
}"""
_TAKE_SHEET = "() => document.querySelector('[data-clip]').replaceWith()"
_ALL_VALUES = "() => window.radiologyViewer.setWindow(1024, 4096)"
"""Beyond the window edges differ: a clip stretches what is seen, not what was scanned."""


def picture(page: Page) -> Any:
    """Return the pixels in the middle of the first cell, where no words lie over them."""
    box = page.locator("[data-cell=a]").bounding_box()
    assert box is not None
    side = min(box["width"], box["height"]) * 0.6
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    clip = {"x": left, "y": top, "width": side, "height": side}
    shot = Image.open(io.BytesIO(page.screenshot(clip=clip)))  # type: ignore[arg-type]
    return np.asarray(shot.convert("RGB"), dtype=float)


def number(page: Page) -> Any:
    return page.get_by_test_id("image-number-a")


@pytest.mark.parametrize("keys", ["", "ioh"], ids=["as it comes", "inverted, turned and flipped"])
@pytest.mark.parametrize(
    "images",
    [{"kind": "US", "instances": 1, "frames": 12}, {"kind": "CT", "instances": 12}],
    ids=["ultrasound in colour", "CT"],
)
def test_a_clip_shows_what_the_viewport_draws(
    adams: Page, house: House, images: dict[str, Any], keys: str
) -> None:
    order = house.order()
    house.examine(order, **images)
    open_case(adams, house, order)
    if images["kind"] == "CT":
        adams.evaluate(_ALL_VALUES)
    for key in keys:
        adams.keyboard.press(key)
    first = number(adams).text_content()
    adams.evaluate(_KEEP_SHEET)

    adams.keyboard.press(" ")
    expect(number(adams)).not_to_have_text(str(first), timeout=WAITING_MS)
    adams.keyboard.press(" ")

    adams.wait_for_timeout(500)
    played = picture(adams)
    adams.evaluate(_TAKE_SHEET)
    drawn = picture(adams)
    assert drawn.std() > 20, "the picture has something to compare"
    assert np.abs(played - drawn).mean() < 2
    house.clear(order)


def test_clip_is_left_where_the_reader_takes_over(adams: Page, house: House) -> None:
    order = house.order()
    house.examine(order, instances=12)
    open_case(adams, house, order)
    panel = adams.get_by_role("complementary", name="Report")
    draw_length(adams, (-10, 0), (10, 0))
    wait_until_saved(house, order, "20.0 mm")
    adams.keyboard.press("w")
    play = adams.get_by_role("button", name="Play or stop")

    play.click()
    expect(adams.locator("[data-clip]")).to_be_attached(timeout=WAITING_MS)
    expect(adams.get_by_text("15 fps")).to_be_visible()
    place = adams.evaluate("() => window.radiologyViewer.pageOf('a', [10, 0, 0])")
    adams.mouse.move(place["x"], place["y"])
    adams.mouse.down()
    adams.mouse.move(place["x"] + 60, place["y"] + 60, steps=4)
    adams.mouse.up()
    assert violations(adams) == []

    expect(play).to_have_attribute("aria-pressed", "true")
    adams.keyboard.press("l")

    expect(play).to_have_attribute("aria-pressed", "false")
    expect(adams.locator("[data-clip]")).to_have_count(0, timeout=WAITING_MS)
    panel.get_by_role("tab", name=re.compile("Measurements")).click()
    shown = panel.get_by_role("button", name="Show Length 20.0 mm")
    expect(shown).to_be_visible(timeout=WAITING_MS)

    play.click()
    expect(adams.locator("[data-clip]")).to_be_attached(timeout=WAITING_MS)
    adams.keyboard.press("Home")
    expect(number(adams)).to_have_text(re.compile(r"^1 / 12"), timeout=WAITING_MS)
    expect(play).to_have_attribute("aria-pressed", "false")
    house.clear(order)
