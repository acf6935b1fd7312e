"""Composition root of ingest_worker: what it consumes, and what runs beside."""

import gc

from contracts.topics import IMAGES_INGESTED, ORDER_UPDATED, REPORT_UPDATED, STUDY_REQUESTED
from ingest_worker.handlers import IngestHandlers
from ingest_worker.headers import Headers
from ingest_worker.series_documents import DocumentWriter
from ingest_worker.settings import IngestWorkerSettings
from ingest_worker.structured_reports import StructuredReports
from services.database import Database
from services.object_storage import ObjectStorage, open_object_storage
from services.settings import read_settings
from services.worker import running

NAME = "ingest_worker"

GARBAGE_COLLECTION = (50_000, 20, 100)
"""An event with a whole header is some thousand objects, a batch half a million: by default, the
collector looks at all of them again and again (measured: 2.6 instead of 0.6 ms for each event)."""


async def main() -> None:
    """Run until told to stop."""
    settings = read_settings(IngestWorkerSettings)
    gc.set_threshold(*GARBAGE_COLLECTION)
    async with (
        open_object_storage(settings.object_storage) as storage,
        running(NAME, settings) as worker,
    ):
        handlers, writer = compose(worker.database, storage, settings)
        worker.subscribe_batch(IMAGES_INGESTED, handlers.on_images_ingested)
        worker.subscribe(STUDY_REQUESTED, handlers.on_study_requested)
        worker.subscribe_batch(ORDER_UPDATED, handlers.on_orders_updated, rest_seconds=0.2)
        worker.subscribe(REPORT_UPDATED, handlers.on_report_updated, rest_seconds=0.05)
        worker.report("object_store", lambda: storage.is_open)
        reports = StructuredReports(worker.database, storage)
        worker.run_beside("structured reports", reports.sender().run)
        worker.repeat("documents", writer.write_when_due, every_seconds=0.05)
        worker.repeat("completeness", handlers.judge_due_studies, every_seconds=1)
        worker.repeat("priors", handlers.search_priors, every_seconds=1)
        await worker.serve()


def compose(
    database: Database, storage: ObjectStorage, settings: IngestWorkerSettings
) -> tuple[IngestHandlers, DocumentWriter]:
    """Return the handlers and the document writer on what they stand on."""
    handlers = IngestHandlers(database, Headers(storage), settings.patience)
    writer = DocumentWriter(
        database, storage, settings.patience, at_once=settings.documents_at_once
    )
    return handlers, writer
