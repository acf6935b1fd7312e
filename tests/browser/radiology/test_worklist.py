"""The worklist at a laptop's width: what is to be read can be told, and who reads it is true."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
EXAM = "CT Chest with contrast"
pytestmark = pytest.mark.timeout(300)


def row_of(page: Page, order: dict[str, Any]) -> Locator:
    return page.get_by_role("row").filter(has_text=order["patient"]["mrn"])


def height_of(row: Locator) -> float:
    box = row.bounding_box()
    assert box
    return box["height"]


def open_case(page: Page, house: House, order: dict[str, Any]) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/claim")):
        page.goto(f"{house.radiology}/read/{order['id']}")
    expect(page.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)


def test_a_preliminary_report_leaves_the_name_of_the_exam_in_its_row(
    adams: Page, house: House
) -> None:
    order = house.order(studyType=EXAM)
    house.examine(order, instances=4)
    adams.goto(f"{house.radiology}/worklist")
    row = row_of(adams, order)
    expect(row).to_be_visible(timeout=WAITING_MS)
    height = height_of(row)

    house.report(order, status="PRELIMINARY")

    expect(row.get_by_text("Preliminary")).to_be_in_viewport(ratio=1, timeout=WAITING_MS)
    name = row.get_by_text(EXAM, exact=True)
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert height_of(row) == height
    house.clear(order)


def test_a_page_that_goes_elsewhere_gives_its_case_back(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)

    adams.goto(f"{house.radiology}/worklist")

    row = row_of(adams, ready_case)
    expect(row).to_be_visible(timeout=WAITING_MS)
    expect(row).not_to_contain_text("You are reading", timeout=WAITING_MS)


def test_a_page_that_is_loaded_again_keeps_its_case(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)
    with adams.expect_response(lambda answer: answer.url.endswith("/claim")):
        adams.reload()
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)

    found = house.do(house.staff.readers[0].get(f"/api/radiology/orders/{ready_case['id']}"))

    assert found["claim"] is not None
