"""The worker and the watchdog as processes, on real Kafka, killed at any moment."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from contracts.enumerations import AlertStatus, AttemptState
from contracts.events.alert_requested import Acknowledge, ReadBack
from contracts.topics import ALERT_UPDATED, CRITICAL_FINDING, REQUEST_REJECTED
from services import dead_letters
from services.kafka import KafkaSettings, Outgoing, outgoing
from tests.conftest import MakeDatabase
from tests.harness.alerts import SMITH, acting, alert_requested, critical_finding
from tests.harness.bus import Bus, open_bus
from tests.harness.processes import Process, running
from tests.harness.servers import TestDatabase
from tests.harness.standins import eventually, free_port
from tests.integration.alert_worker.hospital import TELEPHONY_TOKEN

LADDER = Path(__file__).parents[3] / "deploy" / "demo" / "on_call.yaml"
MakeProcess = Callable[[str], Process]


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> TestDatabase:
    return await make_database("alert_worker")


@pytest_asyncio.fixture
async def bus(kafka: KafkaSettings) -> AsyncIterator[Bus]:
    async with open_bus(kafka) as opened:
        yield opened


@pytest_asyncio.fixture
async def phones(telephony_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=telephony_url, timeout=20) as client:
        (await client.post("/control/reset")).raise_for_status()
        yield client
        (await client.post("/control/reset")).raise_for_status()


@pytest.fixture
def make(
    kafka: KafkaSettings,
    database: TestDatabase,
    telephony_url: str,
    mail_ports: tuple[str, int],
    tmp_path: Path,
) -> MakeProcess:
    """Make `alert_worker` or `alert_worker.watchdog`; nobody answers its call-backs."""

    def process(name: str) -> Process:
        port = free_port()
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "ALERT_WORKER_DATABASE_URL": database.url("alert_worker").get_secret_value(),
            "ALERT_WORKER_HEALTH_PORT": str(port),
            "ALERT_WATCHDOG_HEALTH_PORT": str(port),
            "ALERT_WORKER_INSTANCE": "1",
            "ALERT_WORKER_LADDER_FILE": str(LADDER),
            "ALERT_WORKER_PUBLIC_URL": "https://portal.hospital.example",
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
            "TWILIO_AUTH_TOKEN": TELEPHONY_TOKEN,
            "TWILIO_FROM_NUMBER": "+12025550199",
            "TWILIO_API_URL": telephony_url,
            "TWILIO_CALLBACK_URL": "http://127.0.0.1:9",
            "SMTP_PORT": str(mail_ports[1]),
        }
        health = f"http://127.0.0.1:{port}/health/ready"
        return Process(name, environment, health, tmp_path / f"{name}.log")

    return process


async def sms_of(phones: httpx.AsyncClient) -> list[str]:
    state: dict[str, Any] = (await phones.get("/control/state")).json()
    return [message["body"] for message in state["messages"]]


async def test_finding_on_kafka_becomes_an_sms_and_an_answer_closes_it(
    bus: Bus, make: MakeProcess, phones: httpx.AsyncClient
) -> None:
    event = critical_finding()
    alert_id = event.data.alert_id
    taken = alert_requested(Acknowledge(), alert_id=alert_id, actor=acting(SMITH))
    read = alert_requested(ReadBack(text="Pneumothorax."), alert_id=alert_id, actor=acting(SMITH))

    async with running(make("alert_worker")):
        await bus.publish(event)
        opened = await bus.caused_by(event, ALERT_UPDATED)
        texts = await eventually(lambda: sms_of(phones))
        await bus.publish(taken)
        acknowledged = await bus.caused_by(taken, ALERT_UPDATED)
        await bus.publish(read)
        closed = await bus.caused_by(read, ALERT_UPDATED)

    assert opened.data.version == 1
    assert opened.envelope.correlation_id == event.envelope.correlation_id
    assert opened.data.reference in texts[0]
    assert acknowledged.data.status is AlertStatus.ACKNOWLEDGED
    assert closed.data.status is AlertStatus.CLOSED


async def test_refused_request_is_answered_and_poison_is_set_aside(
    bus: Bus, make: MakeProcess, kafka: KafkaSettings
) -> None:
    refused = alert_requested(Acknowledge(), alert_id=critical_finding().id, actor=acting(SMITH))
    good = critical_finding()
    headers = outgoing(good).headers
    poison = Outgoing(CRITICAL_FINDING.name, b"k", b'{"alertId": "nonsense"}', headers)

    async with running(make("alert_worker")):
        await bus.publish(refused)
        await bus.publisher.publish_many([poison])
        await bus.publish(good)
        rejected = await bus.caused_by(refused, REQUEST_REJECTED)
        await bus.caused_by(good, ALERT_UPDATED)
        letters = await dead_letters.summaries(kafka)

    assert rejected.data.code == "alert_unknown"
    assert [(letter.topic, letter.error) for letter in letters] == [
        (CRITICAL_FINDING.name, "MalformedEvent")
    ]


async def test_worker_that_is_killed_again_and_again_loses_and_doubles_nothing(
    bus: Bus, make: MakeProcess, phones: httpx.AsyncClient, database: TestDatabase
) -> None:
    """Thirty findings, four times SIGKILL: each is told once, by one SMS."""
    seed = random.Random(25)  # noqa: S311 - a repeatable test
    worker, events = make("alert_worker"), [critical_finding(stat=False) for _ in range(30)]

    async with running(worker):
        for round_ in range(4):
            await bus.publish(*events[round_ * 7 : round_ * 7 + 7])
            await asyncio.sleep(seed.uniform(0.02, 0.4))
            await worker.kill()
            await worker.start()
        await bus.publish(*events[28:])
        for event in events:
            await bus.first(ALERT_UPDATED, lambda e, key=event.key: e.key == key)
        await leases_end(database)
        await eventually(lambda: nothing_is_in_flight(database), seconds=60)

    told = Counter(
        match[0] for text in await sms_of(phones) if (match := re.search(r"CF-\w{6}-\d+", text))
    )
    assert len(told) == len(events)
    assert set(told.values()) == {1}


async def leases_end(database: TestDatabase) -> None:
    """Move the clock past all leases, and not as far as the next person."""
    connection = await asyncpg.connect(database.url("alert_worker").get_secret_value())
    await connection.execute("update clock_offset set ahead = ahead + interval '61 seconds'")
    await connection.close()


async def nothing_is_in_flight(database: TestDatabase) -> bool:
    connection = await asyncpg.connect(database.url("alert_worker").get_secret_value())
    try:
        states = await connection.fetch(
            "select distinct state from attempts where channel in ('SMS', 'EMAIL')"
        )
    finally:
        await connection.close()
    busy = {AttemptState.PENDING, AttemptState.SENDING, AttemptState.UNKNOWN}
    return bool(states) and not busy & {row["state"] for row in states}


async def test_watchdog_sees_that_nobody_opens_an_alert(
    bus: Bus, make: MakeProcess, kafka: KafkaSettings
) -> None:
    """The worker does not run; the finding was reported an hour ago."""
    watchdog = make("alert_worker.watchdog")
    event = critical_finding()
    await bus.publish(event)

    async with running(watchdog):
        metrics = watchdog.health.replace("/health/ready", "/metrics")

        async def stuck() -> bool:
            async with httpx.AsyncClient() as client:
                text = (await client.get(metrics)).text
            return 'radiology_alerts_stuck{reason="not_opened"} 1.0' in text

        await eventually(stuck, seconds=45)

    assert '"reason": "not_opened"' in watchdog.log.read_text()
    assert str(event.data.alert_id) in watchdog.log.read_text()


async def test_wrong_ladder_file_stops_the_start_with_a_sentence(
    make: MakeProcess, tmp_path: Path
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(LADDER.read_text().replace("onCall: dr_shah", "onCall: nobody"))
    worker = make("alert_worker")
    broken = Process(
        worker.name,
        {**worker.environment, "ALERT_WORKER_LADDER_FILE": str(file)},
        worker.health,
        worker.log,
    )

    with pytest.raises(RuntimeError, match=r"broken\.yaml, line 34, onCall: 'nobody' is not among"):
        await broken.start()
