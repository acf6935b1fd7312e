"""A critical finding does not wait for the signature; its way is followed on the board."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import sign_in, violations
from tests.harness.house import EMBOLISM, House

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


def stays_raised(adams: Page) -> Locator:
    """See that the finding is out: raised once, also after a reload, and not recalled."""
    raise_now = adams.get_by_role("button", name="Raise now, before the signature")
    raised = adams.get_by_role("status", name="What was raised")
    expect(raised).to_contain_text("Dr. John Smith is being told", timeout=WAITING_MS)
    expect(raise_now).to_have_count(0)
    adams.reload()
    expect(raised).to_contain_text("Dr. John Smith is being told", timeout=WAITING_MS)
    expect(raise_now).to_have_count(0)
    adams.get_by_label("What the doctor must know").press_sequentially(" Right heart strain.")
    expect(adams.get_by_role("button", name="Raise the changed finding")).to_be_enabled()
    adams.get_by_label("What the doctor must know").fill("Embolism in the left lower lobe.")
    critical = adams.get_by_label("Critical finding: the ordering doctor must be told")
    critical.uncheck()
    told = adams.get_by_role("alert").filter(has_text="The doctor has been told already")
    expect(told).to_contain_text("not recalled before the signature")
    assert violations(adams) == []
    critical.check()
    expect(told).to_have_count(0)
    expect(raise_now).to_have_count(0)
    return raised


def test_finding_is_raised_before_the_signature_and_followed(
    adams: Page, house: House, found: dict[str, Any]
) -> None:
    adams.set_viewport_size({"width": 1366, "height": 768})
    adams.goto(f"{house.radiology}/read/{found['id']}")
    adams.get_by_label("Findings").fill("Filling defect, left lower lobe.", timeout=WAITING_MS)
    raise_now = adams.get_by_role("button", name="Raise now, before the signature")
    adams.get_by_label("Critical finding: the ordering doctor must be told").check()
    expect(raise_now).to_be_disabled()
    expect(raise_now).to_be_in_viewport(ratio=1)
    kind = adams.get_by_role("combobox", name="Finding", exact=True)
    expect(kind).to_be_focused()
    kind.click()
    adams.get_by_role("option", name="Pulmonary embolism").click()
    adams.get_by_label("What the doctor must know").fill("Embolism in the left lower lobe.")
    assert violations(adams) == []
    raise_now.click()
    expect(adams.get_by_text("The critical finding is on its way")).to_be_visible(
        timeout=WAITING_MS
    )
    raised = stays_raised(adams)
    raised.get_by_role("link", name="On the board of critical findings").click()
    card = adams.get_by_role("article").filter(has_text=found["orderNumber"])
    expect(card).to_contain_text("Embolism in the left lower lobe.", timeout=WAITING_MS)
    expect(card).to_be_focused()
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
    expect(evidence).to_contain_text("Alert begun")
    expect(evidence).not_to_contain_text("alert_opened")


@pytest.mark.parametrize("is_taken", [False, True], ids=["nobody has taken it", "taken before"])
def test_doctor_who_was_reached_by_phone_is_recorded_with_his_read_back(
    adams: Page, house: House, found: dict[str, Any], *, is_taken: bool
) -> None:
    house.report(found, **EMBOLISM)
    smith = house.staff.providers[0]
    house.do(smith.until(f"/api/radiology/alerts?orderId={found['id']}", lambda it: it["items"]))
    [alert] = alerts_of(house, found)
    if is_taken:
        house.do(smith.post(f"/api/radiology/alerts/{alert['id']}/acknowledge", {}))
    adams.goto(f"{house.radiology}/critical")
    card = adams.get_by_role("article").filter(has_text=found["orderNumber"])

    card.get_by_role("button", name="Record read-back").click(timeout=WAITING_MS)
    dialog = adams.get_by_role("dialog", name="Read-back")
    expect(dialog.get_by_role("combobox", name="Who confirmed it")).to_have_value("Dr. John Smith")
    dialog.get_by_label("What was repeated").fill("Embolism on both sides, heparin is given")
    assert violations(adams) == []
    dialog.get_by_role("button", name="Close the finding").click()

    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(card).to_contain_text("Read back: “Embolism on both sides", timeout=WAITING_MS)
    [closed] = alerts_of(house, found)
    assert closed["status"] == "CLOSED"
    assert closed["acknowledgement"]["personName"] == "Dr. John Smith"


def test_manager_whom_the_ladder_reached_takes_the_finding_in_her_portal(
    page: Page, house: House, found: dict[str, Any]
) -> None:
    house.report(found, **EMBOLISM)
    manager, path = house.staff.manager, f"/api/radiology/alerts?orderId={found['id']}"
    house.do(manager.until(path, lambda it: it["items"]))
    [alert] = alerts_of(house, found)
    escalate = f"/api/radiology/alerts/{alert['id']}/escalate"
    while alerts_of(house, found)[0]["responsibleName"] != "Maria Diaz":
        house.do(manager.post(escalate, {"reason": "Nobody answers"}))
    sign_in(page, house.radiology, "manager.diaz")
    page.goto(f"{house.radiology}/critical")
    card = page.get_by_role("article").filter(has_text=found["orderNumber"])
    told = card.get_by_role("listitem").filter(has_text="Maria Diaz · In the app")
    expect(told.last).to_contain_text("seen", timeout=WAITING_MS)
    expect(told.last).not_to_contain_text("not seen yet", timeout=WAITING_MS)

    card.get_by_role("button", name="Record read-back").click()
    dialog = page.get_by_role("dialog", name="Read-back")
    expect(dialog.get_by_role("combobox")).to_have_value("Maria Diaz (I take it)")
    dialog.get_by_label("What was repeated").fill("Embolism; I go to the ward myself")
    dialog.get_by_role("button", name="Close the finding").click()

    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    [closed] = alerts_of(house, found)
    assert closed["acknowledgement"]["personName"] == "Maria Diaz"
