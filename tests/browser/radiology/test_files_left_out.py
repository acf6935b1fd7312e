"""A folder holds more than the images of an exam: what is none, or another's, is left out."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import violations
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_text_among_the_images_is_left_out(cole: Page, house: House, tmp_path: Path) -> None:
    order = house.order()
    house.start(order)
    [image] = write_study(tmp_path, study_of(order), instances=1)
    notes = tmp_path / "notes.txt"
    notes.write_text("The patient was late.\n")
    cole.goto(f"{house.radiology}/upload?order={order['id']}")
    chooser = cole.locator("input[type=file][multiple]:not([webkitdirectory])")
    chooser.wait_for(state="attached", timeout=WAITING_MS)
    chooser.set_input_files([image, notes])

    left_out = cole.get_by_role("region", name="Left out")
    expect(left_out).to_contain_text("1 file left out: not a DICOM file, picture or zip")
    expect(left_out).to_contain_text("notes.txt")
    expect(cole.get_by_role("grid", name="Files")).not_to_contain_text("notes.txt")
    expect(cole.get_by_role("alert")).to_have_count(0)
    assert violations(cole) == []

    cole.get_by_role("button", name="Send 1 file").click()
    expect(cole.get_by_text("1 of 1 stored")).to_be_visible(timeout=WAITING_MS)


def test_images_of_another_are_taken_off_and_a_double_click_sends_the_rest(
    cole: Page, house: House, tmp_path: Path
) -> None:
    """One file among hundreds is no reason to begin anew; and who clicks twice wants no pause."""
    order, other = house.order(), house.order()
    house.start(order)
    images = write_study(tmp_path / "own", study_of(order), instances=3)
    [strange] = write_study(tmp_path / "other", study_of(other), instances=1)
    cole.goto(f"{house.radiology}/upload?order={order['id']}")
    chooser = cole.locator("input[type=file][multiple]:not([webkitdirectory])")
    chooser.wait_for(state="attached", timeout=WAITING_MS)
    chooser.set_input_files([*images, strange])
    alert = cole.get_by_role("alert").filter(has_text="1 file does not fit this order")
    expect(alert).to_be_visible(timeout=WAITING_MS)
    assert violations(cole) == []

    alert.get_by_role("button", name="Take it off the list").click()
    expect(alert).to_have_count(0)
    cole.get_by_role("button", name="Send 3 files").dblclick()

    expect(cole.get_by_text("3 of 3 stored")).to_be_visible(timeout=WAITING_MS)


def test_who_leaves_while_files_are_sent_is_asked(cole: Page, house: House, tmp_path: Path) -> None:
    order = house.order()
    house.start(order)
    images = write_study(tmp_path, study_of(order), instances=2)
    cole.route("**/orders/*/images", lambda _route: None)  # A line so slow that nothing arrives.
    cole.goto(f"{house.radiology}/upload?order={order['id']}")
    chooser = cole.locator("input[type=file][multiple]:not([webkitdirectory])")
    chooser.wait_for(state="attached", timeout=WAITING_MS)
    chooser.set_input_files(images)
    cole.get_by_role("button", name="Send 2 files").click()
    schedule = cole.get_by_role("link", name="Schedule")

    schedule.click()
    dialog = cole.get_by_role("dialog", name="Leave while files are sent?")
    expect(dialog).to_contain_text("2 files are not stored yet")
    assert violations(cole) == []
    dialog.get_by_role("button", name="Stay").click()
    expect(cole.get_by_role("button", name="Pause")).to_be_visible()

    schedule.click()
    dialog.get_by_role("button", name="Leave").click()
    expect(cole).to_have_url(f"{house.radiology}/schedule")
