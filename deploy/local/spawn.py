"""Starts one child process that cannot outlive us, if need be as another user.

What must stay true: when this process ends, by whatever signal, the kernel signals the child
(prctl PR_SET_PDEATHSIG), so that nothing is left behind.
"""

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StartFailed

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

_LAST_LINES = 30

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """A user of the machine that a child runs as."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses; None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise RuntimeError("this machine has neither a user postgres nor a user nobody")


async def spawn(
    command: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    folder: Path,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> asyncio.subprocess.Process:
    """Start a child in a process group of its own; its output comes through one pipe."""
    return await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_before_exec(os.getpid(), account, death_signal),
        limit=1 << 20,
    )


async def run_to_end(
    command: tuple[str, ...],
    *,
    purpose: str,
    folder: Path,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> None:
    """Run a command that ends by itself, passing on what it says.

    Raises
    ------
    StartFailed : it ended with an error; the sentence carries its last words.
    """
    child = await spawn(
        command,
        environment=os.environ if environment is None else environment,
        folder=folder,
        account=account,
        death_signal=signal.SIGKILL,
    )
    last_lines: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        async for line in lines_of(child):
            last_lines.append(line)
            say(line)
        code = await child.wait()
    finally:
        end_group(child)
    if code:
        raise StartFailed(f"{purpose} failed: {in_plain_words(last_lines)}")


async def lines_of(child: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Yield what a child says, line by line, until it closes its output."""
    assert child.stdout is not None  # noqa: S101 - spawn always makes the pipe
    while line := await _read_line(child.stdout):
        if text := line.decode(errors="replace").rstrip():
            yield text


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than the buffer: readline has dropped it
        return b"(a line of more than a megabyte was dropped)\n"


def end_group(child: asyncio.subprocess.Process) -> None:
    """Kill a child, if it still runs, and whatever it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def in_plain_words(last_lines: Iterable[str]) -> str:
    """Turn the last words of a failed program into what a person can do about it."""
    lines = [line.strip() for line in last_lines]
    for mark, advice in _KNOWN_CAUSES.items():
        if any(mark in line for line in lines):
            return advice
    return " / ".join(lines[-3:]) or "it said nothing."


_KNOWN_CAUSES = {
    "No space left on device": "the disk is full; make room, or move the state to "
    "another disk with RADIOLOGY_STATE.",
    "Permission denied": "rights are missing on the state folder; give yourself rights on it, or "
    "choose another with RADIOLOGY_STATE.",
    "Cannot allocate memory": "the machine has no memory left; end other programs (2 GB suffice).",
    "MigrationChanged": "its tables were made by another version of a migration; go back to that "
    "version, or delete the data of this installation with ./radiology reset.",
    "ddress already in use": "a port is in use; shift all ports with RADIOLOGY_PORTS=1000.",
}


def _before_exec(
    parent: int, account: Account | None, death_signal: signal.Signals
) -> Callable[[], None]:
    def prepare() -> None:
        if account is not None:
            _become(account)
        # After the change of user, which would clear it.
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return prepare


def _become(account: Account) -> None:
    """Change the user, but keep the right to pass through folders that only root may enter.

    The state folder and the virtual environment may stand below a home of mode 0700; opening it to
    everybody for the sake of one child would be worse than one ambient capability.
    """
    # Without this access(2), by which initdb looks at its own program, leaves capabilities out.
    _libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    bits = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; then the same for capabilities above 31.
    sets = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)
    if _libc.capset(header, sets) == 0:
        _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
