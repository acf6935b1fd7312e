"""What each process takes: CPU; memory, resident (RSS) and its share of shared pages (PSS)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.figures import Result
from deploy.local.table import OURS
from tests.harness.system import System

_EVERY_SECONDS = 1.0
_KB = 1024
_AIM_MB = 150


@dataclass
class Peaks:
    """Highest values seen, in bytes, by process."""

    rss: dict[str, int] = field(default_factory=dict)
    pss: dict[str, int] = field(default_factory=dict)

    def look(self, system: System) -> None:
        """Look at every process once; children count with their parent."""
        for name, running in system.supervisor.running.items():
            if running.pid is None:
                continue
            resident, share = _of_family(running.pid)
            self.rss[name] = max(self.rss.get(name, 0), resident)
            self.pss[name] = max(self.pss.get(name, 0), share)

    def results(self) -> list[Result]:
        """Return the figures; only our own processes have an aim."""
        ours = {one.name for one in OURS}
        results = []
        for name in sorted(self.rss, key=lambda one: -self.rss[one]):
            aim = f"< {_AIM_MB} MB" if name in ours else ""
            title = f"peak memory of {name}"
            results += [
                Result("pipeline", f"{title}, RSS", self.rss[name] / 2**20, "MB", aim),
                Result("pipeline", f"{title}, PSS", self.pss[name] / 2**20, "MB"),
            ]
        total = sum(self.pss.values()) / 2**20
        return [*results, Result("pipeline", "peak memory of all, sum of PSS", total, "MB")]


@asynccontextmanager
async def watched(system: System) -> AsyncIterator[Peaks]:
    """Look every second while the block runs."""
    peaks = Peaks()

    async def watch() -> None:
        while True:
            await asyncio.to_thread(peaks.look, system)
            await asyncio.sleep(_EVERY_SECONDS)

    task = asyncio.create_task(watch())
    try:
        yield peaks
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cpu_seconds(system: System) -> dict[str, float]:
    """Return the CPU time that each process has used, children included; independent of load."""
    return {
        name: sum(_cpu(member) for member in _family(running.pid))
        for name, running in system.supervisor.running.items()
        if running.pid is not None
    }


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _of_family(pid: int) -> tuple[int, int]:
    sums = [_of_one(member.pid) for member in _family(pid)] or [(0, 0)]
    # Shared pages of PostgreSQL's backends would count once for each in a sum of RSS.
    return max(resident for resident, _ in sums), sum(share for _, share in sums)


def _of_one(pid: int) -> tuple[int, int]:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0, 0
    lines = dict(line.split(":", 1) for line in text.splitlines()[1:])
    return tuple(int(lines[name].split()[0]) * _KB for name in ("Rss", "Pss"))  # type: ignore[return-value]  # two names, two numbers
