"""Which loops go round: a process that hangs must not say that it is ready."""

import time

from services.observability import HEARTBEAT

SILENT_SECONDS = 30.0

_last: dict[str, float] = {}


def beat(loop: str) -> None:
    """Say that a loop has gone round once more."""
    _last[loop] = time.monotonic()
    HEARTBEAT.labels(loop).set_to_current_time()


def all_alive() -> bool:
    """Tell whether every loop that ever went round did so within the last half minute."""
    return all(time.monotonic() - last < SILENT_SECONDS for last in _last.values())
