"""Sends the call-backs that were ordered, again and again until they are taken.

What must stay true: what is due stands in the database, so a restart forgets nothing; of one report
the call-backs go out in order, and one at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from report_consumer import domain
from report_consumer.errors import WorkflowRefused
from report_consumer.repository import ReportRepository, WebhookJob
from report_consumer.snapshots import publish_change
from report_consumer.workflow import WorkflowService
from services.clock import utc_now
from services.database import Database
from services.leases import Sender, back_off

MARGIN = timedelta(seconds=10)
"""A lease outlives the time limit of the call by this much: nobody else sends meanwhile."""
AT_ONCE = 8
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 900.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Webhooks:
    """Works off the call-backs that were ordered."""

    database: Database
    workflow: WorkflowService

    def sender(self) -> Sender[WebhookJob]:
        """Return the task that runs beside the consumers."""
        return Sender(
            "webhooks", self.database, claim=self.claim, perform=self.perform, at_once=AT_ONCE
        )

    async def claim(self, limit: int) -> Sequence[WebhookJob]:
        """Take call-backs that are due."""
        async with self.database.connection() as connection:
            lease = self.workflow.time_limit + MARGIN
            return await ReportRepository(connection).claim_webhooks(limit, lease)

    async def perform(self, job: WebhookJob) -> None:
        """Send one call-back and record what became of it."""
        try:
            await self.workflow.tell(job.body, unix_time=int(utc_now().timestamp()))
        except WorkflowRefused as error:
            await self._put_off(job, str(error))
        else:
            await self._record(job)

    async def _record(self, job: WebhookJob) -> None:
        async with self.database.transaction() as connection:
            reports = ReportRepository(connection)
            report = await reports.lock_report(job.report_id)
            now = await reports.finish_webhook(job)
            if now is None or report is None:
                return  # another sender took it over, and tells
            changed = domain.with_workflow_notified(report, now)
            await reports.save_report(changed)
            await publish_change(connection, changed, correlation_id=job.correlation_id)
        log.info("workflow_notified", report_id=str(job.report_id), attempts=job.attempts)

    async def _put_off(self, job: WebhookJob, reason: str) -> None:
        pause = timedelta(
            seconds=back_off(
                job.attempts,
                first_seconds=FIRST_PAUSE_SECONDS,
                longest_seconds=LONGEST_PAUSE_SECONDS,
            )
        )
        async with self.database.transaction() as connection:
            reports = ReportRepository(connection)
            if job.last_attempt:
                await reports.abandon_webhook(job, reason)
            else:
                await reports.postpone_webhook(job, pause, reason)
        # An abandoned one needs a person: the workflow service still waits for this order.
        report = log.error if job.last_attempt else log.warning
        report(
            "webhook_abandoned" if job.last_attempt else "webhook_postponed",
            report_id=str(job.report_id),
            reason=reason,
            attempts=job.attempts,
        )
