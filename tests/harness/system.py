"""The whole system for an end-to-end test: every process as `./radiology up` runs it.

What must stay true: it has its own servers, ports and state; nothing of it is left when it is left.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.installation import Installation
from deploy.local.log import LogFile
from deploy.local.ports import HOST, Ports, free_ports
from deploy.local.postgres import embedded_admin_url
from deploy.local.state import State
from deploy.local.supervisor import Running, Supervisor
from deploy.local.table import whole_system, without_missing_dependencies

# Phones ring and speak fifty times as fast; links and delays of the system itself stay as they are.
QUICK = {"TELEPHONY_STANDIN_PACE": "0.02", "TELEPHONY_STANDIN_ANSWER_AFTER_SECONDS": "0.1"}


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


@asynccontextmanager
async def running_system(
    folder: Path,
    *,
    settings: Mapping[str, str] = QUICK,
    portals: bool = False,
    demo: bool = False,
) -> AsyncIterator[System]:
    """Start everything, hand it over, and stop it.

    Parameters
    ----------
    settings : added to the environment of every process.
    portals : build the portals first, for tests in a browser.
    demo : load the demo department.
    """
    state, ports = State.open(folder), free_ports()
    installation = Installation(
        state=state,
        ports=ports,
        outside=frozenset(),
        database_url=embedded_admin_url(state, ports),
        given={**_neutral_environment(), **settings},
    )
    log = LogFile(folder / "logs" / "radiology.log")
    tasks = [
        task
        for task in whole_system(installation, partial(log.write, "runner"), demo=demo)
        if portals or task.name != "portals"
    ]
    supervisor = Supervisor(without_missing_dependencies(tasks), output=log.write)
    try:
        await supervisor.start()
        yield System(installation, supervisor, folder / "logs" / "radiology.log")
    finally:
        await supervisor.stop()
        log.close()


def _neutral_environment() -> dict[str, str]:
    """Return our environment without what would bring parts from outside into the test."""
    ours = ("KAFKA_", "MINIO_", "TWILIO_", "SMTP_", "OIDC_", "GATEWAY_", "HOSPITAL_", "RADIOLOGY_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
