"""Workers as processes on real servers."""

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.servers import Servers
from services.kafka import KafkaSettings
from tests.conftest import MakeDatabase
from tests.harness.bus import Bus, open_bus
from tests.harness.processes import Process
from tests.harness.servers import TestDatabase

MakeWorker = Callable[..., Process]


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> TestDatabase:
    """A database with every schema."""
    return await make_database()


@pytest_asyncio.fixture
async def bus(kafka: KafkaSettings) -> AsyncIterator[Bus]:
    """All topics, empty at first."""
    async with open_bus(kafka) as opened:
        yield opened


@pytest.fixture
def make_worker(
    servers: Servers, kafka: KafkaSettings, database: TestDatabase, tmp_path: Path
) -> MakeWorker:
    """Make a worker's process: `make_worker("order_consumer")`; the test starts it."""

    def make(name: str, **environment: str) -> Process:
        port = free_port()
        return Process(
            name,
            {
                "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
                **servers.s3,
                f"{name.upper()}_DATABASE_URL": database.url(name).get_secret_value(),
                f"{name.upper()}_HEALTH_PORT": str(port),
                f"{name.upper()}_INSTANCE": "1",
                **environment,
            },
            f"http://127.0.0.1:{port}/health/ready",
            tmp_path / f"{name}.log",
        )

    return make


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
