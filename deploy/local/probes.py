"""Questions that a process answers only when it does its work."""

import asyncio

from deploy.local.ports import HOST
from deploy.local.process import Probe


def answers_http(port: int, path: str) -> Probe:
    """Ready when a GET is answered with 200."""

    async def ask() -> bool:
        try:
            async with asyncio.timeout(2):
                return await _status(port, path) == "200"
        except (OSError, TimeoutError):
            return False

    return ask


async def _status(port: int, path: str) -> str:
    """Return the status of a GET; by hand, for a client library is slow to load."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        first_line = await reader.readline()
    finally:
        writer.close()
    return first_line.decode("latin-1").partition(" ")[2][:3]


def accepts(port: int, host: str = HOST) -> Probe:
    """Ready when a TCP connection is accepted."""

    async def ask() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    return ask


def all_of(*probes: Probe) -> Probe:
    """Ready when every probe says so."""

    async def ask() -> bool:
        return all(await asyncio.gather(*(probe() for probe in probes)))

    return ask
