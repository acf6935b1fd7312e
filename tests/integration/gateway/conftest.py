"""A gateway on real servers, with an owner that answers what the test wants it to answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from services.kafka import KafkaSettings
from services.object_storage import ObjectStorage, ObjectStorageSettings
from tests.conftest import MakeDatabase
from tests.harness.gateway import TestGateway, running_gateway
from tests.integration.gateway.owner import Owner, running_owner


@pytest_asyncio.fixture
async def gateway(
    make_database: MakeDatabase,
    kafka: KafkaSettings,
    object_storage: ObjectStorage,
    object_storage_settings: ObjectStorageSettings,
    tmp_path: Path,
) -> AsyncIterator[TestGateway]:
    database = await make_database("gateway")
    async with running_gateway(
        database_url=database.url("gateway"),
        kafka=kafka,
        storage=object_storage_settings,
        folder=tmp_path,
    ) as running:
        yield running


@pytest_asyncio.fixture
async def owner(kafka: KafkaSettings) -> AsyncIterator[Owner]:
    """Answers requests as the workers would, by rules that the test sets."""
    async with running_owner(kafka) as answering:
        yield answering
