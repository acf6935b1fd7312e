"""The long storm: many rounds of kills under load, then every acknowledgement is looked for.

    python -m bench.chaos --rounds 10 --clients 8 --seed 7
    python -m bench.chaos --rounds 5 --at-once 2 --keep /tmp/storm

Ends with code 1 when something was lost or doubled. The short storm is `tests/chaos/`.
"""

import argparse
import asyncio
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Result, store
from tests.chaos.storm import TARGETS, Plan, Verdict, run


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="each kills every target once")
    parser.add_argument("--at-once", type=int, default=1, help="targets killed together")
    parser.add_argument("--clients", type=int, default=6, help="clients side by side")
    parser.add_argument("--pace", type=float, default=0.1, help="seconds between two cases")
    parser.add_argument("--pause", type=float, default=3.0, help="longest pause between kills")
    parser.add_argument("--lost-answers", type=int, default=20, help="SMS taken without an answer")
    parser.add_argument("--settle", type=float, default=180.0, help="seconds given at the end")
    parser.add_argument("--seed", type=int, default=None, help="repeat a storm; default: a new one")
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=[*TARGETS, "s3"])
    parser.add_argument("--keep", type=Path, default=None, help="keep state and logs here")
    return parser.parse_args()


async def storm(chosen: argparse.Namespace, seed: int) -> Verdict:
    """Run it in a folder that is kept, or not."""
    plan = Plan(
        seed=seed,
        rounds=chosen.rounds,
        at_once=chosen.at_once,
        clients=chosen.clients,
        pause_seconds=(0.2, chosen.pause),
        pace_seconds=chosen.pace,
        settle_seconds=chosen.settle,
        lost_answers=chosen.lost_answers,
        targets=tuple(chosen.targets),
    )
    if chosen.keep:
        return await run(plan, chosen.keep)
    with TemporaryDirectory(prefix="radiology-chaos-") as folder:
        return await run(plan, Path(folder))


def main() -> None:
    """Run, print the verdict, and keep it with the other figures."""
    chosen = options()
    seed = chosen.seed if chosen.seed is not None else random.randrange(1_000_000)  # noqa: S311 - no secret
    verdict = asyncio.run(storm(chosen, seed))
    print(f"seed {seed}, {verdict.seconds:.0f} s", *verdict.details, sep="\n  ")
    print(verdict.sentence)
    found = verdict.findings
    store(
        Result("chaos", "acknowledged", verdict.ledger.acknowledged, "promises"),
        Result("chaos", "kills", verdict.kills, "kills", note=f"seed {seed}"),
        Result("chaos", "lost", len(found.lost), "promises", aim="0"),
        Result("chaos", "doubled", len(found.doubled), "effects", aim="0"),
    )
    sys.exit(0 if found.clean else 1)


if __name__ == "__main__":
    main()
