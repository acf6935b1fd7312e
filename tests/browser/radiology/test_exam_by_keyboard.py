"""A technologist's exam without a mouse: check-in, identity, screening, start, all images made."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import choose, press, tab_to
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_exam_by_keyboard_alone(cole: Page, house: House) -> None:
    order: dict[str, Any] = house.order(contrastRequired=True, contrastType="IODINE")
    cole.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    row = cole.get_by_role("button").filter(has_text=order["patient"]["mrn"])
    expect(row).to_be_visible(timeout=WAITING_MS)
    press(cole, row)
    panel = cole.get_by_role("complementary", name="Order")

    press(cole, panel.get_by_role("button", name="Check in"))
    identity = cole.get_by_role("dialog", name="Is this the patient?")
    press(cole, identity.get_by_label("Name:"), "Space")
    press(cole, identity.get_by_label("Date of birth:"), "Space")
    press(cole, identity.get_by_role("button", name="Check in"))
    expect(identity).to_be_hidden(timeout=WAITING_MS)

    press(cole, panel.get_by_role("button", name="Screen"))
    form = cole.get_by_role("dialog", name="Safety screening")
    for question in ("Allergy to contrast medium", "Takes metformin"):
        choose(cole, form.get_by_role("radiogroup", name=question), "No")
    tab_to(cole, form.get_by_label("eGFR, ml/min"))
    cole.keyboard.type("84")
    press(cole, form.get_by_role("button", name="Save the answers"))
    expect(form).to_be_hidden(timeout=WAITING_MS)

    press(cole, panel.get_by_role("button", name="Start"))
    press(cole, panel.get_by_role("button", name="Complete"))
    made = cole.get_by_role("dialog", name="All images are made")
    tab_to(cole, made.get_by_label("Images made, if you know"))
    cole.keyboard.type("3")
    press(cole, made.get_by_role("button", name="Ready for read"))

    expect(made).to_be_hidden(timeout=WAITING_MS)
    path = f"/api/radiology/orders/{order['id']}"
    house.do(house.staff.technologist.until(path, lambda found: found["expectedInstances"] == 3))
