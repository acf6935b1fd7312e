"""What a wanted time collides with, told as the portals write dates: in the hospital's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from order_consumer.repository import InTheWay
from order_consumer.scheduling import Span

BERLIN = ZoneInfo("Europe/Berlin")


def in_words(start: datetime, end: datetime) -> str:
    taken = InTheWay("CT 1", Span(start, end), "IMG-1", is_room=True, reason="")
    return taken.in_words(BERLIN)


def test_time_that_is_taken_is_told_with_day_month_and_hour_of_the_hospital() -> None:
    told = in_words(
        datetime(2031, 1, 6, 11, 15, tzinfo=UTC), datetime(2031, 1, 6, 11, 45, tzinfo=UTC)
    )

    assert told == ("CT 1 is taken from 06 Jan 2031 12:15 to 12:45 by IMG-1; choose another time.")


def test_time_over_midnight_is_told_with_both_days() -> None:
    told = in_words(
        datetime(2031, 1, 6, 22, 45, tzinfo=UTC), datetime(2031, 1, 6, 23, 15, tzinfo=UTC)
    )

    assert "from 06 Jan 2031 23:45 to 07 Jan 2031 00:15 by" in told
