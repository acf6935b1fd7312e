"""Fixtures of real servers: started once, at the first test that asks, and never by a unit test.

To keep servers from run to run (starts in no time):

    RADIOLOGY_STATE=/tmp/servers RADIOLOGY_PORTS=2000 ./radiology up --servers-only
    RADIOLOGY_TEST_SERVERS=/tmp/servers .venv/bin/pytest tests/integration

They belong to one test run at a time: two would empty each other's topics.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.servers import Servers
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorage, ObjectStorageSettings, open_object_storage
from services.observability import configure_logging
from tests.harness.servers import Databases, TestDatabase, test_servers
from tests.harness.topics import create_topics, empty_topics

configure_logging("tests")

MakeDatabase = Callable[..., Awaitable[TestDatabase]]


@pytest.fixture(autouse=True)
def _no_servers_in_unit_tests(request: pytest.FixtureRequest) -> None:
    in_unit = Path(__file__).parent / "unit" in request.path.parents
    if in_unit and "servers" in request.fixturenames:
        pytest.fail("a unit test must not start servers: move it to tests/integration")


@pytest_asyncio.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Real Kafka, PostgreSQL and S3: how to reach them."""
    async with test_servers(tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest_asyncio.fixture
async def make_database(servers: Servers) -> AsyncIterator[MakeDatabase]:
    """Make databases: `database = await make_database("order_consumer")`, then
    `database.url("order_consumer")`. Without a package, all are migrated."""
    databases = Databases(servers)
    yield databases.make
    await databases.drop_all()


@pytest.fixture(scope="session")
def kafka_settings(servers: Servers) -> KafkaSettings:
    """How to reach Kafka, whatever it holds; most tests want `kafka`."""
    return KafkaSettings(bootstrap_servers=servers.kafka_bootstrap)


@pytest_asyncio.fixture(scope="session")
async def _topics(kafka_settings: KafkaSettings) -> None:
    await create_topics(kafka_settings)


@pytest_asyncio.fixture
async def kafka(kafka_settings: KafkaSettings, _topics: None) -> KafkaSettings:
    """Kafka with every declared topic, all of them empty."""
    await empty_topics(kafka_settings)
    return kafka_settings


@pytest.fixture(scope="session")
def object_storage_settings(servers: Servers) -> ObjectStorageSettings:
    """How to reach S3."""
    values = {name.removeprefix("MINIO_").lower(): value for name, value in servers.s3.items()}
    return ObjectStorageSettings.model_validate(values)


@pytest_asyncio.fixture(scope="session")
async def object_storage(
    object_storage_settings: ObjectStorageSettings,
) -> AsyncIterator[ObjectStorage]:
    """A client of S3, both buckets made. Shared by all tests: use random UIDs in keys."""
    async with open_object_storage(object_storage_settings) as storage:
        await storage.ensure_buckets()
        yield storage
