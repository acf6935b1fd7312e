"""A critical finding does not wait for the signature; its way is followed on the board."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def found(house: House, ready_case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a case; whatever alert it begins is answered after the story."""
    yield ready_case
    for alert in alerts_of(house, ready_case):
        answers = {str(one.person.id): one for one in house.staff.providers}
        doctor = answers.get(alert["responsibleId"])
        if doctor is not None and alert["status"] == "OPEN":
            path = f"/api/radiology/alerts/{alert['id']}/acknowledge"
            house.do(doctor.post(path, {"readBack": "Understood, answered after the story"}))


def alerts_of(house: House, order: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/api/radiology/alerts?orderId={order['id']}"
    alerts: list[dict[str, Any]] = house.do(house.staff.manager.get(path))["items"]
    return alerts


def test_finding_is_raised_before_the_signature_and_followed(
    adams: Page, house: House, found: dict[str, Any]
) -> None:
    adams.goto(f"{house.radiology}/read/{found['id']}")
    adams.get_by_label("Findings").fill("Filling defect, left lower lobe.", timeout=WAITING_MS)
    raise_now = adams.get_by_role("button", name="Raise now, before the signature")
    adams.get_by_label("Critical finding: the ordering doctor must be told").check()
    expect(raise_now).to_be_disabled()
    adams.get_by_role("combobox", name="Finding", exact=True).click()
    adams.get_by_role("option", name="Pulmonary embolism").click()
    adams.get_by_label("What the doctor must know").fill("Embolism in the left lower lobe.")
    assert violations(adams) == []
    raise_now.click()
    expect(adams.get_by_text("The critical finding is on its way")).to_be_visible(
        timeout=WAITING_MS
    )

    adams.get_by_role("link", name="Critical findings").first.click()
    card = adams.get_by_role("article").filter(has_text=found["orderNumber"])
    expect(card).to_contain_text("Embolism in the left lower lobe.", timeout=WAITING_MS)
    expect(card).to_contain_text("With Dr. John Smith")
    reader = house.staff.readers[0]
    order = house.do(reader.get(f"/api/radiology/orders/{found['id']}"))
    assert order["status"] == "PRELIMINARY_REPORT"

    card.get_by_role("button", name="Escalate").click()
    dialog = adams.get_by_role("dialog", name="Escalate now")
    dialog.get_by_label("Why").fill("Does not answer the phone")
    dialog.get_by_role("button", name="Escalate").click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(card).to_contain_text("With Dr. Priya Shah", timeout=WAITING_MS)

    card.get_by_role("button", name="Hand over").click()
    dialog = adams.get_by_role("dialog", name="Hand over")
    dialog.get_by_role("combobox", name="To whom").click()
    adams.get_by_role("option", name="Dr. Emily Jones").click()
    dialog.get_by_label("Why").fill("Patient is on the surgical ward")
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    card.get_by_role("button", name="Evidence").click()
    evidence = adams.get_by_role("dialog", name="Pulmonary embolism")
    expect(evidence).to_contain_text("Does not answer the phone", timeout=WAITING_MS)
    expect(evidence).to_contain_text("Patient is on the surgical ward", timeout=WAITING_MS)
