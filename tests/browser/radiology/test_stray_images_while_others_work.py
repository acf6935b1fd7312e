"""Sorting stray images while more come and others sort too: nothing moves under one's eyes."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def send_stray(house: House, folder: Path) -> dict[str, Any]:
    """Send images under a number that no order has; return the order they were made for."""
    order = house.order()
    stray = {**order, "accessionNumber": order["accessionNumber"][:-1]}
    return send_unmatched(house, folder, order, stray, state="NO_ORDER")


def send_unmatched(
    house: House, folder: Path, order: dict[str, Any], as_sent: dict[str, Any], *, state: str
) -> dict[str, Any]:
    stray = study_of(as_sent)
    files = write_study(folder, stray, instances=1)
    tech, path = house.staff.technologist, f"/api/radiology/studies/{stray.study_instance_uid}"
    house.do(tech.store(files))
    house.do(tech.until(path, lambda found: found["match"]["state"] == state))
    return {**order, "study": path}


def test_what_others_did_waits_until_it_is_asked_for(
    cole: Page, house: House, tmp_path: Path
) -> None:
    first = send_stray(house, tmp_path / "first")
    cole.goto(f"{house.radiology}/unmatched")
    card = cole.get_by_role("article").filter(has_text=first["patient"]["mrn"])
    expect(card).to_be_visible(timeout=WAITING_MS)
    card.scroll_into_view_if_needed()
    place = card.bounding_box()

    second = send_stray(house, tmp_path / "second")
    body = {"reason": "From another hospital, on a disc"}
    house.do(house.staff.manager.post(f"{first['study']}/keep-without-order", body))

    panel = cole.get_by_role("tabpanel")
    update = panel.get_by_role("button", name="1 new · 1 gone")
    expect(update).to_be_visible(timeout=WAITING_MS)
    expect(panel).to_contain_text("Somebody has dealt with this one")
    newcomer = cole.get_by_role("article").filter(has_text=second["patient"]["mrn"])
    expect(newcomer).to_have_count(0)
    assert card.bounding_box() == place

    cole.keyboard.press("u")

    expect(newcomer).to_be_visible(timeout=WAITING_MS)
    expect(card).to_have_count(0)


def test_mistyped_birth_date_is_confirmed(cole: Page, house: House, tmp_path: Path) -> None:
    order = house.order()
    mistyped = {**order, "patient": {**order["patient"], "birthDate": "1981-05-17"}}
    send_unmatched(house, tmp_path, order, mistyped, state="PATIENT_DIFFERS")
    cole.goto(f"{house.radiology}/unmatched")
    card = cole.get_by_role("article").filter(has_text=order["patient"]["mrn"])
    expect(card).to_contain_text("birth date differs", timeout=WAITING_MS)

    card.get_by_role("button", name="Choose").click()
    dialog = cole.get_by_role("dialog", name="These images belong to this order")
    dialog.get_by_label("How you know").fill("The passport says 1980")
    match = dialog.get_by_role("button", name="Match")
    expect(match).to_be_disabled()
    expect(dialog).to_contain_text("Images and order differ in birth date")
    assert violations(cole) == []
    dialog.get_by_label("I have checked that both are the same person").check()
    match.click()

    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(card).to_have_count(0, timeout=WAITING_MS)


def test_match_of_another_day_is_taken_back(cole: Page, house: House, tmp_path: Path) -> None:
    """The message with its way back is gone after a moment; a mistake is often seen later."""
    stray = send_stray(house, tmp_path)
    body = {"orderId": stray["id"], "reason": "The number was mistyped"}
    house.do(house.staff.manager.post(f"{stray['study']}/match", body))
    cole.goto(f"{house.radiology}/unmatched")
    cole.get_by_role("radiogroup", name="Which studies").get_by_text("Decided").click()
    decision = cole.get_by_role("article").filter(has_text=stray["orderNumber"])
    expect(decision).to_contain_text("by Maria Diaz: The number was mistyped", timeout=WAITING_MS)
    assert violations(cole) == []

    decision.get_by_role("button", name="Undo").click()
    dialog = cole.get_by_role("dialog", name="Take this decision back")
    dialog.get_by_label("Why").fill("It is the other patient of this name")
    dialog.get_by_role("button", name="Take back").click()

    expect(decision).to_have_count(0, timeout=WAITING_MS)
    cole.get_by_text("To decide", exact=True).click()
    waiting = cole.get_by_role("article").filter(has_text=stray["patient"]["mrn"])
    expect(waiting).to_contain_text("It is the other patient of this name", timeout=WAITING_MS)
