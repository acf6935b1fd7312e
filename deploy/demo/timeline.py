"""What happened when: acts of people, and what the live view showed of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console


@dataclass(frozen=True)
class Line:
    """One line of the timeline."""

    seconds: float
    who: str
    what: str
    took_ms: float | None = None


@dataclass
class Timeline:
    """Begins with the first line; prints each as it comes."""

    console: Console = field(default_factory=Console)
    lines: list[Line] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def note(self, who: str, what: str, took_ms: float | None = None) -> None:
        """Write a line."""
        line = Line(time.monotonic() - self._began, who, what, took_ms)
        self.lines.append(line)
        took = f"{took_ms:8.0f} ms" if took_ms is not None else " " * 11
        self.console.print(
            f"[dim]{line.seconds:7.2f} s[/dim] [cyan]{took}[/cyan]  [bold]{who:<22}[/bold] {what}",
            highlight=False,
            soft_wrap=True,
        )

    @asynccontextmanager
    async def act(self, who: str, what: str) -> AsyncIterator[None]:
        """Write a line when the body is done, with the time that it took."""
        began = time.monotonic()
        yield
        self.note(who, what, (time.monotonic() - began) * 1000)

    def heard(self, message: dict[str, Any], what: str) -> None:
        """Write what the live view shows."""
        self.note("live view", f"[dim]{message['type']}: {what}[/dim]")

    def summary(self, artefacts: list[tuple[str, str]]) -> None:
        """Print where everything can be opened."""
        self.console.print("\n[bold]Where to look[/bold]")
        for name, place in artefacts:
            self.console.print(f"  {name:<22} {place}", highlight=False, soft_wrap=True)


async def settle(seconds: float = 0.5) -> None:
    """Give the live view a moment to show what just happened."""
    await asyncio.sleep(seconds)
