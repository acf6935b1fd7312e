"""Takes the pictures of README and guides from a running system with demo data.

./radiology up
.venv/bin/python docs/make_screenshots.py
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).with_name("images")
OFFSET = int(os.environ.get("RADIOLOGY_PORTS", "0"))
RADIOLOGY, PROVIDER = f"http://localhost:{5178 + OFFSET}", f"http://localhost:{5174 + OFFSET}"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened, and what must be there before it is taken."""

    name: str
    path: str
    heading: str


RADIOLOGIST = (
    Shot("dashboard", "/", "Dashboard"),
    Shot("worklist", "/worklist", "Worklist"),
    Shot("critical-findings", "/critical", "Critical findings"),
    Shot("schedule", "/schedule", "Schedule"),
    Shot("reports", "/reports", "Reports"),
)
DOCTOR = (
    Shot("provider-orders", "/", "My orders"),
    Shot("provider-critical", "/critical", "Critical findings"),
)


@contextmanager
def signed_in(
    browser: Browser, origin: str, person: str, viewport: dict[str, int]
) -> Iterator[Page]:
    """Give a page of a person who is signed in."""
    context = browser.new_context(viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{origin}/auth/login?returnTo=/")
    page.get_by_text(person).first.click()
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


def take(page: Page, origin: str, shots: tuple[Shot, ...]) -> None:
    """Open each page, wait for its heading and for its data, and take the picture."""
    for shot in shots:
        page.goto(origin + shot.path)
        expect(page.get_by_role("heading", name=shot.heading).first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(2_500)  # charts and thumbnails come in gently
        page.screenshot(path=IMAGES / f"{shot.name}.png")


def take_reading(page: Page) -> None:
    """Open the first case of the worklist, and wait until its images are drawn."""
    page.goto(f"{RADIOLOGY}/worklist")
    page.get_by_role("row").nth(1).dblclick()
    page.wait_for_url("**/read/**", timeout=30_000)
    expect(page.locator("canvas").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(6_000)
    page.screenshot(path=IMAGES / "reading.png")


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with signed_in(browser, RADIOLOGY, "Dr. Ruth Adams", WIDE) as page:
            take(page, RADIOLOGY, RADIOLOGIST)
            take_reading(page)
        with signed_in(browser, PROVIDER, "Dr. Emily Jones", WIDE) as page:
            take(page, PROVIDER, DOCTOR)
        with signed_in(browser, PROVIDER, "Dr. Emily Jones", PHONE) as page:
            take(page, PROVIDER, (Shot("provider-phone", "/critical", "Critical findings"),))
        browser.close()


if __name__ == "__main__":
    main()
