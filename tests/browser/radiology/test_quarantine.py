"""Deciding over an image in quarantine, and taking the decision back a while later."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import violations
from tests.harness.dicom import TestPatient, write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
_API = "/api/radiology"
pytestmark = pytest.mark.timeout(300)


def test_kept_image_leaves_the_study_again_when_that_is_undone(
    cole: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    send_the_first_image_again(house, ready_case, tmp_path)
    patient = ready_case["patient"]["mrn"]
    cole.goto(f"{house.radiology}/unmatched")
    cole.get_by_role("tab", name="Quarantine").click()
    panel = cole.get_by_role("tabpanel")
    waiting = panel.get_by_role("article").filter(has_text=patient)
    expect(waiting).to_be_visible(timeout=WAITING_MS)

    for name in ("In quarantine", "Stored under the same number"):
        expect_drawn(waiting.get_by_role("img", name=name))
    expect(differs(waiting, "SHA-256")).to_be_visible()
    expect(differs(waiting, "Number")).to_have_count(0)
    assert violations(cole) == []
    waiting.get_by_role("button", name="Keep as a new image").press("Enter")
    why = cole.get_by_role("textbox", name="Why")
    why.fill("Another slice")
    why.press("Enter")
    expect(waiting).to_have_count(0, timeout=WAITING_MS)
    expect(panel.locator(":focus")).to_have_count(1)
    assert received(house, ready_case) == 5
    panel.get_by_text("Decided", exact=True).click()
    decided = cole.get_by_role("article").filter(has_text=patient)
    expect(decided).to_contain_text("Kept as a new image by Tom Cole", timeout=WAITING_MS)
    expect(decided).to_contain_text("Another slice")
    assert violations(cole) == []

    decided.get_by_role("button", name="Undo").click()
    cole.get_by_role("textbox", name="Why").fill("It is the same slice")
    cole.get_by_role("button", name="Take back").click()

    expect(decided).to_have_count(0, timeout=WAITING_MS)
    panel.get_by_text("To decide", exact=True).click()
    expect(waiting).to_be_visible(timeout=WAITING_MS)
    assert received(house, ready_case) == 4


def test_another_patients_image_is_told_from_the_study_by_what_it_says(
    cole: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    """It stays out of the study; who it belongs to is seen, and not guessed."""
    stranger = replace(
        study_of(ready_case), patient=TestPatient("MRN-990001", "Otherpatient^Otto"), instances=1
    )
    send(house, ready_case, write_study(tmp_path, stranger))
    cole.goto(f"{house.radiology}/unmatched")
    cole.get_by_role("tab", name="Quarantine").click()
    waiting = cole.get_by_role("article").filter(has_text=ready_case["patient"]["mrn"])

    expect(waiting).to_contain_text("The patient ID differs", timeout=WAITING_MS)
    expect(fact(waiting, "Patient")).to_contain_text("Otherpatient, Otto")
    expect(fact(waiting, "Number")).to_contain_text("MRN-990001")
    expect(differs(waiting, "Number")).to_be_visible()
    expect_drawn(waiting.get_by_role("img", name="In quarantine"))


def test_radiologist_hears_of_an_image_that_was_taken_out(
    adams: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    """It was part of what is read, and of what was signed."""
    send_the_first_image_again(house, ready_case, tmp_path)
    quarantined = keep_as_new(house, ready_case)
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    panel = adams.get_by_role("complementary", name="Report")
    image = adams.get_by_test_id("image-number-a")
    expect(image).to_contain_text("/ 5", timeout=WAITING_MS)

    take_back(house, ready_case, quarantined)

    warning = panel.get_by_role("alert").filter(has_text="1 image taken out after you began")
    expect(warning).to_be_visible(timeout=WAITING_MS)
    warning.get_by_role("button", name="Show the images").click()
    expect(warning).to_have_count(0)
    expect(image).to_contain_text("/ 4", timeout=WAITING_MS)

    keep_as_new(house, ready_case)
    house.report(ready_case)
    expect(panel).to_contain_text("signed by Dr. Ruth Adams", timeout=WAITING_MS)
    notice = panel.get_by_text("The images changed after this report was signed")
    expect(notice).to_have_count(0)
    take_back(house, ready_case, quarantined)
    expect(notice).to_be_visible(timeout=WAITING_MS)


def send_the_first_image_again(house: House, order: dict[str, Any], folder: Path) -> None:
    """Its pixels differ, so it goes to quarantine."""
    send(house, order, write_study(folder, study_of(order), rows=32, columns=32, instances=1))


def send(house: House, order: dict[str, Any], files: list[Path]) -> None:
    """Send images that contradict the order's, and wait until they are in quarantine."""
    tech, path = house.staff.technologist, f"{_API}/studies/{study_of(order).study_instance_uid}"
    house.do(tech.store(files))
    house.do(tech.until(path, lambda found: found["quarantined"]))


def fact(card: Locator, what: str) -> Locator:
    """What both images say of something."""
    return card.get_by_role("row").filter(
        has=card.page.get_by_role("rowheader", name=what, exact=True)
    )


def differs(card: Locator, what: str) -> Locator:
    """The sign that they say something else of it."""
    return fact(card, what).get_by_role("img", name="Differs")


def expect_drawn(picture: Locator) -> None:
    """Wait until a picture has arrived, and is one."""
    expect(picture).to_have_js_property("complete", True, timeout=WAITING_MS)
    assert picture.evaluate("image => image.naturalWidth") > 0


def keep_as_new(house: House, order: dict[str, Any]) -> str:
    """Decide so, and wait until the study is complete with it; return what was decided over."""
    tech, path = house.staff.technologist, f"{_API}/studies/{study_of(order).study_instance_uid}"
    [waiting] = house.do(tech.get(path))["quarantined"]
    body = {"decision": "KEEP_AS_NEW", "reason": "Another slice"}
    house.do(tech.post(f"{_API}/quarantine/{waiting['id']}", body))
    house.do(tech.post(f"{path}/complete", {"reason": "all here"}))
    house.do(tech.until(path, lambda found: found["completeness"] == "COMPLETE"))
    return str(waiting["id"])


def take_back(house: House, order: dict[str, Any], quarantined: str) -> None:
    """Undo what was decided."""
    path = f"{_API}/studies/{study_of(order).study_instance_uid}"
    body = {"reason": "The same slice"}
    house.do(house.staff.technologist.post(f"{path}/quarantine/{quarantined}/reopen", body))


def received(house: House, order: dict[str, Any]) -> int:
    uid = study_of(order).study_instance_uid
    study = house.do(house.staff.technologist.get(f"{_API}/studies/{uid}"))
    return int(study["numberOfInstances"])
