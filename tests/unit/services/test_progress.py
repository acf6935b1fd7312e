"""When a consumer stands still, and when it only has nothing to do, or waits for what is away."""

from services.progress import HANGING_SECONDS, STANDING_SECONDS, Progress

LONG = STANDING_SECONDS + 1


def test_silence_is_no_standstill() -> None:
    progress = Progress(moved_at=0.0)

    progress.count(0, now=LONG)

    assert progress.standing_seconds(LONG) == 0


def test_records_that_wait_while_none_is_finished_stand_still() -> None:
    progress = Progress(moved_at=0.0)

    progress.count(3, now=STANDING_SECONDS)

    assert progress.standing_seconds(STANDING_SECONDS) == 0
    assert progress.standing_seconds(LONG) == LONG


def test_what_the_handler_has_in_hand_waits_as_well() -> None:
    """The position is past it already: by the position alone nothing would wait."""
    progress = Progress(moved_at=0.0)
    progress.take(1, now=0.0)

    progress.count(0, now=LONG)

    assert progress.standing_seconds(LONG) == LONG


def test_long_backlog_that_gets_on_does_not_stand_still() -> None:
    progress = Progress(moved_at=0.0)
    progress.take(200, now=0.0)
    for now in range(0, 600, 30):
        progress.finish(now)
        progress.count(10_000, now)

        assert progress.standing_seconds(now + 20) == 0
        assert not progress.is_hanging(now + 20)


def test_batch_that_is_given_back_again_and_again_stands_still_and_does_not_hang() -> None:
    """A database is away: a new start of the process would not bring it back."""
    progress = Progress(moved_at=0.0)
    for now in range(0, 600, 60):
        progress.take(5, now)
        progress.let_go()
        progress.count(5, now)

    assert progress.standing_seconds(600) == 600
    assert not progress.is_hanging(600)


def test_handler_that_does_not_return_hangs() -> None:
    progress = Progress(moved_at=0.0)
    progress.take(1, now=0.0)

    assert not progress.is_hanging(HANGING_SECONDS)
    assert progress.is_hanging(HANGING_SECONDS + 1)


def test_member_without_a_share_is_content_while_the_others_commit() -> None:
    progress = Progress(moved_at=0.0)

    progress.count_group(7, handled=10, now=0.0)
    progress.count_group(7, handled=12, now=60.0)
    assert progress.standing_seconds(LONG) == 0

    progress.count_group(7, handled=12, now=200.0)
    assert progress.standing_seconds(200.0) == 140
