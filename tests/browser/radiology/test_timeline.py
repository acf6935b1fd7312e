"""The rooms of a day: now is in view at any hour, and nothing moves while one drags."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.harness.browser import FOUR_K, LAPTOP
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_NOW_IS_SEEN = """timeline => {
  const line = timeline.querySelector('[class*=CurrentTimeIndicatorLine]').getBoundingClientRect();
  const corner = timeline.querySelector('[class*=Corner]').getBoundingClientRect();
  return corner.right <= line.left && line.right <= timeline.getBoundingClientRect().right;
}"""


_TIME_IS_BESIDE_ITS_LINE = """label => {
  const text = document.createRange();
  text.selectNodeContents(label);
  return text.getBoundingClientRect().left - label.getBoundingClientRect().left < 8;
}"""


_SCROLL_HALF_OF_IT_AWAY = """appointment => {
  const timeline = appointment.closest('[aria-label="Rooms and appointments"]');
  const rooms = timeline.querySelector('[class*=Corner]').getBoundingClientRect();
  const { left, width } = appointment.getBoundingClientRect();
  timeline.scrollLeft += left + width / 2 - rooms.right;
  const name = appointment.querySelector('strong').getBoundingClientRect();
  const hidden = rooms.right - appointment.getBoundingClientRect().left;
  return { hidden, toName: name.left - rooms.right };
}"""


def set_time(page: Page, now: datetime) -> None:
    """Move the clock of the workstation, and what the server tells, which the page follows."""

    def tell(route: Route) -> None:
        answer = route.fetch()
        told = answer.headers | {"date": format_datetime(now, usegmt=True)}
        route.fulfill(response=answer, headers=told)

    page.clock.set_system_time(now)
    page.route("**/api/radiology/**", tell)


@pytest.mark.parametrize("size", [LAPTOP, FOUR_K])
@pytest.mark.parametrize("hour", ["03:10", "12:10", "23:40"])
def test_timeline_opens_with_now_in_view(
    cole: Page, house: House, size: tuple[int, int], hour: str
) -> None:
    cole.set_viewport_size({"width": size[0], "height": size[1]})
    set_time(cole, datetime.fromisoformat(f"{datetime.now(UTC).date()}T{hour}:00Z"))

    # The rooms for ultrasound close in the evening.
    for path in ("/schedule", "/schedule?modality=USG"):
        cole.goto(house.radiology + path)
        timeline = cole.get_by_label("Rooms and appointments")
        expect(timeline).to_be_visible(timeout=WAITING_MS)

        assert timeline.evaluate(_NOW_IS_SEEN)
        label = timeline.get_by_text("12:00", exact=True)
        assert label.evaluate(_TIME_IS_BESIDE_ITS_LINE)


def test_timeline_comes_back_to_now_with_today(cole: Page, house: House) -> None:
    cole.goto(f"{house.radiology}/schedule")
    timeline = cole.get_by_label("Rooms and appointments")
    expect(timeline).to_be_visible(timeout=WAITING_MS)
    cole.get_by_role("button", name="Day after").click()
    timeline.evaluate("timeline => { timeline.scrollLeft = 0; }")

    cole.get_by_role("button", name="Today").click()

    expect(cole.get_by_role("button", name="Today")).to_be_disabled(timeout=WAITING_MS)
    assert timeline.evaluate(_NOW_IS_SEEN)


def test_name_stays_in_view_of_an_appointment_that_began_earlier(cole: Page, house: House) -> None:
    wanted = (datetime.now(UTC).date() + timedelta(days=20 + uuid4().int % 300)).isoformat()
    order = house.order(scheduledDate=wanted, scheduledTime="10:00")
    cole.goto(f"{house.radiology}/schedule?date={wanted}")
    event = appointment(cole.get_by_label("Rooms and appointments"), order)
    expect(event).to_be_visible(timeout=WAITING_MS)

    seen = event.evaluate(_SCROLL_HALF_OF_IT_AWAY)

    assert seen["hidden"] > 20
    assert 0 <= seen["toName"] < 12


def test_news_wait_while_an_appointment_is_dragged(cole: Page, house: House) -> None:
    wanted = (datetime.now(UTC).date() + timedelta(days=20 + uuid4().int % 300)).isoformat()
    order = house.order(scheduledDate=wanted, scheduledTime="09:00")
    cole.goto(f"{house.radiology}/schedule?date={wanted}")
    timeline = cole.get_by_label("Rooms and appointments")
    event = appointment(timeline, order)
    expect(event).to_be_visible(timeout=WAITING_MS)
    box = event.bounding_box()
    assert box is not None

    cole.mouse.move(box["x"] + 20, box["y"] + 20)
    cole.mouse.down()
    cole.mouse.move(box["x"] + 40, box["y"] + 20, steps=4)
    other = house.order(scheduledDate=wanted, scheduledTime="12:00")
    told = cole.get_by_text("2 appointments")
    expect(told).to_be_visible(timeout=WAITING_MS)
    expect(appointment(timeline, other)).to_have_count(0)
    assert event.bounding_box() == box

    cole.mouse.move(box["x"] + 132, box["y"] + 20, steps=4)
    cole.mouse.up()
    expect(appointment(timeline, other)).to_be_visible(timeout=WAITING_MS)
    moved = cole.get_by_role("status").filter(has_text="Moved to 09:")
    expect(moved).to_be_visible(timeout=WAITING_MS)


def appointment(timeline: Locator, order: dict[str, Any]) -> Locator:
    family, given, *_ = order["patient"]["name"].split("^")
    return timeline.get_by_role("button").filter(has_text=f"{family}, {given}")
