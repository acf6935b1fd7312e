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
from report_consumer.errors import DocumentInvalid
from report_consumer.press import Press, open_press
from services.settings import HospitalSettings
from services.side_process import SideProcessEnded
from tests.unit.report_consumer.test_report_document import MAKER, report, version

HOSPITAL = HospitalSettings(name=MAKER.hospital, time_zone=MAKER.zone.key)


@pytest_asyncio.fixture
async def press() -> AsyncIterator[Press]:
    async with open_press(HOSPITAL, None) as opened:
        yield opened


async def made_by(press: Press, shown: ReportUpdated) -> bytes:
    return await press.pdf(shown, shown.current, addenda=0)


async def test_document_is_the_same_as_without_a_press(press: Press) -> None:
    shown = report(version())

    pdf = await made_by(press, shown)

    assert pdf == MAKER.pdf(shown, shown.current, addenda=0)


async def test_documents_at_once_are_not_mixed_up(press: Press) -> None:
    reports = [report(version(findings=f"Finding {n}.")) for n in range(4)]

    pdfs = await asyncio.gather(*(made_by(press, shown) for shown in reports))

    assert pdfs == [MAKER.pdf(shown, shown.current, addenda=0) for shown in reports]


async def test_press_that_is_killed_in_the_middle_leaves_a_document_to_make_again(
    press: Press,
) -> None:
    shown = report(version())
    await made_by(press, shown)
    assert press.process.pid
    os.kill(press.process.pid, signal.SIGSTOP)
    making = asyncio.create_task(made_by(press, shown))
    await asyncio.sleep(0.05)
    os.kill(press.process.pid, signal.SIGKILL)

    with pytest.raises(SideProcessEnded):
        await making

    assert (await made_by(press, shown)).startswith(b"%PDF-")


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
    press.process.folder = tmp_path

    with pytest.raises(DocumentInvalid, match="does not compile"):
        await made_by(press, report(version()))


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

    resident = psutil.Process(press.process.pid).memory_info().rss

    assert resident < 150 * 2**20
