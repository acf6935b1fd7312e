"""A referring doctor's day without a mouse: an order, a result, a critical finding read back."""

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import choose, press, tab_to
from tests.harness.house import EMBOLISM, House, new_patient

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def write(smith: Page, label: str, text: str) -> None:
    tab_to(smith, smith.get_by_label(label))
    smith.keyboard.type(text)


def test_order_result_and_read_back_by_keyboard_alone(smith: Page, house: House) -> None:
    house.answer_alerts()
    press(smith, smith.get_by_role("link", name="New order").first)
    press(smith, smith.get_by_role("button", name="Enter a patient who is not listed"))
    patient = new_patient()
    write(smith, "Family name", "Story")
    write(smith, "Given name", "Susan")
    write(smith, "MRN", patient["mrn"])
    write(smith, "Date of birth", "05171980")
    choose(smith, smith.get_by_role("group", name="Sex", exact=True), "Female")
    choose(smith, smith.get_by_role("group", name="Method", exact=True), "CT")
    tab_to(smith, smith.get_by_role("combobox", name="Exam"))
    smith.keyboard.type("chest")
    smith.get_by_role("option", name="CT Chest (PE protocol)").wait_for()
    smith.keyboard.press("ArrowDown")
    smith.keyboard.press("Enter")
    reaction = smith.get_by_role("group", name="Ever a reaction to contrast medium?", exact=True)
    choose(smith, reaction, "No")
    write(smith, "Indication", "Dyspnoea. Embolism?")
    press(smith, smith.get_by_role("button", name="Order", exact=True))
    progress = smith.get_by_role("list", name="Progress")
    expect(progress.locator("[aria-current=step]")).to_contain_text("Scheduled", timeout=WAITING_MS)

    order_id = smith.url.rsplit("/", 1)[1]
    order = house.do(house.staff.technologist.get(f"/api/radiology/orders/{order_id}"))
    house.examine(order, instances=1)
    house.report(order, **EMBOLISM)
    dialog = smith.get_by_role("dialog", name="Critical finding: Pulmonary embolism")
    expect(dialog).to_contain_text(order["orderNumber"], timeout=WAITING_MS)
    tab_to(smith, dialog.get_by_label("Read-back"))
    smith.keyboard.type("Embolism on both sides; heparin now")
    press(smith, dialog.get_by_role("button", name="Acknowledge and read back"))
    expect(dialog).to_be_hidden(timeout=WAITING_MS)

    press(smith, smith.get_by_role("link", name="My orders").first)
    write(smith, "Search by patient or order number", order["orderNumber"])
    found = smith.get_by_role("list", name="Orders").get_by_role("link")
    expect(found).to_have_count(1, timeout=WAITING_MS)
    press(smith, found)
    report = smith.get_by_role("region", name="Report", exact=True)
    expect(report).to_contain_text("Acute pulmonary embolism.", timeout=WAITING_MS)

    press(smith, smith.get_by_role("link", name="Images").first)
    expect(smith.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
