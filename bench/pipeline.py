"""The figures of the whole pipeline: latency, throughput, memory, start.

    python -m bench.pipeline                      # everything; some minutes
    python -m bench.pipeline orders criticals     # only these parts

Prints each figure with its aim and the load of the machine, and appends it with all versions to
`bench/results/pipeline.jsonl`. Figures of a busy machine are worse than the system: look at the
load beside them, and repeat when it is quiet.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench.backlog import measure_backlogs
from bench.criticals import measure_criticals
from bench.figures import load_average, store, surroundings
from bench.memory import watched
from bench.orders import measure_orders, open_department
from bench.start import measure_start
from tests.harness.case import hospital
from tests.harness.system import running_system

PARTS = ("orders", "criticals", "workers", "start")


async def measure_system(folder: Path, *, orders: bool, criticals: int, clients: list[int]) -> None:
    """Measure the running system, and its memory meanwhile."""
    async with (
        running_system(folder) as system,
        hospital(system) as house,
        watched(system) as peaks,
    ):
        await open_department(house)
        if orders:
            for number in clients:
                count = 300 if number == 1 else 100 * number
                store(*await measure_orders(house, clients=number, orders=count))
        if criticals:
            store(*await measure_criticals(house, at_once=criticals))
        store(*peaks.results())


async def measure_workers(folder: Path, *, scale: float) -> None:
    """Measure every worker by itself."""
    async for results in measure_backlogs(folder, scale=scale):
        store(*results)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    parser.add_argument("--criticals", type=int, default=50, help="signed at once")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--scale", type=float, default=1.0, help="size of the workers' backlogs")
    return parser.parse_args()


def main() -> None:
    """Measure what is asked for."""
    chosen = options()
    parts = set(chosen.parts or PARTS)
    print(*(f"{name}: {value}" for name, value in surroundings().items()), sep="\n")
    print(f"load average before: {load_average()}")
    with TemporaryDirectory(prefix="radiology-bench-") as folder:
        if parts & {"orders", "criticals"}:
            criticals = chosen.criticals if "criticals" in parts else 0
            uvloop.run(
                measure_system(
                    Path(folder) / "system",
                    orders="orders" in parts,
                    criticals=criticals,
                    clients=chosen.clients,
                )
            )
        if "workers" in parts:
            uvloop.run(measure_workers(Path(folder) / "servers", scale=chosen.scale))
    if "start" in parts:
        store(*measure_start(demo=False), *measure_start(demo=True))


if __name__ == "__main__":
    main()
