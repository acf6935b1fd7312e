"""A manager adds a room, and closes it again."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import sign_in, violations
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_room_is_added_and_closed(page: Page, house: House) -> None:
    name = f"CT {uuid4().hex[:6]}"
    sign_in(page, house.radiology, "manager.diaz")
    page.goto(f"{house.radiology}/schedule")
    rooms = page.get_by_role("button", name="Rooms", exact=True)
    rooms.click(timeout=WAITING_MS)
    dialog = page.get_by_role("dialog", name="Rooms")
    expect(dialog.get_by_role("button", name="Add the room")).to_be_disabled()
    assert violations(page) == []

    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Place").fill("Room 9")
    dialog.get_by_label("Saturday", exact=True).check()
    dialog.get_by_role("button", name="Add the room").click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    timeline = page.get_by_label("Rooms and appointments")
    expect(timeline.get_by_text(name, exact=True)).to_be_visible(timeout=WAITING_MS)

    rooms.click()
    dialog.get_by_role("combobox", name="Which").click()
    page.get_by_role("option", name=f"{name}, Room 9").click()
    expect(dialog.get_by_label("Saturday opens")).to_have_value("08:00")
    dialog.get_by_label("In use: exams can be booked").uncheck()
    dialog.get_by_role("button", name="Save the room").click()
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(timeline.get_by_text(name, exact=True)).to_have_count(0, timeout=WAITING_MS)
