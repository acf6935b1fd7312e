"""Whether a consumer hears from Kafka, and how much it has yet to read.

`getmany` tells nothing of it: it returns nothing in a silence, and nothing while Kafka is away.
"""

import math
import time
from typing import Any

SILENT_SECONDS = 30.0
"""Without an answer to a poll, each of which Kafka answers within half a second."""


def poll_ages(consumer: Any) -> list[float]:
    """Return for each assigned partition the seconds since Kafka last answered a poll of it."""
    now = time.time() * 1000
    return [
        (now - polled) / 1000
        for partition in consumer.assignment()
        if (polled := consumer.last_poll_timestamp(partition)) is not None
    ]


def records_behind(consumer: Any) -> int:
    """Return how many records are known and not read yet, as the last polls told."""
    behind = 0
    for partition in consumer.assignment():
        end = consumer.highwater(partition)
        state = consumer._subscription.subscription.assignment.state_value(partition)  # noqa: SLF001 - no public call tells a position without waiting
        if end is not None and state is not None and state.has_valid_position:
            behind += max(0, end - state.position)
    return behind


class Following:
    """Whether somebody who reads a topic for himself still follows it: look after each poll."""

    def __init__(self) -> None:
        self._heard_at = -math.inf

    def look(self, consumer: Any) -> None:
        """Take note of when Kafka last answered."""
        youngest = min(poll_ages(consumer), default=math.inf)
        self._heard_at = max(self._heard_at, time.monotonic() - youngest)

    def __bool__(self) -> bool:
        return time.monotonic() - self._heard_at < SILENT_SECONDS
