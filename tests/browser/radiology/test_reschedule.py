"""An appointment is moved: by dragging, which the server may refuse, and without a mouse."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import sign_in
from tests.harness.house import House

WAITING_MS = 60_000
ONE_HOUR = 224
"""Pixels of the timeline: half an hour is 112 wide."""
pytestmark = pytest.mark.timeout(300)


def appointment(house: House, order: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/radiology/orders/{order['id']}"
    found: dict[str, Any] = house.do(house.staff.manager.get(path))["appointment"]
    return found


def drag(page: Page, event: Locator, *, to: tuple[float, float]) -> None:
    """Drag by hand: down, over some points, up."""
    box = event.bounding_box()
    assert box is not None
    x, y = box["x"] + 12, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (to[0] - x) / 2, y + (to[1] - y) / 2, steps=6)
    page.mouse.move(*to, steps=6)
    page.mouse.up()


def ordered(house: House, *, days: int, at: str) -> dict[str, Any]:
    """Return an exam on a day to come, on which nobody else has one."""
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return house.order(scheduledDate=day, scheduledTime=at)


def test_appointment_is_dragged_unless_the_room_is_taken(page: Page, house: House) -> None:
    first, second = (ordered(house, days=9, at=time) for time in ("10:00", "11:00"))
    page.set_viewport_size({"width": 1900, "height": 900})
    sign_in(page, house.radiology, "manager.diaz")
    page.goto(f"{house.radiology}/schedule?date={first['scheduledDate']}")
    timeline = page.get_by_label("Rooms and appointments")
    event = timeline.get_by_text(first["patient"]["mrn"]).first
    other = timeline.get_by_text(second["patient"]["mrn"]).first
    other.scroll_into_view_if_needed(timeout=WAITING_MS)
    event.scroll_into_view_if_needed()
    before = appointment(house, first)

    taken = other.bounding_box()
    assert taken is not None
    drag(page, event, to=(taken["x"] + 12, taken["y"] + 12))
    expect(page.get_by_role("alert").filter(has_text="Not moved")).to_be_visible(timeout=WAITING_MS)
    assert appointment(house, first) == before

    box = event.bounding_box()
    assert box is not None
    drag(page, event, to=(box["x"] + 12 + 2 * ONE_HOUR, box["y"] + 12))
    expect(page.get_by_text("Moved to")).to_be_visible(timeout=WAITING_MS)
    assert appointment(house, first)["startsAt"] > before["startsAt"]


def test_appointment_is_moved_without_a_mouse(page: Page, house: House) -> None:
    order = ordered(house, days=10, at="11:00")
    sign_in(page, house.radiology, "tech.cole")
    page.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    page.get_by_role("button").filter(has_text=order["patient"]["mrn"]).press(
        "Enter", timeout=WAITING_MS
    )
    panel = page.get_by_role("complementary", name="Order")
    panel.get_by_role("button", name="Reschedule").press("Enter")
    dialog = page.get_by_role("dialog", name="Reschedule")

    dialog.get_by_role("button", name="First free slot").press("Enter")

    expect(page.get_by_text("Appointment changed")).to_be_visible(timeout=WAITING_MS)
    assert appointment(house, order)["startsAt"] < order["appointment"]["startsAt"]
