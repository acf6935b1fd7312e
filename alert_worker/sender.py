"""Sends due attempts of one channel.

What must stay true: the claim is committed before the provider is called, and the result is written
only by who still holds the row. So a crash at any point leaves a row that says "maybe", and a maybe
is looked up at the provider before anything is sent again. No connection is held while a provider
is talked to.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from alert_worker.codes import new_token, token_hash
from alert_worker.domain import retries
from alert_worker.domain.attempts import Attempt, has_failed, was_sent
from alert_worker.domain.throttle import MEMORY, allowed_from
from alert_worker.heartbeat import beat
from alert_worker.outside import OutsideSystem
from alert_worker.progress import Outcome, record_patiently
from alert_worker.repository import AlertRepository, Claimed, Due
from contracts.enumerations import Channel
from services.database import Database
from services.errors import DatabaseUnavailable, PermanentError, TransientError, UnknownOutcome
from services.observability import ALERT_FIRST_REQUEST, ALERT_REQUESTS

_POLL_SECONDS = 0.25
UNWRITTEN_FOR_EACH = 4
"""Requests begun or not written down yet, for each that may be under way."""
LAST_SECONDS = 8.0
"""At an orderly end: a request of at most 5 s, and its record."""
LATEST_START_SECONDS = 10.0
"""After the claim; so a request of at most 5 s has ended before its lease (`retries.LEASE`)."""

log = structlog.get_logger()


@dataclass
class Sender:
    """Sends the attempts of one channel, several at once.

    Parameters
    ----------
    recording : shared by all senders; bounds how many results are written down at once, so that
        first words wait for no connection while the results of others are recorded.
    """

    database: Database
    system: OutsideSystem
    at_once: int
    proof_lifetime: timedelta
    recording: asyncio.Semaphore
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _asking: set[asyncio.Task[None]] = field(default_factory=set)
    """Of the busy ones, those that the provider has not answered yet."""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send what is due until cancelled: woken by commits, and looking every quarter second."""
        self._wake = self.database.watch_commits()
        try:
            while True:
                self._wake.clear()
                beat(f"sender_{self.system.channel}")
                if not await self._start_some():
                    await self._wait()
        finally:
            await self._finish()

    async def send_due(self) -> int:
        """Claim what is due, send it, and return how much it was."""
        began = time.monotonic()
        claims = await self._claim(self.at_once)
        await asyncio.gather(*(self._send(claimed, token, began) for claimed, token in claims))
        return len(claims)

    async def _start_some(self) -> bool:
        free, began = self._free(), time.monotonic()
        try:
            claims = await self._claim(free) if free else []
        except DatabaseUnavailable as error:
            log.warning("sender_postponed", channel=self.system.channel, reason=error.code)
            return False
        for claimed, token in claims:
            task = asyncio.create_task(self._send(claimed, token, began))
            self._busy.add(task)
            self._asking.add(task)
            task.add_done_callback(self._ended)
        return bool(claims)

    def _free(self) -> int:
        """Return how many more may be sent: a first word does not wait until the results of others
        are written down, unless too many are not."""
        unwritten = UNWRITTEN_FOR_EACH * self.at_once - len(self._busy)
        return max(0, min(self.at_once - len(self._asking), unwritten))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._busy.discard(task)
        self._asking.discard(task)

    async def _finish(self) -> None:
        """Let what is being sent be sent and recorded; what hangs is looked up by a successor."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=LAST_SECONDS)
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    async def _wait(self) -> None:
        waiting = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait(
                {waiting, *self._busy},
                timeout=_POLL_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waiting.cancel()

    async def _claim(self, limit: int) -> list[tuple[Claimed, str]]:
        """Take what may be sent now, each with a new token, and commit that."""
        channel = self.system.channel
        async with self.database.connection() as connection:  # no commit: it would wake us again
            if not await AlertRepository(connection).anything_due(channel):
                return []
        async with self.database.transaction() as connection:
            alerts = AlertRepository(connection)
            await alerts.lock_claims(channel)
            due = await alerts.due_attempts(channel, limit)
            if not due:
                return []
            history = await alerts.troubled_at(
                channel, {d.address for d in due}, due[0].now - MEMORY
            )
            chosen, held = choose(channel, due, history)
            await alerts.hold_back(held)
            claims = await alerts.claim_attempts(chosen, retries.LEASE[channel])
            tokens = [new_token() for _ in claims]
            await alerts.add_proofs(
                [
                    (token_hash(token), c.attempt.id, channel, due[0].now + self.proof_lifetime)
                    for token, c in zip(tokens, claims, strict=True)
                ]
            )
        return list(zip(claims, tokens, strict=True))

    async def _send(self, claimed: Claimed, token: str, claimed_at: float) -> None:
        attempt, channel = claimed.attempt, self.system.channel
        if time.monotonic() - claimed_at > LATEST_START_SECONDS:
            return  # this process stood still: by now another may be looking it up
        if attempt.tries == 1 and attempt.number <= len(Channel) and attempt.started_at:
            waited = (attempt.started_at - claimed.opened_at).total_seconds()
            ALERT_FIRST_REQUEST.labels(channel).observe(waited)
        outcome, provider_id = await _result(self.system, claimed, token)
        if task := asyncio.current_task():
            self._asking.discard(task)
            self._wake.set()
        async with self.recording:
            await record_patiently(self.database, claimed, outcome, provider_id=provider_id)


def choose(
    channel: Channel, due: Sequence[Due], history: dict[str, list[datetime]]
) -> tuple[list[UUID], dict[UUID, datetime]]:
    """Return what is sent now, and what has to wait until when.

    A person gets one call at a time: a second one stays due, and is taken when the first has ended.
    """
    chosen: list[UUID] = []
    held: dict[UUID, datetime] = {}
    called: set[str] = set()
    for attempt in due:
        if channel is Channel.VOICE and attempt.person_id in called:
            continue
        troubled = history[attempt.address]
        free_at = allowed_from(channel, first=attempt.is_first, history=troubled)
        if free_at and free_at > attempt.now:
            held[attempt.id] = free_at
            continue
        chosen.append(attempt.id)
        called.add(attempt.person_id)
        troubled.insert(0, attempt.now)
    return chosen, held


async def _result(system: OutsideSystem, claimed: Claimed, token: str) -> tuple[Outcome, str]:
    """Call the provider, and say what that means for the attempt."""
    channel = system.channel
    try:
        provider_id = await system.send(claimed, token)
    except PermanentError as error:
        log.warning("attempt_refused", attempt_id=str(claimed.attempt.id), reason=str(error))
        ALERT_REQUESTS.labels(channel, "refused").inc()
        return partial(_failed, error=str(error)), ""
    except UnknownOutcome as error:
        ALERT_REQUESTS.labels(channel, "unknown").inc()
        return partial(_in_doubt, error=str(error)), ""
    except TransientError as error:
        ALERT_REQUESTS.labels(channel, "postponed").inc()
        return partial(_postponed, error=str(error)), ""
    except Exception:  # a bug may have struck before or after the request
        log.exception("attempt_broke", attempt_id=str(claimed.attempt.id), channel=channel)
        ALERT_REQUESTS.labels(channel, "unknown").inc()
        return partial(_in_doubt, error="an error in the sender"), ""
    ALERT_REQUESTS.labels(channel, "taken").inc()
    return partial(_taken, provider_id=provider_id), provider_id


def _taken(attempt: Attempt, now: datetime, *, provider_id: str) -> Attempt:
    return retries.expect_receipt(was_sent(attempt, now, provider_id), now)


def _failed(attempt: Attempt, now: datetime, *, error: str) -> Attempt:
    return has_failed(attempt, now, error)


def _in_doubt(attempt: Attempt, now: datetime, *, error: str) -> Attempt:
    return retries.after_unknown_outcome(attempt, now, error)


def _postponed(attempt: Attempt, now: datetime, *, error: str) -> Attempt:
    return retries.after_temporary_failure(attempt, now, error)
