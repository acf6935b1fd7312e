"""A report comes: the doctor is told at once, reads it, sees what was amended, takes it along."""

import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.browser import window_of
from tests.harness.house import House, study_of


def test_report_is_told_and_read(smith: Page, house: House) -> None:
    order = house.order()
    house.examine(order)

    house.report(order)

    toast = smith.get_by_role("status").filter(has_text=order["orderNumber"])
    expect(toast).to_contain_text("Report available")
    expect(smith.get_by_role("button", name=re.compile("new result"))).to_be_visible()
    toast.get_by_role("button", name="Open").click()
    report = smith.get_by_role("region", name="Report", exact=True)
    expect(report).to_contain_text("Normal chest.")
    smith.get_by_role("button", name=re.compile("new result")).click()
    notices = smith.get_by_role("dialog", name="New results")
    expect(notices).to_be_visible()
    expect(notices.get_by_text(order["patient"]["mrn"])).to_have_count(0)


def test_result_opened_on_one_device_is_opened_on_the_other(
    smith: Page, house: House, browser: Browser
) -> None:
    """And an amended one is new again on both."""
    order = house.order()
    house.examine(order)
    report = house.report(order)
    row = smith.get_by_role("listitem").filter(has_text=order["patient"]["mrn"])
    smith.goto(house.provider)
    expect(row).to_contain_text("New result")
    expect(smith.get_by_role("link", name=re.compile(r"My orders.*new results"))).to_be_visible()

    with window_of(browser, house.provider, "dr.smith") as phone:
        phone.goto(f"{house.provider}/orders/{order['id']}")
        expect(phone.get_by_role("region", name="Report", exact=True)).to_contain_text(
            "Normal chest."
        )
        expect(row).not_to_contain_text("New result")

    expect(row).to_contain_text(re.compile(r"Report \d\d:\d\d"))

    house.amend(report, "A nodule was overlooked", impression="Nodule.")

    expect(row).to_contain_text("New result")
    expect(row).to_contain_text(re.compile(r"Amended \d\d:\d\d"))


def test_result_that_comes_while_the_list_is_open_is_brought_up_by_the_reader(
    smith: Page, house: House
) -> None:
    reported, later = house.order(), house.order()
    house.examine(reported)
    smith.goto(house.provider)
    rows = smith.get_by_role("list", name="Orders").get_by_role("listitem")

    for order in (reported, later):
        expect(rows.filter(has_text=order["patient"]["mrn"])).to_be_visible()

    def place(order: dict[str, Any]) -> int:
        texts = rows.all_inner_texts()
        return next(i for i, text in enumerate(texts) if order["patient"]["mrn"] in text)

    house.report(reported)

    bring_up = smith.get_by_role("button", name=re.compile("unread below"))
    expect(bring_up).to_be_visible()
    assert place(later) < place(reported)
    bring_up.click()
    expect(bring_up).to_be_hidden()
    assert place(reported) < place(later)


def test_preliminary_report_is_marked(smith: Page, house: House) -> None:
    order = house.order()
    house.examine(order)
    house.report(order, status="PRELIMINARY")

    smith.goto(f"{house.provider}/orders/{order['id']}")

    report = smith.get_by_role("region", name="Report", exact=True)
    expect(report).to_contain_text("Preliminary report")
    expect(report).to_contain_text("Not signed yet. It may change.")


def test_amended_report_shows_what_changed(smith: Page, house: House) -> None:
    order = house.order()
    house.examine(order)
    report = house.report(order)
    smith.goto(f"{house.provider}/orders/{order['id']}")
    shown = smith.get_by_role("region", name="Report", exact=True)
    expect(shown).to_contain_text("No nodule.")

    house.amend(
        report,
        "A nodule was overlooked",
        findings="Nodule of 6 mm. No effusion.",
        impression="Nodule.",
    )

    expect(shown).to_contain_text("A nodule was overlooked")
    expect(shown.locator("ins").first).to_contain_text("Nodule")
    expect(shown.locator("del").first).to_be_visible()


@pytest.fixture
def reported(smith: Page, house: House) -> dict[str, object]:
    order = house.order()
    house.examine(order, instances=4)
    house.report(order)
    smith.goto(f"{house.provider}/orders/{order['id']}")
    return order


def test_study_is_taken_along(
    smith: Page, house: House, reported: dict[str, object], tmp_path: Path
) -> None:
    with smith.expect_download() as started:
        smith.get_by_role("link", name="Download study (DICOM, zip)").click()
    started.value.save_as(tmp_path / "study.zip")

    names = ZipFile(tmp_path / "study.zip").namelist()
    assert "DICOMDIR" in names
    assert len(names) == 5


def test_report_is_taken_along(
    smith: Page, house: House, reported: dict[str, object], tmp_path: Path
) -> None:
    link = smith.get_by_role("link", name="Download PDF")
    link.wait_for(timeout=30_000)
    with smith.expect_download() as started:
        link.click()
    started.value.save_as(tmp_path / "report.pdf")

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_images_are_looked_at_and_not_changed(
    smith: Page, house: House, reported: dict[str, object], tmp_path: Path
) -> None:
    smith.get_by_role("link", name="Open images").click()
    smith.locator("[data-viewer][data-ready]").wait_for(timeout=60_000)

    tools = smith.get_by_role("toolbar", name="Image tools")
    expect(tools.get_by_role("button", name="Zoom", exact=True)).to_be_visible()
    expect(tools.get_by_role("button", name="Length")).to_have_count(0)
    with smith.expect_download() as started:
        tools.get_by_role("button", name="Save the image file (DICOM)").click()
    started.value.save_as(tmp_path / "image.dcm")
    assert (tmp_path / "image.dcm").read_bytes()[128:132] == b"DICM"


def test_all_results_are_marked_as_seen_by_one_request(smith: Page, house: House) -> None:
    """A hundred of them would wait in a row for each other, and some be lost with the line."""
    for _ in range(2):
        order = house.order()
        house.examine(order)
        house.report(order)
    # Loaded anew, both are there; told live, the second may still be on its way.
    smith.goto(house.provider)
    bell = smith.get_by_role("button", name=re.compile(r"^(\d\d+|[2-9]) new results"))
    expect(bell).to_be_visible(timeout=20_000)
    asked: list[str] = []
    smith.on("request", lambda request: asked.append(request.url))

    bell.click()
    smith.get_by_role("button", name="Mark all as seen").click()

    expect(smith.get_by_role("button", name="No new results")).to_be_visible(timeout=20_000)
    told = [url for url in asked if "opened" in url]
    assert told == [f"{house.provider}/api/radiology/reports/opened"]


def test_images_that_were_all_taken_out_are_not_said_to_be_still_to_come(
    smith: Page, house: House
) -> None:
    order = house.order()
    house.examine(order, instances=2)
    smith.goto(f"{house.provider}/orders/{order['id']}")
    images = smith.get_by_role("region", name="Images")
    expect(images).to_contain_text("2 images", timeout=30_000)

    study = f"/api/radiology/studies/{study_of(order).study_instance_uid}"
    reason = {"reason": "Of the patient who lay there before"}
    house.do(house.staff.manager.post(f"{study}/unmatch", reason))

    expect(images).to_contain_text("The images were taken out of this exam", timeout=30_000)
    progress = smith.get_by_role("list", name="Progress")
    expect(progress.locator("[aria-current=step]")).to_contain_text("images taken out")
    smith.goto(f"{house.provider}/images/{order['id']}")
    taken_out = smith.get_by_role("heading", name="The images were taken out of this exam")
    expect(taken_out).to_be_visible(timeout=30_000)
