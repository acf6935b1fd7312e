"""The running frame of a worker: migrations, pool, relay, consumers, health, and an orderly end.

A worker's `app.py` says what it consumes and which tasks run beside; everything else is the same in
each, and is here. When a task ends by an error, or a consumer hangs, the process ends with a code,
and the supervisor starts it again. A topic on which nothing gets on, or Kafka that is away, makes
the process not ready, and no more: what it waits for, a new start would not bring back.

What must stay true: what runs beside needs the database only, and runs however long Kafka is away.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaMessage
from pydantic import Field, SecretStr

from contracts.base import Contract
from contracts.topics import Topic
from services import outbox
from services.broker import build_broker
from services.clock import utc_now
from services.database import Database, migrate, open_database
from services.delivery import BatchHandler, Delivery, Handler, TooManyDeadLetters
from services.errors import DatabaseUnavailable, TransientError
from services.following import SILENT_SECONDS, poll_ages, records_behind
from services.health import HealthServer
from services.kafka import KafkaSettings, Publisher, is_reachable
from services.observability import CONSUMER_LAG, CONSUMER_STANDING, configure_logging
from services.progress import Progress
from services.settings import HospitalSettings, Settings

RETRY_SECONDS = 1.0
WATCH_SECONDS = 5.0
STALLED_SECONDS = 125.0
"""Without a poll, or a partition, while Kafka answers; a batch is given back after 60 s."""

log = structlog.get_logger()
Handled = TypeVar("Handled")


class WorkerSettings(Settings):
    """What every worker needs; each derives its own with its own prefix."""

    database_url: SecretStr = Field(
        description="postgresql://role:password@host:port/radiology, with the worker's own role"
    )
    health_host: str = Field(default="127.0.0.1", description="Address of /health and /metrics")
    health_port: int = Field(ge=1, le=65535, description="Port of /health and /metrics")
    instance: str = Field(
        default="",
        max_length=64,
        description="Name of this replica, unique among its like and the same after a restart: "
        "Kafka then gives its partitions back at once instead of after the session time-out",
    )
    pool_size: int = Field(default=10, ge=2, le=100, description="Connections to the database")
    batch_records: int = Field(default=200, ge=1, description="Records of one poll at the most")
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    hospital: HospitalSettings = Field(default_factory=HospitalSettings)


class ConsumerStalled(RuntimeError):
    """Kafka answers, and a consumer does not poll, or owns no partition: only a new start helps."""


class Worker:
    """One worker process; built by `running`."""

    def __init__(
        self, name: str, settings: WorkerSettings, database: Database, publisher: Publisher
    ) -> None:
        self.name = name
        self.settings = settings
        self.database = database
        self._delivery = Delivery(name, database, publisher)
        self._broker = build_broker(settings.kafka, name)
        self._subscribers: dict[str, Any] = {}
        self._progress: dict[str, Progress] = {}
        self._tasks: dict[str, Callable[[], Awaitable[None]]] = {}
        self._checks: dict[str, Callable[[], bool]] = {}
        self._away = ""
        """Why Kafka is held to be away; empty while it answers."""
        self.repeat("housekeeping", partial(outbox.forget_old, database), every_seconds=3600)

    def subscribe(
        self, topic: Topic[Contract], handler: Handler, *, rest_seconds: float = 0.0
    ) -> None:
        """Handle each event of a topic by itself, in its own transaction.

        Parameters
        ----------
        rest_seconds : pause after each batch, for a topic on which nobody waits: while it is busy
            there are fewer and larger batches, and the broker is asked less often. An event after a
            silence is handled at once all the same.
        """
        deliver = partial(self._delivery.deliver, topic, handler=self._watched(topic, handler))
        self._consume(topic, deliver, rest_seconds=rest_seconds)

    def subscribe_batch(
        self, topic: Topic[Contract], handler: BatchHandler, *, rest_seconds: float = 0.0
    ) -> None:
        """Handle the events of one poll together, in one transaction; `rest_seconds` as above."""
        watched = self._watched(topic, handler)
        deliver = partial(self._delivery.deliver_batch, topic, handler=watched)
        self._consume(topic, deliver, rest_seconds=rest_seconds)

    def run_beside(self, name: str, task: Callable[[], Awaitable[None]]) -> None:
        """Run a task (sender, timer) beside the consumers; it must not end."""
        self._tasks[name] = task

    def report(self, name: str, check: Callable[[], bool]) -> None:
        """Make a check of the worker's own part of /health/ready."""
        self._checks[name] = check

    def repeat(
        self, name: str, step: Callable[[], Awaitable[object]], *, every_seconds: float
    ) -> None:
        """Run one step of a timer again and again; a database that is away is waited for."""

        async def run() -> None:
            while True:
                try:
                    await step()
                except DatabaseUnavailable as error:
                    log.warning("timer_postponed", name=name, reason=error.code)
                await asyncio.sleep(every_seconds)

        self.run_beside(name, run)

    def _watched(
        self, topic: Topic[Contract], handler: Callable[[Handled], Awaitable[None]]
    ) -> Callable[[Handled], Awaitable[None]]:
        progress = self._progress[topic.name] = Progress(moved_at=time.monotonic())

        async def handle(handled: Handled) -> None:
            try:
                await handler(handled)
            except TransientError:
                raise
            except Exception:
                progress.finish(time.monotonic())  # refused or poison: its lane goes on
                raise
            progress.finish(time.monotonic())

        return handle

    def _consume(
        self,
        topic: Topic[Contract],
        deliver: Callable[..., Awaitable[None]],
        *,
        rest_seconds: float = 0.0,
    ) -> None:
        subscriber = self._broker.subscriber(
            topic.name,
            # A group for each topic: a member that joins one does not stop the others.
            group_id=f"{self.name}.{topic.name}",
            group_instance_id=self.settings.instance or None,
            batch=True,
            max_records=self.settings.batch_records,
            batch_timeout_ms=200,
            auto_offset_reset="earliest",
            decoder=_raw,
        )

        progress = self._progress[topic.name]

        @subscriber
        async def consume(records: list[Any]) -> None:
            progress.take(len(records), time.monotonic())
            try:
                await deliver(records)
            finally:
                progress.let_go()
            if rest_seconds:
                await asyncio.sleep(rest_seconds)

        self._subscribers[topic.name] = subscriber

    async def serve(self) -> None:
        """Work until SIGTERM or SIGINT; finish what is in hand, then return."""
        relay = outbox.Relay(self.database, self.settings.kafka, self.name)
        server = HealthServer(self.settings.health_host, self.settings.health_port, self.ready)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        consuming = asyncio.create_task(self._consume_all())
        tasks = {
            "stop": asyncio.create_task(stopped.wait()),
            "relay": asyncio.create_task(relay.run()),
            "health": asyncio.create_task(server.serve()),
            "consuming": consuming,
            "flood": asyncio.create_task(self._end_when_flooded()),
        } | {name: asyncio.ensure_future(task()) for name, task in self._tasks.items()}
        try:
            done, _ = await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if not stopped.is_set():
                ended = next(name for name, task in tasks.items() if task in done)
                raise RuntimeError(f"task {ended} ended by itself")
        finally:
            log.info("worker_stopping")
            consuming.cancel()  # first of all: it may still be starting what is stopped next
            await asyncio.gather(consuming, return_exceptions=True)
            await self._broker.stop()
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _end_when_flooded(self) -> None:
        await self._delivery.flooded.wait()
        raise TooManyDeadLetters("so much fails that the code must be wrong; nothing is skipped")

    async def _consume_all(self) -> None:
        """Start the consumers as soon as Kafka is there, and watch them."""
        while not await self._start_consumers():
            await self._broker.stop()
            await asyncio.sleep(RETRY_SECONDS)
        log.info("worker_started")
        await self._watch()

    async def _start_consumers(self) -> bool:
        try:
            await self._broker.start()
        except (KafkaError, OSError) as error:
            self._find_kafka(away=type(error).__name__)
            return False
        self._find_kafka(away="")
        return True

    async def _watch(self) -> None:
        """Say which topic stands still; raise where only a new start helps."""
        heard_at = found_at = time.monotonic()
        for progress in self._progress.values():
            progress.finish(heard_at)  # whatever waited until now waited for this process
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.monotonic()
            if ages := self.poll_ages():
                heard_at = now - max(ages)
            if now - heard_at < SILENT_SECONDS or await is_reachable(self.settings.kafka):
                self._find_kafka(away="")
            else:
                self._find_kafka(away="NoAnswer")
                found_at = time.monotonic()
            # After an outage, a consumer has its time to come back.
            if now - max(heard_at, found_at) > STALLED_SECONDS:
                raise ConsumerStalled(
                    f"no poll for {max(ages):.0f} s" if ages else "no partition assigned"
                )
            for topic, progress in self._progress.items():
                await self._count(topic, progress)
                _tell(topic, progress)
                if progress.is_hanging(time.monotonic()):
                    raise ConsumerStalled(f"a handler of {topic} does not return")

    def _find_kafka(self, *, away: str) -> None:
        """Remember whether Kafka is there; the log tells each change once."""
        if away != self._away:
            if away:
                log.warning("kafka_away", reason=away)
            else:
                log.info("kafka_back")
        self._away = away

    def poll_ages(self) -> list[float]:
        """Return for each assigned partition the seconds since it was last polled."""
        consumers = [subscriber.consumer for subscriber in self._subscribers.values()]
        return [age for consumer in consumers if consumer for age in poll_ages(consumer)]

    async def _count(self, topic: str, progress: Progress) -> None:
        """Count what waits: from what polls told, so that an idle worker asks nothing."""
        consumer = self._subscribers[topic].consumer
        if consumer is None:
            return
        if not consumer.assignment():
            with contextlib.suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(_count_group(topic, consumer, progress), timeout=5)
            return
        progress.count(records_behind(consumer), time.monotonic())

    async def ready(self) -> dict[str, bool | dict[str, str]]:
        """Say what works: database and Kafka answer, partitions are assigned, every topic gets on.

        `standingStill` names the topics on which records wait and none is finished, and since when.
        """
        try:
            await asyncio.wait_for(self.database.ping(), timeout=2)
            database = True
        except (DatabaseUnavailable, TimeoutError):
            database = False
        consumers = [s.consumer for s in self._subscribers.values()]
        assigned = any(c is not None and c.assignment() for c in consumers)
        own = {name: check() for name, check in self._checks.items()}
        standing = self._standing()
        checks: dict[str, bool | dict[str, str]] = {
            "database": database,
            "kafka": not self._away,
            "consumers": assigned,
        }
        told = {"standingStill": standing} if standing else {}
        return checks | own | {"progress": not standing} | told

    def _standing(self) -> dict[str, str]:
        now = time.monotonic()
        seconds = {topic: p.standing_seconds(now) for topic, p in self._progress.items()}
        return {
            topic: f"{utc_now() - timedelta(seconds=stood):%Y-%m-%dT%H:%M:%SZ}"
            for topic, stood in seconds.items()
            if stood
        }


async def _count_group(topic: str, consumer: Any, progress: Progress) -> None:
    """Count for the group when this member has no share: one of the others may, or nobody."""
    numbers = consumer.partitions_for_topic(topic) or ()
    partitions = [TopicPartition(topic, number) for number in numbers]
    ends = await consumer.end_offsets(partitions)
    committed = {p: await consumer.committed(p) for p in partitions}
    known = {p: offset for p, offset in committed.items() if offset is not None}
    behind = sum(max(0, ends[p] - offset) for p, offset in known.items())
    progress.count_group(behind, sum(known.values()), time.monotonic())


def _tell(topic: str, progress: Progress) -> None:
    seconds = progress.standing_seconds(time.monotonic())
    CONSUMER_LAG.labels(topic).set(progress.waiting)
    CONSUMER_STANDING.labels(topic).set(seconds)
    if seconds and not progress.is_told:
        log.error("topic_stands_still", topic=topic, waiting=progress.waiting)
    elif progress.is_told and not seconds:
        log.info("topic_goes_on", topic=topic)
    progress.is_told = seconds > 0


async def _raw(message: KafkaMessage) -> Sequence[Any]:
    """Hand over the records as they came: one bad record must not condemn its batch."""
    records: Sequence[Any] = message.raw_message
    return list(records)


@asynccontextmanager
async def running(name: str, settings: WorkerSettings) -> AsyncIterator[Worker]:
    """Set up what a worker stands on: logs, migrations, pool, publisher."""
    configure_logging(name)
    await migrate(settings.database_url, name)
    async with (
        open_database(
            settings.database_url, application=name, max_connections=settings.pool_size
        ) as database,
        Publisher(settings.kafka, client_id=name) as publisher,
    ):
        yield Worker(name, settings, database, publisher)
