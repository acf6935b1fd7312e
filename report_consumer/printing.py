"""The process that makes PDFs: `python -m report_consumer.printing HOSPITAL ZONE FONT_DIR`.

It is asked for one job after the other and answers the sheet. It says nothing else: what it reads
and writes are reports.
"""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.base import Contract
from contracts.events.report_updated import ReportUpdated
from services.side_process_loop import answer_all

if TYPE_CHECKING:
    from report_consumer.document import DocumentMaker

MADE, INVALID = b"M", b"I"
"""How an answer begins; behind it the PDF, or a sentence that says why there is none."""


class PrintJob(Contract):
    """One version of a report, with its first so many addenda."""

    report: ReportUpdated
    version_number: int
    addenda: int


def _made(maker: "DocumentMaker", body: bytes) -> bytes:
    from report_consumer.errors import DocumentInvalid  # noqa: PLC0415 - as the maker

    job = PrintJob.model_validate_json(body)
    version = next(v for v in job.report.versions if v.number == job.version_number)
    try:
        return MADE + maker.pdf(job.report, version, addenda=job.addenda)
    except DocumentInvalid as error:
        return INVALID + str(error).encode()


def main() -> None:
    """Make what is asked for, and give way to everybody: no signature shall wait for a PDF."""
    # The typesetter is for this process only; the worker imports the shape of the jobs.
    from report_consumer.document import DocumentMaker  # noqa: PLC0415

    hospital, zone, fonts = sys.argv[1:]
    if hasattr(os, "nice"):
        os.nice(10)
    maker = DocumentMaker(hospital, ZoneInfo(zone), Path(fonts) if fonts else None)
    answer_all(partial(_made, maker))


if __name__ == "__main__":
    main()
