"""Dr. Smith's browser at the provider portal."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from playwright.sync_api import Page

from tests.harness.browser import sign_in
from tests.harness.house import House

SignInAs: TypeAlias = Callable[[str], Page]


@pytest.fixture
def smith(page: Page, house: House) -> Page:
    """Dr. Smith, signed in."""
    sign_in(page, house.provider, "dr.smith")
    return page
