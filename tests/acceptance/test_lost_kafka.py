"""Kafka loses its disk: an operator refills it, and nobody notices but by the log.

Kafka is the way of events, not their only place: what an owner has published it keeps for as long.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from deploy.local.installation import OWNERS
from deploy.local.operations import replay_outboxes
from gateway.read_model.rebuild import hash_content, rebuild
from services.database import open_database
from services.kafka import KafkaSettings
from tests.harness.case import House, Person, attempts, hospital, path_of
from tests.harness.standins import eventually
from tests.harness.system import System, running_system

pytestmark = pytest.mark.timeout(300)


async def test_an_empty_kafka_is_filled_again_and_nothing_happens_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = Person()
    async with running_system(tmp_path) as system, hospital(system) as house:
        case = await house.critical_case(patient)
        await house.smith.post(f"{case.path}/acknowledge", {"readBack": "Understood."})
        await case.until(lambda alert: alert["status"] == "CLOSED")
        order = await house.cole.until(
            path_of(case.order), lambda now: now["status"] == "FINAL_REPORT"
        )
        of_order = f"{path_of(order)}/report"
        await house.adams.until(
            of_order, lambda r: r["pdfUrl"] and r["communications"] and r["workflowNotifiedAt"]
        )
        # A receipt or a document with the addendum may still be on its way.
        report = await at_rest(lambda: house.adams.get(of_order))
        alert = await at_rest(case.now)
        mails = await mail_count(house)

    shutil.rmtree(tmp_path / "kafka")

    async with running_system(tmp_path) as system, hospital(system) as house:
        kafka = kafka_of(system)
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
        urls = {owner: system.installation.role_url(owner) for owner in OWNERS}
        since = datetime.now(UTC) - timedelta(days=1)
        assert await replay_outboxes(urls, since)(Console(quiet=True)) == 0

        # What was there is there, from the topics alone.
        gateway = SecretStr(system.installation.role_url("gateway"))
        async with open_database(gateway, application="test") as database:

            async def rebuilt_the_same() -> bool:
                return (await rebuild(database, kafka)).identical

            await eventually(rebuilt_the_same, seconds=60)
            assert await hash_content(database) != "empty"
        assert await house.cole.get(path_of(order)) == order
        assert await house.adams.get(of_order) == report
        assert await house.smith.get(case.path) == alert

        # Nobody was called or written to again, and work goes on.
        again = await house.critical_case(patient)
        await again.mail()
        await again.sms()
        await again.call()
        state = (await house.phones.get("/control/state")).json()
        ours = {one["providerId"] for one in again.alert["attempts"]}
        assert {call["sid"] for call in state["calls"]} <= ours
        assert {m["sid"] for m in state["messages"] if m["direction"] != "inbound"} <= ours
        assert await mail_count(house) == mails + len(attempts(await again.now(), "EMAIL"))
        assert len(await house.callbacks_of(order)) == 1


def kafka_of(system: System) -> KafkaSettings:
    return KafkaSettings(
        bootstrap_servers=system.environment_of("gateway")["KAFKA_BOOTSTRAP_SERVERS"]
    )


async def mail_count(house: House) -> int:
    return len((await house.mailboxes.get("/api/messages")).json()["messages"])


async def at_rest(read: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Return what is read once it has not changed for two seconds."""
    async with asyncio.timeout(60):
        before = await read()
        while True:
            await asyncio.sleep(2)
            now = await read()
            if now == before:
                return now
            before = now
