"""An image is taken along: as the picture that is seen, and as the file it came from."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Download, Page, expect
from pydicom import dcmread

from tests.browser.radiology.test_measuring import WAITING_MS, draw_length, open_case
from tests.harness.house import House

_STRIP = 26
pytestmark = pytest.mark.timeout(300)


def save_by_key(page: Page, key: str, folder: Path) -> tuple[Download, Path]:
    with page.expect_download() as started:
        page.keyboard.press(key)
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return started.value, path


def yellows(picture: Image.Image) -> int:
    """Count the pixels in the colour of drawings."""
    pixels = zip(*(band.tobytes() for band in picture.split()), strict=True)
    return sum(red > 200 and green > 170 and blue < 200 for red, green, blue in pixels)


def test_picture_holds_what_is_drawn_and_says_what_it_is_not_for(
    adams: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    open_case(adams, house, ready_case)
    _, plain = save_by_key(adams, "d", tmp_path)
    draw_length(adams, (-10, 0), (10, 0))
    expect(adams.locator("[data-cell=a] svg.svg-layer")).to_contain_text(
        "20.0 mm", timeout=WAITING_MS
    )

    _, drawn = save_by_key(adams, "d", tmp_path / "again")

    before, after = (Image.open(path).convert("RGB") for path in (plain, drawn))
    area = adams.locator("[data-cell=a] canvas").first.bounding_box()
    assert area is not None
    assert after.size == (round(area["width"]), round(area["height"]) + _STRIP)
    assert yellows(after) > yellows(before) + 50
    strip = after.crop((0, after.height - _STRIP, after.width, after.height))
    assert yellows(strip) > 50, "no words below the picture"
    shown = adams.get_by_test_id("image-number-a").inner_text().partition("/")[0].strip()
    assert drawn.name == f"CT-series-1-image-{shown}.png"


def test_file_is_the_one_that_was_received(
    adams: Page, house: House, ready_case: dict[str, Any], tmp_path: Path
) -> None:
    open_case(adams, house, ready_case)

    download, path = save_by_key(adams, "Shift+D", tmp_path)

    image = dcmread(path)
    assert image.PatientID == ready_case["patient"]["mrn"]
    assert image.SOPInstanceUID in adams.evaluate("window.radiologyViewer.view('a').imageId")
    assert ready_case["patient"]["mrn"] not in download.url + path.name
