"""One log of all processes: a file that is kept small, and a view with a colour per process.

What must stay true: a line is stored as it was written; only the view makes it shorter. A disk that
takes no line stops nobody: whoever writes would wait for ever for the one who reads its output.
"""

import errno
import json
import os
import time
from collections import deque
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from io import FileIO
from itertools import cycle
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

LARGEST_BYTES = 20_000_000
_COLOURS = (
    "cyan",
    "magenta",
    "green",
    "yellow",
    "blue",
    "bright_red",
    "bright_cyan",
    "bright_magenta",
    "bright_green",
    "bright_yellow",
    "bright_blue",
    "red",
)
_HIDDEN_KEYS = ("event", "timestamp", "level", "process", "worker")
_LEVEL_STYLES = {"warning": "yellow", "error": "bold red", "critical": "bold red"}


class LogFile:
    """Appends `<time> <process> <line>`; keeps one older file beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _opened(path)
        self._gap = False

    def write(self, name: str, line: str) -> None:
        """Append one line of a process; lines that a full disk refuses are lost, and it is said."""
        try:
            if self._gap:
                self._append("runner", "lines are missing here: the disk refused them")
                self._gap = False
            self._append(name, line)
            if self._file.tell() > LARGEST_BYTES:
                self._rotate()
        except OSError:
            self._gap = True

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, name: str, line: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        stored = f"{at} {name} {line}\n".encode()
        if self._file.write(stored) < len(stored):
            raise OSError(errno.ENOSPC, "the line was cut")

    def _rotate(self) -> None:
        self.close()
        self._path.replace(self._path.with_suffix(".old"))
        self._file = _opened(self._path)


def _opened(path: Path) -> FileIO:
    # Without a buffer, which would try for ever to write what a full disk refuses.
    return path.open("ab", buffering=0)


class LogView:
    """Prints log lines for a person."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._colours = cycle(_COLOURS)
        self._styles: dict[str, str] = {}

    def show(self, name: str, line: str, at: str = "") -> None:
        """Print one line of a process."""
        style = self._styles.setdefault(name, next(self._colours))
        clock = at[11:19] or datetime.now(UTC).strftime("%H:%M:%S")
        text = Text(f"{clock} ", style="dim")
        text.append(f"{name:<16}", style=style)
        text.append_text(_readable(line))
        self._console.print(text, soft_wrap=True)

    def show_stored(self, stored: str) -> None:
        """Print one line of the log file."""
        at, _, rest = stored.rstrip("\n").partition(" ")
        name, _, line = rest.partition(" ")
        self.show(name, line, at)


def _readable(line: str) -> Text:
    """Turn a JSON line into `event key=value ...`; leave any other as it is."""
    if line.startswith("{"):
        try:
            entry = json.loads(line)
        except ValueError:
            return Text(line)
        if isinstance(entry, dict) and "event" in entry:
            facts = " ".join(f"{k}={v}" for k, v in entry.items() if k not in _HIDDEN_KEYS)
            style = _LEVEL_STYLES.get(str(entry.get("level", "")), "")
            return Text(f"{entry['event']} ", style=style) + Text(facts, style="dim")
    return Text(line)


def last_lines(path: Path, count: int, *, names: Collection[str] = ()) -> list[str]:
    """Return the last lines of a log file: of the named processes, or of all."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(deque((line for line in file if is_of(line, names)), maxlen=count))


def is_of(stored: str, names: Collection[str]) -> bool:
    """Tell whether a line of the log file was written by one of the named processes, or any."""
    return not names or stored.partition(" ")[2].partition(" ")[0] in names


def follow(path: Path) -> Iterator[str]:
    """Yield lines as they are appended, through rotations, for ever."""
    file = path.open(encoding="utf-8", errors="replace")
    file.seek(0, 2)
    while True:
        line = file.readline()
        if line:
            yield line
        elif path.exists() and path.stat().st_ino != _inode(file):
            file.close()
            file = path.open(encoding="utf-8", errors="replace")
        else:
            time.sleep(0.2)


def _inode(file: TextIO) -> int:
    return os.fstat(file.fileno()).st_ino
