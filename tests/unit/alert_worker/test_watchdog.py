"""The watchdog's rules: what was promised, judged from the topics alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from alert_worker.snapshots import alert_updated
from alert_worker.watchdog.rules import Reason, Watchlist, count_by_reason
from contracts.enumerations import AlertStatus, AttemptState, Channel
from contracts.events.alert_updated import AlertUpdated, Attempt
from tests.harness.alerts import MINUTE, NOON, SMITH, finding, open_at

SOON = NOON + timedelta(seconds=10)


def snapshot(*, sent: bool = True, **news: Any) -> AlertUpdated:
    attempt = Attempt(
        id=uuid4(),
        step=1,
        round=1,
        person_id=SMITH.id,
        person_name=SMITH.name,
        channel=Channel.SMS,
        state=AttemptState.SENT if sent else AttemptState.PENDING,
        due_at=NOON,
    )
    whole = alert_updated(open_at(), [], [])
    return whole.model_copy(update={"attempts": (attempt,), **news})


def test_alert_that_goes_its_way_is_not_stuck() -> None:
    watchlist = Watchlist()
    watchlist.hear_snapshot(snapshot())

    assert watchlist.stuck(NOON + 4 * MINUTE) == {}


def test_finding_without_an_alert_is_stuck_after_half_a_minute() -> None:
    watchlist, reported = Watchlist(), finding()
    watchlist.hear_finding(reported, NOON)

    assert watchlist.stuck(SOON) == {}
    assert watchlist.stuck(NOON + MINUTE) == {reported.alert_id: Reason.NOT_OPENED}


def test_finding_that_is_read_after_its_alert_expects_nothing_more() -> None:
    """Topics are read side by side."""
    watchlist, alert = Watchlist(), snapshot()
    watchlist.hear_snapshot(alert)
    watchlist.hear_finding(alert.finding, NOON)

    assert watchlist.stuck(NOON + MINUTE) == {}


def test_alert_of_which_nothing_was_sent_is_stuck() -> None:
    watchlist, alert = Watchlist(), snapshot(sent=False)
    watchlist.hear_snapshot(alert)

    assert watchlist.stuck(NOON + 2 * MINUTE) == {alert.id: Reason.NOTHING_SENT}


def test_alert_whose_next_step_is_late_is_stuck_whether_acknowledged_or_not() -> None:
    for status in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED):
        watchlist, alert = Watchlist(), snapshot(status=status)
        watchlist.hear_snapshot(alert)

        assert watchlist.stuck(NOON + 6 * MINUTE) == {alert.id: Reason.NOT_ADVANCED}


def test_alert_that_moves_but_is_late_is_overdue_and_no_fault() -> None:
    watchlist = Watchlist()
    alert = snapshot(next_step_at=NOON + 60 * MINUTE)
    watchlist.hear_snapshot(alert)

    assert watchlist.stuck(NOON + 31 * MINUTE) == {alert.id: Reason.OVERDUE}
    assert not Reason.OVERDUE.is_fault


def test_older_snapshot_changes_nothing_and_a_closed_alert_stays_closed() -> None:
    watchlist = Watchlist()
    alert = snapshot(version=5, next_step_at=NOON + 60 * MINUTE)
    watchlist.hear_snapshot(alert)
    watchlist.hear_snapshot(alert.model_copy(update={"version": 4, "next_step_at": NOON}))
    assert watchlist.stuck(NOON + 10 * MINUTE) == {}

    watchlist.hear_snapshot(
        alert.model_copy(update={"version": 6, "status": AlertStatus.CLOSED, "next_step_at": None})
    )
    watchlist.hear_snapshot(alert)
    watchlist.hear_finding(alert.finding, NOON)

    assert watchlist.stuck(NOON + timedelta(days=1)) == {}


def test_alert_whose_finding_was_changed_after_its_end_is_watched_again() -> None:
    watchlist = Watchlist()
    alert = snapshot(version=5, next_step_at=NOON)
    watchlist.hear_snapshot(
        alert.model_copy(update={"status": AlertStatus.CLOSED, "next_step_at": None})
    )

    watchlist.hear_snapshot(
        alert.model_copy(update={"version": 6, "status": AlertStatus.ACKNOWLEDGED})
    )

    assert list(watchlist.stuck(NOON + 10 * MINUTE)) == [alert.id]


def test_every_reason_is_counted_also_when_there_is_none() -> None:
    assert count_by_reason({}) == dict.fromkeys(Reason, 0)
