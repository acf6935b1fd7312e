"""Free slots: inside opening hours, never on busy time, in the hospital's zone."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from contracts.enumerations import Modality
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_requested import OpeningHours
from order_consumer.scheduling import (
    BusyTimes,
    Slot,
    Span,
    first_free_slot,
    is_open,
    on_grid,
)

NOW = datetime(2026, 11, 25, 9, 2, tzinfo=UTC)  # a Wednesday
HALF_HOUR = timedelta(minutes=30)
BERLIN = ZoneInfo("Europe/Berlin")


def a_room(*hours: OpeningHours) -> EquipmentUpdated:
    return EquipmentUpdated(
        id=uuid4(),
        version=1,
        name="CT 1",
        room="R1",
        modality=Modality.CT,
        opening_hours=hours,
        updated_at=NOW,
    )


def daily(opens: time, closes: time) -> list[OpeningHours]:
    return [OpeningHours(weekday=day, opens=opens, closes=closes) for day in range(7)]


def search(
    *rooms: EquipmentUpdated,
    busy: dict[object, BusyTimes] | None = None,
    avoid: BusyTimes | None = None,
    zone: ZoneInfo = BERLIN,
    not_before: datetime = NOW,
) -> Slot | None:
    return first_free_slot(
        rooms,
        busy or {},  # type: ignore[arg-type]
        duration=HALF_HOUR,
        not_before=not_before,
        horizon=timedelta(days=14),
        zone=zone,
        avoid=avoid or BusyTimes(),
    )


def test_first_slot_is_on_the_grid_of_five_minutes() -> None:
    slot = search(a_room(*daily(time(8), time(18))))

    assert slot is not None
    assert slot.span.start == datetime(2026, 11, 25, 9, 5, tzinfo=UTC)


def test_opening_hours_are_meant_in_the_hospitals_zone() -> None:
    evening = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)

    slot = search(a_room(*daily(time(8), time(18))), not_before=evening)

    assert slot is not None
    assert slot.span.start == datetime(2026, 11, 26, 7, 0, tzinfo=UTC)  # 08:00 in Berlin


def test_opening_hours_follow_the_change_to_summer_time() -> None:
    friday = datetime(2027, 3, 27, 20, 0, tzinfo=UTC)  # the night in which clocks go forward

    slot = search(a_room(*daily(time(8), time(18))), not_before=friday)

    assert slot is not None
    assert slot.span.start == datetime(2027, 3, 28, 6, 0, tzinfo=UTC)  # 08:00 is an hour earlier


def test_room_that_never_closes_is_open_across_midnight() -> None:
    room = a_room(*daily(time(0), time(0)))
    span = Span(
        datetime(2026, 11, 25, 22, 45, tzinfo=UTC), datetime(2026, 11, 25, 23, 15, tzinfo=UTC)
    )

    assert is_open(room, span, BERLIN)


def test_exam_must_end_before_the_room_closes() -> None:
    room = a_room(*daily(time(8), time(12)))
    late = Span(
        datetime(2026, 11, 25, 10, 45, tzinfo=UTC), datetime(2026, 11, 25, 11, 15, tzinfo=UTC)
    )

    assert not is_open(room, late, BERLIN)


def test_the_earliest_of_several_rooms_is_taken() -> None:
    later, sooner = a_room(*daily(time(14), time(18))), a_room(*daily(time(8), time(18)))

    slot = search(later, sooner)

    assert slot is not None
    assert slot.equipment.id == sooner.id


def test_busy_time_of_room_and_patient_are_both_avoided() -> None:
    room = a_room(*daily(time(8), time(18)))
    room_busy, patient_busy = BusyTimes(), BusyTimes()
    nine = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    room_busy.add(Span(nine, nine + HALF_HOUR))
    patient_busy.add(Span(nine + HALF_HOUR, nine + 2 * HALF_HOUR))

    slot = search(room, busy={room.id: room_busy}, avoid=patient_busy)

    assert slot is not None
    assert slot.span.start == nine + 2 * HALF_HOUR


def test_closed_room_gives_no_slot() -> None:
    assert search(a_room()) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(1, 60)).map(
            lambda pair: Span(
                NOW + timedelta(minutes=pair[0]), NOW + timedelta(minutes=pair[0] + pair[1])
            )
        ),
        max_size=40,
    ),
    st.integers(0, 500),
    st.integers(5, 60),
)
def test_free_time_touches_no_busy_time_and_is_the_first(
    spans: list[Span], start: int, minutes: int
) -> None:
    busy, duration = BusyTimes(), timedelta(minutes=minutes)
    for span in spans:
        busy.add(span)
    begin = NOW + timedelta(minutes=start)

    free = busy.next_free(begin, duration)

    def is_free(moment: datetime) -> bool:
        return all(span.end <= moment or moment + duration <= span.start for span in spans)

    assert free >= begin
    assert is_free(free)
    moments = [
        begin + timedelta(minutes=n) for n in range(int((free - begin).total_seconds()) // 60)
    ]
    assert not any(is_free(moment) for moment in moments)


def test_grid_keeps_what_is_on_it() -> None:
    assert on_grid(datetime(2026, 1, 1, 8, 5, tzinfo=UTC)).minute == 5
    assert on_grid(datetime(2026, 1, 1, 8, 59, 1, tzinfo=UTC)).hour == 9
