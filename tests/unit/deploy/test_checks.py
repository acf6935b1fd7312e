"""`./radiology test`: a failed step is never lost, and CI runs nothing else."""

import io
import sys

from rich.console import Console

from deploy.local.checks import SUITES, Check, run_checks
from deploy.local.state import ROOT


def run(*codes: int) -> tuple[int, str]:
    screen = io.StringIO()
    checks = [
        Check(f"step {number}", (sys.executable, "-S", "-c", f"raise SystemExit({code})"))
        for number, code in enumerate(codes)
    ]
    return run_checks(checks, Console(file=screen, width=100)), screen.getvalue()


def test_all_passed_is_success() -> None:
    code, screen = run(0, 0)

    assert code == 0
    assert screen.count("passed") == 2


def test_one_failure_fails_the_whole_and_the_others_still_run() -> None:
    code, screen = run(0, 3, 0)

    assert code == 1
    assert screen.count("passed") == 2
    assert screen.count("failed") == 1


def test_the_unit_suite_is_only_folders_that_start_no_server() -> None:
    folders = {argument for check in SUITES["unit"] for argument in check.command[4:]}

    assert folders <= {"tests/unit", "tests/contracts"}


def test_all_is_everything_that_any_suite_runs() -> None:
    everything = {check.name for check in SUITES["all"]}

    assert all(check.name in everything for suite in SUITES.values() for check in suite)


def test_ci_runs_exactly_the_test_command() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()

    assert lines[-1] == "exec ./radiology test"
