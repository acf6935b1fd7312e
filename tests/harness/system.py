"""The whole system for an end-to-end test: every process as `./radiology up` runs it.

What must stay true: it has its own ports, state and data; nothing of it is left when it is left.
"""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.installation import Installation
from deploy.local.log import LogFile
from deploy.local.ports import HOST, Ports, free_ports
from deploy.local.postgres import SCHEMAS, embedded_admin_url
from deploy.local.servers import Servers
from deploy.local.state import State
from deploy.local.supervisor import Running, Supervisor
from deploy.local.table import Task, whole_system, without_missing_dependencies
from tests.harness.servers import TestDatabase

# Phones ring and speak fifty times as fast; links and delays of the system itself stay as they are.
QUICK = {"TELEPHONY_STANDIN_PACE": "0.02", "TELEPHONY_STANDIN_ANSWER_AFTER_SECONDS": "0.1"}

_OF_SERVERS = {"topics", "database", "buckets"}
"""What is made in servers at a start; the fixtures that lend servers have made it."""


@dataclass(frozen=True)
class System:
    """A running system: where its parts are, and a hand on its processes."""

    installation: Installation
    supervisor: Supervisor
    log: Path

    @property
    def ports(self) -> Ports:
        """Ports of all listeners."""
        return self.installation.ports

    def url(self, part: str) -> str:
        """Return the base URL of a process by its port's name, as `gateway` or `telephony`."""
        return f"http://{HOST}:{getattr(self.ports, part)}"

    def environment_of(self, name: str) -> dict[str, str]:
        """Return the settings that a process runs with, for a client in the test."""
        return self.installation.environment_of(name)

    def process(self, name: str) -> Running:
        """Return a process, to look at its state or to kill it by its pid."""
        return self.supervisor.running[name]


@dataclass(frozen=True)
class Lent:
    """Servers that run already, and a database in them that nobody else uses.

    Topics are shared with whoever uses the same Kafka: no worker of another system may run.
    """

    servers: Servers
    database: TestDatabase

    @property
    def environment(self) -> dict[str, str]:
        """Settings by which every process finds them."""
        urls = {
            f"{package.upper()}_DATABASE_URL": self.database.url(package).get_secret_value()
            for package in SCHEMAS
        }
        return {**self.servers.environment, **urls}


@asynccontextmanager
async def running_system(
    folder: Path,
    *,
    lent: Lent | None = None,
    settings: Mapping[str, str] = QUICK,
    portals: bool = False,
    demo: bool = False,
) -> AsyncIterator[System]:
    """Start everything, hand it over, and stop it.

    Parameters
    ----------
    lent : servers to run on; None: the system has its own, which takes some seconds more.
    settings : added to the environment of every process.
    portals : build the portals first, for tests in a browser.
    demo : load the demo department.
    """
    state, ports = State.open(folder), free_ports()
    installation = Installation(
        state=state,
        ports=ports,
        outside=frozenset({"kafka", "postgres", "s3"}) if lent else frozenset(),
        database_url=lent.database.admin_url if lent else embedded_admin_url(state, ports),
        given={**_neutral_environment(), **(lent.environment if lent else {}), **settings},
    )
    log = LogFile(folder / "logs" / "radiology.log")
    tasks = _tasks(installation, log, lent=lent is not None, portals=portals, demo=demo)
    supervisor = Supervisor(without_missing_dependencies(tasks), output=log.write)
    try:
        await supervisor.start()
        yield System(installation, supervisor, folder / "logs" / "radiology.log")
    finally:
        await supervisor.stop()
        log.close()


def _tasks(
    installation: Installation, log: LogFile, *, lent: bool, portals: bool, demo: bool
) -> Iterator[Task]:
    left_out = (_OF_SERVERS if lent else set()) | (set() if portals else {"portals"})
    for task in whole_system(installation, partial(log.write, "runner"), demo=demo):
        if task.name not in left_out:
            yield task


def _neutral_environment() -> dict[str, str]:
    """Return our environment without what would bring parts from outside into the test."""
    ours = ("KAFKA_", "MINIO_", "TWILIO_", "SMTP_", "OIDC_", "GATEWAY_", "HOSPITAL_", "RADIOLOGY_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
