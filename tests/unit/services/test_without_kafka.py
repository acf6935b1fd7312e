"""A worker while Kafka is away: what needs no Kafka goes on, and health says what lacks."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.topics import ORDER_CREATED
from services import worker as frame
from services.database import Database
from services.kafka import KafkaSettings, Publisher, is_reachable
from services.worker import ConsumerStalled, Worker, WorkerSettings
from tests.harness.standins import eventually, free_port

NOBODY = "127.0.0.1:1"
DATABASE = SecretStr("postgresql://nobody@127.0.0.1:1/nothing")
SHORT = 0.05


class Beside:
    """A timer of the worker's own, as the escalation is."""

    def __init__(self) -> None:
        self.went_round = asyncio.Event()

    async def step(self) -> None:
        self.went_round.set()


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCH_SECONDS", "RETRY_SECONDS", "SILENT_SECONDS", "STALLED_SECONDS"):
        monkeypatch.setattr(frame, name, SHORT)


@pytest.fixture
def beside() -> Beside:
    return Beside()


@pytest_asyncio.fixture
async def worker(beside: Beside) -> AsyncIterator[Worker]:
    """A worker that finds neither Kafka nor a database."""
    kafka = KafkaSettings(bootstrap_servers=NOBODY)
    settings = WorkerSettings(database_url=DATABASE, health_port=free_port(), kafka=kafka)
    pool = await asyncpg.create_pool(DATABASE.get_secret_value(), min_size=0)
    async with Publisher(kafka, client_id="tests") as publisher:
        worker = Worker("order_consumer", settings, Database(pool), publisher)
        worker.subscribe(ORDER_CREATED, _never)
        worker.repeat("beside", beside.step, every_seconds=SHORT)
        yield worker
    await pool.close()


async def _never(_: Any) -> None:
    raise AssertionError("nothing can come")


@pytest_asyncio.fixture
async def serving(worker: Worker) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(worker.serve())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def health(worker: Worker, path: str) -> httpx.Response:
    """Ask as soon as the server listens."""
    url = f"http://127.0.0.1:{worker.settings.health_port}/health/{path}"

    async def answer() -> httpx.Response | None:
        try:
            return await client.get(url)
        except httpx.TransportError:
            return None

    async with httpx.AsyncClient() as client:
        return await eventually(answer)


async def test_own_tasks_run_before_kafka_is_there(
    serving: "asyncio.Task[None]", beside: Beside
) -> None:
    """The escalation of an open alert needs the database and the telephone company, no broker."""
    await asyncio.wait_for(beside.went_round.wait(), timeout=5)
    beside.went_round.clear()
    await asyncio.wait_for(beside.went_round.wait(), timeout=5)

    assert not serving.done()


async def test_health_answers_and_says_what_lacks(
    serving: "asyncio.Task[None]", worker: Worker
) -> None:
    assert (await health(worker, "live")).status_code == 200

    async def told() -> httpx.Response | None:
        answer = await health(worker, "ready")
        return None if answer.json()["kafka"] else answer

    answer = await eventually(told)
    assert answer.status_code == 503
    assert answer.json()["consumers"] is False
    assert not serving.done()


async def test_stop_ends_the_wait_for_kafka(serving: "asyncio.Task[None]", beside: Beside) -> None:
    await asyncio.wait_for(beside.went_round.wait(), timeout=5)

    os.kill(os.getpid(), signal.SIGTERM)

    await asyncio.wait_for(serving, timeout=5)


async def test_outage_does_not_end_the_process_however_long(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started anew, it would find Kafka no better, and escalate nothing meanwhile."""
    monkeypatch.setattr(worker, "poll_ages", lambda: [1_000.0])

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker._watch(), timeout=10 * SHORT)

    assert (await worker.ready())["kafka"] is False


@pytest.mark.parametrize("ages", [[1_000.0], []], ids=["no poll", "no partition"])
async def test_consumer_that_is_silent_while_kafka_answers_ends_the_process(
    ages: list[float], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers(_: KafkaSettings) -> bool:
        return True

    monkeypatch.setattr(worker, "poll_ages", lambda: ages)
    monkeypatch.setattr(frame, "is_reachable", answers)

    with pytest.raises(ConsumerStalled):
        await asyncio.wait_for(worker._watch(), timeout=5)


async def test_consumer_has_its_time_again_after_an_outage(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To join its group again takes a while: that Kafka is back ends no process at once."""
    monkeypatch.setattr(frame, "STALLED_SECONDS", 10.0)
    monkeypatch.setattr(worker, "poll_ages", lambda: [1_000.0])
    back = asyncio.Event()

    async def answers(_: KafkaSettings) -> bool:
        return back.is_set()

    monkeypatch.setattr(frame, "is_reachable", answers)
    watch = asyncio.create_task(worker._watch())

    async def told() -> bool:
        return (await worker.ready())["kafka"] is back.is_set()

    await eventually(told)
    back.set()
    await eventually(told)
    assert not watch.done()
    watch.cancel()


async def test_nobody_listens_there() -> None:
    assert await is_reachable(KafkaSettings(bootstrap_servers=NOBODY)) is False
