"""How long `./radiology up` takes: cold in a fresh clone with filled package caches, and warm."""

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Result
from deploy.local.ports import Ports, free_ports
from deploy.local.state import ROOT

_LIMIT_SECONDS = 900


def measure_start(*, demo: bool) -> list[Result]:
    """Clone what is committed, start it twice, and stop it."""
    with TemporaryDirectory(prefix="radiology-start-") as folder:
        clone = Path(folder) / "radiology-portal"
        _run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(clone)], ROOT)
        environment = {
            **os.environ,
            "RADIOLOGY_STATE": str(Path(folder) / "state"),
            "RADIOLOGY_PORTS": str(free_ports().kafka - Ports().kafka),
        }
        up = ["./radiology", "up", *([] if demo else ["--no-demo"])]
        try:
            cold = _run(up, clone, environment)
            _run(["./radiology", "down"], clone, environment)
            warm = _run(up, clone, environment)
        finally:
            down = _run(["./radiology", "down"], clone, environment)
    kind = "with the demo department" if demo else "without demo data"
    return [
        Result("pipeline", f"cold start of up, {kind}", cold, "s", "< 90 s"),
        Result("pipeline", f"warm start of up, {kind}", warm, "s", "< 15 s"),
        Result("pipeline", f"down, {kind}", down, "s"),
    ]


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> float:
    """Run a command; return its seconds."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-500:]} {done.stderr[-1000:]}")
    return time.perf_counter() - began
