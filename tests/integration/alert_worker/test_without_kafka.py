"""Kafka is away: an alert that is open already is escalated all the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from alert_worker.app import NAME, employ
from alert_worker.domain.alert import Person
from alert_worker.settings import AlertWorkerSettings
from services.kafka import KafkaSettings
from services.worker import running
from tests.harness.alerts import MINUTE, SHAH, SMITH
from tests.harness.standins import eventually, free_port
from tests.integration.alert_worker.hospital import Hospital


@pytest_asyncio.fixture
async def worker_alone(
    hospital: Hospital, settings: AlertWorkerSettings
) -> AsyncIterator["asyncio.Task[None]"]:
    """The worker as it runs, started while nobody listens where Kafka should be."""
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    alone = settings.model_copy(update={"kafka": nowhere, "health_port": free_port()})
    async with running(NAME, alone) as worker:
        employ(worker, hospital.parts)
        serving = asyncio.create_task(worker.serve())
        yield serving
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def test_open_alert_reaches_the_next_person(
    hospital: Hospital, worker_alone: "asyncio.Task[None]"
) -> None:
    """Nothing here is done by the test: the worker's own timers and senders do it."""

    async def heard(person: Person) -> bool:
        messages = (await hospital.phone_state())["messages"]
        return any(message["to"] == person.phone for message in messages)

    await hospital.raise_finding()
    await eventually(lambda: heard(SMITH))
    assert not await heard(SHAH)

    async with hospital.database.transaction() as connection:
        await connection.execute("update clock_offset set ahead = ahead + $1", 5 * MINUTE)

    await eventually(lambda: heard(SHAH))
    assert not worker_alone.done()
