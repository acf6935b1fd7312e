from collections.abc import AsyncIterator

import pytest_asyncio

from order_consumer.app import compose
from order_consumer.handlers import OrderHandlers
from order_consumer.settings import OrderConsumerSettings
from services.database import open_database
from tests.conftest import MakeDatabase


@pytest_asyncio.fixture
async def handlers(make_database: MakeDatabase) -> AsyncIterator[OrderHandlers]:
    """The handlers on an empty schema of their own."""
    database = await make_database("order_consumer")
    settings = OrderConsumerSettings(database_url=database.url("order_consumer"), health_port=1)
    async with open_database(settings.database_url, application="test") as opened:
        yield compose(opened, settings)
