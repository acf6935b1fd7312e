"""What was published is kept as long as Kafka keeps it, so that a lost broker can be refilled."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio

from contracts.topics import ORDER_REQUESTED, ORDER_UPDATED
from services.clock import utc_now
from services.database import Database, open_database
from services.outbox import forget_old
from tests.conftest import MakeDatabase

LONG_AGO = timedelta(days=40)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    url = (await make_database("order_consumer")).url("order_consumer")
    async with open_database(url, application="test") as opened:
        yield opened


async def sent(database: Database, topic: str, key: str, at: datetime) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "insert into outbox_sent (seq, event_id, topic, key, headers, created_at, sent_at)"
            " select count(*) + 1, gen_random_uuid(), $1, $2, '{}', $3, $3 from outbox_sent",
            topic,
            key,
            at,
        )


async def kept(database: Database) -> list[tuple[str, str, int]]:
    async with database.connection() as connection:
        rows = await connection.fetch("select topic, key, seq from outbox_sent order by seq")
    return [tuple(row) for row in rows]


async def test_old_facts_go_and_the_newest_snapshot_of_each_key_stays(database: Database) -> None:
    """Otherwise a broker that lost its disk would have no order older than two weeks."""
    now, old = utc_now(), utc_now() - LONG_AGO
    await sent(database, ORDER_REQUESTED.name, "a", old)
    await sent(database, ORDER_UPDATED.name, "a", old)
    await sent(database, ORDER_UPDATED.name, "a", old)
    await sent(database, ORDER_UPDATED.name, "b", old)
    await sent(database, ORDER_UPDATED.name, "b", now)
    await sent(database, ORDER_REQUESTED.name, "a", now)

    await forget_old(database)

    assert await kept(database) == [
        (ORDER_UPDATED.name, "a", 3),
        (ORDER_UPDATED.name, "b", 5),
        (ORDER_REQUESTED.name, "a", 6),
    ]
