"""Everything that must hold before a change is taken: what CI runs is this and nothing else.

What must stay true: a step that fails, or finds nothing to run, makes the whole run fail.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local.state import ROOT

_TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One step: a command that says by its exit code whether all is well."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(_TOOLS / name), *arguments)


def _pytest(*folders: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", *folders)


def _npm(name: str, script: str) -> Check:
    path = f"{_TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"
    return Check(name, _tool("npm", "run", "--silent", script), ROOT / "portals", {"PATH": path})


LINT = (
    Check("ruff", _tool("ruff", "check", ".")),
    Check("format", _tool("ruff", "format", "--check", ".")),
    Check("types", _tool("mypy")),
    Check("layers", _tool("lint-imports")),
)
UNIT = (Check("unit", _pytest("tests/unit", "tests/contracts")),)
INTEGRATION = (Check("integration", _pytest("tests/integration")),)
_NOT_END_TO_END = ("unit", "contracts", "integration", "harness")
END_TO_END = tuple(
    Check(folder.name, _pytest(f"tests/{folder.name}"))
    for folder in sorted((ROOT / "tests").glob("*"))  # none in the image, which prepares servers
    if folder.name not in _NOT_END_TO_END and any(folder.glob("**/test_*.py"))
)
"""Acceptance, browser, chaos: each in a session of its own, with its own servers."""
PORTALS = (
    Check("portals: build", (sys.executable, "-m", "deploy.local.portals")),
    _npm("portals: lint", "lint"),
    _npm("portals: types", "typecheck"),
    _npm("portals: unit", "test"),
)

SUITES: dict[str, tuple[Check, ...]] = {
    "lint": LINT,
    "unit": UNIT,
    "portals": PORTALS,
    "integration": INTEGRATION,
    "e2e": END_TO_END,
    "all": (*LINT, *UNIT, *PORTALS, *INTEGRATION, *END_TO_END),
}


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    check: Check
    code: int
    seconds: float


def run_checks(checks: Iterable[Check], console: Console) -> int:
    """Run all steps, whichever fail; print a summary; return the exit code of the whole."""
    outcomes = [_run(check, console) for check in checks]
    console.print(_summary(outcomes))
    return 1 if any(outcome.code for outcome in outcomes) else 0


def _run(check: Check, console: Console) -> Outcome:
    console.rule(f"[bold]{check.name}", align="left")
    began = time.monotonic()
    environment = {**os.environ, **check.environment}
    code = subprocess.run(  # noqa: S603 - our own commands
        check.command, cwd=check.folder, env=environment, check=False
    ).returncode
    return Outcome(check, code, time.monotonic() - began)


def _summary(outcomes: list[Outcome]) -> Table:
    table = Table(title="Summary", title_justify="left")
    for heading in ("step", "result", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for outcome in outcomes:
        result = Text("failed", "bold red") if outcome.code else Text("passed", "green")
        table.add_row(outcome.check.name, result, f"{outcome.seconds:.1f}")
    total = sum(outcome.seconds for outcome in outcomes)
    table.add_section()
    table.add_row("all", "", f"{total:.1f}")
    return table
