"""A technologist's exam: from the patient at the door to images that are ready for read."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.harness.browser import window_of
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def ordered(house: House) -> dict[str, Any]:
    """Return the order of a CT with contrast medium."""
    return house.order(contrastRequired=True, contrastType="IODINE")


def select(cole: Page, house: House, order: dict[str, Any]) -> Locator:
    """Choose an order in the list of its day; return the panel that shows it."""
    cole.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    row = cole.get_by_role("button").filter(has_text=order["patient"]["mrn"])
    row.click(timeout=WAITING_MS)
    panel = cole.get_by_role("complementary", name="Order")
    expect(panel).to_contain_text(order["orderNumber"])
    return panel


def answer(form: Locator, question: str, choice: str) -> None:
    form.get_by_role("radiogroup", name=question).get_by_label(choice, exact=True).check()


def check_in(cole: Page, panel: Locator) -> None:
    panel.get_by_role("button", name="Check in").click()
    dialog = cole.get_by_role("dialog", name="Is this the patient?")
    confirm = dialog.get_by_role("button", name="Check in")
    dialog.get_by_label("Name:").check()
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Date of birth:").check()
    confirm.click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)


def test_exam_from_the_door_to_ready_for_read(
    cole: Page, house: House, ordered: dict[str, Any], tmp_path: Path
) -> None:
    panel = select(cole, house, ordered)
    start = panel.get_by_role("button", name="Start")
    check_in(cole, panel)
    expect(start).to_be_disabled()

    panel.get_by_role("button", name="Screen").click()
    form = cole.get_by_role("dialog", name="Safety screening")
    save = form.get_by_role("button", name="Save the answers")
    expect(save).to_be_disabled()
    answer(form, "Allergy to contrast medium", "No")
    answer(form, "Takes metformin", "No")
    form.get_by_label("eGFR, ml/min").fill("84")
    save.click()
    expect(form).to_be_hidden(timeout=WAITING_MS)

    start.click(timeout=WAITING_MS)
    panel.get_by_role("link", name="Upload images").click(timeout=WAITING_MS)
    files = write_study(tmp_path, study_of(ordered), instances=3, rows=64, columns=64)
    cole.locator("input[type=file][multiple]:not([webkitdirectory])").set_input_files(files)
    cole.get_by_role("button", name="Send 3 files").click(timeout=WAITING_MS)
    expect(cole.get_by_role("main")).to_contain_text("3 of 3 stored", timeout=WAITING_MS)

    panel = select(cole, house, ordered)
    panel.get_by_role("button", name="Complete").click(timeout=WAITING_MS)
    dialog = cole.get_by_role("dialog", name="All images are made")
    dialog.get_by_label("Images made, if you know").fill("3")
    dialog.get_by_role("button", name="Ready for read").click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(panel).to_contain_text("Ready for read", timeout=WAITING_MS)
    path = f"/api/radiology/orders/{ordered['id']}"
    house.do(house.staff.technologist.until(path, lambda found: found["receivedInstances"] == 3))


def test_patient_with_an_allergy_does_not_pass_the_gate(
    cole: Page, house: House, ordered: dict[str, Any]
) -> None:
    panel = select(cole, house, ordered)
    check_in(cole, panel)
    panel.get_by_role("button", name="Screen").click()
    form = cole.get_by_role("dialog", name="Safety screening")
    answer(form, "Allergy to contrast medium", "Yes")
    answer(form, "Premedication given", "No")
    answer(form, "Takes metformin", "No")
    form.get_by_label("eGFR, ml/min").fill("84")
    form.get_by_role("button", name="Save the answers").click()

    refusal = form.get_by_role("alert").filter(has_text="Not passed: the exam cannot start")
    expect(refusal).to_be_visible(timeout=WAITING_MS)
    expect(refusal).to_contain_text("A radiologist has to decide, with a reason")
    cole.keyboard.press("Escape")
    expect(panel.get_by_role("button", name="Start")).to_be_disabled()


def test_answer_that_the_order_contradicts_needs_a_word(cole: Page, house: House) -> None:
    """The doctor knows of an anaphylaxis and of bad kidneys; Tom Cole answers otherwise."""
    order = house.order(
        contrastRequired=True,
        contrastType="IODINE",
        statedSafety={
            "contrast": {
                "allergyToContrast": "yes",
                "allergyDetail": "Anaphylaxis, iohexol 2020",
                "creatinineMgPerDl": 3.9,
            }
        },
    )
    panel = select(cole, house, order)
    check_in(cole, panel)
    panel.get_by_role("button", name="Screen").click()
    form = cole.get_by_role("dialog", name="Safety screening")
    said = form.get_by_role("region", name="The order says")
    expect(said).to_contain_text("Allergy to contrast medium: yes, Anaphylaxis, iohexol 2020")
    answer(form, "Allergy to contrast medium", "No")
    answer(form, "Takes metformin", "No")
    creatinine = form.get_by_label("Creatinine, mg/dl")
    creatinine.fill("90")
    creatinine.blur()
    expect(creatinine).to_have_value("90")
    expect(form).to_contain_text("0.05 to 30 mg/dL. Is this in µmol/L?")
    creatinine.fill("0.9")

    save = form.get_by_role("button", name="Save the answers")
    for question in ("Allergy to contrast medium", "Creatinine"):
        expect(save).to_be_disabled()
        differing = form.get_by_role("group", name=f"{question}: differs from the order")
        differing.get_by_label("Which is right, and who said so").fill("Dr. Smith, by telephone")
    save.click()
    expect(form).to_be_hidden(timeout=WAITING_MS)

    expect(panel).to_contain_text("Confirmed: Dr. Smith, by telephone", timeout=WAITING_MS)
    expect(panel).to_contain_text("The order says: yes, Anaphylaxis, iohexol 2020")


def test_radiologist_clears_what_the_technologist_must_not(
    cole: Page, house: House, browser: Browser
) -> None:
    """A pacemaker: Tom Cole answers, Dr. Adams decides on the same order, he starts the exam."""
    order = house.order(modality="MRI", studyType="MRI Brain", bodyPart="Head")
    panel = select(cole, house, order)
    check_in(cole, panel)
    panel.get_by_role("button", name="Screen").click()
    form = cole.get_by_role("dialog", name="Safety screening")
    for question in ("Metallic implants or splinters", "Cochlear implants", "Aneurysm clips"):
        answer(form, question, "No")
    answer(form, "Claustrophobia", "Yes")
    form.get_by_label("What is done about claustrophobia").fill("Open scanner")
    answer(form, "Pacemaker or defibrillator", "Yes")
    form.get_by_label("Which, and since when").fill("MR conditional pacemaker, 2021")
    form.get_by_role("button", name="Save the answers").click()
    refusal = form.get_by_role("alert").filter(has_text="Not passed: the exam cannot start")
    expect(refusal).to_contain_text("Pacemaker", timeout=WAITING_MS)
    expect(refusal).not_to_contain_text("Claustrophobia")
    cole.keyboard.press("Escape")
    expect(panel).to_contain_text("Pacemaker; a radiologist has to decide")

    with window_of(browser, house.radiology, "dr.adams") as adams:
        hers = select(adams, house, order)
        hers.get_by_role("button", name="Decide").click()
        dialog = adams.get_by_role("dialog", name="Safety screening")
        expect(dialog).to_contain_text("MR conditional pacemaker, 2021")
        expect(dialog).to_contain_text("Answered by Tom Cole")
        clear = dialog.get_by_role("button", name="Clear the exam")
        expect(clear).to_be_disabled()
        dialog.get_by_label("Reason to go on nevertheless").fill("Programmed to MR mode, 1.5 T")
        clear.click()
        expect(dialog).to_be_hidden(timeout=WAITING_MS)

    expect(panel).to_contain_text(
        "cleared by Dr. Ruth Adams: Programmed to MR mode, 1.5 T", timeout=WAITING_MS
    )
    panel.get_by_role("button", name="Start").click()
    expect(panel.get_by_role("button", name="Complete")).to_be_enabled(timeout=WAITING_MS)


def test_images_of_another_patient_are_seen_before_they_are_sent(
    cole: Page, house: House, ordered: dict[str, Any], tmp_path: Path
) -> None:
    house.start(ordered)
    [file] = write_study(tmp_path, accession_number="", instances=1)
    cole.goto(f"{house.radiology}/upload?order={ordered['id']}")
    chooser = cole.locator("input[type=file][multiple]:not([webkitdirectory])")
    chooser.wait_for(state="attached", timeout=WAITING_MS)
    chooser.set_input_files(file)

    expect(cole.get_by_text("1 file does not fit this order")).to_be_visible(timeout=WAITING_MS)
    expect(cole.get_by_role("grid", name="Files")).to_contain_text("Patient MRN-000001")
    expect(cole.get_by_role("button", name="Send 1 file")).to_be_disabled()
