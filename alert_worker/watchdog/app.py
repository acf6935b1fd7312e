"""Reads the topics from their beginning, judges every few seconds, and says what is stuck."""

import asyncio
import signal
import time
from collections.abc import Mapping
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from alert_worker.watchdog.rules import Reason, Watchlist, count_by_reason
from contracts.topics import ALERT_UPDATED, CRITICAL_FINDING
from services.clock import utc_now
from services.events import MalformedEvent, decode, record_time
from services.following import Following
from services.health import HealthServer
from services.kafka import KafkaSettings
from services.observability import ALERTS_STUCK, HEARTBEAT, configure_logging
from services.settings import Settings, read_settings

_JUDGED_EVERY_SECONDS = 2.0
_RETRY_SECONDS = 1.0

log = structlog.get_logger()


class WatchdogSettings(Settings):
    """Settings of the watchdog, from the environment (prefix ALERT_WATCHDOG_)."""

    model_config = SettingsConfigDict(env_prefix="ALERT_WATCHDOG_")

    health_host: str = Field(default="127.0.0.1", description="Address of /health and /metrics")
    health_port: int = Field(
        default=3025, ge=1, le=65535, description="Port of /health and /metrics"
    )
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)


class Watchdog:
    """Follows both topics by itself: no group, no committed offset, nothing to lose."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._watchlist = Watchlist()
        self._known: Mapping[UUID, Reason] = {}
        self._caught_up = False
        self._following = Following()
        self._judged = 0.0

    async def run(self) -> None:
        """Follow and judge until cancelled; says nothing before it has read what is there."""
        await _start_patiently(self._consumer)
        partitions = [
            TopicPartition(topic.name, number)
            for topic in (CRITICAL_FINDING, ALERT_UPDATED)
            for number in range(topic.partitions)
        ]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        ends = await self._consumer.end_offsets(partitions)
        while True:
            for records in (await self._consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    self._hear(record)
            self._following.look(self._consumer)
            if not self._caught_up:
                positions = [await self._consumer.position(p) >= ends[p] for p in partitions]
                self._caught_up = all(positions)
            elif time.monotonic() - self._judged > _JUDGED_EVERY_SECONDS:
                self._judge()

    async def ready(self) -> dict[str, bool]:
        """Say what works: the past was read, and the present is followed."""
        return {
            "caught_up": self._caught_up,
            "following": bool(self._following),
        }

    def _hear(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        topic = ALERT_UPDATED if record.topic == ALERT_UPDATED.name else CRITICAL_FINDING
        at = record_time(record.timestamp)
        try:
            event = decode(topic, key=record.key, value=record.value, headers=record.headers, at=at)
        except MalformedEvent:
            # Its owner's dead letters tell of it; for the watchdog there is nothing to expect.
            log.warning("record_skipped", topic=record.topic, partition=record.partition)
            return
        if event.topic is ALERT_UPDATED:
            self._watchlist.hear_snapshot(event.data)  # type: ignore[arg-type]  # by its topic
        else:
            self._watchlist.hear_finding(event.data, at)  # type: ignore[arg-type]  # by its topic

    def _judge(self) -> None:
        self._judged = time.monotonic()
        HEARTBEAT.labels("watchdog").set_to_current_time()
        stuck = self._watchlist.stuck(utc_now())
        for reason, count in count_by_reason(stuck).items():
            ALERTS_STUCK.labels(reason).set(count)
        for alert_id, reason in stuck.items():
            if self._known.get(alert_id) is not reason:
                say = log.error if reason.is_fault else log.warning
                say("alert_stuck", alert_id=str(alert_id), reason=reason)
        for alert_id in self._known.keys() - stuck.keys():
            log.info("alert_moves_again", alert_id=str(alert_id))
        self._known = stuck


async def main() -> None:
    """Watch until told to stop."""
    settings = read_settings(WatchdogSettings)
    configure_logging("alert_watchdog")
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    consumer = AIOKafkaConsumer(**settings.kafka.client_options(), enable_auto_commit=False)
    watchdog = Watchdog(consumer)
    health = HealthServer(settings.health_host, settings.health_port, watchdog.ready)
    tasks = [
        asyncio.create_task(stopped.wait()),
        asyncio.create_task(watchdog.run()),
        asyncio.create_task(health.serve()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await consumer.stop()


async def _start_patiently(consumer: AIOKafkaConsumer) -> None:
    """Wait for Kafka without limit: meanwhile /health/ready says that nothing is watched."""
    while True:
        try:
            await consumer.start()
        except (KafkaError, OSError) as error:
            log.warning("kafka_away", reason=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return
