"""What a handler has added to its outbox, read as events."""

import json
from typing import Any

from contracts.topics import Topic, topic_named
from services.clock import utc_now
from services.database import Database
from services.events import Event, decode
from services.sql import load_queries


async def outgoing(database: Database, topic: Topic[Any] | None = None) -> list[Event[Any]]:
    """Return the events that wait to be published, in order."""
    query = load_queries("services")["waiting_events"]
    async with database.connection() as connection:
        rows = await connection.fetch(query, 100_000)
    return [
        decode(
            topic_named(row["topic"]),
            key=row["key"].encode(),
            value=row["payload"],
            headers=[(n, t.encode()) for n, t in json.loads(row["headers"]).items()],
            at=utc_now(),
        )
        for row in rows
        if topic is None or row["topic"] == topic.name
    ]


async def last(database: Database, topic: Topic[Any], key: object) -> Any:
    """Return the data of the last event with this key."""
    return [e for e in await outgoing(database, topic) if e.key == str(key)][-1].data
