"""A study as a zip over HTTP: when the first byte comes, how fast the rest, what the gateway takes.

Part of `python -m bench.viewer` and `python -m bench.gateway_memory`. The bytes are thrown away as
they come, as a disk would take them.
"""

from pathlib import Path
from time import perf_counter

import httpx
import psutil

from bench.figures import Result


def take_along(portal: str, cookies: dict[str, str], study: str, name: str) -> list[Result]:
    """Download a study as somebody who is signed in at a portal."""
    gateway = gateway_at(portal)
    before = reset_peak(gateway)
    with httpx.Client(cookies=cookies, timeout=120) as client:
        began, size, first = perf_counter(), 0, 0.0
        with client.stream("GET", f"{portal}/dicom-web/studies/{study}/archive") as answer:
            answer.raise_for_status()
            for part in answer.iter_raw():
                first = first or perf_counter() - began
                size += len(part)
        took = perf_counter() - began
    most = peak_of(gateway)
    title = f"{name} as a zip"
    return [
        Result("viewer", f"{title}, first byte", first, "s"),
        Result("viewer", f"{title}, {size / 2**20:,.0f} MB", size / 2**20 / took, "MB/s"),
        Result("viewer", f"{title}, gateway before, RSS", before / 2**20, "MB"),
        Result("viewer", f"{title}, gateway at most, RSS", most / 2**20, "MB", "< 150 MB"),
    ]


def gateway_at(portal: str) -> psutil.Process:
    """Return the gateway that serves a portal."""
    port = httpx.URL(portal).port or 80
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid:
            return psutil.Process(one.pid)
    raise LookupError(f"nothing listens at port {port}")


def reset_peak(process: psutil.Process) -> int:
    """Begin a new peak at what a process takes now; return that in bytes, resident."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")
    return peak_of(process)


def peak_of(process: psutil.Process) -> int:
    """Return what a process took at most, in bytes, resident: the kernel misses no moment."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
