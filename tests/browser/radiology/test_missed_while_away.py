"""The live line is lost for a while: what was missed is told and shown, and nothing moves."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.harness.browser import Line, sign_in
from tests.harness.house import EMBOLISM, House

WAITING_MS = 60_000
NARROW = {"width": 1366, "height": 360}
"""So low that a few cases are more than can be seen at once."""


pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def adams_and_line(browser: Browser, house: House) -> Iterator[tuple[Page, Line]]:
    """Dr. Adams, signed in, and the live line of the browser."""
    with browser.new_context(viewport=NARROW) as context:  # type: ignore[arg-type]
        line = Line(context)
        page = context.new_page()
        sign_in(page, house.radiology, "dr.adams")
        yield page, line


def ready(house: House, **changes: Any) -> dict[str, Any]:
    """Return the order of a case that waits to be read."""
    order = house.order(**changes)
    house.examine(order, instances=1)
    return order


def lose(page: Page, line: Line) -> Locator:
    """Cut the line; return what says so."""
    page.context.set_offline(True)
    line.cut()
    banner = page.get_by_role("status").filter(has_text="No live connection")
    expect(banner).to_be_visible(timeout=WAITING_MS)
    return banner


def find_again(page: Page, line: Line, banner: Locator) -> None:
    page.context.set_offline(False)
    line.mend()
    expect(banner).to_be_hidden(timeout=WAITING_MS)


def test_worklist_tells_what_was_missed_and_stays_where_it_is(
    adams_and_line: tuple[Page, Line], house: House
) -> None:
    adams, line = adams_and_line
    cases = [ready(house) for _ in range(7)]
    adams.goto(f"{house.radiology}/worklist")
    table = adams.get_by_role("grid", name="Cases ready for read")
    pointed_at = table.get_by_role("row").filter(has_text=cases[-1]["patient"]["mrn"])
    expect(table.get_by_role("row").first).to_be_visible(timeout=WAITING_MS)
    adams.get_by_role("row").nth(1).focus()
    adams.keyboard.press("End")
    expect(pointed_at).to_be_visible(timeout=WAITING_MS)
    pointed_at.hover()
    before = (pointed_at.bounding_box(), table.evaluate("e => e.scrollTop"))
    assert before[1] > 0

    banner = lose(adams, line)
    house.report(cases[-2])
    missed = ready(house, priority="STAT")
    find_again(adams, line, banner)

    news = adams.get_by_role("button", name=re.compile("1 STAT"))
    expect(news).to_contain_text("gone", timeout=WAITING_MS)
    read = table.get_by_role("row").filter(has_text=cases[-2]["patient"]["mrn"])
    expect(read).to_contain_text("Final")
    assert (pointed_at.bounding_box(), table.evaluate("e => e.scrollTop")) == before
    expect(table).not_to_contain_text(missed["patient"]["mrn"])

    adams.keyboard.press("u")
    adams.keyboard.press("Home")
    expect(table).to_contain_text(missed["patient"]["mrn"], timeout=WAITING_MS)
    expect(read).to_have_count(0)
    expect(news).to_have_count(0)


def test_critical_findings_that_were_missed_are_told_and_displace_nothing(
    adams_and_line: tuple[Page, Line], house: House
) -> None:
    adams, line = adams_and_line
    house.answer_alerts()
    known, missed = (ready(house) for _ in range(2))
    house.report(known, **EMBOLISM)
    adams.goto(f"{house.radiology}/critical")
    card = adams.get_by_role("article").filter(has_text=known["orderNumber"])
    expect(card).to_be_visible(timeout=WAITING_MS)
    card.get_by_role("button", name="Evidence").hover()
    place = card.bounding_box()

    banner = lose(adams, line)
    house.report(missed, **EMBOLISM)
    find_again(adams, line, banner)

    news = adams.get_by_role("button", name=re.compile(r"\d+ new"))
    expect(news).to_be_visible(timeout=WAITING_MS)
    assert card.bounding_box() == place
    news.click()
    found = adams.get_by_role("article").filter(has_text=missed["orderNumber"])
    expect(found).to_contain_text("Embolism in both lower lobes.", timeout=WAITING_MS)
    house.answer_alerts()
