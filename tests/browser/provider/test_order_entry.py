"""A doctor orders an exam and follows it, without ever reloading the page."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.browser import violations
from tests.harness.house import House, new_patient


def open_form(smith: Page) -> None:
    smith.get_by_role("link", name="New order").first.click()
    expect(smith.get_by_role("heading", name="New order")).to_be_visible()


def enter_patient(smith: Page, mrn: str) -> None:
    smith.get_by_role("button", name="Enter a patient who is not listed").click()
    smith.get_by_label("Family name").fill("Story")
    smith.get_by_label("Given name").fill("Susan")
    smith.get_by_label("MRN").fill(mrn)
    smith.get_by_label("Date of birth").fill("1980-05-17")
    answer(smith, "Sex", "Female")


def choose_patient(smith: Page, mrn: str) -> None:
    smith.get_by_role("textbox", name="Patient").fill(mrn)
    smith.get_by_role("option").filter(has_text=mrn).click()


IS_KEPT = """text => new Promise((resolve, reject) => {
    const opening = indexedDB.open('radiology-drafts', 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const all = opening.result.transaction('drafts').objectStore('drafts').getAll();
        all.onsuccess = () => {
            opening.result.close();
            resolve(JSON.stringify(all.result).includes(text));
        };
    };
})"""


def answer(smith: Page, question: str, choice: str) -> None:
    group = smith.get_by_role("group", name=question, exact=True)
    group.get_by_text(choice, exact=True).click()


def choose_exam(smith: Page, method: str, exam: str) -> None:
    answer(smith, "Method", method)
    smith.get_by_role("combobox", name="Exam").click()
    smith.get_by_role("option", name=exam, exact=True).click()


def write_indication(smith: Page, text: str) -> None:
    """Type it, and wait until the browser keeps it."""
    smith.get_by_label("Indication").fill(text)
    for _ in range(100):
        if smith.evaluate(IS_KEPT, text):
            return
        smith.wait_for_timeout(100)
    pytest.fail("the browser does not keep what was typed")


def send(smith: Page) -> None:
    smith.get_by_role("button", name="Order", exact=True).click()


def end_session_as_it_sends(smith: Page) -> None:
    """The session is gone when the order reaches the server, not before the button is pressed."""

    def end_it(route: Route) -> None:
        smith.context.clear_cookies(name="provider_session")
        route.fallback()

    smith.route(re.compile(r"/api/radiology/orders$"), end_it, times=1)


def test_order_with_contrast_is_followed_live(smith: Page, house: House) -> None:
    open_form(smith)
    enter_patient(smith, new_patient()["mrn"])
    choose_exam(smith, "CT", "CT Chest (PE protocol)")
    answer(smith, "Priority", "Urgent")
    answer(smith, "Ever a reaction to contrast medium?", "Yes")
    smith.get_by_label("What happened, and after what").fill("Urticaria after a CT in 2019")
    smith.get_by_label("Creatinine, mg/dL").fill("0.9")
    smith.get_by_label("Indication").fill("Dyspnoea. Embolism?")
    send(smith)

    progress = smith.get_by_role("list", name="Progress")
    expect(progress.locator("[aria-current=step]")).to_contain_text("Scheduled", timeout=30_000)
    expect(smith.get_by_role("region", name="Appointment")).to_contain_text("Room")
    ordered = smith.get_by_role("region", name="What was ordered")
    expect(ordered).to_contain_text("Allergy to contrast medium: yes, Urticaria after a CT in 2019")
    expect(ordered).to_contain_text("Creatinine: 0.9 mg/dL")

    order_id = smith.url.rsplit("/", 1)[1]
    order = house.do(house.staff.technologist.get(f"/api/radiology/orders/{order_id}"))
    house.start(order)

    expect(progress.locator("[aria-current=step]")).to_contain_text("Exam in progress")


def test_what_is_missing_is_said_where_it_is_typed(smith: Page, house: House) -> None:
    open_form(smith)
    choose_exam(smith, "MRI", "MRI Knee")
    send(smith)

    expect(smith.get_by_text("Choose the patient.").first).to_be_visible()
    expect(smith.get_by_text("Choose the side.")).to_be_visible()
    expect(smith.get_by_text("Answer all five; “not known” is an answer.")).to_be_visible()
    expect(smith.get_by_role("textbox", name="Patient")).to_be_focused()


def test_answers_on_safety_are_asked_anew_for_another_patient(smith: Page, house: House) -> None:
    """What one patient carries or does not tolerate is not said of the next."""
    first, second = house.order()["patient"], house.order()["patient"]
    open_form(smith)
    choose_patient(smith, first["mrn"])
    choose_exam(smith, "CT", "CT Chest (PE protocol)")
    answer(smith, "Ever a reaction to contrast medium?", "No")
    smith.get_by_label("Creatinine, mg/dL").fill("0.9")
    smith.get_by_label("Indication").fill("Dyspnoea. Embolism?")

    smith.get_by_role("button", name="Other patient").click()
    choose_patient(smith, second["mrn"])
    send(smith)

    safety = smith.get_by_role("region", name="Safety")
    expect(safety).to_contain_text("Answer this one; “not known” is an answer.")
    expect(smith.get_by_label("Creatinine, mg/dL")).to_have_value("")
    expect(smith.get_by_label("Indication")).to_have_value("Dyspnoea. Embolism?")


def test_draft_survives_a_reload(smith: Page, house: House) -> None:
    open_form(smith)
    choose_exam(smith, "Ultrasound", "Abdominal USG")
    write_indication(smith, "Pain in the right upper abdomen")

    smith.reload()

    expect(smith.get_by_label("Indication")).to_have_value("Pain in the right upper abdomen")
    expect(smith.get_by_role("combobox", name="Exam")).to_have_value("Abdominal USG")
    smith.get_by_role("button", name="Start over").click()
    expect(smith.get_by_label("Indication")).to_have_value("")


def test_two_orders_are_written_in_two_tabs(smith: Page, house: House) -> None:
    """Neither takes the other's place, for they may be of two patients."""
    open_form(smith)
    write_indication(smith, "Pain in the knee")
    other = smith.context.new_page()
    other.goto(smith.url)
    expect(other.get_by_label("Indication")).to_have_value("")
    write_indication(other, "Cough for three weeks")

    smith.reload()
    expect(smith.get_by_label("Indication")).to_have_value("Pain in the knee")
    other.reload()
    expect(other.get_by_label("Indication")).to_have_value("Cough for three weeks")

    smith.close()
    expect(other.get_by_label("Indication")).to_have_value("Cough for three weeks")
    third = other.context.new_page()
    third.goto(other.url)
    expect(third.get_by_label("Indication")).to_have_value("Pain in the knee")
    for page in (third, other):
        page.get_by_role("button", name="Start over").click()
        expect(page.get_by_label("Indication")).to_have_value("")


def test_same_exam_again_is_ordered_only_knowingly(smith: Page, house: House) -> None:
    first = house.order(studyType="Chest X-Ray PA and Lateral", modality="XRAY")
    open_form(smith)
    smith.get_by_role("textbox", name="Patient").fill(first["patient"]["mrn"])
    smith.get_by_role("option", name=re.compile(first["patient"]["mrn"])).click()
    choose_exam(smith, "X-ray", "Chest X-Ray PA and Lateral")
    smith.get_by_label("Indication").fill("Cough")
    expect(smith.get_by_text("This exam is ordered already")).to_be_visible()
    expect(smith.get_by_role("complementary", name="Earlier exams")).to_contain_text("Chest X-Ray")

    send(smith)
    expect(smith.get_by_text(re.compile("confirm if you need this one too")).first).to_be_visible()
    assert violations(smith) == []

    smith.get_by_label("I know, and need this one too").check()
    send(smith)
    expect(smith.get_by_role("list", name="Progress")).to_be_visible(timeout=30_000)


def test_same_exam_of_another_doctor_is_told_and_not_shown(smith: Page, house: House) -> None:
    """Dr. Smith does not know the patient, and may not read what Dr. Jones has ordered."""
    who = new_patient()
    house.order(
        by=house.staff.providers[1],
        patient=who,
        studyType="Chest X-Ray PA and Lateral",
        modality="XRAY",
        clinicalIndication="Known to Dr. Jones alone",
    )
    open_form(smith)
    enter_patient(smith, who["mrn"])
    choose_exam(smith, "X-ray", "Chest X-Ray PA and Lateral")
    smith.get_by_label("Indication").fill("Cough")
    warning = smith.get_by_role("alert", name="This exam is ordered already")
    expect(warning).to_contain_text("by another doctor")
    expect(warning.get_by_role("link")).to_have_count(0)
    expect(smith.get_by_text("Known to Dr. Jones alone")).to_have_count(0)

    send(smith)
    expect(smith.get_by_text(re.compile("confirm if you need this one too")).first).to_be_visible()

    smith.get_by_label("I know, and need this one too").check()
    send(smith)
    expect(smith.get_by_role("list", name="Progress")).to_be_visible(timeout=30_000)


def test_order_that_came_while_one_typed_is_told_before_sending(smith: Page, house: House) -> None:
    who = new_patient()
    open_form(smith)
    enter_patient(smith, who["mrn"])
    choose_exam(smith, "X-ray", "Chest X-Ray PA and Lateral")
    smith.get_by_label("Indication").fill("Cough")
    house.order(by=house.staff.providers[1], patient=who, modality="XRAY")

    send(smith)

    expect(smith.get_by_role("alert", name="This exam is ordered already")).to_be_visible()
    expect(smith.get_by_role("heading", name="New order")).to_be_visible()


def test_order_can_be_taken_back_with_a_reason(smith: Page, house: House) -> None:
    order = house.order()
    smith.goto(f"{house.provider}/orders/{order['id']}")
    smith.get_by_role("button", name="Cancel this order").click()
    smith.get_by_label("Why").fill("Patient was moved to another hospital")
    smith.get_by_role("button", name="Cancel the order").click()

    expect(smith.get_by_text("This order was cancelled")).to_be_visible(timeout=30_000)
    reason = smith.get_by_role("alert").filter(has_text="Patient was moved to another hospital")
    expect(reason).to_be_visible()


def test_session_that_ends_takes_nothing_with_it(smith: Page, house: House) -> None:
    open_form(smith)
    enter_patient(smith, new_patient()["mrn"])
    choose_exam(smith, "Ultrasound", "Thyroid USG")
    smith.get_by_label("Indication").fill("Nodule on the left")
    end_session_as_it_sends(smith)
    send(smith)

    expect(smith.get_by_role("dialog", name="Please sign in again")).to_be_visible(timeout=30_000)
    with smith.expect_popup() as opened:
        smith.get_by_role("button", name="Sign in").click()
    popup = opened.value
    if "/signed-in" not in popup.url:
        popup.get_by_label("Password").wait_for()
        popup.get_by_text("Dr. John Smith", exact=True).click()
        popup.get_by_label("Password").fill("demo")
        popup.get_by_role("button", name="Sign in").click()

    expect(smith.get_by_role("list", name="Progress")).to_be_visible(timeout=30_000)
    expect(smith.get_by_role("region", name="What was ordered")).to_contain_text(
        "Nodule on the left"
    )
