"""A hospital's own cluster: every client of ours gets in by TLS and SASL, or fails at once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.enumerations import OrderStatus
from contracts.topics import ORDER_UPDATED
from services.errors import BrokerUnavailable
from services.kafka import KafkaSettings, Publisher, ensure_topics
from tests.conftest import MakeDatabase
from tests.harness.bus import open_bus
from tests.harness.orders import order_created
from tests.harness.processes import Process, running
from tests.harness.secured_kafka import SecuredKafka, secured_kafka
from tests.harness.standins import free_port


@pytest_asyncio.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredKafka]:
    async with secured_kafka(tmp_path_factory.mktemp("secured")) as started:
        yield started


def settings_from(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return KafkaSettings()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_order_goes_through_a_worker(
    mechanism: str,
    cluster: SecuredKafka,
    make_database: MakeDatabase,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Topics, publisher, consumers, and the worker with its relay use the same settings."""
    environment = cluster.environment(mechanism)
    settings = settings_from(environment, monkeypatch)
    database, port = await make_database("order_consumer"), free_port()
    worker = Process(
        "order_consumer",
        environment
        | {
            "ORDER_CONSUMER_DATABASE_URL": database.url("order_consumer").get_secret_value(),
            "ORDER_CONSUMER_HEALTH_PORT": str(port),
        },
        f"http://127.0.0.1:{port}/health/ready",
        tmp_path / "order_consumer.log",
    )
    await ensure_topics(settings)
    order = order_created()
    async with open_bus(settings) as bus, running(worker):
        await bus.publish(order)
        accepted = await bus.caused_by(order, ORDER_UPDATED)

    assert accepted.data.status is OrderStatus.SCHEDULED


@pytest.mark.parametrize(
    "wrong",
    [
        {"KAFKA_SASL_PASSWORD": "wrong"},
        {"KAFKA_SSL_CAFILE": ""},
        {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"},
    ],
    ids=["password", "unknown authority", "no TLS"],
)
async def test_wrong_settings_are_refused_in_time(
    wrong: dict[str, Any], cluster: SecuredKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = cluster.environment("SCRAM-SHA-512") | wrong
    settings = settings_from(environment, monkeypatch)

    async with Publisher(settings, client_id="tests") as publisher:
        with pytest.raises(BrokerUnavailable):
            await publisher.publish(order_created())
    with pytest.raises(BrokerUnavailable):
        await ensure_topics(settings)
