"""Starts packages as the processes they are, with their real environment, and ends them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
READY_SECONDS = 40.0


@dataclass
class Process:
    """A running process; its log is a file."""

    name: str
    environment: Mapping[str, str]
    health: str
    log: Path
    _child: asyncio.subprocess.Process | None = field(default=None)

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        with self.log.open("ab") as out:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.name,
                env={"PATH": os.environ["PATH"], **self.environment},
                cwd=ROOT,
                stdout=out,
                stderr=out,
            )
        await self.ready()

    async def ready(self) -> None:
        """Wait for /health/ready."""
        async with httpx.AsyncClient(timeout=2) as client, asyncio.timeout(READY_SECONDS):
            while True:
                assert self._child is not None
                if self._child.returncode is not None:
                    raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
                try:
                    if (await client.get(self.health)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass  # not listening yet
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """End it as a power cut would end it for itself: SIGKILL."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, and wait."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._child is None or self._child.returncode is not None:
            return
        self._child.send_signal(number)
        try:
            await asyncio.wait_for(self._child.wait(), timeout=20)
        except TimeoutError:
            self._child.kill()
            await self._child.wait()


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    """Start processes side by side and stop them at the end."""
    try:
        await asyncio.gather(*(process.start() for process in processes))
        yield
    finally:
        await asyncio.gather(*(process.stop() for process in processes))
