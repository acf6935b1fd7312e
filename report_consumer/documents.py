"""Makes the PDFs that were ordered, stores them, and tells where they are.

What must stay true: a document is told of only when the object store has it, and never in place of
one with more addenda; of a draft that was replaced none stays there. To remove one is a job like to
make one: the version is looked for, and when the report shows it no more, its object goes.
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
        """Make one document, or remove it; put it off when the object store is away."""
        report = await self._read(job)
        version = report and domain.version_numbered(report, job.version_number)
        try:
            if not report or not version:
                await self._remove(report, job)
            elif not job.newest:
                await self._supersede(job)
            else:
                pdf = await self.press.pdf(report, version, addenda=job.addenda)
                made = await self._store(report, job, pdf)
                if not await self._record(job, made):
                    await self._remove(report, job)
        except (TransientError, PermanentError) as error:
            await self._postpone(job, error)

    async def _read(self, job: DocumentJob) -> ReportUpdated | None:
        async with self.database.connection() as connection:
            return await ReportRepository(connection).read_report(job.report_id)

    async def _store(self, report: ReportUpdated, job: DocumentJob, pdf: bytes) -> StoredObject:
        key = _key(report, job)
        await self.storage.put(DOCUMENTS_BUCKET, key, pdf, content_type="application/pdf")
        return StoredObject(
            bucket=DOCUMENTS_BUCKET,
            key=key,
            size_bytes=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
        )

    async def _record(self, job: DocumentJob, made: StoredObject) -> bool:
        """Tell of a document; return False when its version was replaced meanwhile."""
        async with self.database.transaction() as connection:
            reports = ReportRepository(connection)
            report = await reports.lock_report(job.report_id)
            if not report or not domain.version_numbered(report, job.version_number):
                return False
            now = await reports.finish_document(job, made)
            if not now:
                return True  # the lease was lost, or more addenda came
            changed = domain.with_document(report, job.version_number, made, now)
            await reports.save_report(changed)
            await publish_change(connection, changed, correlation_id=job.correlation_id)
        log.info("document_made", report_id=str(job.report_id), attempts=job.attempts)
        return True

    async def _remove(self, report: ReportUpdated | None, job: DocumentJob) -> None:
        """Remove the PDF of a draft that was replaced, if it was made; nobody makes it again."""
        if report is not None:
            await self.storage.delete(DOCUMENTS_BUCKET, _key(report, job))
        await self._supersede(job)

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


def _key(report: ReportUpdated, job: DocumentJob) -> str:
    return report_document_key(
        report.order_id, report.report_number, job.version_number, job.addenda
    )
