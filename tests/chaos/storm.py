"""The storm: clients at work while one process after the other is killed; then the audit.

Seeded: the same seed kills in the same order after the same pauses. What is under way at that
moment is left to chance, as in life.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.supervisor import Running, Status
from services.kafka import KafkaSettings, Publisher
from services.object_storage import ObjectStorageSettings, open_object_storage
from tests.chaos.audit import Audit, Findings
from tests.chaos.clients import Clients
from tests.chaos.ledger import Ledger
from tests.harness.case import House, hospital
from tests.harness.system import QUICK, System, running_system

TARGETS = (
    "order_consumer",
    "ingest_worker",
    "report_consumer",
    "alert_worker",
    "gateway",
    "gateway_dimse",
    "kafka",
    "postgres",
)
BACK_SECONDS = 120.0
"""A process that is not back by then has failed; some seconds are usual."""


@dataclass(frozen=True)
class Plan:
    """How long and how hard.

    Parameters
    ----------
    rounds : each kills every target once, in another order.
    at_once : how many are killed together.
    clients : how many work side by side.
    pause_seconds : shortest and longest time between a recovery and the next kill.
    lost_answers : SMS requests, in all, that the provider takes without a usable answer.
    """

    seed: int = 1
    rounds: int = 1
    at_once: int = 1
    clients: int = 4
    pause_seconds: tuple[float, float] = (0.5, 2.0)
    pace_seconds: float = 0.2
    settle_seconds: float = 120.0
    lost_answers: int = 3
    targets: tuple[str, ...] = TARGETS


@dataclass
class Verdict:
    """What came of it."""

    plan: Plan
    ledger: Ledger
    findings: Findings
    kills: int
    seconds: float
    recoveries: dict[str, list[float]]
    """For each target: seconds from each kill until it was ready again."""

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        found = self.findings
        return (
            f"{self.ledger.acknowledged} acknowledged, {self.kills} kills, "
            f"{len(found.lost)} lost, {len(found.doubled)} doubled"
        )

    @property
    def details(self) -> list[str]:
        """What was acknowledged, how fast things came back, and all that is wrong."""
        kept = self.ledger
        slowest = (f"{name} {max(took):.1f} s" for name, took in self.recoveries.items())
        lines = [
            (
                f"{len(kept.orders)} orders by HTTP, {len(kept.published)} by Kafka, "
                f"{len(kept.objects)} objects, {len(kept.reports)} reports, "
                f"{len(kept.critical)} critical, {len(kept.confirmed)} confirmed; "
                f"{self.findings.repeated_mails} mails repeated under the same Message-ID"
            ),
            "back after: " + ", ".join(slowest),
        ]
        for title in ("lost", "doubled", "set_aside"):
            lines += [f"{title}: {what}" for what in getattr(self.findings, title)[:50]]
        return lines


@dataclass
class Storm:
    """Kills, and waits until what was killed is back."""

    system: System
    house: House
    plan: Plan
    say: Callable[[str], None]
    chance: random.Random
    kills: int = 0
    recoveries: dict[str, list[float]] = field(default_factory=dict)

    async def rage(self) -> None:
        """Kill every target once in each round."""
        for _ in range(self.plan.rounds):
            targets = list(self.plan.targets)
            self.chance.shuffle(targets)
            while targets:
                together = [targets.pop() for _ in range(min(self.plan.at_once, len(targets)))]
                await asyncio.sleep(self.chance.uniform(*self.plan.pause_seconds))
                await asyncio.gather(*(self._kill(name) for name in together))
        await asyncio.sleep(self.plan.pause_seconds[1])

    async def _kill(self, name: str) -> None:
        running, began = self.system.process(name), time.monotonic()
        dead = running.pid
        assert dead is not None, f"{name} was not running"
        os.killpg(dead, signal.SIGKILL)
        self.kills += 1
        await _back(running, dead)
        took = time.monotonic() - began
        self.recoveries.setdefault(name, []).append(took)
        self.say(f"killed {name}: back after {took:.1f} s")


async def _back(running: Running, dead: int) -> None:
    async with asyncio.timeout(BACK_SECONDS):
        # Its state is another task's: there is no event to wait for.
        while running.status is not Status.READY or running.pid in (None, dead):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def run(plan: Plan, folder: Path, say: Callable[[str], None] = print) -> Verdict:
    """Start a system of its own, let the storm pass over it, and look what is left."""
    began = time.monotonic()
    settings = {**QUICK, "GATEWAY_SESSION_IDLE_SECONDS": "36000"}
    async with running_system(folder, settings=settings) as system, hospital(system) as house:
        return await _run(plan, system, house, say, began)


async def _run(
    plan: Plan, system: System, house: House, say: Callable[[str], None], began: float
) -> Verdict:
    environment = system.environment_of("ingest_worker")
    kafka = KafkaSettings(bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"])
    values = {
        name.removeprefix("MINIO_").lower(): value
        for name, value in environment.items()
        if name.startswith("MINIO_")
    }
    ledger, chance = Ledger(), random.Random(plan.seed)  # noqa: S311 - no secret
    lost = {"channel": "sms", "outcome": "lost_response", "times": plan.lost_answers}
    if plan.lost_answers:
        (await house.phones.post("/control/next", json=lost)).raise_for_status()
    async with (
        Publisher(kafka, client_id="chaos") as publisher,
        open_object_storage(ObjectStorageSettings.model_validate(values)) as storage,
    ):
        clients = Clients(
            house,
            publisher,
            ledger,
            random.Random(plan.seed + 1),  # noqa: S311 - no secret
            pace_seconds=plan.pace_seconds,
        )
        storm = Storm(system, house, plan, say, chance)
        async with asyncio.TaskGroup() as group:
            for _ in range(plan.clients):
                group.create_task(clients.work())
            await storm.rage()
            clients.stopping.set()
        say(f"{ledger.acknowledged} acknowledged by {clients.cases} cases; looking at what is left")
        audit = Audit(house, ledger, storage, kafka)
        findings = await audit.until_settled(plan.settle_seconds)
    return Verdict(plan, ledger, findings, storm.kills, time.monotonic() - began, storm.recoveries)
