"""Makes PDFs in a process of its own, so that the worker stays small and its event loop free.

What must stay true: a document is whole or not made. When the press dies, is killed or takes too
long, the attempt fails as something to try again, and the next one finds a new press.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from contracts.events.report_updated import ReportUpdated, ReportVersion
from report_consumer.errors import DocumentInvalid, DocumentUnfinished
from report_consumer.printing import HEAD, MADE, SHEET, PrintJob
from services.settings import HospitalSettings

JOBS_PER_PRESS = 200
"""Documents that one process makes: what a compiler keeps to itself goes with it."""
IDLE_SECONDS = 30.0
"""How long a press without work is kept."""
TIME_LIMIT_SECONDS = 20.0
"""Limit of one document; it takes some ten milliseconds, the first of a press half a second."""

_ROOT = Path(__file__).parent.parent

log = structlog.get_logger()


@dataclass
class Press:
    """Makes one document at a time; the process is there while there is work.

    Parameters
    ----------
    font_dir : further fonts; None: those that typst brings.
    """

    hospital: HospitalSettings
    font_dir: Path | None = None
    time_limit_seconds: float = TIME_LIMIT_SECONDS
    idle_seconds: float = IDLE_SECONDS
    jobs_per_press: int = JOBS_PER_PRESS
    _process: asyncio.subprocess.Process | None = None
    _jobs: int = 0
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that stands by, if there is one."""
        return self._process.pid if self._process else None

    async def pdf(self, report: ReportUpdated, version: ReportVersion, *, addenda: int) -> bytes:
        """Return the PDF of one version with the first so many addenda of the report.

        Raises
        ------
        DocumentUnfinished : the press died or took too long; another attempt may do.
        DocumentInvalid : the document cannot be made, now or later.
        """
        job = PrintJob(report=report, version_number=version.number, addenda=addenda)
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(self.time_limit_seconds):
                    kind, sheet = await self._print(await self._ready(), job)
            except TimeoutError:
                await self._end()
                raise DocumentUnfinished("the document took too long") from None
            except (OSError, asyncio.IncompleteReadError):
                await self._end()
                raise DocumentUnfinished("the press ended in the middle") from None
            except BaseException:
                # Its answer to this job must not be taken for the answer to the next.
                await self._end()
                raise
            await self._rest()
        if kind != MADE:
            raise DocumentInvalid(sheet.decode())
        return sheet

    async def close(self) -> None:
        """End the process, if there is one."""
        async with self._one_at_a_time:
            await self._end()

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._idle:
            self._idle.cancel()
        if self._process and self._process.returncode is not None:
            await self._end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "report_consumer.printing"),
                *(self.hospital.name, self.hospital.time_zone, str(self.font_dir or "")),
                cwd=_ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # A traceback may quote the report.
                stderr=asyncio.subprocess.DEVNULL,
            )
            log.debug("press_started")
        return self._process

    async def _print(
        self, process: asyncio.subprocess.Process, job: PrintJob
    ) -> tuple[bytes, bytes]:
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101
        body = job.to_json()
        process.stdin.write(HEAD.pack(len(body)) + body)
        await process.stdin.drain()
        kind, length = SHEET.unpack(await process.stdout.readexactly(SHEET.size))
        return kind, await process.stdout.readexactly(length)

    async def _rest(self) -> None:
        self._jobs += 1
        if self._jobs >= self.jobs_per_press:
            await self._end()
            return
        self._idle = asyncio.get_running_loop().call_later(self.idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        if not self._one_at_a_time.locked():
            self._kill()

    async def _end(self) -> None:
        if process := self._kill():
            await process.wait()

    def _kill(self) -> asyncio.subprocess.Process | None:
        """End the process and forget it at once: nobody may write to what is dying."""
        process, self._process, self._jobs = self._process, None, 0
        if self._idle:
            self._idle.cancel()
        if process:
            with suppress(ProcessLookupError):
                process.kill()
        return process


@asynccontextmanager
async def open_press(hospital: HospitalSettings, font_dir: Path | None) -> AsyncIterator[Press]:
    """Give a press; its process ends with the block."""
    press = Press(hospital, font_dir)
    try:
        yield press
    finally:
        await press.close()
