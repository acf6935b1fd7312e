"""Reports in the database: one class over one connection of a transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.enumerations import CriticalCategory
from contracts.events.critical_finding import CriticalFinding
from contracts.events.images_ingested import StoredObject
from contracts.events.report_updated import ReportUpdated, ReportVersion
from report_consumer.domain import KnownOrder
from report_consumer.findings import RaisedFinding
from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("report_consumer")


class DocumentJob(NamedTuple):
    """A PDF to make; only the holder of the token may record what became of it."""

    id: UUID
    report_id: UUID
    version_number: int
    addenda: int
    token: UUID
    attempts: int
    correlation_id: UUID
    newest: bool


class WebhookJob(NamedTuple):
    """A call-back to send; only the holder of the token may record what became of it."""

    id: UUID
    report_id: UUID
    version_number: int
    body: str
    token: UUID
    attempts: int
    correlation_id: UUID
    last_attempt: bool


class MadeDocument(NamedTuple):
    """A PDF in the object store."""

    version_number: int
    addenda: int
    object_key: str
    size_bytes: int
    sha256: str


class ReportRepository:
    """One method per named query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def know_orders(self, orders: Sequence[KnownOrder]) -> None:
        """Keep the newer snapshot of each order; each may be there once."""
        await self._connection.execute(_QUERIES["know_orders"], [_json(o) for o in orders])

    async def lock_order(self, order_id: UUID) -> KnownOrder | None:
        """Load what is known of an order, and put all writers of its report in a row."""
        state = await self._connection.fetchval(_QUERIES["lock_order"], order_id)
        return KnownOrder.model_validate_json(state) if state else None

    async def lock_report(self, report_id: UUID) -> ReportUpdated | None:
        """Load a report and keep it from changing until the transaction ends."""
        state = await self._connection.fetchval(_QUERIES["lock_report"], report_id)
        return ReportUpdated.model_validate_json(state) if state else None

    async def read_report(self, report_id: UUID) -> ReportUpdated | None:
        """Load a report as it is now."""
        state = await self._connection.fetchval(_QUERIES["read_report"], report_id)
        return ReportUpdated.model_validate_json(state) if state else None

    async def give_number(self, report_number: str, report_id: UUID) -> bool:
        """Give a report its number; False when it is taken."""
        query = _QUERIES["give_number"]
        return await self._connection.fetchval(query, report_number, report_id) is not None

    async def save_report(self, report: ReportUpdated) -> None:
        """Store a new or changed report."""
        await self._connection.execute(_QUERIES["save_report"], _json(report))

    async def add_version(self, report_id: UUID, version: ReportVersion) -> None:
        """Store a version, for ever as it is."""
        await self._connection.execute(_QUERIES["add_version"], report_id, _json(version))

    async def raised_findings(self, report_id: UUID) -> list[RaisedFinding]:
        """Load for what alerts were raised."""
        rows = await self._connection.fetch(_QUERIES["raised_findings"], report_id)
        return [
            RaisedFinding(
                alert_id=row["alert_id"],
                version_number=row["version_number"],
                finding_code=row["finding_code"],
                category=CriticalCategory(row["category"]),
                text=row["text"],
            )
            for row in rows
        ]

    async def add_raised_finding(self, finding: CriticalFinding) -> None:
        """Remember that an alert was raised for a finding."""
        await self._connection.execute(
            _QUERIES["add_raised_finding"],
            finding.alert_id,
            finding.report_id,
            finding.report_version,
            finding.finding_code,
            finding.category,
            finding.text,
            finding.found_at,
        )

    async def revise_raised_finding(self, finding: CriticalFinding) -> None:
        """Remember what the alert of a finding says by now."""
        await self._connection.execute(
            _QUERIES["revise_raised_finding"],
            finding.alert_id,
            finding.report_version,
            finding.category,
            finding.text,
        )

    async def order_document(
        self,
        report: ReportUpdated,
        version: ReportVersion,
        *,
        delay: timedelta,
        correlation_id: UUID,
    ) -> None:
        """Have the PDF of a version made, with the addenda that the report has now."""
        await self._connection.execute(
            _QUERIES["order_document"],
            report.id,
            version.number,
            len(report.communications),
            delay,
            correlation_id,
        )

    async def withdraw_documents(self, report: ReportUpdated, *, delay: timedelta) -> None:
        """Have the PDFs removed of drafts that the report shows no more."""
        await self._connection.execute(
            _QUERIES["withdraw_documents"],
            report.id,
            [version.number for version in report.versions],
            delay,
        )

    async def claim_documents(self, limit: int, lease: timedelta) -> Sequence[DocumentJob]:
        """Take documents that are due, or whose maker fell silent."""
        rows = await self._connection.fetch(_QUERIES["claim_documents"], limit, lease)
        return [DocumentJob(*row.values()) for row in rows]

    async def finish_document(self, job: DocumentJob, made: StoredObject) -> datetime | None:
        """Record a PDF; return the database's clock, or None when it is not to be told of."""
        finished_at: datetime | None = await self._connection.fetchval(
            _QUERIES["finish_document"], job.id, job.token, made.key, made.size_bytes, made.sha256
        )
        return finished_at

    async def supersede_document(self, job: DocumentJob) -> None:
        """Record that a document is no longer wanted."""
        await self._connection.execute(_QUERIES["supersede_document"], job.id, job.token)

    async def postpone_document(self, job: DocumentJob, delay: timedelta, error: str) -> None:
        """Give a document back, to be made later."""
        await self._connection.execute(
            _QUERIES["postpone_document"], job.id, job.token, delay, error
        )

    async def add_webhook(
        self,
        event_id: UUID,
        report: ReportUpdated,
        *,
        body: str,
        patience: timedelta,
        correlation_id: UUID,
    ) -> None:
        """Have the workflow service told of the report's current version."""
        await self._connection.execute(
            _QUERIES["add_webhook"],
            event_id,
            report.id,
            report.current.number,
            body,
            patience,
            correlation_id,
        )

    async def claim_webhooks(self, limit: int, lease: timedelta) -> Sequence[WebhookJob]:
        """Take call-backs that are due, or whose sender fell silent."""
        rows = await self._connection.fetch(_QUERIES["claim_webhooks"], limit, lease)
        return [WebhookJob(*row.values()) for row in rows]

    async def finish_webhook(self, job: WebhookJob) -> datetime | None:
        """Record a delivery; return the database's clock, or None when the lease was lost."""
        finished_at: datetime | None = await self._connection.fetchval(
            _QUERIES["finish_webhook"], job.id, job.token
        )
        return finished_at

    async def postpone_webhook(self, job: WebhookJob, delay: timedelta, error: str) -> None:
        """Give a call-back back, to be sent later."""
        query = _QUERIES["postpone_webhook"]
        await self._connection.execute(query, job.id, job.token, delay, error)

    async def abandon_webhook(self, job: WebhookJob, error: str) -> None:
        """Give a call-back up."""
        await self._connection.execute(_QUERIES["abandon_webhook"], job.id, job.token, error)

    async def report_by_number(self, report_number: str) -> ReportUpdated | None:
        """Load a report by its number."""
        row = await self._connection.fetchrow(_QUERIES["report_by_number"], report_number)
        return ReportUpdated.model_validate_json(row["state"]) if row else None

    async def versions_of_report(self, report_id: UUID) -> list[ReportVersion]:
        """Load every version that was saved, oldest first."""
        rows = await self._connection.fetch(_QUERIES["versions_of_report"], report_id)
        return [ReportVersion.model_validate_json(row["state"]) for row in rows]

    async def documents_of_report(self, report_id: UUID) -> list[MadeDocument]:
        """Load the PDFs that were made."""
        rows = await self._connection.fetch(_QUERIES["documents_of_report"], report_id)
        return [MadeDocument(*row.values()) for row in rows]

    async def document_by_sha256(self, sha256: str) -> tuple[str, int] | None:
        """Return of which report and version a file is the PDF."""
        row = await self._connection.fetchrow(_QUERIES["document_by_sha256"], sha256)
        return (row["report_number"], row["version_number"]) if row else None


def _json(state: KnownOrder | ReportUpdated | ReportVersion) -> str:
    return state.model_dump_json(by_alias=True)
