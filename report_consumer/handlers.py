"""What report_consumer does on each event: one function per topic, one transaction each; the copies
of orders are kept for a whole batch at once.

Every handler tells the same story: record the event in the inbox (a repeated one ends here), load
and lock what it concerns, decide, save, and add what follows to the outbox. A PDF and a call-back
are first rows; `documents.py` and `webhooks.py` work them off.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.base import Contract
from contracts.events.alert_updated import AlertUpdated
from contracts.events.critical_finding import CriticalFinding
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportContent, ReportDrafted
from contracts.events.report_finalized import ReportFinalized
from contracts.events.report_updated import ReportUpdated, ReportVersion
from contracts.identifiers import Sha256, new_id
from report_consumer import domain, workflow
from report_consumer.canonical import sha256
from report_consumer.domain import KnownOrder
from report_consumer.errors import (
    ContentHashMismatch,
    NoFreeNumber,
    OrderNotHereYet,
    OrderUnknown,
)
from report_consumer.findings import (
    check_critical,
    finding_to_raise,
    findings_to_revise,
    findings_to_withdraw,
    standing,
)
from report_consumer.repository import ReportRepository
from report_consumer.settings import ReportConsumerSettings
from report_consumer.signature import Place, Signer
from report_consumer.snapshots import publish_outcome
from services import inbox
from services.database import Database
from services.events import Event

ORDER_PATIENCE_SECONDS = 10.0
"""How long a report waits for its order, which travels by another topic."""
IMAGES_PATIENCE_SECONDS = 1.0
"""How long for the news that the order's images are there: shorter than a caller waits."""
DRAFT_SETTLES = timedelta(seconds=3)
"""A draft that is saved again within this time gets no PDF of its own."""
REPLACED_DRAFT_STAYS = timedelta(minutes=1)
"""So long the PDF of a draft outlives it: somebody may just have opened its link."""
AFTER_THE_ALERT = timedelta(seconds=2)
"""The PDF of a report with a critical finding takes no processor time from telling the doctor."""
AT_ONCE = timedelta(0)
_NUMBER_TRIES = 8
_FORGET_MISSED_SECONDS = 300.0


@dataclass(frozen=True)
class ReportHandlers:
    """The handlers, with what they stand on."""

    database: Database
    settings: ReportConsumerSettings
    signer: Signer
    _missed_since: dict[UUID, float] = field(default_factory=dict)

    async def on_report_drafted(self, event: Event[ReportDrafted]) -> None:
        """Save a draft in place of the last one, and raise its critical finding if asked to."""
        drafted = event.data
        check_critical(drafted.content, raise_now=drafted.raise_critical_now)
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            reports = ReportRepository(connection)
            order, report = await self._load(reports, event.id, drafted.order_id)
            version = domain.draft_version(report, order, drafted, now)
            finding, revised = None, list[CriticalFinding]()
            if drafted.raise_critical_now:
                raised = await reports.raised_findings(domain.report_id(order.id))
                finding = finding_to_raise(version, order, raised, now=now)
                revised = findings_to_revise(version, order, raised, now=now)
            number = await self._number(reports, report, order.id, now)
            changed = domain.with_version(
                report, order, version, number=number, alert_ids=_alert_ids(finding), now=now
            )
            await _save(reports, changed, finding, revised)
            await _order_document(reports, changed, event, delay=DRAFT_SETTLES)
            await publish_outcome(connection, event, changed, (*_told(finding), *revised))

    async def on_report_finalized(self, event: Event[ReportFinalized]) -> None:
        """Sign a report, or an amendment of it; tell the workflow service and, if need be, more."""
        finalized = event.data
        _check_content_hash(finalized.content, finalized.content_sha256)
        check_critical(finalized.content)
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            reports = ReportRepository(connection)
            order, report = await self._load(reports, event.id, finalized.order_id)
            unsigned = domain.version_to_sign(
                report, order, finalized, asked_at=event.envelope.time, now=now
            )
            number = await self._number(reports, report, order.id, now)
            version = self._sign(report, number, unsigned, finalized, now)
            everything = await reports.raised_findings(domain.report_id(order.id))
            raised = standing(everything, domain.signed_versions(report))
            over = domain.documented_alerts(report) if domain.last_signed(report) else ()
            finding = finding_to_raise(version, order, raised, amends_documented=over, now=now)
            revised = findings_to_revise(version, order, raised, amends_documented=over, now=now)
            changed = domain.with_version(
                report, order, version, number=number, alert_ids=_alert_ids(finding), now=now
            )
            await _save(reports, changed, finding, revised)
            delay = AFTER_THE_ALERT if finding or revised else AT_ONCE
            await _order_document(reports, changed, event, delay=delay)
            await self._order_call_back(reports, changed, order, event)
            withdrawn = findings_to_withdraw(version, order, raised, now)
            findings = (*_told(finding), *revised, *withdrawn)
            await publish_outcome(connection, event, changed, findings)

    async def on_orders_updated(self, events: Sequence[Event[OrderUpdated]]) -> None:
        """Keep what reports need of orders: one transaction for a batch."""
        async with self.database.transaction() as connection:
            fresh = await inbox.record_many(connection, [event.id for event in events])
            newest = domain.newest_orders(event.data for event in events if event.id in fresh)
            if newest:
                await ReportRepository(connection).know_orders(newest)

    async def on_alert_updated(self, event: Event[AlertUpdated]) -> None:
        """Note in the report when and how a critical finding reached its doctor."""
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            reports = ReportRepository(connection)
            report = await reports.lock_report(event.data.finding.report_id)
            changed = report and domain.with_alert(report, event.data, now)
            if not report or not changed:
                return
            await reports.save_report(changed)
            if changed.communications != report.communications:
                await _order_document(reports, changed, event, delay=AT_ONCE)
            await publish_outcome(connection, event, changed)

    async def _load(
        self, reports: ReportRepository, event_id: UUID, order_id: UUID
    ) -> tuple[KnownOrder, ReportUpdated | None]:
        """Load an order and its report; nobody else writes the report until the transaction ends.

        The order's snapshot comes by another topic, and its images may have arrived this moment: so
        before the answer is no, the order is waited for.
        """
        order = await reports.lock_order(order_id)
        if order is None:
            if self._may_still_come(event_id, ORDER_PATIENCE_SECONDS):
                raise OrderNotHereYet
            raise OrderUnknown
        if not order.has_images and self._may_still_come(event_id, IMAGES_PATIENCE_SECONDS):
            raise OrderNotHereYet
        return order, await reports.lock_report(domain.report_id(order_id))

    def _may_still_come(self, event_id: UUID, patience_seconds: float) -> bool:
        now = time.monotonic()
        for known, since in list(self._missed_since.items()):
            if now - since > _FORGET_MISSED_SECONDS:
                del self._missed_since[known]
        return now - self._missed_since.setdefault(event_id, now) < patience_seconds

    async def _number(
        self, reports: ReportRepository, report: ReportUpdated | None, order_id: UUID, now: datetime
    ) -> str:
        if report:
            return report.report_number
        id_ = domain.report_id(order_id)
        for attempt in range(_NUMBER_TRIES):
            number = domain.report_number(id_, now, self.settings.hospital.zone, attempt)
            if await reports.give_number(number, id_):
                return number
        raise NoFreeNumber

    def _sign(
        self,
        report: ReportUpdated | None,
        number: str,
        version: ReportVersion,
        finalized: ReportFinalized,
        now: datetime,
    ) -> ReportVersion:
        before = domain.last_signed(report)
        place = Place(
            report_id=domain.report_id(finalized.order_id),
            report_number=number,
            order_id=finalized.order_id,
            previous_sha256=before.signature.content_sha256 if before and before.signature else "",
        )
        return domain.signed(
            version, self.signer.sign(version, place, finalized.signature, now=now)
        )

    async def _order_call_back(
        self,
        reports: ReportRepository,
        report: ReportUpdated,
        order: KnownOrder,
        event: Event[ReportFinalized],
    ) -> None:
        event_id = new_id()
        body = workflow.call_back(event_id, report, order)
        if body and self.settings.workflow_webhook_url:
            await reports.add_webhook(
                event_id,
                report,
                body=body,
                patience=self.settings.workflow_webhook_patience,
                correlation_id=event.envelope.correlation_id,
            )


def _check_content_hash(content: ReportContent, shown: Sha256 | None) -> None:
    if shown and shown != sha256(content):
        raise ContentHashMismatch


def _told(finding: CriticalFinding | None) -> Sequence[CriticalFinding]:
    return (finding,) if finding else ()


def _alert_ids(finding: CriticalFinding | None) -> Sequence[UUID]:
    return [told.alert_id for told in _told(finding)]


async def _save(
    reports: ReportRepository,
    report: ReportUpdated,
    finding: CriticalFinding | None,
    revised: Sequence[CriticalFinding],
) -> None:
    await reports.save_report(report)
    await reports.add_version(report.id, report.current)
    await reports.withdraw_documents(report, delay=REPLACED_DRAFT_STAYS)
    if finding:
        await reports.add_raised_finding(finding)
    for changed in revised:
        await reports.revise_raised_finding(changed)


async def _order_document(
    reports: ReportRepository, report: ReportUpdated, event: Event[Contract], *, delay: timedelta
) -> None:
    await reports.order_document(
        report, report.current, delay=delay, correlation_id=event.envelope.correlation_id
    )
