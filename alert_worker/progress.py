"""Writes down what became of attempts, and tells the others: all in one transaction.

Senders, lookups and receipts all end here, so that each change of an attempt has its evidence, its
consequence for the ladder, and its snapshot.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from alert_worker import snapshots
from alert_worker.domain.alert import Alert, Decision, Purpose, changed
from alert_worker.domain.attempts import Attempt, Report, apply_report
from alert_worker.domain.failure import after_failure
from alert_worker.domain.story import progress
from alert_worker.repository import AlertRepository, Claimed, Locked
from contracts.base import Contract
from contracts.enumerations import AlertStatus, AttemptState, Channel
from contracts.events.alert_requested import DeliveryReceipt
from services.database import Connection, Database
from services.errors import DatabaseUnavailable
from services.events import Event

_RECORD_TRIES = 5
_WANTED = {
    Purpose.NOTIFY: (AlertStatus.OPEN,),
    Purpose.REMIND: (AlertStatus.ACKNOWLEDGED,),
    Purpose.REVISE: tuple(AlertStatus),
    Purpose.WITHDRAW: tuple(AlertStatus),
}
"""In which states of the alert an attempt is worth to be made."""

log = structlog.get_logger()

Outcome = Callable[[Attempt, datetime], Attempt]


async def record_outcome(
    database: Database, claimed: Claimed, outcome: Outcome, *, provider_id: str = ""
) -> Attempt | None:
    """Record what a request led to; None when the lease was lost and another has taken over.

    Receipts that were faster than this record are applied at once.
    """
    async with database.transaction() as connection:
        alerts = AlertRepository(connection)
        if provider_id:
            await alerts.lock_provider_id(provider_id)
        locked = await alerts.lock(claimed.attempt.alert_id)
        before = await alerts.lock_attempt(claimed.attempt.id)
        if locked is None or before.token != claimed.attempt.token:
            return None
        alert, now = locked
        after = _unless_pointless(alert, outcome(before, now), now)
        for report in await alerts.receipts(provider_id) if provider_id else ():
            after = apply_report(after, report, now) or after
        await save_progress(connection, alert, before, after, now)
        return after


async def record_patiently(
    database: Database, claimed: Claimed, outcome: Outcome, *, provider_id: str = ""
) -> None:
    """Write a result down; where that fails, the lease ends and a lookup finds out."""
    for attempt in range(1, _RECORD_TRIES + 1):
        try:
            after = await record_outcome(database, claimed, outcome, provider_id=provider_id)
        except DatabaseUnavailable as error:
            log.warning("result_postponed", reason=error.code, attempts=attempt)
            await asyncio.sleep(0.2 * 2**attempt)
        except Exception:  # one unreadable alert must not stop the sender of all others
            log.exception("result_broke", attempt_id=str(claimed.attempt.id))
            return
        else:
            break
    else:
        return
    log.info(
        "attempt_recorded" if after else "attempt_lost",
        alert_id=str(claimed.attempt.alert_id),
        attempt_id=str(claimed.attempt.id),
        channel=claimed.attempt.channel,
        state=after.state if after else None,
    )


async def record_report(
    connection: Connection,
    attempt: Attempt,
    locked: Locked,
    receipt: DeliveryReceipt,
    caused_by: Event[Contract],
) -> None:
    """Record what the provider says of an attempt; old news changes nothing."""
    report = Report(
        status=receipt.status,
        answered_by=receipt.answered_by,
        error_code=receipt.error_code,
        sequence=receipt.sequence,
    )
    after = apply_report(attempt, report, locked.now)
    if after:
        await save_progress(connection, locked.alert, attempt, after, locked.now, caused_by)


async def save_progress(
    connection: Connection,
    alert: Alert,
    before: Attempt,
    after: Attempt,
    now: datetime,
    caused_by: Event[Contract] | None = None,
) -> None:
    """Store a changed attempt with what follows from it, and publish the alert."""
    alerts = AlertRepository(connection)
    if not await alerts.save_attempt(after, held_by=before.token):
        raise LookupError("the attempt was locked, so nobody can have taken it")
    decision = None
    if after.state is AttemptState.FAILED and before.state is not AttemptState.FAILED:
        decision = after_failure(alert, after, await alerts.attempts_of_step(after), now)
    decision = decision or Decision(changed(alert, now))
    decision = decision.preceded_by(progress(before, after))
    await alerts.save(decision, now)
    await snapshots.publish(connection, decision.alert, now, caused_by)


def _unless_pointless(alert: Alert, attempt: Attempt, now: datetime) -> Attempt:
    """Do not send again, and do not let ring, what somebody has acknowledged meanwhile."""
    if alert.status in _WANTED[attempt.purpose]:
        return attempt
    if attempt.state is AttemptState.PENDING:
        return replace(attempt, state=AttemptState.CANCELLED, finished_at=now)
    rings = attempt.channel is Channel.VOICE and attempt.state is AttemptState.SENT
    if rings and not attempt.unwanted:
        return replace(attempt, unwanted=True, check_at=now)
    return attempt
