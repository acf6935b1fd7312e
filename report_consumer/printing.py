"""The process that makes PDFs: `python -m report_consumer.printing HOSPITAL ZONE FONT_DIR`.

A job comes by standard input, its sheet goes out by standard output, one after the other; the end
of the input ends it, so it never outlives the worker. It says nothing else: what it reads and
writes are reports.
"""

import os
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

from contracts.base import Contract
from contracts.events.report_updated import ReportUpdated

if TYPE_CHECKING:
    from report_consumer.document import DocumentMaker

HEAD = struct.Struct(">I")
"""Length of a job in bytes; the job follows as JSON."""
SHEET = struct.Struct(">cI")
"""Outcome, and length of what follows: the PDF, or a sentence that says why there is none."""
MADE, INVALID = b"M", b"I"


class PrintJob(Contract):
    """One version of a report, with its first so many addenda."""

    report: ReportUpdated
    version_number: int
    addenda: int


def serve(maker: "DocumentMaker", jobs: BinaryIO, sheets: BinaryIO) -> None:
    """Make documents until the input ends."""
    while len(head := jobs.read(HEAD.size)) == HEAD.size:
        body = jobs.read(HEAD.unpack(head)[0])
        kind, sheet = _made(maker, body)
        sheets.write(SHEET.pack(kind, len(sheet)) + sheet)
        sheets.flush()


def _made(maker: "DocumentMaker", body: bytes) -> tuple[bytes, bytes]:
    from report_consumer.errors import DocumentInvalid  # noqa: PLC0415 - as the maker

    job = PrintJob.model_validate_json(body)
    version = next(v for v in job.report.versions if v.number == job.version_number)
    try:
        return MADE, maker.pdf(job.report, version, addenda=job.addenda)
    except DocumentInvalid as error:
        return INVALID, str(error).encode()


def main() -> None:
    """Serve standard input, and give way to everybody: no signature shall wait for a PDF."""
    # The typesetter is for this process only; the worker imports the shape of the jobs.
    from report_consumer.document import DocumentMaker  # noqa: PLC0415

    hospital, zone, fonts = sys.argv[1:]
    if hasattr(os, "nice"):
        os.nice(10)
    maker = DocumentMaker(hospital, ZoneInfo(zone), Path(fonts) if fonts else None)
    serve(maker, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
