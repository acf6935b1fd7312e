"""A chest X-ray says its window and its sides, and fits its cell, whatever the window's size."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_CORNERS = """() => {
  const cell = document.querySelector('[data-cell=a]').getBoundingClientRect();
  const at = world => window.radiologyViewer.pageOf('a', world);
  const [first, last] = [at([0, 0, 0]), at([%s, %s, 0])];
  return {
    left: first.x - cell.left, top: first.y - cell.top,
    right: cell.right - last.x, bottom: cell.bottom - last.y,
  };
}"""
ROWS, COLUMNS, MILLIMETRES = 400, 300, 0.143


@pytest.fixture
def film(house: House) -> dict[str, Any]:
    """Return the order of a chest X-ray whose image, taller than wide, is there."""
    order = house.order(modality="XRAY", studyType="Chest X-ray PA", bodyPart="CHEST")
    house.examine(order, kind="CR", rows=ROWS, columns=COLUMNS)
    return order


def margins(page: Page) -> dict[str, float]:
    """Return how much of the cell is left around the image, in pixels of the page."""
    size = (COLUMNS * MILLIMETRES, ROWS * MILLIMETRES)
    found: dict[str, float] = page.evaluate(_CORNERS % size)
    return found


def fits(page: Page) -> bool:
    """Say whether the whole image comes to be in its cell, and fills it in one direction."""
    for _ in range(50):
        if -2 < min(margins(page).values()) < 4:
            return True
        page.wait_for_timeout(100)
    return False


def test_film_says_its_window_and_its_sides(
    adams: Page, house: House, film: dict[str, Any]
) -> None:
    adams.goto(f"{house.radiology}/read/{film['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    cell = adams.locator("[data-cell=a]")

    expect(cell).to_contain_text("W 4096 · L 2048")
    expect(cell.locator("[data-edge=left]")).to_have_text("R")
    expect(cell.locator("[data-edge=right]")).to_have_text("L")
    expect(cell.locator("[data-edge=top]")).to_have_text("H")

    adams.get_by_role("button", name="Flip left and right").click()

    expect(cell.locator("[data-edge=left]")).to_have_text("L")
    expect(cell.locator("[data-edge=right]")).to_have_text("R")


def test_film_fits_its_cell_at_any_size(adams: Page, house: House, film: dict[str, Any]) -> None:
    adams.goto(f"{house.radiology}/read/{film['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)

    for width, height in ((1366, 768), (1000, 1000), (1800, 700), (1366, 768)):
        adams.set_viewport_size({"width": width, "height": height})

        assert fits(adams), f"at {width} x {height}: {margins(adams)}"
