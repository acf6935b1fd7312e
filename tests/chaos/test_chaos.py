"""Under load, every process is killed once, Kafka and PostgreSQL too; no promise is broken."""

import sys
from pathlib import Path

import pytest

from tests.chaos.storm import TARGETS, Plan, run


@pytest.mark.timeout(420)
async def test_nothing_acknowledged_is_lost_or_done_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A minute of it; `python -m bench.chaos` goes on for as long as one likes."""
    lines: list[str] = []

    verdict = await run(Plan(seed=20251111), tmp_path, lines.append)

    with capsys.disabled():
        sys.stdout.write("\n  ".join(["\n" + verdict.sentence, *verdict.details]) + "\n")
    assert verdict.kills == len(TARGETS)
    assert verdict.ledger.orders
    assert verdict.ledger.published
    assert verdict.ledger.objects
    assert verdict.ledger.reports
    assert verdict.ledger.critical
    assert verdict.findings.clean, "\n".join([*lines, *verdict.details])
