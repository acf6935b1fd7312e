"""The real servers that tests run against: found, or started once per test session.

What must stay true: a test gets a database of its own, and nothing it does reaches the data of a
system that runs beside it.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from uuid import uuid4

import asyncpg
from pydantic import SecretStr

from deploy.local.ports import free_ports
from deploy.local.postgres import SCHEMAS, ensure_roles, make_schemas, role_url, with_database
from deploy.local.servers import Servers, running_servers, saved_connections
from services.database import Connection, migrate
from services.sql import load_queries
from tests.harness.containers import container_servers, docker_answers

REUSE = "RADIOLOGY_TEST_SERVERS"
"""Environment: state folder of running servers (`./radiology up --servers-only`) to use."""


@asynccontextmanager
async def test_servers(folder: Path) -> AsyncIterator[Servers]:
    """Hand over servers: running ones if named, containers if a Docker engine answers, our own."""
    if reuse := os.environ.get(REUSE):
        yield saved_connections(Path(reuse))
    elif docker_answers():
        async with container_servers() as servers:
            yield servers
    else:
        # Not durable against a power cut, which no test makes: twice as fast.
        async with running_servers(folder, free_ports(), durable=False) as servers:
            yield servers


@dataclass(frozen=True)
class TestDatabase:
    """A database with every owner's role, schema and migrations, for one test."""

    __test__ = False  # not a test class, whatever its name

    name: str
    admin_url: str
    passwords: Mapping[str, str]

    def url(self, package: str) -> SecretStr:
        """Return the URL by which a package connects, with its own role."""
        return SecretStr(role_url(self.admin_url, package, self.passwords[package], self.name))


class Databases:
    """Clones databases from a migrated template.

    Notes
    -----
    The name of a template is a hash of its migrations, so that running servers keep it from one
    session to the next, and a changed migration makes a new one.
    """

    def __init__(self, servers: Servers) -> None:
        self._admin_url = servers.postgres_admin_url
        self._passwords = servers.passwords
        self._templates: dict[tuple[str, ...], str] = {}
        self._made: list[str] = []

    async def make(self, *packages: str) -> TestDatabase:
        """Clone a database in which these packages are migrated; all of them if none is named."""
        template = await self._template(tuple(sorted(packages or with_migrations())))
        name = f"test_{uuid4().hex}"
        async with self._admin() as connection:
            statement = load_queries("deploy.local")["clone_statement"]
            await connection.execute(await connection.fetchval(statement, name, template))
        self._made.append(name)
        return TestDatabase(name, with_database(self._admin_url, name), self._passwords)

    async def drop_all(self) -> None:
        """Drop what was made, whoever is still connected."""
        async with self._admin() as connection:
            statement = load_queries("deploy.local")["drop_statement"]
            while self._made:
                await connection.execute(await connection.fetchval(statement, self._made.pop()))

    async def _template(self, packages: tuple[str, ...]) -> str:
        if packages not in self._templates:
            name = f"template_{_digest(packages)}"
            await self._build_template(name, packages)
            self._templates[packages] = name
        return self._templates[packages]

    async def _build_template(self, name: str, packages: tuple[str, ...]) -> None:
        queries = load_queries("deploy.local")
        async with self._admin() as connection:
            await ensure_roles(connection, self._passwords)
            if await connection.fetchval(queries["database_exists"], name):
                return
            draft = f"draft_{uuid4().hex}"
            statement = await connection.fetchval(queries["clone_statement"], draft, "template1")
            await connection.execute(statement)
        database = TestDatabase(draft, with_database(self._admin_url, draft), self._passwords)
        await make_schemas(database.admin_url)
        for package in packages:
            await migrate(database.url(package), package)
        async with self._admin() as connection:
            statement = await connection.fetchval(queries["rename_statement"], draft, name)
            await connection.execute(statement)

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[Connection]:
        connection = await asyncpg.connect(self._admin_url, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()


def with_migrations() -> list[str]:
    """Return the packages that own tables."""
    return [package for package in SCHEMAS if files(package).joinpath("migrations").is_dir()]


def _digest(packages: Iterable[str]) -> str:
    """Hash everything that shapes the template."""
    digest = hashlib.sha256(files("deploy.local").joinpath("queries.sql").read_bytes())
    for package in ("services", *packages):
        digest.update(package.encode())
        for file in _migration_files(package):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:20]


def _migration_files(package: str) -> list[Traversable]:
    folder = files(package).joinpath("migrations")
    found = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return sorted(found, key=lambda file: file.name)
