"""The frame that works off leased rows: side by side, bounded, and never stopped by one of them."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from services import leases
from services.errors import DatabaseUnavailable
from services.leases import Sender, back_off


class FakeDatabase:
    def __init__(self) -> None:
        self.woken = asyncio.Event()

    def watch_commits(self) -> asyncio.Event:
        return self.woken


class Rows:
    """Due rows, and what is going on with them."""

    def __init__(self, *due: str) -> None:
        self.due = list(due)
        self.performed: list[str] = []
        self.running = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def claim(self, limit: int) -> Sequence[str]:
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    async def perform(self, job: str) -> None:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        await self.gate.wait()
        self.running -= 1
        if job == "bug":
            raise ValueError(job)
        if job == "database":
            raise DatabaseUnavailable
        self.performed.append(job)


def sender(rows: Rows, database: FakeDatabase | None = None, at_once: int = 2) -> Sender[str]:
    return Sender(
        "test",
        database or FakeDatabase(),  # type: ignore[arg-type]  # it is asked for commits only
        claim=rows.claim,
        perform=rows.perform,
        at_once=at_once,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.001)


async def test_rows_are_performed_side_by_side_and_not_too_many() -> None:
    rows = Rows("a", "b", "c", "d")
    rows.gate.clear()
    task = asyncio.create_task(sender(rows).run())
    await until(lambda: rows.running == 2)
    rows.gate.set()

    await until(lambda: len(rows.performed) == 4)

    assert rows.most_at_once == 2
    task.cancel()


async def test_commit_wakes_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "POLL_SECONDS", 60.0)
    rows, database = Rows(), FakeDatabase()
    task = asyncio.create_task(sender(rows, database).run())
    await asyncio.sleep(0.01)
    rows.due.append("a")

    database.woken.set()

    await until(lambda: rows.performed == ["a"])
    task.cancel()


async def test_row_that_came_due_is_found_without_a_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "POLL_SECONDS", 0.01)
    rows = Rows()
    task = asyncio.create_task(sender(rows).run())
    await asyncio.sleep(0.01)

    rows.due.append("a")

    await until(lambda: rows.performed == ["a"])
    task.cancel()


async def test_one_bad_row_does_not_stop_the_others() -> None:
    rows = Rows("bug", "database", "a")

    done = await sender(rows).drain()

    assert rows.performed == ["a"]
    assert done == 3


async def test_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "POLL_SECONDS", 0.01)
    rows = Rows("a")
    answers = iter([DatabaseUnavailable(), None])

    async def claim(limit: int) -> Sequence[str]:
        if error := next(answers, None):
            raise error
        return await rows.claim(limit)

    away: Sender[str] = Sender(
        "test",
        FakeDatabase(),  # type: ignore[arg-type]  # it is asked for commits only
        claim=claim,
        perform=rows.perform,
        at_once=1,
    )
    task = asyncio.create_task(away.run())

    await until(lambda: rows.performed == ["a"])
    task.cancel()


async def test_orderly_end_lets_what_is_being_done_finish() -> None:
    """A call-back in the air at a restart would else be sent twice."""
    rows = Rows("a")
    rows.gate.clear()
    task = asyncio.create_task(sender(rows).run())
    await until(lambda: rows.running == 1)

    task.cancel()
    await asyncio.sleep(0)
    rows.gate.set()
    await asyncio.wait([task])

    assert task.cancelled()
    assert rows.performed == ["a"]


async def test_orderly_end_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "DRAIN_SECONDS", 0.01)
    rows = Rows("a")
    rows.gate.clear()
    task = asyncio.create_task(sender(rows).run())
    await until(lambda: rows.running == 1)

    task.cancel()
    await asyncio.wait([task], timeout=5)

    assert task.cancelled()
    assert rows.performed == []


def test_pauses_double_up_to_a_limit() -> None:
    pauses = [back_off(n, first_seconds=1, longest_seconds=10) for n in (1, 2, 3, 4, 5, 1000)]

    assert pauses == [1, 2, 4, 8, 10, 10]
