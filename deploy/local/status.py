"""What a supervisor tells the other commands: by a lock and a status file.

What must stay true: two supervisors never run on one state folder.
"""

import contextlib
import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from deploy.local.errors import RunnerError
from deploy.local.state import State


def log_path(state: State) -> Path:
    """The one log of all processes."""
    return state.logs / "radiology.log"


@dataclass(frozen=True)
class Report:
    """What a supervisor last wrote about itself.

    Parameters
    ----------
    phase : `starting`, `ready`, `stopping`, `stopped` or `failed`.
    sentence : why it failed.
    tasks : name, title, status, pid, restarts, progress of each process and job.
    """

    pid: int
    phase: str
    sentence: str
    tasks: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, state: State) -> "Report | None":
        """Read it; None before the first start."""
        file = state.run / "status.json"
        if not file.exists():
            return None
        raw = json.loads(file.read_text())
        return cls(raw["pid"], raw["phase"], raw["sentence"], tuple(raw["tasks"]))

    @classmethod
    def of_running(cls, state: State) -> "Report | None":
        """Read it; None where only an earlier supervisor, which is dead, has written one."""
        report = cls.read(state)
        return report if report and Path(f"/proc/{report.pid}").exists() else None


class AlreadyRunning(RunnerError):
    """Another supervisor holds the state folder."""


@contextmanager
def only_one(state: State) -> Iterator[None]:
    """Hold the state folder; the kernel lets go of it however we end."""
    with (state.run / "lock").open("a") as file:
        if not _lock(file):
            raise AlreadyRunning(
                f"A system already runs on {state.folder}: see ./radiology status, end it with "
                "./radiology down, or start another with RADIOLOGY_STATE and RADIOLOGY_PORTS."
            )
        yield


def _lock(file: TextIO) -> bool:
    # Somebody who merely looks whether we run holds the lock for a moment: try more than once.
    for _ in range(5):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def is_running(state: State) -> bool:
    """Tell whether a supervisor holds the state folder."""
    try:
        with only_one(state):
            return False
    except AlreadyRunning:
        return True


def wait_until_stopped(state: State, *, seconds: float) -> bool:
    """Wait for the supervisor to let go of the state folder."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_running(state):
            return True
        time.sleep(0.1)
    return False
