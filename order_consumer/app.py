"""Composition root of order_consumer: what it consumes, and what runs beside."""

from contracts.topics import ORDER_CREATED, ORDER_REQUESTED, REPORT_UPDATED, STUDY_UPDATED
from order_consumer.calendar import Calendar
from order_consumer.handlers import OrderHandlers
from order_consumer.settings import OrderConsumerSettings
from services.database import Database
from services.settings import read_settings
from services.worker import running

NAME = "order_consumer"


async def main() -> None:
    """Run until told to stop."""
    settings = read_settings(OrderConsumerSettings)
    async with running(NAME, settings) as worker:
        handlers = compose(worker.database, settings)
        worker.subscribe_batch(ORDER_CREATED, handlers.on_orders_created)
        worker.subscribe(ORDER_REQUESTED, handlers.on_order_requested)
        worker.subscribe(STUDY_UPDATED, handlers.on_study_updated)
        worker.subscribe(REPORT_UPDATED, handlers.on_report_updated)
        worker.repeat("claims", handlers.end_silent_claims, every_seconds=5)
        await worker.serve()


def compose(database: Database, settings: OrderConsumerSettings) -> OrderHandlers:
    """Return the handlers on what they stand on."""
    calendar = Calendar(settings.hospital.zone, settings.scheduling_horizon)
    return OrderHandlers(database, calendar, settings)
