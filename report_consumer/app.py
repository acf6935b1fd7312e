"""Composition root of report_consumer: what it consumes, and what runs beside."""

from contextlib import AsyncExitStack
from datetime import timedelta

from contracts.topics import ALERT_UPDATED, ORDER_UPDATED, REPORT_DRAFTED, REPORT_FINALIZED
from report_consumer.documents import Documents
from report_consumer.handlers import ReportHandlers
from report_consumer.press import open_press
from report_consumer.settings import ReportConsumerSettings
from report_consumer.signature import Signer, load_or_make_key
from report_consumer.webhooks import Webhooks
from report_consumer.workflow import open_workflow_service
from services.database import Database
from services.object_storage import open_object_storage
from services.settings import read_settings
from services.worker import running

NAME = "report_consumer"


async def main() -> None:
    """Run until told to stop."""
    settings = read_settings(ReportConsumerSettings)
    async with running(NAME, settings) as worker, AsyncExitStack() as stack:
        handlers = compose(worker.database, settings)
        worker.subscribe_batch(ORDER_UPDATED, handlers.on_orders_updated, rest_seconds=0.2)
        worker.subscribe(REPORT_DRAFTED, handlers.on_report_drafted)
        worker.subscribe(REPORT_FINALIZED, handlers.on_report_finalized)
        worker.subscribe(ALERT_UPDATED, handlers.on_alert_updated)

        storage = await stack.enter_async_context(open_object_storage(settings.object_storage))
        worker.report("object_store", lambda: storage.is_open)
        press = await stack.enter_async_context(open_press(settings.hospital, settings.font_dir))
        documents = Documents(worker.database, storage, press)
        worker.run_beside("documents", documents.sender().run)

        if settings.workflow_webhook_url:
            workflow = await stack.enter_async_context(
                open_workflow_service(
                    settings.workflow_webhook_url,
                    settings.workflow_webhook_secret,
                    time_limit=timedelta(seconds=settings.workflow_webhook_timeout_seconds),
                )
            )
            worker.run_beside("webhooks", Webhooks(worker.database, workflow).sender().run)
        await worker.serve()


def compose(database: Database, settings: ReportConsumerSettings) -> ReportHandlers:
    """Return the handlers on what they stand on."""
    return ReportHandlers(database, settings, Signer(load_or_make_key(settings.signing_key_file)))
