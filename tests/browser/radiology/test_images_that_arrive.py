"""Images that come while a case is read are there, and move nothing before the reader's eyes."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import open_case
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_SEEN = "(({ imageId, zoom, width }) => [imageId, zoom, width])(radiologyViewer.stage.state('a'))"


def test_reader_keeps_the_image_its_zoom_and_its_window(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    open_case(adams, house, ready_case)
    number = adams.get_by_test_id("image-number-a")
    expect(number).to_contain_text("/ 4", timeout=WAITING_MS)
    adams.keyboard.press("End")
    expect(number).to_contain_text("4 / 4")
    adams.keyboard.press("+")
    adams.keyboard.press("2")
    before = adams.evaluate(_SEEN)

    house.more_images(ready_case, instances=9)

    expect(number).to_contain_text("/ 9", timeout=WAITING_MS)
    assert adams.evaluate(_SEEN) == before


def test_news_of_images_stays_until_they_are_looked_at(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    """Neither another tab nor a reload hides them, and they move no line of the text."""
    open_case(adams, house, ready_case)
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_label("Findings").fill("No nodule.")
    expect(panel).to_contain_text("Kept in this browser", timeout=WAITING_MS)
    before = panel.get_by_label("Findings").bounding_box()
    house.more_images(ready_case, instances=6)
    news = panel.get_by_role("alert").filter(has_text="2 images arrived after you began")
    expect(news).to_be_visible(timeout=WAITING_MS)
    assert panel.get_by_label("Findings").bounding_box() == before

    panel.get_by_role("tab", name="Priors").click()
    panel.get_by_role("tab", name="Report").click()
    expect(news).to_be_visible()
    adams.on("dialog", lambda dialog: dialog.accept())
    adams.reload()
    expect(news).to_be_visible(timeout=WAITING_MS)

    news.get_by_role("button", name="Show the images").click()
    expect(news).to_have_count(0)
