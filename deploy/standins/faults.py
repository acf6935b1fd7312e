"""Faults that a test orders in advance: the next answers of an endpoint fail or hang."""

import asyncio
from collections import deque

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field


class Fault(BaseModel):
    """How the next requests to one endpoint go wrong."""

    endpoint: str
    status: int | None = Field(default=500, ge=400, le=599, description="None: answer as usual")
    hang_seconds: float = Field(default=0, ge=0, le=600, description="Silence before the answer")
    handled: bool = Field(default=False, description="Do what was asked, then answer so")
    times: int = Field(default=1, ge=1, le=10_000)

    async def strike(self) -> Response | None:
        """Wait as long as it says, return what it answers; None: as usual."""
        await asyncio.sleep(self.hang_seconds)
        if self.status is None:
            return None
        return JSONResponse({"detail": "A fault that was ordered."}, status_code=self.status)


class Faults:
    """The faults still to come, first ordered first served."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def order(self, fault: Fault) -> None:
        """Let the next requests to the fault's endpoint fail."""
        self._waiting.setdefault(fault.endpoint, deque()).extend([fault] * fault.times)

    def waiting(self) -> dict[str, int]:
        """Return how many faults each endpoint has before it."""
        return {endpoint: len(queue) for endpoint, queue in self._waiting.items() if queue}

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def take(self, endpoint: str) -> Fault | None:
        """Return the next fault of an endpoint, which is used up by that."""
        queue = self._waiting.get(endpoint)
        return queue.popleft() if queue else None

    async def strike(self, endpoint: str) -> Response | None:
        """Let the next fault of an endpoint happen, if there is one."""
        fault = self.take(endpoint)
        return await fault.strike() if fault else None
