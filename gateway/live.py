"""Live updates: every change that is committed goes to every connection that may see it.

What must stay true: messages of one partition reach a connection in order, each once or again,
never skipped; a connection that cannot keep up is closed, and resumes from its position. Nobody
waits for a slow reader.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from contracts.enumerations import Role
from contracts.topics import SNAPSHOTS, topic_named
from gateway import positions
from gateway.permissions import Grant
from gateway.positions import Offsets, Place
from gateway.read_model.batch import Batch
from gateway.read_model.reader import OwnedOrder, Reader, parse
from gateway.views import Seen, order_id_of, reach, seen
from services.database import Database
from services.errors import DatabaseUnavailable
from services.sql import load_queries

QUEUE_LIMIT = 2_000
"""Changes that a connection may be behind before it is closed."""
RESUME_LIMIT = 2_000
"""More missed changes than this are not sent one by one: the client asks for its lists again."""

CONNECTIONS = Gauge("radiology_live_connections", "Open live connections")
TOO_SLOW = Counter("radiology_live_too_slow_total", "Live connections closed for being slow")

_QUERIES = load_queries("gateway.read_model")
_TOPICS = frozenset(topic.name for topic in SNAPSHOTS)

log = structlog.get_logger()


@dataclass(frozen=True)
class Update:
    """One change as connections get it."""

    place: Place
    offset: int
    thing: Seen
    _json: dict[tuple[tuple[Role, ...], Grant], bytes] = field(default_factory=dict)

    def json(self, roles: tuple[Role, ...], grant: Grant) -> bytes:
        """Return it as people of these roles see it; made once for all of them."""
        if (roles, grant) not in self._json:
            self._json[roles, grant] = self.thing.view(roles, grant).to_json()
        return self._json[roles, grant]


@dataclass(eq=False)
class Connection:
    """One open WebSocket: whose it is, what waits for it, and how far it has come."""

    person_id: str
    roles: tuple[Role, ...]
    offsets: Offsets = field(default_factory=dict)
    queue: "asyncio.Queue[Update]" = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_LIMIT)
    )
    too_slow: bool = False

    def offer(self, update: Update) -> None:
        """Put an update in the queue; a full one condemns the connection."""
        try:
            self.queue.put_nowait(update)
        except asyncio.QueueFull:
            self.too_slow = True

    def take(self, update: Update) -> bytes | None:
        """Move on past an update; return its message, or None when it is not to be sent.

        An update before the position was among what was missed, or is newer there already.
        """
        if update.offset < self.offsets.get(update.place, 0):
            return None
        self.offsets[update.place] = update.offset + 1
        grant = reach(self.person_id, self.roles, update.thing)
        if grant is None:
            return None
        return message(update.thing.topic, self.position(), update.json(self.roles, grant))

    def position(self) -> str:
        """Return the position, as the client sends it back."""
        return positions.encode(self.offsets)


class Hub:
    """Hands out what the projector committed; run `run` beside the server."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader
        self.connections: set[Connection] = set()
        """Everybody who is listening now."""
        self._committed: asyncio.Queue[Batch] = asyncio.Queue()

    def told(self, batch: Batch) -> None:
        """Take what was committed; called by the projector, in order."""
        if self.connections:
            self._committed.put_nowait(batch)

    async def run(self) -> None:
        """Hand out, until cancelled."""
        while True:
            batch = await self._committed.get()
            try:
                updates = await self._updates(batch)
            except DatabaseUnavailable as error:
                # Whose a change is cannot be told now: everybody resumes from the read model.
                log.warning("live_interrupted", reason=error.code)
                for connection in self.connections:
                    connection.too_slow = True
                continue
            for connection in self.connections:
                for update in updates:
                    connection.offer(update)

    def join(self, person_id: str, roles: tuple[Role, ...]) -> Connection:
        """Begin to receive; what is missed before is the business of `missed`."""
        connection = Connection(person_id, roles)
        self.connections.add(connection)
        CONNECTIONS.set(len(self.connections))
        return connection

    def leave(self, connection: Connection) -> None:
        """Receive no more."""
        self.connections.discard(connection)
        CONNECTIONS.set(len(self.connections))
        if connection.too_slow:
            TOO_SLOW.inc()

    async def _updates(self, batch: Batch) -> list[Update]:
        newest = [change for changes in batch.newest().values() for change in changes]
        orders = await self._orders(c.event.data for c in newest)
        return [
            _update((c.topic, c.partition), c.offset, c.event.data, orders)
            for c in sorted(newest, key=lambda c: c.offset)
        ]

    async def _orders(self, snapshots: Iterable[Any]) -> dict[UUID, OwnedOrder]:
        wanted = {id_ for snapshot in snapshots if (id_ := order_id_of(snapshot))}
        return await self._reader.orders_of(wanted) if wanted else {}

    async def present(self) -> Offsets:
        """Return up to where the read model has everything."""
        async with self._database.connection() as connection:
            return _offsets(await connection.fetch(_QUERIES["positions"]))

    async def missed(self, since: Offsets) -> tuple[list[Update], Offsets] | None:
        """Return what changed since a position, and the position after it.

        Returns None when the position is from another log, or too much was missed.
        """
        async with self._database.transaction() as connection:
            present = _offsets(await connection.fetch(_QUERIES["positions"]))
            if any(offset > present.get(place, 0) for place, offset in since.items()):
                return None
            places = sorted(since.items())
            rows = await connection.fetch(
                _QUERIES["changed_since"],
                [place[0] for place, _ in places],
                [place[1] for place, _ in places],
                [offset for _, offset in places],
                RESUME_LIMIT + 1,
            )
        if len(rows) > RESUME_LIMIT:
            return None
        snapshots = [parse(topic_named(row["topic"]).model, row["snapshot"]) for row in rows]
        orders = await self._orders(snapshots)
        updates = [
            _update((row["topic"], row["log_partition"]), row["log_offset"], snapshot, orders)
            for row, snapshot in zip(rows, snapshots, strict=True)
        ]
        return updates, present


def _offsets(rows: Iterable[Any]) -> Offsets:
    return {
        (row["topic"], row["partition"]): row["next_offset"]
        for row in rows
        if row["topic"] in _TOPICS
    }


def _update(place: Place, offset: int, snapshot: Any, orders: Mapping[UUID, OwnedOrder]) -> Update:
    return Update(place, offset, seen(place[0], snapshot, orders.get(order_id_of(snapshot))))


def message(type_: str, position: str, data: bytes) -> bytes:
    """Return a message; the data is JSON already."""
    return b'{"type":"%s","position":"%s","data":%s}' % (type_.encode(), position.encode(), data)
