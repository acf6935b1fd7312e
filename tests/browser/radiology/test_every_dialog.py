"""Every dialog and menu of the radiology portal: nothing that axe finds, and a way back."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import look_into, look_into_each, sign_in
from tests.harness.dicom import write_study
from tests.harness.house import EMBOLISM, House, study_of

WAITING_MS = 60_000
_API = "/api/radiology"
pytestmark = pytest.mark.timeout(300)


def test_exam(cole: Page, house: House) -> None:
    order = house.order(contrastRequired=True, contrastType="IODINE")
    cole.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    cole.get_by_role("button").filter(has_text=order["patient"]["mrn"]).click(timeout=WAITING_MS)
    panel = cole.get_by_role("complementary", name="Order")
    dialogs = {
        "Check in": "Is this the patient?",
        "Reschedule": "Reschedule",
        "Cancel the exam": "Cancel the exam",
    }
    look_into_each(cole, panel, dialogs)

    path = f"{_API}/orders/{order['id']}"
    house.do(house.staff.technologist.post(f"{path}/check-in", {"identityVerified": True}))
    look_into_each(cole, panel, {"Screen": "Safety screening"})

    answers = {"contrast": {"allergyToContrast": False, "egfrMlPerMin": 84}}
    house.do(house.staff.technologist.post(f"{path}/screening", answers))
    house.do(house.staff.technologist.post(f"{path}/start"))
    look_into_each(cole, panel, {"Complete": "All images are made"})


def test_rooms_and_assignment(page: Page, house: House, ready_case: dict[str, Any]) -> None:
    sign_in(page, house.radiology, "manager.diaz")
    page.goto(f"{house.radiology}/schedule")
    look_into_each(page, page, {"Rooms": "Rooms", "Block a room": "Block a room"})

    page.get_by_role("link", name="Worklist").first.click()
    assign = page.get_by_role("button", name=f"Assign {ready_case['orderNumber']}")
    look_into(page, assign, page.get_by_role("dialog", name="Assign"))
    look_into(page, page.get_by_role("button", name="Maria Diaz"), page.get_by_role("menu"))


def test_reading(adams: Page, house: House, ready_case: dict[str, Any]) -> None:
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    expect(adams.locator("[data-viewer][data-ready]")).to_be_visible(timeout=WAITING_MS)
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_label("Impression").fill("Normal chest.")
    panel.get_by_label("Findings").fill("No nodule.")

    look_into_each(adams, adams, {"Window presets": "Window presets"})
    look_into(
        adams,
        adams.get_by_role("button", name="Keys"),
        adams.get_by_role("dialog", name="Keys of the viewer"),
    )
    panel.get_by_role("button", name="Use ").first.click()
    look_into(adams, panel.get_by_role("button", name="Insert normal…"), adams.get_by_role("menu"))
    look_into_each(adams, panel, {"Sign and finalize": "Sign and finalize"})


def test_amendment(adams: Page, house: House, ready_case: dict[str, Any]) -> None:
    house.report(ready_case)
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("button", name="Amend").click(timeout=WAITING_MS)
    panel.get_by_label("Impression").fill("Nodule of 6 mm.")
    look_into_each(adams, panel, {"Sign the amendment": "Sign the amendment"})


def test_report_in_the_search(adams: Page, house: House, ready_case: dict[str, Any]) -> None:
    house.report(ready_case)
    adams.goto(f"{house.radiology}/reports")
    row = adams.get_by_role("row").filter(has_text=ready_case["patient"]["mrn"])
    look_into(adams, row, adams.get_by_role("dialog"))


def test_critical_finding(page: Page, house: House, ready_case: dict[str, Any]) -> None:
    house.answer_alerts()
    house.report(ready_case, **EMBOLISM)
    smith, alerts = house.staff.providers[0], f"{_API}/alerts?orderId={ready_case['id']}"
    [alert] = house.do(smith.until(alerts, lambda found: found["items"]))["items"]
    sign_in(page, house.radiology, "manager.diaz")
    page.goto(f"{house.radiology}/critical")
    card = page.get_by_role("article").filter(has_text=ready_case["orderNumber"])
    dialogs = {
        "Evidence": "Pulmonary embolism",
        "Escalate": "Escalate now",
        "Hand over": "Hand over",
    }
    look_into_each(page, card, dialogs)

    house.do(smith.post(f"{_API}/alerts/{alert['id']}/acknowledge", {}))
    look_into_each(page, card, {"Record read-back": "Read-back"})
    house.answer_alerts()


def test_stray_images(cole: Page, house: House, ready_case: dict[str, Any], tmp_path: Path) -> None:
    """An image that contradicts a stored one, and a study whose number no order has."""
    again = write_study(tmp_path / "again", study_of(ready_case), rows=32, columns=32, instances=1)
    other = house.order()
    stray = study_of({**other, "accessionNumber": other["accessionNumber"][:-1]})
    tech = house.staff.technologist
    house.do(tech.store(again))
    house.do(tech.store(write_study(tmp_path / "stray", stray)))
    contradicted = study_of(ready_case).study_instance_uid
    house.do(tech.until(f"{_API}/studies/{contradicted}", lambda found: found["quarantined"]))
    house.do(tech.until(f"{_API}/studies/{stray.study_instance_uid}", lambda found: found["id"]))

    cole.goto(f"{house.radiology}/unmatched")
    article = cole.get_by_role("article").filter(has_text=other["patient"]["mrn"])
    look_into(
        cole,
        article.get_by_role("button", name="Choose").first,
        cole.get_by_role("dialog", name="These images belong to this order"),
    )
    look_into_each(cole, article, {"Keep without order": "These images have no order here"})
    cole.get_by_role("tab", name="Quarantine").click()
    waiting = cole.get_by_role("article").filter(has_text=ready_case["patient"]["mrn"])
    dialogs = {"Keep as a new image": "Keep as a new image", "Leave out": "Leave this image out"}
    look_into_each(cole, waiting, dialogs)
