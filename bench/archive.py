"""A study as a zip over HTTP: when the first byte comes, how fast the rest, what the gateway takes.

Part of `python -m bench.viewer`. The bytes are thrown away as they come, as a disk would take them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter

import httpx
import psutil

from bench.figures import Result

_EVERY_SECONDS = 0.1


@dataclass
class _Peak:
    """The resident memory of a process before, and at most since then; in bytes."""

    before: int
    most: int


def take_along(portal: str, cookies: dict[str, str], study: str, name: str) -> list[Result]:
    """Download a study as somebody who is signed in at a portal."""
    gateway = _process_at(httpx.URL(portal).port or 80)
    with _watched(gateway) as peak, httpx.Client(cookies=cookies, timeout=120) as client:
        began, size, first = perf_counter(), 0, 0.0
        with client.stream("GET", f"{portal}/dicom-web/studies/{study}/archive") as answer:
            answer.raise_for_status()
            for part in answer.iter_raw():
                first = first or perf_counter() - began
                size += len(part)
        took = perf_counter() - began
    title = f"{name} as a zip"
    return [
        Result("viewer", f"{title}, first byte", first, "s"),
        Result("viewer", f"{title}, {size / 2**20:,.0f} MB", size / 2**20 / took, "MB/s"),
        Result("viewer", f"{title}, gateway before, RSS", peak.before / 2**20, "MB"),
        Result("viewer", f"{title}, gateway at most, RSS", peak.most / 2**20, "MB", "< 150 MB"),
    ]


@contextmanager
def _watched(process: psutil.Process) -> Iterator[_Peak]:
    now = process.memory_info().rss
    peak, done = _Peak(now, now), Event()

    def watch() -> None:
        while not done.wait(_EVERY_SECONDS):
            peak.most = max(peak.most, process.memory_info().rss)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _process_at(port: int) -> psutil.Process:
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid:
            return psutil.Process(one.pid)
    raise LookupError(f"nothing listens at port {port}")
