"""A process beside us: its answers are never mixed up, and its death costs a question."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from deploy.local.state import ROOT
from services.side_process import SideProcess, SideProcessEnded
from tests.harness.standins import eventually

_ECHO = """\
import time
from services.side_process_loop import answer_all

def answer(question):
    time.sleep(float(question[:4] or 0))
    return question[::-1]

answer_all(answer)
"""
NOW, SLOW = b"0.00", b"0.30"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "echo.py").write_text(_ECHO)
    (tmp_path / "services").symlink_to(ROOT / "services")
    return tmp_path


@pytest_asyncio.fixture
async def side(folder: Path) -> AsyncIterator[SideProcess]:
    opened = SideProcess("echo", folder=folder)
    yield opened
    await opened.close()


async def until_running(side: SideProcess) -> int:
    async def pid() -> int | None:
        return side.pid

    return await eventually(pid)


async def until_gone(pid: int) -> None:
    async def gone() -> bool:
        return not psutil.pid_exists(pid)

    await eventually(gone)


async def test_questions_at_once_are_not_mixed_up(side: SideProcess) -> None:
    questions = [NOW + str(number).encode() for number in range(5)]

    answers = await asyncio.gather(*(side.ask(each) for each in questions))

    assert answers == [each[::-1] for each in questions]


async def test_long_and_empty_questions_are_answered(side: SideProcess) -> None:
    large = NOW + bytes(3 << 20)

    assert await side.ask(large) == large[::-1]
    assert await side.ask(b"") == b""


async def test_one_that_is_killed_in_the_middle_costs_the_question(side: SideProcess) -> None:
    asking = asyncio.create_task(side.ask(SLOW))
    os.kill(await until_running(side), signal.SIGKILL)

    with pytest.raises(SideProcessEnded, match="in the middle"):
        await asking

    assert await side.ask(NOW) == NOW[::-1]


async def test_one_that_died_between_two_questions_is_replaced(side: SideProcess) -> None:
    await side.ask(NOW)
    killed = await until_running(side)
    psutil.Process(killed).kill()
    await until_gone(killed)
    await asyncio.sleep(0.05)  # the loop hears of it by a signal

    assert await side.ask(NOW) == NOW[::-1]

    assert side.pid != killed


async def test_one_that_hangs_is_ended_in_time(side: SideProcess) -> None:
    await side.ask(NOW)
    hanging = await until_running(side)
    os.kill(hanging, signal.SIGSTOP)
    side.time_limit_seconds = 0.2

    with pytest.raises(SideProcessEnded, match="too long"):
        await side.ask(NOW)

    assert not psutil.pid_exists(hanging)


async def test_question_that_is_given_up_does_not_answer_the_next(side: SideProcess) -> None:
    given_up = asyncio.create_task(side.ask(SLOW + b" first"))
    await until_running(side)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)

    assert await side.ask(NOW + b" second") == (NOW + b" second")[::-1]


async def test_one_without_questions_ends(folder: Path) -> None:
    side = SideProcess("echo", folder=folder, idle_seconds=0.05)
    await side.ask(NOW)
    pid = await until_running(side)

    await until_gone(pid)

    assert side.pid is None


async def test_after_so_many_questions_a_new_one_is_started(folder: Path) -> None:
    """What it keeps to itself cannot grow for ever."""
    side = SideProcess("echo", folder=folder, most_questions=3)

    pids = [(await side.ask(NOW), side.pid)[1] for _ in range(4)]
    await side.close()

    assert pids[0] == pids[1]
    assert pids[2] is None
    assert pids[3] not in (None, pids[0])


async def test_it_ends_with_whoever_started_it(folder: Path) -> None:
    """No orphan: the end of its input ends it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "echo"), stdin=asyncio.subprocess.PIPE, cwd=folder
    )
    assert child.stdin is not None
    child.stdin.close()

    assert await asyncio.wait_for(child.wait(), 10) == 0
