from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from contracts.events.images_ingested import ImagesIngested
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker.app import compose
from ingest_worker.handlers import IngestHandlers
from ingest_worker.series_documents import DocumentWriter
from ingest_worker.settings import IngestWorkerSettings
from services.database import Database, open_database
from services.object_storage import ObjectStorage, ObjectStorageSettings
from tests.conftest import MakeDatabase
from tests.harness.images import ingested
from tests.harness.outbox import last

QUIET_SECONDS = 120


@pytest_asyncio.fixture
async def settings(
    make_database: MakeDatabase, object_storage_settings: ObjectStorageSettings
) -> IngestWorkerSettings:
    database = await make_database("ingest_worker")
    return IngestWorkerSettings(
        database_url=database.url("ingest_worker"),
        health_port=1,
        quiet_period_seconds=QUIET_SECONDS,
        object_storage=object_storage_settings,
    )


@pytest_asyncio.fixture
async def database(settings: IngestWorkerSettings) -> AsyncIterator[Database]:
    """An empty schema of its own."""
    async with open_database(settings.database_url, application="test") as opened:
        yield opened


@pytest.fixture
def composed(
    database: Database, object_storage: ObjectStorage, settings: IngestWorkerSettings
) -> tuple[IngestHandlers, DocumentWriter]:
    return compose(database, object_storage, settings)


@pytest.fixture
def handlers(composed: tuple[IngestHandlers, DocumentWriter]) -> IngestHandlers:
    return composed[0]


@pytest.fixture
def writer(composed: tuple[IngestHandlers, DocumentWriter]) -> DocumentWriter:
    return composed[1]


@pytest.fixture
def receive(handlers: IngestHandlers) -> Callable[..., Awaitable[None]]:
    """Index images, in one batch."""

    async def index(*images: ImagesIngested) -> None:
        await handlers.on_images_ingested(ingested(*images))

    return index


@pytest.fixture
def study(database: Database) -> Callable[[str], Awaitable[StudyUpdated]]:
    """Return the last snapshot of a study."""

    async def snapshot(study_instance_uid: str) -> StudyUpdated:
        found: Any = await last(database, STUDY_UPDATED, study_instance_uid)
        assert isinstance(found, StudyUpdated)
        return found

    return snapshot
