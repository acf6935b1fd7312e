"""A day's exams while others order and move: the list holds still, and so does the exam in hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def test_exam_in_hand_stays_when_others_change_the_day(cole: Page, house: House) -> None:
    wanted = (datetime.now(UTC).date() + timedelta(days=12)).isoformat()
    order = house.order(scheduledDate=wanted, scheduledTime="11:00")
    day = order["scheduledDate"]
    cole.goto(f"{house.radiology}/schedule?view=list&date={day}")
    row = cole.get_by_role("button").filter(has_text=order["patient"]["mrn"])
    row.click(timeout=WAITING_MS)
    panel = cole.get_by_role("complementary", name="Order")
    expect(panel).to_contain_text(order["patient"]["mrn"])
    place = row.bounding_box()

    earlier = house.order(scheduledDate=wanted, scheduledTime="09:00")
    update = cole.get_by_role("button", name="1 new")
    expect(update).to_be_visible(timeout=WAITING_MS)
    assert row.bounding_box() == place

    path = f"/api/radiology/orders/{order['id']}"
    house.do(house.staff.manager.post(f"{path}/reschedule", {}))
    moved = house.do(house.staff.manager.get(path))["scheduledDate"]
    assert moved < day  # the first free slot
    gone = cole.get_by_role("button", name="1 new · 1 gone")
    expect(gone).to_be_visible(timeout=WAITING_MS)
    expect(panel).to_contain_text(order["patient"]["mrn"])
    expect(panel).to_contain_text(f"{date.fromisoformat(moved):%-d %b %Y}")

    gone.click()
    expect(row).to_have_count(0)
    expect(cole.get_by_role("button").filter(has_text=earlier["patient"]["mrn"])).to_be_visible()
    expect(panel).to_contain_text(order["patient"]["mrn"])
