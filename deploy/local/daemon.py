"""The supervisor as a process of its own.

What must stay true: the status file always says what the processes are doing, and whose they are;
when it ends, by a request or by a failed start, nothing is left running.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
from typing import Any

import psutil

from deploy.local.errors import RunnerError
from deploy.local.installation import Installation
from deploy.local.log import LogFile, LogView
from deploy.local.process import Process
from deploy.local.servers import CONNECTIONS_FILE, embedded_servers, save_connections
from deploy.local.state import State, write_private
from deploy.local.status import Report, log_path, only_one
from deploy.local.supervisor import Running, Supervisor
from deploy.local.table import Task, without_missing_dependencies

LEAST_FREE_BYTES = 1 << 30
"""Kafka, PostgreSQL and the images need some room; a full disk stops them in the middle."""

_STATUS_RETRY_SECONDS = 1.0


class Daemon:
    """Runs the tasks of an installation until SIGTERM or Ctrl-C."""

    def __init__(self, installation: Installation, view: LogView | None = None) -> None:
        self._installation = installation
        self._state = installation.state
        self._log = LogFile(log_path(self._state))
        self._view = view
        self._phase, self._sentence = "starting", ""
        self._supervisor: Supervisor | None = None
        self._status_due: asyncio.TimerHandle | None = None

    def output(self, name: str, line: str) -> None:
        """Keep a line of a process, and show it when somebody watches."""
        self._log.write(name, line)
        if self._view is not None:
            self._view.show(name, line)

    def say(self, line: str) -> None:
        """Write a line of our own."""
        self.output("runner", line)

    async def run(self, tasks: list[Task]) -> None:
        """Start everything, keep it running, stop it when asked.

        Raises
        ------
        RunnerError : the start failed; nothing of it is left running.
        """
        with only_one(self._state):
            _end_leftovers(self._state)
            _check_room(self._state)
            self._supervisor = Supervisor(
                without_missing_dependencies(tasks), output=self.output, on_change=self._changed
            )
            await self._start_and_wait(self._supervisor)

    async def _start_and_wait(self, supervisor: Supervisor) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        start = asyncio.create_task(supervisor.start())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([start, stopped], return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                self._ready()
                await stopped
            else:
                start.cancel()
                await asyncio.wait([start])
            self._to("stopping")
            await supervisor.stop()
            self._to("stopped")
        except RunnerError as error:
            self._to("failed", str(error))
            raise
        except Exception as error:
            self._to("failed", f"The supervisor failed: {type(error).__name__}: {error}")
            raise
        finally:
            (self._state.run / CONNECTIONS_FILE).unlink(missing_ok=True)
            self._log.close()

    def _ready(self) -> None:
        if not self._installation.outside & {"kafka", "postgres", "s3"}:
            save_connections(self._state, embedded_servers(self._state, self._installation.ports))
        self._to("ready")

    def _to(self, phase: str, sentence: str = "") -> None:
        self._phase, self._sentence = phase, sentence
        self.say(f"{phase} {sentence}".strip())
        self._write_status()

    def _changed(self, running: Running) -> None:
        if running.progress is None or running.progress[0] == running.progress[1]:
            self.say(f"{running.name} is {running.status.value}")
        self._write_status()

    def _write_status(self) -> None:
        if self._status_due is not None:
            self._status_due.cancel()
        running = self._supervisor.running.values() if self._supervisor else ()
        status = {
            "pid": os.getpid(),
            "phase": self._phase,
            "sentence": self._sentence,
            "tasks": [_as_json(each) for each in running],
        }
        try:
            write_private(self._state.run / "status.json", json.dumps(status))
        except OSError:
            # The disk is full: the processes are kept running, and it is said when there is room.
            loop = asyncio.get_running_loop()
            self._status_due = loop.call_later(_STATUS_RETRY_SECONDS, self._write_status)


def _as_json(running: Running) -> dict[str, Any]:
    ports = running.task.ports if isinstance(running.task, Process) else ()
    return {
        "name": running.name,
        "title": running.task.title,
        "status": running.status.value,
        "pid": running.pid,
        "started": _birth(running.pid),
        "port": ports[0] if ports else None,
        "restarts": running.restarts,
        "progress": running.progress,
    }


def _birth(pid: int | None) -> float | None:
    """Return when a process was made: with its number, it names it for ever."""
    if pid is None:
        return None
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _end_leftovers(state: State) -> None:
    """End what an earlier supervisor left behind, should the kernel not have done it."""
    report = Report.read(state)
    if report is None:
        return
    for task in report.tasks:
        pid, birth = task["pid"], task["started"]
        if pid is not None and birth is not None and _birth(pid) == birth:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGTERM)
            with contextlib.suppress(psutil.Error):
                psutil.Process(pid).wait(timeout=10)


def _check_room(state: State) -> None:
    free = shutil.disk_usage(state.folder).free
    if free < LEAST_FREE_BYTES:
        raise RunnerError(
            f"The disk of {state.folder} has only {free >> 20} MB left, 1024 are needed: make "
            "room, or move the state to another disk with RADIOLOGY_STATE."
        )
