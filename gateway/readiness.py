"""Whether this process can be used: asked by the runner and by balancers."""

import asyncio

from gateway.read_model.projector import Projector
from services.database import Database
from services.errors import DatabaseUnavailable


async def readiness(database: Database, projector: Projector) -> dict[str, bool]:
    """Return what works."""
    try:
        await asyncio.wait_for(database.ping(), timeout=2)
        answers = True
    except (DatabaseUnavailable, TimeoutError):
        answers = False
    return {"database": answers} | read_model(projector)


def read_model(projector: Projector) -> dict[str, bool]:
    """Return what works of the read model: the past was read, and the present is followed."""
    return {"read_model": projector.caught_up.is_set(), "following": bool(projector.following)}
