"""Looks after attempts of which too little is known: what a crash or a silent provider left behind.

What must stay true: a maybe is looked up at the provider before anything is sent again, and asking
has an end.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from alert_worker.domain import retries
from alert_worker.domain.attempts import Attempt, Report, apply_report, has_failed, was_sent
from alert_worker.heartbeat import beat
from alert_worker.outside import CannotAsk, Found, NotKnown, OutsideSystem
from alert_worker.progress import Outcome, record_patiently
from alert_worker.repository import AlertRepository, Claimed
from contracts.enumerations import AttemptState, Channel
from services.clock import utc_now
from services.database import Database
from services.errors import PermanentError, TransientError

log = structlog.get_logger()


@dataclass(frozen=True)
class LookAfter:
    """Finds out about attempts whose outcome or receipt is overdue."""

    database: Database
    systems: Mapping[Channel, OutsideSystem]
    at_once: int = 16

    async def check_due(self) -> int:
        """Look after what is due; return how much it was."""
        beat("look_after")
        async with self.database.connection() as connection:
            claims = await AlertRepository(connection).claim_checks(
                self.at_once, retries.CHECK_LEASE
            )
        await asyncio.gather(*(self._check(claimed) for claimed in claims))
        return len(claims)

    async def _check(self, claimed: Claimed) -> None:
        state = claimed.attempt.state
        doubtful = state in (AttemptState.SENDING, AttemptState.UNKNOWN)
        try:
            if doubtful:
                outcome, provider_id = await self._look_up(claimed)
            else:
                report = await self.systems[claimed.attempt.channel].ask(claimed)
                outcome, provider_id = partial(_told, report=report), ""
        except CannotAsk:
            outcome, provider_id = _interrupted, ""
        except NotKnown:
            outcome, provider_id = _forgotten, ""
        except (PermanentError, TransientError) as error:
            log.warning("lookup_failed", channel=claimed.attempt.channel, reason=error.code)
            outcome, provider_id = retries.after_unanswered_question, ""
        except Exception:
            log.exception("lookup_broke", attempt_id=str(claimed.attempt.id))
            outcome, provider_id = retries.after_unanswered_question, ""
        await record_patiently(self.database, claimed, outcome, provider_id=provider_id)

    async def _look_up(self, claimed: Claimed) -> tuple[Outcome, str]:
        """Ask whether the provider has an attempt that we do not know to be sent.

        The provider's clock is compared with ours only by how long ago the attempt began.
        """
        attempt = claimed.attempt
        async with self.database.transaction() as connection:
            alerts = AlertRepository(connection)
            began = attempt.started_at or attempt.due_at
            ago = await alerts.now() - began
            known = await alerts.calls_known_to(attempt.address, began - timedelta(minutes=10))
        found = await self.systems[attempt.channel].find(claimed, utc_now() - ago, known)
        if found is None:
            return retries.after_absence, ""
        return partial(_found, found=found), found.provider_id


def _found(attempt: Attempt, now: datetime, *, found: Found) -> Attempt:
    sent = was_sent(attempt, now, found.provider_id)
    told = apply_report(sent, found.report, now) or sent
    return retries.expect_receipt(replace(told, checks=0), now)


def _told(attempt: Attempt, now: datetime, *, report: Report) -> Attempt:
    return retries.expect_receipt(apply_report(attempt, report, now) or attempt, now)


def _forgotten(attempt: Attempt, now: datetime) -> Attempt:
    return has_failed(attempt, now, "the provider does not know it any more")


def _interrupted(attempt: Attempt, now: datetime) -> Attempt:
    return retries.after_unknown_outcome(attempt, now, "the sender was interrupted")
