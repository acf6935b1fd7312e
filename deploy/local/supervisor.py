"""Keeps a set of processes running: order of readiness, restart with back-off, clean stop.

What must stay true: a process starts only when all that it depends on is ready; one that never
became ready stops the whole start with one sentence; one that dies later is started again.
"""

import asyncio
import contextlib
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from deploy.local.errors import PortInUse, RunnerError, StartFailed
from deploy.local.holders import who_listens
from deploy.local.ports import is_free
from deploy.local.process import Job, Process
from deploy.local.spawn import end_group, in_plain_words, lines_of, spawn

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STABLE_AFTER_SECONDS = 30.0
"""A process that ran this long is forgiven its earlier deaths."""

TRIES_BEFORE_READY = 3
LEAST_ROOM_BYTES = 256 << 20
_POLL_SECONDS = 0.05
_LAST_LINES = 30

Output = Callable[[str, str], None]
"""Takes the name of a process and a line that it wrote."""


class Status(Enum):
    """Where a process is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Running:
    """A process or job, and what has become of it."""

    task: Process | Job
    status: Status = Status.WAITING
    pid: int | None = None
    restarts: int = 0
    exit_code: int | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    progress: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Name of the process or job."""
        return self.task.name

    @property
    def in_order(self) -> bool:
        """Whether it is as it should be when the system is up."""
        return self.status in (Status.READY, Status.DONE)


def next_delay(deaths: int) -> float:
    """Return how long to wait before the next start, doubled with each death in a row."""
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** max(0, deaths - 1))


class Supervisor:
    """Does the jobs, and runs the processes until it is told to stop.

    Parameters
    ----------
    output : gets every line of every process.
    on_change : called when the status of a process changes.
    """

    def __init__(
        self,
        tasks: Iterable[Process | Job],
        *,
        output: Output = lambda _name, _line: None,
        on_change: Callable[[Running], None] = lambda _running: None,
    ) -> None:
        self.running = {task.name: Running(task) for task in tasks}
        self._output = output
        self._on_change = on_change
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Start everything; return when all is ready.

        Raises
        ------
        RunnerError : a process could not be started; the others have been stopped again.
        """
        await self._check_ports()
        for name, running in self.running.items():
            self._tasks[name] = asyncio.create_task(self._live(running), name=name)
        ready = asyncio.create_task(self._all_ready())
        try:
            # FIRST_EXCEPTION would wait for all when jobs merely end, so look at each that ends.
            pending = {ready, *self._tasks.values()}
            while not ready.done():
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        except BaseException:
            ready.cancel()
            await self.stop()
            raise

    async def _check_ports(self) -> None:
        """Find a port in use before anything is started, not in the middle."""
        for running in self.running.values():
            task = running.task
            if isinstance(task, Process) and (problem := await _port_problem(task, patient=False)):
                self._mark(running, Status.FAILED)
                raise problem

    async def _all_ready(self) -> None:
        for running in self.running.values():
            await running.ready.wait()

    async def stop(self) -> None:
        """Stop in the reverse order of dependence; kill what does not end in its time."""
        stopped: set[str] = set()
        while len(stopped) < len(self.running):
            free = [n for n in self.running if n not in stopped and not self._needed(n, stopped)]
            await asyncio.gather(*(self._stop_one(name) for name in free))
            stopped.update(free)

    def _needed(self, name: str, stopped: set[str]) -> bool:
        return any(
            name in other.task.depends_on
            for other_name, other in self.running.items()
            if other_name not in stopped
        )

    async def _stop_one(self, name: str) -> None:
        task = self._tasks.get(name)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        running = self.running[name]
        if running.status is not Status.DONE:  # what is done stays done
            self._mark(running, Status.STOPPED)

    def _mark(self, running: Running, status: Status) -> None:
        if running.status is not status:
            running.status = status
            self._on_change(running)

    async def _live(self, running: Running) -> None:
        for name in running.task.depends_on:
            await self.running[name].ready.wait()
        try:
            if isinstance(running.task, Job):
                await self._do(running, running.task)
            else:
                await self._keep(running, running.task)
        except RunnerError:
            self._mark(running, Status.FAILED)
            raise

    async def _do(self, running: Running, job: Job) -> None:
        def report(done: int, total: int) -> None:
            running.progress = (done, total)
            self._on_change(running)

        self._mark(running, Status.STARTING)
        await job.work(report)
        running.ready.set()
        self._mark(running, Status.DONE)

    async def _keep(self, running: Running, process: Process) -> None:
        """Live with one process: start it, watch it, start it again."""
        deaths = 0
        self._mark(running, Status.STARTING)
        if process.prepare is not None:
            await process.prepare()
        while True:
            lived = await self._run_once(running, process)
            deaths = 1 if lived > STABLE_AFTER_SECONDS else deaths + 1
            if not running.ready.is_set() and (wrong := _wrong_setting(running)):
                raise StartFailed(wrong)
            if not running.ready.is_set() and deaths >= TRIES_BEFORE_READY:
                raise _never_ready(running)
            running.restarts += 1
            self._mark(running, Status.RESTARTING)
            delay = next_delay(deaths)
            self._output(
                process.name, f"ended with code {running.exit_code}; starts again in {delay:g} s"
            )
            await asyncio.sleep(delay)

    async def _run_once(self, running: Running, process: Process) -> float:
        """Run a process until it dies; return how many seconds it lived after being ready."""
        loop = asyncio.get_running_loop()
        if (problem := await _port_problem(process, patient=running.restarts > 0)) is not None:
            if not running.ready.is_set():
                raise problem
            self._output(process.name, str(problem))
            return 0.0
        if not _has_room(process):
            running.last_lines.append("No space left on device")
            self._output(process.name, f"waits for {LEAST_ROOM_BYTES >> 20} MB of room on its disk")
            return 0.0
        try:
            child = await spawn(
                process.command,
                environment=process.environment,
                folder=process.folder,
                account=process.account,
                death_signal=process.stop_signal,
            )
        except OSError as error:  # no memory for one more process, or its program is gone
            if not running.ready.is_set():
                raise
            self._output(process.name, f"could not be started: {error.strerror}")
            return 0.0
        running.pid = child.pid
        pump = asyncio.create_task(self._pump(running, process, child))
        died = asyncio.create_task(child.wait())
        since = loop.time()
        try:
            if await self._becomes_ready(running, process, died):
                since = loop.time()
                running.ready.set()
                self._mark(running, Status.READY)
                # Not `await died`: a cancellation would cancel it too, and hide that it still runs.
                await asyncio.wait([died])
            return loop.time() - since if died.done() else 0.0
        finally:
            await _end(process, child, died)
            await asyncio.wait([pump], timeout=1)
            pump.cancel()
            running.pid, running.exit_code = None, child.returncode

    async def _becomes_ready(
        self, running: Running, process: Process, died: "asyncio.Task[int]"
    ) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + process.ready_timeout_seconds
        while not died.done():
            if await process.ready() and not died.done():
                return True
            if loop.time() > deadline:
                if not running.ready.is_set():
                    raise _too_slow(running, process)
                return False
            await asyncio.wait([died], timeout=_POLL_SECONDS)
        return False

    async def _pump(
        self, running: Running, process: Process, child: asyncio.subprocess.Process
    ) -> None:
        async for line in lines_of(child):
            if process.noise is None or not process.noise.match(line):
                running.last_lines.append(line)
                self._output(process.name, line)


async def _port_problem(process: Process, *, patient: bool) -> PortInUse | None:
    """Check that the ports are free; after a death, give the kernel time to clear them."""
    for _ in range(100 if patient else 1):
        taken = [port for port in process.ports if not is_free(port)]
        if not taken:
            return None
        if patient:
            await asyncio.sleep(0.1)
    return PortInUse(
        f"Port {taken[0]}, which {process.title} needs, is in use{who_listens(taken[0])}: end that "
        "program, or shift all ports, as in: RADIOLOGY_PORTS=1000 ./radiology up"
    )


def _has_room(process: Process) -> bool:
    if process.room_in is None:
        return True
    return shutil.disk_usage(process.room_in).free >= LEAST_ROOM_BYTES


async def _end(
    process: Process, child: asyncio.subprocess.Process, died: "asyncio.Task[int]"
) -> None:
    """End a child and whatever it has started."""
    if not died.done():
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(process.stop_signal)
        await asyncio.wait([died], timeout=process.stop_timeout_seconds)
    end_group(child)
    await asyncio.wait([died])


def _wrong_setting(running: Running) -> str:
    """Return what a process of ours says of a wrong setting: another try would not help.

    It may be several lines, as the mistakes of a file that a setting names.
    """
    said = [line.strip() for line in running.last_lines if not line.startswith("{")]
    first = next((at for at, line in enumerate(said) if line.startswith("Setting ")), len(said))
    mistake, others = said[first : first + 1], said[first + 1 :]
    return " ".join([*mistake, " / ".join(others)]).strip()


def _never_ready(running: Running) -> StartFailed:
    return StartFailed(
        f"{_capital(running.task.title)} ended {TRIES_BEFORE_READY} times before it was ready: "
        f"{in_plain_words(running.last_lines)}"
    )


def _too_slow(running: Running, process: Process) -> StartFailed:
    seconds = process.ready_timeout_seconds
    return StartFailed(
        f"{_capital(process.title)} was not ready within {seconds:.0f} s: "
        f"{in_plain_words(running.last_lines)}"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
