"""A radiologist's day without a mouse: a case is found, looked at, read with its template, signed
with a critical finding; its alert is followed, and its report found again."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import press, sign_in, tab_to
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def case(house: House, ready_case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a case whose alert somebody answers after the story."""
    yield ready_case
    house.answer_alerts()


def go_to_row(page: Page, table: str, words: str) -> None:
    """Go to a table by Tab, and by arrows to the row that holds these words."""
    grid = page.get_by_role("grid", name=table)
    row = grid.get_by_role("row").filter(has_text=words)
    expect(row).to_be_visible(timeout=WAITING_MS)
    tab_to(page, grid)
    for _ in range(60):
        if row.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrows do not reach the row of {words}")


def look(page: Page) -> None:
    """Go through the images, and look up a key."""
    expect(page.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    number = page.get_by_test_id("image-number-a")
    before = number.inner_text()
    page.keyboard.press("ArrowDown")
    expect(number).not_to_have_text(before)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of the viewer")
    expect(keys).to_contain_text("Sign")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def write(page: Page, panel: Locator) -> None:
    """Fill the template, and say what is critical."""
    press(page, panel.get_by_role("button", name="Use CT Chest", exact=True))
    expect(panel.get_by_label("Technique")).not_to_have_value("")
    expect(panel.locator("textarea:focus")).to_have_count(1)
    page.keyboard.press("F2")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Filling defects in both lower lobar arteries.")
    tab_to(page, panel.get_by_label("Impression"))
    page.keyboard.type("Acute pulmonary embolism.")
    press(page, panel.get_by_label("Critical finding: the ordering doctor must be told"), "Space")
    tab_to(page, panel.get_by_role("combobox", name="Finding", exact=True))
    page.keyboard.type("Pulmonary emb")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, panel.get_by_label("What the doctor must know"))
    page.keyboard.type("Embolism in both lower lobes.")


def test_read_sign_and_follow_by_keyboard_alone(
    page: Page, house: House, case: dict[str, Any]
) -> None:
    sign_in(page, house.radiology, "dr.adams")
    press(page, page.get_by_role("link", name="Worklist").first)
    go_to_row(page, "Cases ready for read", case["patient"]["mrn"])
    page.keyboard.press("Enter")
    look(page)
    panel = page.get_by_role("complementary", name="Report")
    write(page, panel)
    page.keyboard.press("Control+s")
    expect(panel).to_contain_text("On the server, version 1", timeout=WAITING_MS)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Sign and finalize")
    expect(dialog.get_by_label("Signing PIN of")).to_be_focused()
    page.keyboard.type("4711")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("signed by Dr. Ruth Adams", timeout=WAITING_MS)
    expect(panel.get_by_role("region", name="Signed report")).to_be_focused()

    press(page, page.get_by_role("link", name="Critical findings").first)
    card = page.get_by_role("article").filter(has_text=case["orderNumber"])
    expect(card).to_contain_text("Embolism in both lower lobes.", timeout=WAITING_MS)
    press(page, card.get_by_role("button", name="Evidence"))
    evidence = page.get_by_role("dialog", name="Pulmonary embolism")
    expect(evidence).to_be_visible(timeout=WAITING_MS)
    page.keyboard.press("Escape")
    expect(evidence).to_be_hidden()

    press(page, page.get_by_role("link", name="Reports").first)
    tab_to(page, page.get_by_label("Patient name or number"))
    page.keyboard.type(case["patient"]["mrn"])
    go_to_row(page, "Reports", case["patient"]["mrn"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Acute pulmonary embolism.")
