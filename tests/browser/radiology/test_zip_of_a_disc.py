"""A patient's disc as one zip: its files are sent one by one, and go on where they stopped."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.harness.browser import come_to_rest, press, violations
from tests.harness.dicom import build_study
from tests.harness.house import House, study_of

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

IMAGES, BEFORE_THE_BREAK = 12, 5


def test_zip_goes_on_where_its_line_broke_and_after_a_reload(
    cole: Page, house: House, tmp_path: Path
) -> None:
    """The line breaks at one of its files, the page is loaded anew: no file is sent twice."""
    order = house.order()
    house.start(order)
    disc = _disc(tmp_path, order)
    line = _Line(cole, breaks_after=BEFORE_THE_BREAK)
    _choose(cole, house, order, disc)
    files = cole.get_by_role("grid", name="Files")

    expect(files).to_contain_text(f"0 of {IMAGES} stored", timeout=WAITING_MS)
    expect(files).to_contain_text("2 left out: ")
    expect(cole.get_by_role("region", name="Left out")).to_contain_text(
        "disc.zip/VIEWER/readme.txt: Neither DICOM nor a picture."
    )
    files.get_by_role("button", name="disc.zip", exact=True).press("Enter")
    expect(files.get_by_role("row")).to_have_count(2 + IMAGES)
    assert violations(cole) == []
    files.get_by_role("button", name="disc.zip", exact=True).press("Enter")

    press(cole, cole.get_by_role("button", name=f"Send {IMAGES} files"))
    expect(files).to_contain_text("Trying again", timeout=WAITING_MS)
    press(cole, cole.get_by_role("button", name="Pause"))
    rest = cole.get_by_role("button", name=re.compile(r"^Send \d+ files?$"))
    expect(rest).to_be_enabled()
    stored = IMAGES - _number_in(rest)
    assert stored >= BEFORE_THE_BREAK

    cole.once("dialog", lambda dialog: dialog.accept())  # Leave before all is stored?
    cole.reload()
    expect(cole.get_by_text(f"{stored} files were stored from this browser")).to_be_visible()
    line.mend()
    _choose(cole, house, order, disc)
    expect(files).to_contain_text(f"{stored} of {IMAGES} stored", timeout=WAITING_MS)
    press(cole, cole.get_by_role("button", name=f"Send {IMAGES - stored} files"))

    expect(files).to_contain_text(f"{IMAGES} of {IMAGES} stored", timeout=WAITING_MS)
    assert line.answered == IMAGES
    house.do(_arrived(house, order))


def test_zip_waits_for_a_network_and_then_goes_on_by_itself(
    cole: Page, house: House, tmp_path: Path
) -> None:
    order = house.order()
    house.start(order)
    line = _Line(cole, breaks_after=BEFORE_THE_BREAK)
    _choose(cole, house, order, _disc(tmp_path, order))
    cole.get_by_role("button", name=f"Send {IMAGES} files").click(timeout=WAITING_MS)
    files = cole.get_by_role("grid", name="Files")
    expect(files).to_contain_text("Trying again", timeout=WAITING_MS)

    cole.context.set_offline(True)
    come_to_rest(cole)
    line.mend()
    cole.context.set_offline(False)

    expect(files).to_contain_text(f"{IMAGES} of {IMAGES} stored", timeout=WAITING_MS)
    assert line.answered == IMAGES


class _Line:
    """Lets some requests through, and breaks at each that follows until it is mended."""

    def __init__(self, page: Page, *, breaks_after: int) -> None:
        self.answered = 0
        self._breaks_after = breaks_after
        page.route("**/orders/*/images", self._carry)

    def mend(self) -> None:
        """Let all through."""
        self._breaks_after = IMAGES

    def _carry(self, route: Route) -> None:
        if self.answered < self._breaks_after:
            self.answered += 1
            route.continue_()
        else:
            route.abort("connectionreset")


def _disc(folder: Path, order: dict[str, Any]) -> Path:
    """Return a disc as other hospitals burn it: images in folders, a list, a viewer."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as disc:
        for number, instance in enumerate(build_study(study_of(order), instances=IMAGES)):
            disc.writestr(f"DICOM/S{number % 2}/IM{number:03}", instance.content)
        disc.writestr("DICOMDIR", b"\0" * 128 + b"DICM")
        disc.writestr("VIEWER/readme.txt", "Start viewer.exe to see the images.")
    file = folder / "disc.zip"
    file.write_bytes(content.getvalue())
    return file


def _choose(page: Page, house: House, order: dict[str, Any], file: Path) -> None:
    page.goto(f"{house.radiology}/upload?order={order['id']}")
    chooser = page.locator("input[type=file][multiple]:not([webkitdirectory])")
    chooser.wait_for(state="attached", timeout=WAITING_MS)
    chooser.set_input_files(file)


def _number_in(button: Locator) -> int:
    found = re.search(r"\d+", button.inner_text())
    assert found
    return int(found[0])


async def _arrived(house: House, order: dict[str, Any]) -> None:
    tech = house.staff.technologist
    path = f"/api/radiology/orders/{order['id']}"
    await tech.until(path, lambda found: found["receivedInstances"] == IMAGES)
