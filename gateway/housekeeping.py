"""Forgets, once an hour, what nobody can ask for any more."""

import asyncio
from datetime import timedelta

import structlog

from gateway.context import Gateway
from services.errors import DatabaseUnavailable
from services.sql import load_queries

KEEP_REQUESTS = timedelta(days=15)
"""A day more than Kafka keeps what could still be delivered."""
_HOUR_SECONDS = 3600
_QUERIES = load_queries("gateway")

log = structlog.get_logger()


async def tidy(gateway: Gateway) -> None:
    """Forget until cancelled; an hour later is as good."""
    while True:
        try:
            await gateway.sessions.forget_ended()
            async with gateway.database.transaction() as connection:
                await connection.execute(_QUERIES["forget_requests"], KEEP_REQUESTS)
                await connection.execute(_QUERIES["forget_outcomes"], KEEP_REQUESTS)
        except DatabaseUnavailable as error:
            log.warning("housekeeping_postponed", reason=error.code)
        await asyncio.sleep(_HOUR_SECONDS)
