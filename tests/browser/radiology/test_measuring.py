"""What is measured is what lies in the image; it comes back on reload, and goes into the report."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_PLACE = "([cell, world]) => window.radiologyViewer.pageOf(cell, world)"
_FITTED = """() => [...document.querySelectorAll('[data-cell] canvas')].every(
  (canvas) => Math.abs(canvas.width / devicePixelRatio - canvas.parentElement.clientWidth) <= 1
)"""


def open_case(adams: Page, house: House, order: dict[str, Any]) -> None:
    adams.goto(f"{house.radiology}/read/{order['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)


def draw_length(
    page: Page, begin: tuple[float, float], end: tuple[float, float], *, cell: str = "a"
) -> None:
    """Draw from one point of the patient to another, in millimetres of an axial image."""
    page.wait_for_function(_FITTED)  # in a layout that was just chosen images take their new size
    first, last = (page.evaluate(_PLACE, [cell, [*point, 0]]) for point in (begin, end))
    page.keyboard.press("l")
    page.mouse.move(first["x"], first["y"])
    page.mouse.down()
    page.mouse.move((first["x"] + last["x"]) / 2, last["y"], steps=4)
    page.mouse.move(last["x"], last["y"], steps=4)
    page.mouse.up()


def wait_until_saved(house: House, order: dict[str, Any], *texts: str) -> None:
    """Wait until the server has these; a hand that rests while it draws saves the line before."""
    path = f"/api/radiology/orders/{order['id']}/measurements"

    def told(found: dict[str, Any]) -> list[str]:
        sets = [one for study in found["items"] for one in study["sets"]]
        return sorted(drawn["text"] for one in sets for drawn in one["annotations"])

    house.do(house.staff.readers[0].until(path, lambda found: told(found) == sorted(texts)))


def test_twenty_millimetres_are_read_as_such(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)

    draw_length(adams, (-10, 0), (10, 0))
    wait_until_saved(house, ready_case, "20.0 mm")

    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name="Measurements").click()
    measured = panel.get_by_role("button", name="Show Length 20.0 mm")
    expect(measured).to_be_visible(timeout=WAITING_MS)
    assert violations(adams) == []

    adams.reload()

    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    panel.get_by_role("tab", name="Measurements").click(timeout=WAITING_MS)
    expect(measured).to_be_visible(timeout=WAITING_MS)
    panel.get_by_role("button", name="Insert").click()
    panel.get_by_role("tab", name="Report").click()
    expect(panel.get_by_label("Findings")).to_have_value(
        re.compile(r"^Length 20\.0 mm \(series 1, image \d\)\.$"), timeout=WAITING_MS
    )


def test_a_radiograph_is_measured_at_its_detector_and_says_so(adams: Page, house: House) -> None:
    """The patient is smaller than the shadow: nobody may take these millimetres for theirs."""
    order = house.order()
    house.examine(order, kind="DX", instances=1)
    open_case(adams, house, order)

    draw_length(adams, (2, 4), (6, 4))

    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name="Measurements").click()
    measured = panel.get_by_role("button", name="Show Length 4.0 mm at the detector")
    expect(measured).to_be_visible(timeout=WAITING_MS)
    images = adams.locator("[data-viewer]")
    expect(images.get_by_text("Millimetres at the detector, larger")).to_be_visible()
    expect(images.get_by_text("4.0 mm at the detector")).to_be_visible()
    panel.get_by_role("button", name="Insert").click()
    panel.get_by_role("tab", name="Report").click()
    expect(panel.get_by_label("Findings")).to_have_value(
        "Length 4.0 mm at the detector (series 1, image 1).", timeout=WAITING_MS
    )
