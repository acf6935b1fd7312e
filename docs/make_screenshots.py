"""Takes the pictures of README and guides from a running system with fresh demo data.

./radiology reset && ./radiology up
.venv/bin/python -m docs.make_screenshots
"""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from pydicom.data import get_testdata_file

from tests.harness.browser import launch_arguments, window_of

IMAGES = Path(__file__).with_name("images")
OFFSET = int(os.environ.get("RADIOLOGY_PORTS", "0"))
RADIOLOGY, PROVIDER = f"http://localhost:{5178 + OFFSET}", f"http://localhost:{5174 + OFFSET}"
EXAMINED = "Yilmaz, Alice"
"""Whose exam goes on in the demo."""
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened, and what must be there before it is taken."""

    name: str
    path: str
    heading: str


MANAGER = (
    Shot("dashboard", "/", "Dashboard"),
    Shot("unmatched", "/unmatched", "Unmatched"),
    Shot("system", "/system", "System"),
)
RADIOLOGIST = (
    Shot("worklist", "/worklist", "Worklist"),
    Shot("critical-findings", "/critical", "Critical findings"),
    Shot("schedule", "/schedule", "Schedule"),
    Shot("reports", "/reports", "Reports"),
)
CALLED_DOCTOR = (Shot("provider-critical", "/critical", "Critical findings"),)
CALM_DOCTOR = (
    Shot("provider-orders", "/", "My orders"),
    Shot("provider-new-order", "/new", "New order"),
)


def take(page: Page, origin: str, shots: tuple[Shot, ...]) -> None:
    """Open each page, wait for its heading and for its data, and take the picture."""
    for shot in shots:
        page.goto(origin + shot.path)
        expect(page.get_by_role("heading", name=shot.heading).first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(2_500)  # charts and thumbnails come in gently
        page.screenshot(path=IMAGES / f"{shot.name}.png")


def open_case(page: Page, patient: str) -> None:
    """Open a case of the worklist, and wait until its images are drawn."""
    page.goto(f"{RADIOLOGY}/worklist")
    page.get_by_role("row").filter(has_text=patient).first.dblclick()
    expect(page.locator("[data-viewer][data-ready]")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(6_000)


def take_reading(page: Page) -> None:
    """Take a case as it is read, and one beside its prior."""
    open_case(page, "Marsh, Eleanor")
    page.screenshot(path=IMAGES / "reading.png")
    open_case(page, "Lindqvist, Sara")
    page.get_by_role("tab", name="Priors").click()
    page.get_by_role("button", name="Compare").first.click()
    page.wait_for_timeout(4_000)
    page.screenshot(path=IMAGES / "prior.png")


def take_exam(page: Page) -> None:
    """Take an exam of the schedule with its steps."""
    page.goto(f"{RADIOLOGY}/schedule")
    page.get_by_text(EXAMINED).first.click()
    page.wait_for_timeout(2_000)
    page.screenshot(path=IMAGES / "exam.png")


def take_upload(page: Page) -> None:
    """Take the files of another patient before they are sent."""
    page.goto(f"{RADIOLOGY}/upload")
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.fill(
        EXAMINED.split(",", maxsplit=1)[0]
    )
    page.get_by_text(EXAMINED).first.click()
    folder = Path(get_testdata_file("CT_small.dcm")).parent
    page.locator("input[type=file]").first.set_input_files(
        [folder / "CT_small.dcm", folder / "MR_small.dcm"]
    )
    page.wait_for_timeout(2_500)
    page.screenshot(path=IMAGES / "upload.png")


def take_result(page: Page) -> None:
    """Take a signed report with its images."""
    page.goto(PROVIDER)
    page.get_by_role("link", name="Nguyen, Linh").first.click()
    page.wait_for_timeout(6_000)
    page.screenshot(path=IMAGES / "provider-result.png")


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        with window_of(browser, RADIOLOGY, "tech.cole", viewport=WIDE) as page:
            take_exam(page)
            take_upload(page)
        with window_of(browser, RADIOLOGY, "manager.diaz", viewport=WIDE) as page:
            take(page, RADIOLOGY, MANAGER)
        with window_of(browser, RADIOLOGY, "dr.adams", viewport=WIDE) as page:
            take(page, RADIOLOGY, RADIOLOGIST)
            take_reading(page)
        with window_of(browser, PROVIDER, "dr.jones", viewport=WIDE) as page:
            take(page, PROVIDER, CALLED_DOCTOR)
        with window_of(browser, PROVIDER, "dr.smith", viewport=WIDE) as page:
            take(page, PROVIDER, CALM_DOCTOR)
            take_result(page)
        with window_of(browser, PROVIDER, "dr.jones", viewport=PHONE) as page:
            take(page, PROVIDER, (Shot("provider-phone", "/critical", "Critical findings"),))
        browser.close()


if __name__ == "__main__":
    main()
