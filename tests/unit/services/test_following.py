"""Who reads a topic for himself knows when Kafka has gone silent, though each poll returns."""

import time

import pytest
from aiokafka import TopicPartition

from alert_worker.watchdog.app import Watchdog
from gateway.read_model.projector import Projector
from gateway.readiness import read_model
from services.following import SILENT_SECONDS, Following, poll_ages
from services.kafka import KafkaSettings

SILENT = SILENT_SECONDS + 1


class Consumer:
    """Says of each partition how long ago Kafka answered; None: never."""

    def __init__(self, *ages: float | None) -> None:
        self._ages = {TopicPartition("order.updated", n): age for n, age in enumerate(ages)}

    def assignment(self) -> set[TopicPartition]:
        return set(self._ages)

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        age = self._ages[partition]
        return None if age is None else int((time.time() - age) * 1000)


def test_partition_that_was_never_polled_has_no_age() -> None:
    assert poll_ages(Consumer(None, 5)) == [pytest.approx(5, abs=1)]


def test_one_answer_to_any_poll_is_enough() -> None:
    """A partition whose records wait for their turn is not polled meanwhile."""
    following = Following()

    following.look(Consumer(SILENT, 1, None))

    assert following


@pytest.mark.parametrize("consumer", [Consumer(SILENT, SILENT), Consumer(None), Consumer()])
def test_silence_of_kafka_is_no_silence_of_the_topic(consumer: Consumer) -> None:
    following = Following()

    following.look(consumer)

    assert not following


def test_consumer_opened_anew_is_not_behind_at_once() -> None:
    following = Following()
    following.look(Consumer(1))

    following.look(Consumer(None))

    assert following


def test_nobody_who_has_not_looked_follows() -> None:
    assert not Following()


def test_gateway_that_no_longer_hears_from_kafka_is_not_ready() -> None:
    projector = Projector(None, KafkaSettings(), lambda _: None)  # type: ignore[arg-type]  # unused
    projector.caught_up.set()

    projector.following.look(Consumer(SILENT))
    assert read_model(projector) == {"read_model": True, "following": False}

    projector.following.look(Consumer(1))
    assert read_model(projector) == {"read_model": True, "following": True}


async def test_watchdog_that_no_longer_hears_from_kafka_is_not_ready() -> None:
    watchdog = Watchdog(Consumer(SILENT))  # type: ignore[arg-type]  # what it asks of one
    watchdog._following.look(watchdog._consumer)

    assert (await watchdog.ready())["following"] is False
