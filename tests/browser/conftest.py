"""One running house for all stories; each story has a browser window of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.harness.browser import launch_arguments
from tests.harness.house import House, open_house

# A machine with much to do takes its time; what does not come at all fails as well a little later.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everything runs, with its portals."""
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_arguments()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1366, "height": 768}}
