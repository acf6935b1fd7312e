"""A gateway on real servers, with an owner that answers what the test wants it to answer.

One gateway serves a whole file: tests use random ids, so they do not see each other.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from deploy.local.servers import Servers
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorage, ObjectStorageSettings
from tests.harness.gateway import TestGateway, running_gateway
from tests.harness.servers import Databases
from tests.harness.topics import empty_topics
from tests.integration.gateway.owner import Owner, running_owner


@pytest_asyncio.fixture(scope="module")
async def database_url(servers: Servers) -> AsyncIterator[SecretStr]:
    """A database of this file's own."""
    databases = Databases(servers)
    yield (await databases.make("gateway")).url("gateway")
    await databases.drop_all()


@pytest_asyncio.fixture(scope="module")
async def empty_kafka(kafka_settings: KafkaSettings, _topics: None) -> KafkaSettings:
    """Kafka, emptied before the first test of this file."""
    await empty_topics(kafka_settings)
    return kafka_settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this file's own."""
    return tmp_path_factory.mktemp("gateway")


@pytest_asyncio.fixture(scope="module")
async def serving_gateway(
    database_url: SecretStr,
    empty_kafka: KafkaSettings,
    object_storage: ObjectStorage,
    object_storage_settings: ObjectStorageSettings,
    folder: Path,
) -> AsyncIterator[TestGateway]:
    async with running_gateway(
        database_url=database_url,
        kafka=empty_kafka,
        storage=object_storage_settings,
        folder=folder,
    ) as running:
        yield running


@pytest.fixture
def gateway(serving_gateway: TestGateway) -> TestGateway:
    """The gateway, patient again if a test before was not."""
    serving_gateway.patient()
    return serving_gateway


@pytest_asyncio.fixture
async def owner(gateway: TestGateway) -> AsyncIterator[Owner]:
    """Answers requests as the workers would, by rules that the test sets."""
    async with running_owner(gateway.settings.kafka) as answering:
        yield answering
