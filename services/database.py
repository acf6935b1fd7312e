"""A pool on one owner's schema, transactions whose driver errors are translated, and migrations.

What must stay true: a package connects with its own role, whose `search_path` is its own schema,
so that a query cannot reach another owner's tables.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
from pydantic import SecretStr

from services.errors import DatabaseUnavailable, PermanentError
from services.sql import load_queries

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

# Seen to survive restarts, failover and crashes of the server (a retry succeeds).
_RETRYABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


class ValueNotStorable(PermanentError):
    """A value that the database cannot keep, as a NUL in a text or a number that is too large."""

    code = "value_not_storable"


class MigrationChanged(PermanentError):
    """A migration that was applied has another text now; restore it and add a new one."""

    code = "migration_changed"


class Database:
    """A pool of connections of one package."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.committed = asyncio.Event()
        """Set at each commit: whoever works off rows (relay, senders) need not poll fast."""
        self._watching: list[asyncio.Event] = [self.committed]

    def watch_commits(self) -> asyncio.Event:
        """Return an event of one's own, set at each commit: clearing it wakes nobody else less."""
        watched = asyncio.Event()
        self._watching.append(watched)
        return watched

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Open a transaction; commits on leaving, rolls back on an error.

        Raises
        ------
        DatabaseUnavailable : no connection, restart, deadlock; another try will help.
        ValueNotStorable : an argument that no retry makes storable.
        """
        try:
            async with self.pool.acquire(timeout=10) as connection, connection.transaction():
                yield connection  # type: ignore[misc]  # the proxy stands for its connection
        except (*_RETRYABLE, asyncpg.DataError) as error:
            raise _translated(error) from error
        for watched in self._watching:
            watched.set()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection for single statements, each its own transaction.

        They are not announced to those who wait for commits: a claim that finds nothing would
        otherwise wake its like, and they each other for ever.
        """
        try:
            async with self.pool.acquire(timeout=10) as connection:
                yield connection  # type: ignore[misc]  # the proxy stands for its connection
        except _RETRYABLE as error:
            raise DatabaseUnavailable(type(error).__name__) from error

    async def ping(self) -> None:
        """Ask the server for an answer; `DatabaseUnavailable` when there is none."""
        async with self.connection() as connection:
            await connection.execute(load_queries("services")["ping"])


def _translated(error: Exception) -> DatabaseUnavailable | ValueNotStorable:
    # The driver refuses an argument with an InterfaceError that is a ValueError, too.
    if isinstance(error, asyncpg.DataError | ValueError):
        return ValueNotStorable(type(error).__name__)
    return DatabaseUnavailable(type(error).__name__)


@asynccontextmanager
async def open_database(
    url: SecretStr, *, application: str, max_connections: int = 10
) -> AsyncIterator[Database]:
    """Open a pool; waits up to a minute for a server that is still starting."""
    pool = await _connect_patiently(url, application, max_connections)
    try:
        yield Database(pool)
    finally:
        try:
            await asyncio.wait_for(pool.close(), timeout=5)
        except TimeoutError:
            pool.terminate()


async def _connect_patiently(url: SecretStr, application: str, max_connections: int) -> Pool:
    for remaining in range(60, -1, -1):
        try:
            return await asyncpg.create_pool(
                url.get_secret_value(),
                min_size=1,
                max_size=max_connections,
                command_timeout=30,
                reset=_keep_as_it_is,
                server_settings={"application_name": application, "timezone": "UTC"},
            )
        except _RETRYABLE as error:
            if not remaining:
                raise DatabaseUnavailable(type(error).__name__) from error
            await asyncio.sleep(1)
    raise AssertionError("unreachable")


async def _keep_as_it_is(_connection: object) -> None:
    """Leave a connection as it is when it goes back to the pool; its transaction has ended.

    We change nothing of a session: locks belong to transactions. The default would cost each
    transaction one more round trip. Who does hold a session's lock (the relay) gives it back.
    """


async def migrate(url: SecretStr, package: str) -> list[str]:
    """Apply the migrations of `services` (inbox, outbox) and of a package; return the new ones.

    Each file runs once, in its own transaction, under an advisory lock per schema, so that replicas
    may start together. A file that was applied must not change any more.
    """
    pool = await _connect_patiently(url, f"{package}-migrate", 1)
    try:
        async with pool.acquire() as connection:
            return await _apply_all(connection, package)  # type: ignore[arg-type]  # a proxy
    finally:
        await pool.close()


async def _apply_all(connection: Connection, package: str) -> list[str]:
    queries = load_queries("services")
    await connection.execute(queries["lock_migrations"])
    try:
        await connection.execute(queries["create_migration_table"])
        applied = {r["name"]: r["sha256"] for r in await connection.fetch(queries["migrations"])}
        new = []
        for name, text in _migration_files("services") + _migration_files(package):
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name in applied:
                if applied[name] != digest:
                    raise MigrationChanged(f"{name} was changed after it was applied")
                continue
            async with connection.transaction():
                await connection.execute(text)
                await connection.execute(queries["record_migration"], name, digest)
            new.append(name)
        return new
    finally:
        await connection.execute(queries["unlock_migrations"])


def _migration_files(package: str) -> list[tuple[str, str]]:
    folder = files(package).joinpath("migrations")
    return [
        (f"{package}/{file.name}", file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    ]
