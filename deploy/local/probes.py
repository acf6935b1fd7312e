"""Questions that a process answers only when it does its work."""

import asyncio

import httpx

from deploy.local.ports import HOST
from deploy.local.process import Probe


def answers_http(port: int, path: str) -> Probe:
    """Ready when a GET is answered with 200."""

    async def ask() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
                response = await client.get(f"http://{HOST}:{port}{path}")
        except httpx.HTTPError:
            return False
        return response.status_code == 200

    return ask


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
