"""A consumer that gets no further: the process says so, and ends only where that can help."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr

from contracts.topics import ORDER_CREATED
from services import delivery, progress
from services import worker as frame
from services.database import open_database
from services.errors import DatabaseUnavailable
from services.events import Event
from services.kafka import KafkaSettings, Publisher
from services.progress import Progress
from services.worker import ConsumerStalled, Worker, WorkerSettings
from tests.conftest import MakeDatabase
from tests.harness.orders import order_created
from tests.harness.standins import eventually, free_port

NAME = "order_consumer"
STANDS = 1.0
HANGS = 4.0
LONG = 60.0
ORDER = uuid4()


class Handler:
    """Handles an event when it may; until then it hangs, or finds its database away."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.finds: Exception | None = None
        self.handled = 0

    async def __call__(self, _: Event[Any]) -> None:
        if self.finds and not self.may_go_on.is_set():
            raise self.finds
        await self.may_go_on.wait()
        self.handled += 1

    async def is_done(self) -> bool:
        return self.handled == 1


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(progress, "STANDING_SECONDS", STANDS)
    monkeypatch.setattr(progress, "HANGING_SECONDS", LONG)
    monkeypatch.setattr(delivery, "BATCH_PATIENCE_SECONDS", 0.3)


@pytest_asyncio.fixture
async def worker(make_database: MakeDatabase, kafka: KafkaSettings) -> AsyncIterator[Worker]:
    url: SecretStr = (await make_database(NAME)).url(NAME)
    settings = WorkerSettings(database_url=url, health_port=free_port(), kafka=kafka)
    async with (
        open_database(url, application=NAME) as database,
        Publisher(kafka, client_id="tests") as publisher,
    ):
        await publisher.publish(order_created(ORDER))
        yield Worker(NAME, settings, database, publisher)


@pytest_asyncio.fixture
async def serve(worker: Worker) -> AsyncIterator[Callable[[Handler], "asyncio.Task[None]"]]:
    tasks: list[tuple[asyncio.Task[None], Handler]] = []

    def start(handler: Handler) -> "asyncio.Task[None]":
        worker.subscribe(ORDER_CREATED, handler)
        tasks.append((asyncio.create_task(worker.serve()), handler))
        return tasks[-1][0]

    yield start
    for task, handler in tasks:
        handler.may_go_on.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def answer(worker: Worker, status: int) -> dict[str, Any]:
    """Wait until /health/ready answers so; to join the group takes a busy machine its time."""
    url = f"http://127.0.0.1:{worker.settings.health_port}/health/ready"

    async def found() -> dict[str, Any] | None:
        try:
            response = await client.get(url)
        except httpx.TransportError:
            return None
        body: dict[str, Any] = response.json()
        wanted = response.status_code == status and body["database"] and body["consumers"]
        return body if wanted else None

    # One for all questions: to make one holds up the loop, in which the worker runs as well.
    async with httpx.AsyncClient() as client:
        return await eventually(found, seconds=LONG)


async def test_handler_that_hangs_is_told_with_its_topic_until_it_goes_on(
    worker: Worker, serve: Callable[[Handler], "asyncio.Task[None]"]
) -> None:
    handler = Handler()
    serve(handler)

    told = await answer(worker, 503)
    assert told["progress"] is False
    assert list(told["standingStill"]) == [ORDER_CREATED.name]

    handler.may_go_on.set()
    assert (await answer(worker, 200))["progress"] is True
    assert handler.handled == 1


async def test_handler_that_never_returns_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
    serve: Callable[[Handler], "asyncio.Task[None]"],
) -> None:
    monkeypatch.setattr(progress, "HANGING_SECONDS", HANGS)
    handler = Handler()
    task = serve(handler)

    with pytest.raises(ConsumerStalled, match=r"order\.created does not return"):
        await asyncio.wait_for(task, timeout=60)


async def test_outage_that_a_handler_waits_for_does_not_end_the_process(
    monkeypatch: pytest.MonkeyPatch,
    worker: Worker,
    serve: Callable[[Handler], "asyncio.Task[None]"],
) -> None:
    """Ended again and again, it would never be there when the database is back."""
    monkeypatch.setattr(progress, "HANGING_SECONDS", STANDS)
    handler = Handler()
    handler.finds = DatabaseUnavailable("away")
    task = serve(handler)

    assert (await answer(worker, 503))["progress"] is False
    await asyncio.sleep(2 * STANDS)
    assert not task.done()

    handler.may_go_on.set()
    await answer(worker, 200)
    assert handler.handled == 1


async def test_member_without_a_share_counts_what_the_group_leaves(
    worker: Worker, kafka: KafkaSettings, serve: Callable[[Handler], "asyncio.Task[None]"]
) -> None:
    handler = Handler()
    handler.may_go_on.set()
    task = serve(handler)
    await eventually(handler.is_done)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with Publisher(kafka, client_id="tests") as publisher:
        for _ in range(2):
            await publisher.publish(order_created(ORDER))
    left = Progress(moved_at=0.0)

    async with member_without_a_share(kafka) as member:
        await frame._count_group(ORDER_CREATED.name, member, left)

    assert left.waiting == 2
    assert left.handled


@asynccontextmanager
async def member_without_a_share(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer that knows the topic, as its group gives it when others have it all."""
    group = f"{NAME}.{ORDER_CREATED.name}"
    consumer = AIOKafkaConsumer(**kafka.client_options(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer._client.set_topics([ORDER_CREATED.name])
        yield consumer
    finally:
        await consumer.stop()
