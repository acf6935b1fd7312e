"""Makes PDFs in a process of its own, so that the worker stays small and its event loop free.

What must stay true: a document is whole or not made. When the press dies, is killed or takes too
long, the attempt fails as something to try again, and the next one finds a new press.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contracts.events.report_updated import ReportUpdated, ReportVersion
from report_consumer.errors import DocumentInvalid
from report_consumer.printing import MADE, PrintJob
from services.settings import HospitalSettings
from services.side_process import SideProcess

JOBS_PER_PRESS = 200
"""Documents that one process makes: what a compiler keeps to itself goes with it."""
IDLE_SECONDS = 30.0
"""How long a press without work is kept."""
TIME_LIMIT_SECONDS = 20.0
"""Limit of one document; it takes some ten milliseconds, the first of a press half a second."""


class Press:
    """Makes one document at a time.

    Parameters
    ----------
    font_dir : further fonts; None: those that typst brings.
    """

    def __init__(self, hospital: HospitalSettings, font_dir: Path | None = None) -> None:
        self.process = SideProcess(
            "report_consumer.printing",
            *(hospital.name, hospital.time_zone, str(font_dir or "")),
            time_limit_seconds=TIME_LIMIT_SECONDS,
            idle_seconds=IDLE_SECONDS,
            most_questions=JOBS_PER_PRESS,
        )

    async def pdf(self, report: ReportUpdated, version: ReportVersion, *, addenda: int) -> bytes:
        """Return the PDF of one version with the first so many addenda of the report.

        Raises
        ------
        SideProcessEnded : the press died or took too long; another attempt may do.
        DocumentInvalid : the document cannot be made, now or later.
        """
        job = PrintJob(report=report, version_number=version.number, addenda=addenda)
        answer = await self.process.ask(job.to_json())
        kind, sheet = answer[:1], answer[1:]
        if kind != MADE:
            raise DocumentInvalid(sheet.decode())
        return sheet


@asynccontextmanager
async def open_press(hospital: HospitalSettings, font_dir: Path | None) -> AsyncIterator[Press]:
    """Give a press; its process ends with the block."""
    press = Press(hospital, font_dir)
    try:
        yield press
    finally:
        await press.process.close()
