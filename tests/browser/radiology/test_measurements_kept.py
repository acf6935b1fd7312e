"""No measurement is lost, and none is taken for another exam's."""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import draw_length, open_case, wait_until_saved
from tests.harness.browser import Line, violations
from tests.harness.house import House, new_patient

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def measurements(page: Page) -> Any:
    """Open the list of measurements."""
    panel = page.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name=re.compile("Measurements")).click(timeout=WAITING_MS)
    return panel


def test_drawings_of_two_tabs_come_together(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)
    other = adams.context.new_page()
    open_case(other, house, ready_case)

    draw_length(adams, (-10, 0), (10, 0))
    wait_until_saved(house, ready_case, "20.0 mm")
    draw_length(other, (-5, 5), (5, 5))
    wait_until_saved(house, ready_case, "20.0 mm", "10.0 mm")

    both = measurements(other)
    for text in ("20.0 mm", "10.0 mm"):
        shown = both.get_by_role("button", name=f"Show Length {text}")
        expect(shown).to_be_visible(timeout=WAITING_MS)
    draw_length(adams, (-4, -5), (4, -5))
    wait_until_saved(house, ready_case, "20.0 mm", "10.0 mm", "8.0 mm")


def test_drawing_without_a_network_is_saved_when_it_is_back(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)
    panel = measurements(adams)
    adams.context.set_offline(True)

    draw_length(adams, (-10, 0), (10, 0))

    waits = panel.get_by_role("status").filter(has_text="Measurements are not saved")
    expect(waits).to_be_visible(timeout=WAITING_MS)
    expect(panel.get_by_role("tab", name="Measurements (1) – not saved")).to_be_visible()
    assert violations(adams) == []

    adams.context.set_offline(False)

    wait_until_saved(house, ready_case, "20.0 mm")
    expect(waits).to_have_count(0, timeout=WAITING_MS)


def test_drawing_without_a_network_is_back_when_the_case_is_opened_again(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    line = Line(adams.context)
    adams.on("dialog", lambda dialog: dialog.accept())  # the browser asks before it leaves
    open_case(adams, house, ready_case)
    path = f"**/api/radiology/orders/{ready_case['id']}/measurements"
    adams.route(path, lambda route: route.abort("internetdisconnected"))
    line.cut()
    draw_length(adams, (-10, 0), (10, 0))
    panel = measurements(adams)
    waits = panel.get_by_role("status").filter(has_text="Measurements are not saved")
    expect(waits).to_be_visible(timeout=WAITING_MS)

    adams.unroute(path)
    line.mend()
    adams.reload()

    wait_until_saved(house, ready_case, "20.0 mm")
    shown = measurements(adams).get_by_role("button", name="Show Length 20.0 mm")
    expect(shown).to_be_visible(timeout=WAITING_MS)


def test_old_and_new_nodule_are_told_apart(adams: Page, house: House) -> None:
    person = new_patient()
    for made_on in (date(2025, 11, 11), date(2026, 1, 5)):
        order = house.order(patient=person)
        house.examine(order, instances=4, study_date=made_on)
    open_case(adams, house, order)
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name="Priors").click()
    panel.get_by_role("button", name="Compare").click(timeout=WAITING_MS)
    adams.wait_for_function("() => window.radiologyViewer.view('b') !== null")
    draw_length(adams, (-6, 0), (6, 0))
    draw_length(adams, (-4, 0), (4, 0), cell="b")

    panel = measurements(adams)
    old = panel.get_by_role("listitem").filter(has_text="prior CT of 11 Nov 2025")
    new = panel.get_by_role("listitem").filter(has_text="12.0 mm")
    expect(old).to_contain_text("8.0 mm", timeout=WAITING_MS)
    expect(new).not_to_contain_text("prior")
    wait_until_saved(house, order, "8.0 mm", "12.0 mm")
    adams.reload()
    measurements(adams)
    expect(old).to_contain_text("8.0 mm", timeout=WAITING_MS)
    for one in (old, new):
        one.get_by_role("button", name="Insert").click()

    panel.get_by_role("tab", name="Report", exact=True).click()
    expect(panel.get_by_label("Findings")).to_have_value(
        re.compile(
            r"^Length 8\.0 mm \(prior CT of 11 Nov 2025, series 1, image \d\)\.\n"
            r"Length 12\.0 mm \(series 1, image \d\)\.$"
        ),
        timeout=WAITING_MS,
    )
