"""The process that makes PDFs: what it makes, and what becomes of its death."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from contracts.events.report_updated import ReportUpdated
from report_consumer import press as press_module
from report_consumer.errors import DocumentInvalid, DocumentUnfinished
from report_consumer.press import Press, open_press
from services.settings import HospitalSettings
from tests.harness.standins import eventually
from tests.unit.report_consumer.test_report_document import MAKER, report, version

HOSPITAL = HospitalSettings(name=MAKER.hospital, time_zone=MAKER.zone.key)


@pytest_asyncio.fixture
async def press() -> AsyncIterator[Press]:
    async with open_press(HOSPITAL, None) as opened:
        yield opened


async def made_by(press: Press, shown: ReportUpdated) -> bytes:
    return await press.pdf(shown, shown.current, addenda=0)


async def until_running(press: Press) -> int:
    async def pid() -> int | None:
        return press.pid

    return await eventually(pid)


async def until_gone(pid: int) -> None:
    async def gone() -> bool:
        return not psutil.pid_exists(pid)

    await eventually(gone)


async def test_document_is_the_same_as_without_a_press(press: Press) -> None:
    shown = report(version())

    pdf = await made_by(press, shown)

    assert pdf == MAKER.pdf(shown, shown.current, addenda=0)


async def test_many_documents_share_a_process_which_then_ends(press: Press) -> None:
    """What a typesetter keeps to itself cannot grow for ever."""
    press.jobs_per_press = 3
    shown = report(version())

    pids = [(await made_by(press, shown), press.pid)[1] for _ in range(4)]

    assert pids[0] == pids[1]
    assert pids[2] is None
    assert pids[3] not in (None, pids[0])


async def test_documents_at_once_are_not_mixed_up(press: Press) -> None:
    reports = [report(version(findings=f"Finding {n}.")) for n in range(4)]

    pdfs = await asyncio.gather(*(made_by(press, shown) for shown in reports))

    assert pdfs == [MAKER.pdf(shown, shown.current, addenda=0) for shown in reports]


async def test_press_that_is_killed_in_the_middle_leaves_a_document_to_make_again(
    press: Press,
) -> None:
    shown = report(version())
    making = asyncio.create_task(made_by(press, shown))
    os.kill(await until_running(press), signal.SIGKILL)

    with pytest.raises(DocumentUnfinished):
        await making

    assert (await made_by(press, shown)).startswith(b"%PDF-")


async def test_press_that_died_between_two_documents_is_replaced(press: Press) -> None:
    shown = report(version())
    await made_by(press, shown)
    killed = await until_running(press)
    psutil.Process(killed).kill()
    await until_gone(killed)
    await asyncio.sleep(0.05)  # the loop hears of it by a signal

    assert (await made_by(press, shown)).startswith(b"%PDF-")

    assert press.pid != killed


async def test_press_that_hangs_is_ended_in_time(press: Press) -> None:
    shown = report(version())
    await made_by(press, shown)
    hanging = await until_running(press)
    os.kill(hanging, signal.SIGSTOP)
    press.time_limit_seconds = 0.2

    with pytest.raises(DocumentUnfinished, match="too long"):
        await made_by(press, shown)

    assert not psutil.pid_exists(hanging)


async def test_attempt_that_is_given_up_does_not_answer_the_next(press: Press) -> None:
    first, second = report(version(findings="First.")), report(version(findings="Second."))
    making = asyncio.create_task(made_by(press, first))
    await until_running(press)
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)

    pdf = await made_by(press, second)

    assert pdf == MAKER.pdf(second, second.current, addenda=0)


async def test_press_without_work_ends(press: Press) -> None:
    press.idle_seconds = 0.05
    shown = report(version())
    await made_by(press, shown)
    pid = await until_running(press)

    await until_gone(pid)

    assert press.pid is None


async def test_press_ends_with_the_worker_that_was_killed() -> None:
    """No orphan: the end of its input ends it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "report_consumer.printing", "General", "UTC", ""),
        stdin=asyncio.subprocess.PIPE,
        cwd=Path(press_module.__file__).parent.parent,
    )
    assert child.stdin is not None
    child.stdin.close()

    assert await asyncio.wait_for(child.wait(), 10) == 0


async def test_fault_of_the_template_is_told_and_not_tried_for_ever(
    press: Press, tmp_path: Path
) -> None:
    """The press of a copy of the package whose template is broken."""
    package = Path(press_module.__file__).parent
    copy = tmp_path / "report_consumer"
    copy.mkdir()
    for file in (*package.glob("*.py"), *package.glob("*.sql")):
        (copy / file.name).write_bytes(file.read_bytes())
    (copy / "report.typ").write_text("#nonsense(")
    for name in ("contracts", "services"):
        (tmp_path / name).symlink_to(package.parent / name)
    shown = report(version())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(press_module, "_ROOT", tmp_path)
        with pytest.raises(DocumentInvalid, match="does not compile"):
            await made_by(press, shown)


async def test_worker_itself_does_not_load_the_typesetter() -> None:
    """Its memory and its pauses belong to the press."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c"),
        "import sys, report_consumer.app; sys.exit('typst' in sys.modules)",
        cwd=Path(press_module.__file__).parent.parent,
    )

    assert await child.wait() == 0


async def test_press_stays_small(press: Press) -> None:
    shown = report(version(findings="Long. " * 2000))
    for _ in range(60):
        await made_by(press, shown)

    resident = psutil.Process(await until_running(press)).memory_info().rss

    assert resident < 150 * 2**20
