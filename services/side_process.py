"""A process of our own beside us: for what takes memory or time that we would rather not give.

What must stay true: an answer belongs to its question. After anything that went wrong the process
is ended, and the next question finds a new one. The end of its input ends it, so it never outlives
us. `services.side_process_loop` is its other end.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import structlog

from services.errors import TransientError
from services.side_process_loop import LENGTH

_ROOT = Path(__file__).parent.parent

log = structlog.get_logger()


class SideProcessEnded(TransientError):
    """The process died, was killed or took too long; another question starts a new one.

    If it happens again and again, look for what kills it: mostly the machine has no memory left.
    """

    code = "side_process_ended"


class SideProcess:
    """Answers one question at a time; the process is there while there are questions.

    Parameters
    ----------
    module : run as `python -m`.
    time_limit_seconds : for one answer, the start of the process included.
    idle_seconds : how long it is kept without a question; None: until it is closed.
    most_questions : after so many a new one is started: what it keeps to itself goes with it.
    folder : where the module is found.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        time_limit_seconds: float = 20.0,
        idle_seconds: float | None = None,
        most_questions: int | None = None,
        folder: Path = _ROOT,
    ) -> None:
        self.time_limit_seconds = time_limit_seconds
        self.idle_seconds = idle_seconds
        self.most_questions = most_questions
        self._command = (sys.executable, "-m", module, *arguments)
        self.folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._answered = 0
        self._one_at_a_time = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that stands by, if there is one."""
        return self._process.pid if self._process else None

    async def ask(self, question: bytes) -> bytes:
        """Return the answer to a question; what is very large should go by way of a file.

        Raises
        ------
        SideProcessEnded : there is none; asked again, there may be one.
        """
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(self.time_limit_seconds):
                    answer = await self._exchange(await self._ready(), question)
            except TimeoutError:
                await self._end()
                raise SideProcessEnded("it took too long") from None
            except (OSError, asyncio.IncompleteReadError):
                await self._end()
                raise SideProcessEnded("it ended in the middle") from None
            except BaseException:
                # Its answer to this question must not be taken for the answer to the next.
                await self._end()
                raise
            await self._rest()
        return answer

    async def ask_twice(self, question: bytes) -> bytes:
        """Ask, and ask a new process where that one ended: somebody else may have ended it.

        Raises
        ------
        SideProcessEnded : both ended; the question is what ends them.
        """
        try:
            return await self.ask(question)
        except SideProcessEnded:
            return await self.ask(question)

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
                *self._command,
                cwd=self.folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # A traceback may quote a value of the patient's.
                stderr=asyncio.subprocess.DEVNULL,
            )
            log.debug("side_process_started", module=self._command[2])
        return self._process

    async def _exchange(self, process: asyncio.subprocess.Process, question: bytes) -> bytes:
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(LENGTH.pack(len(question)))
        process.stdin.write(question)
        await process.stdin.drain()
        [length] = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        return await process.stdout.readexactly(length)

    async def _rest(self) -> None:
        self._answered += 1
        if self._answered == self.most_questions:
            await self._end()
        elif self.idle_seconds is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self.idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        if not self._one_at_a_time.locked():
            self._kill()

    async def _end(self) -> None:
        if process := self._kill():
            await process.wait()

    def _kill(self) -> asyncio.subprocess.Process | None:
        """End the process and forget it at once: nobody may write to what is dying."""
        process, self._process, self._answered = self._process, None, 0
        if self._idle:
            self._idle.cancel()
        if process:
            with suppress(ProcessLookupError):
                process.kill()
        return process
