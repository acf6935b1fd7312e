"""Makes the PDFs that were ordered, stores them, and tells where they are.

What must stay true: a document is told of only when the object store has it, and never in place of
one with more addenda.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from contracts.events.images_ingested import StoredObject
from contracts.events.report_updated import ReportUpdated
from report_consumer import domain
from report_consumer.press import Press
from report_consumer.repository import DocumentJob, ReportRepository
from report_consumer.snapshots import publish_change
from services.database import Database
from services.errors import PermanentError, TransientError
from services.leases import Sender, back_off
from services.object_storage import (
    DOCUMENTS_BUCKET,
    ObjectStorage,
    ObjectStorageRefuses,
    report_document_key,
)

LEASE = timedelta(seconds=60)
AT_ONCE = 2

log = structlog.get_logger()


@dataclass(frozen=True)
class Documents:
    """Works off the documents that were ordered."""

    database: Database
    storage: ObjectStorage
    press: Press

    def sender(self) -> Sender[DocumentJob]:
        """Return the task that runs beside the consumers."""
        return Sender(
            "documents", self.database, claim=self.claim, perform=self.perform, at_once=AT_ONCE
        )

    async def claim(self, limit: int) -> Sequence[DocumentJob]:
        """Take documents that are due."""
        async with self.database.connection() as connection:
            return await ReportRepository(connection).claim_documents(limit, LEASE)

    async def perform(self, job: DocumentJob) -> None:
        """Make one document and record it; put it off when the object store is away."""
        report = await self._read(job) if job.newest else None
        version = report and domain.version_numbered(report, job.version_number)
        if not report or not version:
            await self._supersede(job)
            return
        try:
            pdf = await self.press.pdf(report, version, addenda=job.addenda)
            made = await self._store(report, job, pdf)
            await self._record(job, made)
        except (TransientError, PermanentError) as error:
            await self._postpone(job, error)

    async def _read(self, job: DocumentJob) -> ReportUpdated | None:
        async with self.database.connection() as connection:
            return await ReportRepository(connection).read_report(job.report_id)

    async def _store(self, report: ReportUpdated, job: DocumentJob, pdf: bytes) -> StoredObject:
        key = report_document_key(
            report.order_id, report.report_number, job.version_number, job.addenda
        )
        await self.storage.put(DOCUMENTS_BUCKET, key, pdf, content_type="application/pdf")
        return StoredObject(
            bucket=DOCUMENTS_BUCKET,
            key=key,
            size_bytes=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
        )

    async def _record(self, job: DocumentJob, made: StoredObject) -> None:
        async with self.database.transaction() as connection:
            reports = ReportRepository(connection)
            report = await reports.lock_report(job.report_id)
            now = await reports.finish_document(job, made)
            if not now or not report or not domain.version_numbered(report, job.version_number):
                return  # the lease was lost, or the report went on meanwhile
            changed = domain.with_document(report, job.version_number, made, now)
            await reports.save_report(changed)
            await publish_change(connection, changed, correlation_id=job.correlation_id)
        log.info("document_made", report_id=str(job.report_id), attempts=job.attempts)

    async def _supersede(self, job: DocumentJob) -> None:
        async with self.database.transaction() as connection:
            await ReportRepository(connection).supersede_document(job)

    async def _postpone(self, job: DocumentJob, error: TransientError | PermanentError) -> None:
        pause = back_off(job.attempts, first_seconds=1, longest_seconds=300)
        is_for_a_person = isinstance(error, PermanentError | ObjectStorageRefuses)
        report = log.error if is_for_a_person else log.warning
        report(
            "document_postponed",
            report_id=str(job.report_id),
            reason=error.code,
            attempts=job.attempts,
        )
        async with self.database.transaction() as connection:
            await ReportRepository(connection).postpone_document(
                job, timedelta(seconds=pause), error.code
            )
