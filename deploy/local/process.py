"""What the supervisor knows of a process, or of a job before it: data, no behaviour."""

import os
import re
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.spawn import Account
from deploy.local.state import ROOT

Step = Callable[[], Awaitable[None]]
Report = Callable[[int, int], None]
"""Takes how much of the work is done, and how much there is."""
Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Process:
    """One process of the system.

    Parameters
    ----------
    title : what a person calls it.
    ports : what it listens on; they must be free before it starts.
    environment : all of it.
    prepare : done once, before its first start (make a data folder).
    room_in : folder whose disk must have room before each start.
    ready : answers whether it does its work; asked until it says yes.
    depends_on : names of processes and jobs that must be ready before this one starts.
    noise : lines of its output that nobody needs to see.
    stop_signal : asks it to end in order; also what the kernel sends when the supervisor dies.
    """

    name: str
    title: str
    command: tuple[str, ...]
    ready: Probe
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    depends_on: tuple[str, ...] = ()
    prepare: Step | None = None
    room_in: Path | None = None
    folder: Path = ROOT
    account: Account | None = None
    noise: re.Pattern[str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_timeout_seconds: float = 60
    stop_timeout_seconds: float = 10


@dataclass(frozen=True)
class Job:
    """Something done once at the start: make topics, fetch jars, build the portals.

    Parameters
    ----------
    work : does it; may report how far it is. Raises `RunnerError` to stop the start.
    """

    name: str
    title: str
    work: Callable[[Report], Awaitable[None]]
    depends_on: tuple[str, ...] = ()
