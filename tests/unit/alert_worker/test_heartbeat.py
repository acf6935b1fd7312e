"""A loop that hangs must be seen from outside."""

import pytest

from alert_worker import heartbeat


def test_a_loop_that_stands_still_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: now)
    monkeypatch.setattr(heartbeat, "_last", {})
    heartbeat.beat("sender_SMS")
    heartbeat.beat("escalation")
    assert heartbeat.all_alive()

    now += 20
    heartbeat.beat("escalation")
    now += 20

    assert not heartbeat.all_alive()
