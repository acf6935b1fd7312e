"""Works off rows that tell of something to be done outside: claimed with a lease, done, recorded.

What must stay true: a row is claimed and committed before anything is done about it, and its result
is recorded by whoever holds its token. Whoever dies in between loses the lease, and another takes
the row up. The rows, their states and times belong to the package that calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from services.database import Database
from services.errors import DatabaseUnavailable

Job = TypeVar("Job")
POLL_SECONDS = 1.0
"""How late a row can be that came due without a commit of this process."""
REST_SECONDS = 0.05
"""After a look that found nothing; most commits leave nothing to do, and need not each be looked
after."""
DRAIN_SECONDS = 5.0
"""How long an orderly end waits for what is being done; the rest comes again after its lease."""

log = structlog.get_logger()


class Sender(Generic[Job]):
    """Takes due rows and performs them, some at once.

    Parameters
    ----------
    claim : takes at most so many due rows, in one statement that commits by itself
        (`Database.connection`): a transaction would announce its commit, and wake this sender.
    perform : does one and records what became of it; what it raises is a bug, and the row comes
        again when its lease ends.
    at_once : how many are performed side by side, so that a slow one does not hold up the others.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        *,
        claim: Callable[[int], Awaitable[Sequence[Job]]],
        perform: Callable[[Job], Awaitable[None]],
        at_once: int,
    ) -> None:
        self._name = name
        self._claim = claim
        self._perform = perform
        self._at_once = at_once
        self._wake = database.watch_commits()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled; what is being done then is given a little time."""
        try:
            while True:
                self._wake.clear()
                if not await self._take_up():
                    await self._wait()
        finally:
            await self._end()

    async def drain(self) -> int:
        """Perform what is due now and return how many that were; for tests and commands."""
        done = 0
        while jobs := await self._claim(self._at_once):
            await asyncio.gather(*(self._perform_safely(job) for job in jobs))
            done += len(jobs)
        return done

    async def _take_up(self) -> bool:
        """Start what is due; tell whether there may be more."""
        free = self._at_once - len(self._running)
        if not free:
            return False
        try:
            jobs = await self._claim(free)
        except DatabaseUnavailable as error:
            log.warning("sender_postponed", name=self._name, reason=error.code)
            return False
        for job in jobs:
            task = asyncio.create_task(self._perform_safely(job))
            self._running.add(task)
            task.add_done_callback(self._ended)
        return bool(jobs)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _end(self) -> None:
        running = tuple(self._running)
        if running:
            await asyncio.wait(running, timeout=DRAIN_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _perform_safely(self, job: Job) -> None:
        try:
            await self._perform(job)
        except DatabaseUnavailable as error:
            log.warning("sender_postponed", name=self._name, reason=error.code)
        except Exception as error:
            log.exception("sender_failed", name=self._name, exc_info=error)

    async def _wait(self) -> None:
        await asyncio.sleep(REST_SECONDS)
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            return  # look anyway: a row may have come due


def back_off(attempt: int, *, first_seconds: float, longest_seconds: float) -> float:
    """Return the pause after an attempt, in seconds: doubled each time, up to the longest."""
    return float(min(longest_seconds, first_seconds * 2.0 ** min(attempt - 1, 32)))
