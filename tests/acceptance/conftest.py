"""Workers as processes on real servers: one by one, or the whole system with its people."""

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.servers import Servers
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorage
from tests.conftest import MakeDatabase
from tests.harness.bus import Bus, open_bus
from tests.harness.case import House, hospital
from tests.harness.processes import Process
from tests.harness.servers import Databases, TestDatabase
from tests.harness.system import Lent, System, running_system
from tests.harness.topics import empty_topics

MakeWorker = Callable[..., Process]


@pytest_asyncio.fixture(scope="module")
async def system(
    servers: Servers,
    kafka_settings: KafkaSettings,
    _topics: None,
    object_storage: ObjectStorage,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[System]:
    """Every process of the system, once for all tests of a file.

    It ends with the file: the next one may start workers of its own on the same topics.
    """
    databases = Databases(servers)
    await empty_topics(kafka_settings)
    try:
        lent = Lent(servers, await databases.make())
        async with running_system(tmp_path_factory.mktemp("system"), lent=lent) as started:
            yield started
    finally:
        await databases.drop_all()


@pytest_asyncio.fixture(scope="module")
async def house(system: System) -> AsyncIterator[House]:
    """The system with everybody signed in and the rooms open."""
    async with hospital(system) as opened:
        yield opened


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
