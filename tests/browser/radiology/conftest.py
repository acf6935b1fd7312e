"""The staff's browsers at the radiology portal, and a case that waits to be read."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.harness.browser import sign_in
from tests.harness.house import House


@pytest.fixture
def adams(page: Page, house: House) -> Page:
    """Dr. Adams, a radiologist, signed in."""
    sign_in(page, house.radiology, "dr.adams")
    return page


@pytest.fixture
def cole(page: Page, house: House) -> Page:
    """Tom Cole, a technologist, signed in."""
    sign_in(page, house.radiology, "tech.cole")
    return page


@pytest.fixture
def ready_case(house: House) -> Iterator[dict[str, Any]]:
    """Return the order of an exam whose images are complete."""
    order = house.order()
    house.examine(order, instances=4)
    yield order
    house.clear(order)
