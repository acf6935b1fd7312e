"""The viewer's programs come while a list is looked at, so that the first case opens at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import sign_in
from tests.harness.house import House

WAITING_MS = 60_000
DECODER = re.compile(r"/assets/decodeImageFrameWorker-")
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("portal", "username"), [("radiology", "dr.adams"), ("provider", "dr.smith")]
)
def test_viewer_is_started_while_a_list_is_open(
    page: Page, house: House, portal: str, username: str
) -> None:
    with page.expect_request(DECODER, timeout=WAITING_MS):
        sign_in(page, getattr(house, portal), username)


def test_it_waits_for_a_case_where_nobody_reads(page: Page, house: House) -> None:
    """A technologist may not open a case, so the dashboard fetches no viewer."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    sign_in(page, house.radiology, "tech.cole")
    page.get_by_role("link", name="Schedule").first.click()
    expect(page.get_by_role("heading", name="Schedule", level=1)).to_be_visible(timeout=WAITING_MS)

    assert not [url for url in asked if DECODER.search(url)]
