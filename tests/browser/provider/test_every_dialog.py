"""Every dialog and menu of the provider portal: nothing that axe finds, and a way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import look_into, look_into_each, violations
from tests.harness.house import EMBOLISM, House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_order(smith: Page, house: House) -> None:
    order = house.order()
    smith.goto(f"{house.provider}/orders/{order['id']}")
    cancel = smith.get_by_role("button", name="Cancel this order")
    look_into(smith, cancel, smith.get_by_role("dialog", name="Cancel this order"))
    cancel.click()
    smith.get_by_role("dialog").get_by_role("textbox").fill("Ordered twice")
    assert violations(smith) == []


def test_result(smith: Page, house: House) -> None:
    order = house.order()
    house.examine(order)
    house.report(order)
    told = smith.get_by_role("status").filter(has_text=order["orderNumber"])
    expect(told).to_be_visible(timeout=WAITING_MS)
    bell = smith.get_by_role("button", name=re.compile(r"^\d+ new result"))
    look_into(smith, bell, smith.get_by_role("dialog", name="new result"))
    look_into(smith, smith.get_by_role("button", name="Dr. John Smith"), smith.get_by_role("menu"))

    smith.goto(f"{house.provider}/images/{order['id']}")
    expect(smith.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    look_into(smith, smith.get_by_role("button", name="Download"), smith.get_by_role("menu"))


def test_critical_finding(smith: Page, house: House) -> None:
    house.answer_alerts()
    order = house.order()
    house.examine(order, instances=1)
    house.report(order, **EMBOLISM)
    told = smith.get_by_role("dialog", name="Critical finding: Pulmonary embolism")
    expect(told).to_be_visible(timeout=WAITING_MS)
    assert violations(smith) == []
    told.get_by_role("button", name="Not my patient: hand over to…").click()
    expect(told.get_by_role("combobox", name="To whom")).to_be_visible()
    assert violations(smith) == []
    smith.keyboard.press("Escape")
    expect(told).to_be_hidden()

    smith.goto(f"{house.provider}/critical")
    expect(told).to_be_visible(timeout=WAITING_MS)
    smith.keyboard.press("Escape")
    card = smith.get_by_role("article", name=order["orderNumber"])
    dialogs = {"Answer": "Pulmonary embolism", "Hand over": "Not my patient: hand over"}
    look_into_each(smith, card, dialogs)
    house.answer_alerts()
