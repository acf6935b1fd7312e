"""One reader has a case open in two tabs: neither takes the other's text."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

NODULE, EFFUSION = "Nodule of 6 mm in the left upper lobe.", "No pleural effusion."


def open_case(page: Page, house: House, order: dict[str, Any]) -> Locator:
    page.on("dialog", lambda dialog: dialog.accept())  # the browser asks before it closes a text
    page.goto(f"{house.radiology}/read/{order['id']}")
    expect(page.get_by_label("Findings")).to_be_visible(timeout=WAITING_MS)
    return page.get_by_role("complementary", name="Report")


def write(panel: Locator, section: str, text: str) -> None:
    panel.get_by_label(section).fill(text)
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)


def open_second_tab(page: Page, house: House, order: dict[str, Any]) -> tuple[Page, Locator]:
    """The same reader opens the case once more; the tab, and its report."""
    tab = page.context.new_page()
    return tab, open_case(tab, house, order)


def test_text_of_a_tab_that_is_closed_comes_to_the_other_one(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    first = open_case(adams, house, ready_case)
    write(first, "Findings", NODULE)
    second_tab, second = open_second_tab(adams, house, ready_case)
    told = second.get_by_role("alert").filter(has_text="Another tab has text of this report")
    expect(told).to_be_visible(timeout=WAITING_MS)
    write(second, "Impression", "Nodule.")

    adams.close()

    expect(second.get_by_label("Findings")).to_have_value(NODULE, timeout=WAITING_MS)
    expect(second.get_by_label("Impression")).to_have_value("Nodule.")
    expect(told).to_have_count(0)
    second_tab.reload()
    expect(second.get_by_label("Findings")).to_have_value(NODULE, timeout=WAITING_MS)
    expect(second.get_by_label("Impression")).to_have_value("Nodule.")


def test_two_texts_for_one_section_are_both_there_to_choose(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    first = open_case(adams, house, ready_case)
    _, second = open_second_tab(adams, house, ready_case)
    write(first, "Findings", NODULE)
    write(second, "Findings", EFFUSION)

    adams.close()

    two = second.get_by_role("alert").filter(has_text="You wrote this report in another tab too")
    expect(two).to_contain_text(NODULE, timeout=WAITING_MS)
    expect(second.get_by_label("Findings")).to_have_value(EFFUSION)
    # Else its button would discard what is typed here, too.
    expect(second.get_by_text("Your unsaved text is back")).to_have_count(0)
    two.get_by_role("button", name="Add it below").click()
    expect(second.get_by_label("Findings")).to_have_value(f"{EFFUSION}\n{NODULE}")


def test_tab_in_which_nothing_is_typed_takes_nothing_away(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    first = open_case(adams, house, ready_case)
    write(first, "Findings", NODULE)
    second_tab, _ = open_second_tab(adams, house, ready_case)
    second_tab.close()

    adams.reload()

    expect(first.get_by_label("Findings")).to_have_value(NODULE, timeout=WAITING_MS)
