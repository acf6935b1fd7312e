"""What libraries log: that they did and where, once in a while, and never their words."""

import logging

from structlog.testing import capture_logs

from services.observability import LIBRARY_SILENCE_SECONDS, LibraryLogs


def complaint(*, later_seconds: float = 0.0) -> logging.LogRecord:
    logger = logging.getLogger("driver")
    record = logger.makeRecord("driver", logging.ERROR, "driver.py", 12, "no %s", ("Doe",), None)
    record.created += later_seconds
    return record


def test_a_library_that_complains_again_and_again_is_heard_once() -> None:
    """An outage of Kafka would otherwise be forty lines a second in each process."""
    handler = LibraryLogs()

    with capture_logs() as heard:
        for _ in range(50):
            handler.emit(complaint())
        handler.emit(complaint(later_seconds=LIBRARY_SILENCE_SECONDS + 1))

    assert [line["event"] for line in heard] == ["library_logged"] * 2


def test_its_words_are_not_passed_on() -> None:
    with capture_logs() as heard:
        LibraryLogs().emit(complaint())

    assert heard == [
        {
            "event": "library_logged",
            "log_level": "error",
            "logger": "driver",
            "detail": "driver.py:12",
            "exc_info": None,
        }
    ]
