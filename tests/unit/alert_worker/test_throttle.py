"""One phone is not troubled by reminders all the time, and yet hears of a new finding at once."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from alert_worker.domain.throttle import allowed_from
from alert_worker.repository import Due
from alert_worker.sender import choose
from contracts.enumerations import Channel
from tests.harness.alerts import MINUTE, NOON, SMITH


def due(**news: object) -> Due:
    values: dict[str, object] = {
        "id": uuid4(),
        "address": SMITH.phone,
        "person_id": SMITH.id,
        "is_first": True,
        "due_at": NOON,
        "now": NOON,
    }
    return Due(**values | news)  # type: ignore[arg-type]  # values of the right types


def sent(count: int, every: timedelta) -> list[datetime]:
    return [NOON - every * number for number in range(1, count + 1)]


def test_an_address_that_nobody_has_troubled_is_free() -> None:
    assert allowed_from(Channel.SMS, first=False, history=[]) is None


def test_reminders_are_a_minute_apart() -> None:
    history = [NOON - timedelta(seconds=20)]

    assert allowed_from(Channel.SMS, first=False, history=history) == NOON + timedelta(seconds=40)


def test_first_word_of_a_new_finding_is_not_held_back_by_reminders() -> None:
    history = [NOON - timedelta(seconds=20)]

    assert allowed_from(Channel.SMS, first=True, history=history) is None


def test_three_calls_in_a_quarter_of_an_hour_are_enough() -> None:
    history = sent(3, 2 * MINUTE)

    assert allowed_from(Channel.VOICE, first=False, history=history) == NOON + 9 * MINUTE


def test_fifty_new_findings_do_not_ring_fifty_times() -> None:
    chosen, held = choose(Channel.VOICE, [due() for _ in range(50)], {SMITH.phone: []})

    assert len(chosen) == 1
    assert held == {}


def test_new_findings_of_one_person_are_written_at_once_up_to_a_ceiling() -> None:
    chosen, held = choose(Channel.SMS, [due() for _ in range(80)], {SMITH.phone: []})

    assert len(chosen) == 60
    assert len(held) == 20


def test_what_is_held_back_waits_until_its_address_is_free() -> None:
    repeated = due(is_first=False)
    history: dict[str, list[datetime]] = {SMITH.phone: [NOON - timedelta(seconds=50)]}

    chosen, held = choose(Channel.SMS, [repeated], history)

    assert chosen == []
    assert held == {repeated.id: NOON + timedelta(seconds=10)}
    assert isinstance(repeated.id, UUID)
