"""Stand-ins as processes of their own on free ports, for tests that talk to them over sockets."""

import asyncio
import os
import random
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0

Found = TypeVar("Found")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    # Below 32768, where Linux begins to hand out the local ends of outgoing connections.
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@asynccontextmanager
async def running_stand_in(name: str, settings: Mapping[str, str]) -> AsyncIterator[str]:
    """Run `python -m deploy.standins.<name>`; yields its base URL, ends it and checks how it ended.

    Settings are given without the stand-in's prefix: `{"PACE": "0.02"}`.
    """
    prefix = f"{name.upper()}_STANDIN_"
    port = settings.get("PORT") or str(free_port())
    environment = os.environ | {prefix + key: value for key, value in settings.items()}
    environment[prefix + "PORT"] = port
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"deploy.standins.{name}", env=environment
    )
    base_url = f"http://localhost:{port}"
    try:
        await _until_ready(base_url, process)
        yield base_url
    finally:
        if process.returncode is None:
            process.terminate()
        code = await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    if code != 0:
        raise AssertionError(f"the {name} stand-in ended with {code}")


async def eventually(
    condition: Callable[[], Awaitable[Found | None]], *, seconds: float = 10
) -> Found:
    """Ask again and again until the answer is something; the deadline fails the test."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):  # noqa: ASYNC110 - it is in another process
            await asyncio.sleep(0.01)
        return found


async def _until_ready(base_url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient() as client:
        while process.returncode is None:
            try:
                if (await client.get(f"{base_url}/health")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError(f"the stand-in ended at its start with {process.returncode}")
