from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from contracts.events.order_updated import OrderUpdated
from report_consumer.app import compose
from report_consumer.documents import Documents
from report_consumer.handlers import ReportHandlers
from report_consumer.press import open_press
from report_consumer.settings import ReportConsumerSettings
from services.database import open_database
from services.object_storage import ObjectStorage, ObjectStorageSettings
from tests.conftest import MakeDatabase
from tests.harness.reports import order_state, order_updated

SECRET = "a-secret-of-the-tests"


@pytest_asyncio.fixture
async def settings(
    make_database: MakeDatabase, object_storage_settings: ObjectStorageSettings, tmp_path: Path
) -> ReportConsumerSettings:
    """Settings on an empty schema of their own."""
    database = await make_database("report_consumer")
    return ReportConsumerSettings.model_validate(
        {
            "database_url": database.url("report_consumer"),
            "health_port": 1,
            "signing_key_file": tmp_path / "signing.pem",
            "workflow_webhook_url": "http://127.0.0.1:9/call-back",
            "workflow_webhook_secret": SECRET,
            "object_storage": object_storage_settings,
        }
    )


@pytest_asyncio.fixture
async def handlers(settings: ReportConsumerSettings) -> AsyncIterator[ReportHandlers]:
    """The handlers on their database."""
    async with open_database(settings.database_url, application="test") as database:
        yield compose(database, settings)


@pytest_asyncio.fixture
async def order(handlers: ReportHandlers) -> OrderUpdated:
    """An order with images, of which the worker knows."""
    known = order_state()
    await handlers.on_orders_updated([order_updated(known)])
    return known


@pytest_asyncio.fixture
async def documents(
    handlers: ReportHandlers, object_storage: ObjectStorage
) -> AsyncIterator[Documents]:
    """The maker of PDFs on the same database, and real S3."""
    async with open_press(handlers.settings.hospital, handlers.settings.font_dir) as press:
        yield Documents(handlers.database, object_storage, press)
