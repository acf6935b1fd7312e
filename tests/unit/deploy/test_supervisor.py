"""The supervisor with tiny real processes: order, restart, back-off, sentences, no orphans."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from deploy.local import supervisor as module
from deploy.local.errors import PortInUse, RunnerError, StartFailed
from deploy.local.process import Job, Process, Report
from deploy.local.state import ROOT
from deploy.local.supervisor import Running, Status, Supervisor, next_delay

SLEEP = "import time; time.sleep(60)"


async def always() -> bool:
    return True


def process(name: str, code: str = SLEEP, **changes: object) -> Process:
    """A process that runs a line of Python and is ready at once."""
    command = (sys.executable, "-S", "-c", code)
    made = Process(name=name, title=name, command=command, ready=always, stop_timeout_seconds=2)
    return replace(made, **changes)  # type: ignore[arg-type]


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended; who inherits it may take its time to notice."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_SECONDS", 0.01)


async def test_a_process_starts_after_what_it_depends_on() -> None:
    became_ready: list[str] = []

    def note(running: Running) -> None:
        if running.in_order:
            became_ready.append(running.name)

    async def make_topics(_report: Report) -> None:
        await asyncio.sleep(0.05)

    supervisor = Supervisor(
        [
            process("worker", depends_on=("topics",)),
            Job("topics", "topics", make_topics, depends_on=("kafka",)),
            process("kafka"),
        ],
        on_change=note,
    )
    await supervisor.start()
    await supervisor.stop()

    assert became_ready == ["kafka", "topics", "worker"]


async def test_it_stops_in_the_reverse_order() -> None:
    stopped: list[str] = []

    def note(running: Running) -> None:
        if running.status is Status.STOPPED:
            stopped.append(running.name)

    supervisor = Supervisor(
        [process("kafka"), process("worker", depends_on=("kafka",))], on_change=note
    )
    await supervisor.start()
    await supervisor.stop()

    assert stopped == ["worker", "kafka"]


async def test_a_process_that_dies_is_started_again() -> None:
    said: list[str] = []
    supervisor = Supervisor([process("worker")], output=lambda _name, line: said.append(line))
    await supervisor.start()
    running = supervisor.running["worker"]
    first = running.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    await until(lambda: running.restarts == 1 and running.status is Status.READY)
    assert running.pid != first
    assert said == ["ended with code -9; starts again in 0.01 s"]
    await supervisor.stop()


def test_the_wait_doubles_with_each_death_up_to_a_ceiling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_SECONDS", 0.5)

    delays = [next_delay(deaths) for deaths in (1, 2, 3, 4, 20)]

    assert delays == [0.5, 1, 2, 4, module.LONGEST_DELAY_SECONDS]


async def test_a_process_that_never_becomes_ready_stops_the_start() -> None:
    code = "import sys; print('no such table'); sys.exit(1)"
    supervisor = Supervisor([process("database"), process("worker", code, ready=_never)])

    with pytest.raises(StartFailed, match=r"Worker ended 3 times .*: no such table"):
        await supervisor.start()

    assert supervisor.running["database"].status is Status.STOPPED


async def _never() -> bool:
    return False


async def test_a_wrong_setting_stops_the_start_at_once_by_its_name() -> None:
    code = "import sys; sys.exit('Setting HOSPITAL_TIME_ZONE: is no time zone.')"
    supervisor = Supervisor([process("worker", code, ready=_never)])

    with pytest.raises(StartFailed, match=r"^Setting HOSPITAL_TIME_ZONE: is no time zone\.$"):
        await supervisor.start()

    assert supervisor.running["worker"].restarts == 0


async def test_a_wrong_setting_is_said_with_all_its_lines() -> None:
    """The mistakes of a file that a setting names."""
    said = (
        "Setting ALERT_WORKER_LADDER_FILE:\\n/x, line 3, onCall: is nobody\\n/x, line 5: is wrong"
    )
    code = f"import sys; sys.exit('{said}')"
    supervisor = Supervisor([process("worker", code, ready=_never)])

    with pytest.raises(
        StartFailed, match=r"^Setting .*FILE: /x, line 3, .*nobody / /x, line 5: is"
    ):
        await supervisor.start()


async def test_a_full_disk_is_said_in_plain_words() -> None:
    code = "import sys; sys.exit('write failed: No space left on device')"
    supervisor = Supervisor([process("kafka", code, ready=_never)])

    with pytest.raises(StartFailed, match="the disk is full; make room"):
        await supervisor.start()


async def test_a_slow_process_is_given_up_after_its_time() -> None:
    supervisor = Supervisor([process("kafka", ready=_never, ready_timeout_seconds=0.2)])

    with pytest.raises(StartFailed, match="Kafka was not ready within 0 s"):
        await supervisor.start()


async def test_a_port_in_use_is_named_with_its_holder_and_a_way_out() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        first, second = process("postgres"), process("kafka", ports=(port,))
        supervisor = Supervisor([first, replace(second, depends_on=("postgres",))])

        with pytest.raises(PortInUse) as raised:
            await supervisor.start()

    assert supervisor.running["postgres"].exit_code is None, "started, though all was in vain"
    assert str(raised.value).startswith(f"Port {port}, which kafka needs, is in use by ")
    assert f"(process {os.getpid()})" in str(raised.value)
    assert "RADIOLOGY_PORTS=1000 ./radiology up" in str(raised.value)


async def test_a_failed_job_stops_the_start() -> None:
    async def fail(_report: Report) -> None:
        raise RunnerError("The topics could not be made.")

    supervisor = Supervisor([process("kafka"), Job("topics", "topics", fail, ("kafka",))])

    with pytest.raises(RunnerError, match="could not be made"):
        await supervisor.start()

    assert supervisor.running["kafka"].pid is None


async def test_a_process_that_ignores_the_request_to_end_is_killed() -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    code = f"import signal; {deaf}; {SLEEP}"
    said: list[str] = []
    stubborn = process("worker", code, stop_timeout_seconds=0.2)
    supervisor = Supervisor([stubborn], output=lambda _name, line: said.append(line))
    await supervisor.start()
    pid = supervisor.running["worker"].pid
    assert pid is not None
    await until(lambda: "deaf" in said)

    await supervisor.stop()

    assert gone(pid)


async def test_a_process_that_needs_room_is_not_started_again_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka on a full disk takes its logs for damaged, and empties them."""
    said: list[str] = []
    free = [1 << 40]
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    kafka = process("kafka", room_in=tmp_path)
    supervisor = Supervisor([kafka], output=lambda _name, line: said.append(line))
    await supervisor.start()
    running = supervisor.running["kafka"]

    free[0] = 0
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await until(lambda: "waits for 256 MB of room on its disk" in said)
    assert running.pid is None
    free[0] = 1 << 40
    await until(lambda: running.status is Status.READY)

    await supervisor.stop()


async def test_a_process_that_cannot_be_started_again_is_tried_again(tmp_path: Path) -> None:
    """As while its program is replaced, or the machine has no memory left."""
    said: list[str] = []
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    worker = process("worker", command=(str(program), "-S", "-c", SLEEP))
    supervisor = Supervisor([worker], output=lambda _name, line: said.append(line))
    await supervisor.start()
    running = supervisor.running["worker"]

    program.unlink()
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await until(lambda: "could not be started: No such file or directory" in said)
    program.symlink_to(sys.executable)
    await until(lambda: running.status is Status.READY)

    await supervisor.stop()


async def test_a_process_has_time_to_end_in_order() -> None:
    """Cancelling the watch over a process must not kill the process."""
    code = """
        import signal, sys, time
        def end(*_):
            time.sleep(0.1)
            print("drained", flush=True)
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("up", flush=True)
        time.sleep(60)
    """
    said: list[str] = []
    supervisor = Supervisor(
        [process("worker", textwrap.dedent(code))], output=lambda _name, line: said.append(line)
    )
    await supervisor.start()
    await until(lambda: "up" in said)

    await supervisor.stop()

    assert said == ["up", "drained"]


async def test_what_a_process_left_running_ends_with_it() -> None:
    code = f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-S", "-c", {SLEEP!r}])
        print(child.pid, flush=True)
        time.sleep(60)
    """
    said: list[str] = []
    supervisor = Supervisor(
        [process("worker", textwrap.dedent(code))], output=lambda _name, line: said.append(line)
    )
    await supervisor.start()
    await until(lambda: bool(said))

    await supervisor.stop()

    await until(lambda: gone(int(said[0])))


def test_no_orphan_is_left_when_the_supervisor_is_killed() -> None:
    """SIGKILL leaves it no time to stop anything: the kernel must do it."""
    code = f"""
        import asyncio, sys
        from deploy.local.process import Process
        from deploy.local.supervisor import Supervisor

        async def ready():
            return True

        async def main():
            command = (sys.executable, "-S", "-c", {SLEEP!r})
            supervisor = Supervisor([Process("worker", "worker", command, ready)])
            await supervisor.start()
            print(supervisor.running["worker"].pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=Path("/"),
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 5
    while not gone(child):
        assert time.monotonic() < deadline, "the child outlived its supervisor"
        time.sleep(0.01)
