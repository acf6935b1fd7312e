"""A system in which nothing happens must cost nothing: claims that find nothing wake nobody."""

import asyncio
from collections.abc import Sequence

from services.database import Database, open_database
from services.leases import Sender
from tests.conftest import MakeDatabase

SECONDS = 1.2


async def test_senders_that_find_nothing_do_not_wake_each_other(
    make_database: MakeDatabase,
) -> None:
    url = (await make_database("report_consumer")).url("report_consumer")
    async with open_database(url, application="test") as database:
        claims = await _claims_while_idle(database)

    # Two senders that look once a second, and once at their start.
    assert claims <= 8


async def _claims_while_idle(database: Database) -> int:
    count = 0

    async def claim(_: int) -> Sequence[object]:
        nonlocal count
        count += 1
        async with database.connection() as connection:
            return await connection.fetch("select 1 where false")

    async def perform(_: object) -> None:
        raise AssertionError("there is nothing to perform")

    senders = [
        Sender(name, database, claim=claim, perform=perform, at_once=2) for name in ("a", "b")
    ]
    tasks = [asyncio.create_task(sender.run()) for sender in senders]
    async with database.transaction():
        pass  # one commit, as of a handler
    await asyncio.sleep(SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return count
