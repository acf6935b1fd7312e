"""The audit log: who did or saw what, when, and with which outcome; append-only, in a hash chain.

What must stay true: a row is durable before its request is answered, and each row's hash covers the
row before it. Many requests share one transaction, since one writer at a time may extend the chain.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

import structlog

from gateway.together import Together
from services.database import Database, ValueNotStorable
from services.errors import DatabaseUnavailable
from services.sql import load_queries

GENESIS = bytes(32)
_VERIFIED_AT_ONCE = 5_000
_QUERIES = load_queries("gateway")

log = structlog.get_logger()


@dataclass(frozen=True)
class AuditEntry:
    """One line: ids of ours only, never a name."""

    actor_id: str
    actor_role: str
    action: str
    route: str
    resource: str
    outcome: int
    request_id: str = ""


class AuditLog:
    """Appends entries; run `run` beside the server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries = Together(self._write)
        self.run = self._entries.run

    async def write(self, entry: AuditEntry) -> None:
        """Append an entry; durable when this returns.

        Raises
        ------
        DatabaseUnavailable : it could not be written; the request must not be answered as done.
        """
        await self._entries.ask(entry)

    async def _write(self, entries: Sequence[AuditEntry]) -> Sequence[None]:
        try:
            await self._append(entries)
        except (DatabaseUnavailable, ValueNotStorable) as error:
            log.warning("audit_not_written", count=len(entries), reason=error.code)
            raise
        return [None] * len(entries)

    async def _append(self, entries: Sequence[AuditEntry]) -> None:
        async with self._database.transaction() as connection:
            head = await connection.fetchrow(_QUERIES["lock_audit"])
            assert head is not None  # noqa: S101 - a migration has put the row there
            seq, now = head["seq"], head["now"]
            hashes = [head["hash"]]
            for number, entry in enumerate(entries, seq + 1):
                hashes.append(chain_hash(hashes[-1], number, now, entry))
            last = seq + len(entries)
            columns = [list(column) for column in zip(*map(astuple, entries), strict=True)]
            await connection.execute(
                _QUERIES["add_audit"],
                list(range(seq + 1, last + 1)),
                now,
                *columns,
                hashes[:-1],
                hashes[1:],
                last,
                hashes[-1],
            )


def chain_hash(previous: bytes, seq: int, at: datetime, entry: AuditEntry) -> bytes:
    """Return the hash of a row: over the one before, its place, its moment and its content."""
    content = json.dumps([seq, at.isoformat(), *astuple(entry)], ensure_ascii=True)
    return hashlib.sha256(previous + content.encode()).digest()


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds; `broken_at` is the first row that does not fit."""

    rows: int
    broken_at: int | None = None

    @property
    def holds(self) -> bool:
        """No row was changed or taken out from between."""
        return self.broken_at is None


async def verify(database: Database) -> Verdict:
    """Recompute the whole chain, and compare its end with where the last writer left it.

    Notes
    -----
    Whoever may change the whole schema could cut off rows and set the end back; keep `rows` of an
    earlier run somewhere else to notice that, too.
    """
    async with database.connection() as connection:
        head = await connection.fetchrow(_QUERIES["audit_head"])
    assert head is not None  # noqa: S101 - a migration has put the row there
    previous, seq = GENESIS, 0
    while seq < head["seq"]:
        async with database.connection() as connection:
            rows = await connection.fetch(_QUERIES["audit_after"], seq, _VERIFIED_AT_ONCE)
        for row in rows:
            entry = AuditEntry(*[row[name] for name in AuditEntry.__dataclass_fields__])
            expected = chain_hash(previous, row["seq"], row["at"], entry)
            if (row["seq"], row["previous_hash"], row["hash"]) != (seq + 1, previous, expected):
                return Verdict(seq, broken_at=row["seq"])
            previous, seq = row["hash"], row["seq"]
            if seq == head["seq"]:
                break
        if not rows:
            return Verdict(seq, broken_at=seq + 1)
    return Verdict(seq, broken_at=None if previous == head["hash"] else seq)
