"""Every page of the radiology portal: nothing that axe finds, and it fits a laptop and 4K."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import FOUR_K, LAPTOP, misfits, paths_of, sign_in, violations
from tests.harness.house import House

WAITING_MS = 60_000

PAGES = {
    "dashboard": ("dr.adams", "/", "heading", "Dashboard"),
    "worklist": ("dr.adams", "/worklist", "heading", "Worklist"),
    "case": ("dr.adams", "/read/{id}", "toolbar", "Image tools"),
    "critical": ("dr.adams", "/critical", "heading", "Critical findings"),
    "reports": ("dr.adams", "/reports", "heading", "Reports"),
    "schedule": ("tech.cole", "/schedule", "heading", "Schedule"),
    "schedule as a list": ("tech.cole", "/schedule?view=list", "heading", "Schedule"),
    "upload": ("tech.cole", "/upload?order={id}", "heading", "Upload images"),
    "upload without an order": ("tech.cole", "/upload", "heading", "Upload images"),
    "new order": ("manager.diaz", "/new-order", "heading", "New order"),
    "unmatched": ("manager.diaz", "/unmatched", "heading", "Unmatched images"),
    "system": ("manager.diaz", "/system", "heading", "System"),
    "mistyped case": ("dr.adams", "/read/abc", "heading", "There is no such case"),
    "mistyped upload": ("tech.cole", "/upload?order=abc", "heading", "There is no such order"),
    "unknown": ("dr.adams", "/nowhere", "heading", "There is no such page"),
    "not allowed": ("tech.cole", "/system", "heading", "Not for your role"),
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def examined(house: House) -> dict[str, Any]:
    """Return the order of an exam whose images are complete."""
    order = house.order()
    house.examine(order, instances=4)
    return order


def test_no_page_is_left_out() -> None:
    assert paths_of("radiology") <= {entry[1].partition("?")[0] for entry in PAGES.values()}


@pytest.mark.parametrize("name", PAGES)
def test_page_has_nothing_that_axe_finds(
    page: Page, house: House, examined: dict[str, Any], name: str
) -> None:
    sign_in(page, house.radiology, PAGES[name][0])
    open_page(page, house, examined, name)

    assert violations(page) == []


@pytest.mark.parametrize("username", ["dr.adams", "tech.cole", "manager.diaz"])
def test_pages_fit_a_laptop_and_a_4k_screen(
    page: Page, house: House, examined: dict[str, Any], username: str
) -> None:
    sign_in(page, house.radiology, username)
    found: dict[Any, list[str]] = {}
    for name, (by, *_) in PAGES.items():
        if by == username:
            open_page(page, house, examined, name)
            found |= {(name, size): misfits(page, size) for size in (LAPTOP, FOUR_K)}
    assert {where: what for where, what in found.items() if what} == {}


def test_case_can_be_read_on_a_laptop_at_200_percent(
    page: Page, house: House, examined: dict[str, Any]
) -> None:
    """The page scrolls then: the image keeps a height to look at, and the patient stays on top."""
    page.set_viewport_size({"width": LAPTOP[0] // 2, "height": LAPTOP[1] // 2})
    sign_in(page, house.radiology, "dr.adams")
    open_page(page, house, examined, "case")
    stage = page.locator("[data-cell=a]")
    expect(stage).to_be_visible(timeout=WAITING_MS)
    shown = stage.bounding_box()
    assert shown is not None
    assert shown["height"] > 200

    page.get_by_label("Impression").scroll_into_view_if_needed()

    expect(page.get_by_label("Impression")).to_be_in_viewport()
    expect(page.get_by_text(examined["patient"]["mrn"]).first).to_be_in_viewport()


def open_page(page: Page, house: House, order: dict[str, Any], name: str) -> None:
    _, path, role, title = PAGES[name]
    page.goto(house.radiology + path.format(id=order["id"]))
    expect(page.get_by_role(role, name=title).first).to_be_visible(timeout=WAITING_MS)  # type: ignore[arg-type]
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAITING_MS)
