"""Messages come where they lie over no image and no button, in reach of the keyboard."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import PHONE, come_to_rest, press, violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_COVERED = """toast => {
  const box = toast.getBoundingClientRect();
  const meets = (e) => {
    const { left, right, top, bottom } = e.getBoundingClientRect();
    const isBeside = right <= box.left || left >= box.right;
    return right > left && !isBeside && bottom > box.top && top < box.bottom;
  };
  return [...document.querySelectorAll('canvas, img, header, button, a:not([href="#content"])')]
    .filter((e) => !toast.contains(e) && meets(e)).map((e) => e.outerHTML.slice(0, 80));
}"""


@pytest.fixture
def examined(house: House) -> dict[str, Any]:
    """Return the order of an exam whose images are complete."""
    order = house.order()
    house.examine(order, instances=2)
    return order


def test_message_covers_neither_images_nor_buttons(
    smith: Page, house: House, examined: dict[str, Any]
) -> None:
    smith.goto(f"{house.provider}/images/{examined['id']}")
    expect(smith.locator("canvas").first).to_be_visible(timeout=WAITING_MS)
    other = house.order()
    house.examine(other, instances=1)

    house.report(other)

    toast = smith.get_by_role("status").filter(has_text=other["orderNumber"])
    expect(toast).to_be_visible(timeout=WAITING_MS)
    toast.hover()  # stays while it is pointed at
    come_to_rest(smith)
    assert toast.evaluate(_COVERED) == []
    assert violations(smith) == []
    press(smith, toast.get_by_role("button", name="Open"))
    expect(smith).to_have_url(f"{house.provider}/orders/{other['id']}")


def test_message_on_a_phone_leaves_head_and_bar_alone(
    smith: Page, house: House, examined: dict[str, Any]
) -> None:
    smith.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})

    house.report(examined)

    toast = smith.get_by_role("status").filter(has_text=examined["orderNumber"])
    expect(toast).to_be_visible(timeout=WAITING_MS)
    come_to_rest(smith)
    box, page = toast.bounding_box(), smith.get_by_role("main").bounding_box()
    title = smith.get_by_role("heading", name="My orders").bounding_box()
    bar = smith.get_by_role("link", name="New order").last.bounding_box()
    assert box is not None
    assert page is not None
    assert title is not None
    assert bar is not None
    assert box["y"] > title["y"] + title["height"]
    assert page["y"] + page["height"] / 2 < box["y"] < box["y"] + box["height"] <= bar["y"]
