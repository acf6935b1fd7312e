"""Every page: nothing that axe finds, and it fits a laptop, a 4K screen and a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import FOUR_K, LAPTOP, PHONE, misfits, paths_of, violations
from tests.harness.house import House

WAITING_MS = 20_000
NOBODYS = "00000000-0000-4000-8000-00000000dead"

PAGES = {
    "orders": ("/", "heading", "My orders"),
    "results": ("/?show=results", "heading", "My orders"),
    "new order": ("/new", "heading", "New order"),
    "critical": ("/critical", "heading", "Critical findings"),
    "result": ("/orders/{id}", "region", "Report"),
    "images": ("/images/{id}", "toolbar", "Image tools"),
    "unknown": ("/nowhere", "heading", "There is no such page"),
    "foreign order": (f"/orders/{NOBODYS}", "heading", "There is no such order"),
    "mistyped order": ("/orders/abc", "heading", "There is no such order"),
    "mistyped images": ("/images/abc", "heading", "There is no such order"),
}


@pytest.fixture(scope="module")
def reported(house: House) -> dict[str, Any]:
    order = house.order()
    house.examine(order)
    house.report(order)
    return order


def open_page(smith: Page, house: House, order: dict[str, Any], name: str) -> None:
    path, role, title = PAGES[name]
    smith.goto(house.provider + path.format(id=order["id"]))
    expect(smith.get_by_role(role, name=title).first).to_be_visible(timeout=WAITING_MS)  # type: ignore[arg-type]
    expect(smith.locator("[aria-busy=true]")).to_have_count(0, timeout=WAITING_MS)


def test_no_page_is_left_out() -> None:
    assert paths_of("provider") <= {entry[0].partition("?")[0] for entry in PAGES.values()}


@pytest.mark.parametrize("name", PAGES)
def test_page_has_nothing_that_axe_finds(
    smith: Page, house: House, reported: dict[str, Any], name: str
) -> None:
    open_page(smith, house, reported, name)

    assert violations(smith) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_on_a_phone_has_nothing_that_axe_finds(
    smith: Page, house: House, reported: dict[str, Any], name: str
) -> None:
    smith.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    open_page(smith, house, reported, name)

    assert violations(smith) == []


def test_pages_fit_laptop_4k_screen_and_phone(
    smith: Page, house: House, reported: dict[str, Any]
) -> None:
    house.answer_alerts()
    found: dict[Any, list[str]] = {}
    for name in PAGES:
        open_page(smith, house, reported, name)
        found |= {(name, size): misfits(smith, size) for size in (LAPTOP, FOUR_K, PHONE)}
    assert {where: what for where, what in found.items() if what} == {}


def test_form_with_all_its_questions_has_nothing_that_axe_finds(smith: Page, house: House) -> None:
    smith.goto(f"{house.provider}/new")
    method = smith.get_by_role("group", name="Method", exact=True)
    method.get_by_text("MRI", exact=True).click()
    smith.get_by_label("With contrast medium").check()
    smith.get_by_role("button", name="Order", exact=True).click()
    expect(smith.get_by_text("Choose the patient.").first).to_be_visible()

    assert violations(smith) == []


def test_order_is_found_and_opened_by_keyboard(
    smith: Page, house: House, reported: dict[str, Any]
) -> None:
    smith.get_by_label("Search by patient or order number").focus()
    smith.keyboard.type(reported["orderNumber"])
    found = smith.get_by_role("list", name="Orders").get_by_role("listitem")
    expect(found).to_have_count(1)
    smith.keyboard.press("Tab")
    smith.keyboard.press("Enter")

    expect(smith.get_by_role("region", name="Report", exact=True)).to_be_visible(timeout=WAITING_MS)


def test_lost_line_is_said_and_what_was_missed_is_shown(
    smith: Page, house: House, reported: dict[str, Any]
) -> None:
    order = house.order()
    smith.goto(f"{house.provider}/orders/{order['id']}")
    progress = smith.get_by_role("list", name="Progress")
    expect(progress).to_contain_text("Scheduled", timeout=WAITING_MS)

    smith.context.set_offline(offline=True)
    smith.evaluate("window.dispatchEvent(new Event('offline'))")
    house.start(order)
    smith.context.set_offline(offline=False)

    expect(progress.locator("[aria-current=step]")).to_contain_text(
        "Exam in progress", timeout=WAITING_MS
    )
