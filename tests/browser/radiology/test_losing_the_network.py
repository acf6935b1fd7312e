"""The network goes while somebody types: nothing is lost, and it is said."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import Line, sign_in, violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

BEFORE, WITHOUT = "Nodule of 6 mm in the left upper lobe.", " No effusion."


def test_text_typed_without_a_network_is_saved_when_it_is_back(
    page: Page, house: House, ready_case: dict[str, Any]
) -> None:
    line = Line(page.context)
    sign_in(page, house.radiology, "dr.adams")
    page.goto(f"{house.radiology}/read/{ready_case['id']}")
    findings = page.get_by_label("Findings")
    findings.fill(BEFORE, timeout=WAITING_MS)

    page.context.set_offline(True)
    line.cut()
    findings.press("End")
    page.keyboard.type(WITHOUT)
    banner = page.get_by_role("status").filter(has_text="No live connection")
    expect(banner).to_be_visible(timeout=WAITING_MS)
    assert violations(page) == []
    page.get_by_role("button", name="Save as preliminary").click()
    refusal = page.get_by_text("The hospital network cannot be reached.")
    expect(refusal.first).to_be_visible(timeout=WAITING_MS)
    panel = page.get_by_role("complementary", name="Report")
    expect(panel).to_contain_text("Kept in this browser")
    expect(findings).to_have_value(BEFORE + WITHOUT)

    page.context.set_offline(False)
    line.mend()

    expect(banner).to_be_hidden(timeout=WAITING_MS)
    expect(findings).to_have_value(BEFORE + WITHOUT)
    expect(panel).to_contain_text("On the server, version 1", timeout=WAITING_MS)
    path = f"/api/radiology/orders/{ready_case['id']}/report"
    assert house.do(house.staff.readers[0].get(path))["findings"] == BEFORE + WITHOUT


def test_page_that_was_not_opened_yet_waits_for_the_network(adams: Page, house: House) -> None:
    """The portal is not given up for the browser's own error page, on which nothing comes back."""
    adams.goto(f"{house.radiology}/worklist")
    expect(adams.get_by_role("heading", name="Worklist")).to_be_visible(timeout=WAITING_MS)
    expect(adams.locator("[aria-busy=true]")).to_have_count(0, timeout=WAITING_MS)

    adams.context.set_offline(True)
    adams.get_by_role("link", name="Reports").first.click()
    expect(adams.get_by_role("heading", name="No connection")).to_be_visible(timeout=WAITING_MS)

    adams.context.set_offline(False)

    expect(adams.get_by_role("heading", name="Reports")).to_be_visible(timeout=WAITING_MS)
