"""Kafka, PostgreSQL and the S3 server as one thing, for the runner and for the tests.

What must stay true: `running_servers` hands over servers that answer, and takes them away
completely when it is left.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.jars import ensure_jars
from deploy.local.kafka import kafka_process
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import embedded_admin_url, postgres_process, role_passwords
from deploy.local.s3 import embedded_s3_environment, s3_process
from deploy.local.state import State, cache_folder, write_private
from deploy.local.supervisor import Output, Supervisor

CONNECTIONS_FILE = "servers.json"


@dataclass(frozen=True)
class Servers:
    """How to reach the three servers.

    Parameters
    ----------
    s3 : the `MINIO_*` settings.
    passwords : of each package's role in PostgreSQL.
    """

    kafka_bootstrap: str
    postgres_admin_url: str
    s3: Mapping[str, str]
    passwords: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """Settings of Kafka and S3, as our processes read them."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap, **self.s3}


def embedded_servers(state: State, ports: Ports) -> Servers:
    """Return how the embedded servers of an installation are reached."""
    return Servers(
        kafka_bootstrap=f"{HOST}:{ports.kafka}",
        postgres_admin_url=embedded_admin_url(state, ports),
        s3=embedded_s3_environment(state, ports),
        passwords=role_passwords(state),
    )


def save_connections(state: State, servers: Servers) -> None:
    """Leave word how to reach them, for tests that use a running system's servers."""
    write_private(state.run / CONNECTIONS_FILE, json.dumps(asdict(servers)))


def saved_connections(folder: Path) -> Servers:
    """Read what `save_connections` left in a state folder."""
    return Servers(**json.loads((folder / "run" / CONNECTIONS_FILE).read_text()))


def jar_folder() -> Path:
    """Where Kafka's jars are kept."""
    return cache_folder() / "kafka"


@asynccontextmanager
async def running_servers(
    folder: Path, ports: Ports, *, durable: bool = True, output: Output = lambda _name, _line: None
) -> AsyncIterator[Servers]:
    """Start the three servers, hand them over, and stop them."""
    state = State.open(folder)
    await asyncio.to_thread(ensure_jars, jar_folder())
    supervisor = Supervisor(
        [
            kafka_process(state, ports, jar_folder()),
            postgres_process(state, ports, durable=durable),
            s3_process(state, ports),
        ],
        output=output,
    )
    await supervisor.start()
    try:
        servers = embedded_servers(state, ports)
        save_connections(state, servers)
        yield servers
    finally:
        await supervisor.stop()
        (state.run / CONNECTIONS_FILE).unlink(missing_ok=True)
