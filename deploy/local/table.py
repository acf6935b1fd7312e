"""The whole system in one table: what is done and what runs, and in which order.

To add a process, add a row to `OURS` and its settings to `installation.py`.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from deploy.local import steps
from deploy.local.installation import Installation
from deploy.local.kafka import kafka_process
from deploy.local.portals import build_portals
from deploy.local.postgres import postgres_process
from deploy.local.probes import answers_http
from deploy.local.process import Job, Process
from deploy.local.s3 import s3_process
from deploy.local.servers import jar_folder

_STORES = ("topics", "database", "buckets")


@dataclass(frozen=True)
class Ours:
    """A process of our own: `python -m <module>`.

    Parameters
    ----------
    ports : names in `Ports`; the first one answers `health`.
    part : stands in for this part of `settings.PARTS`; not started when that comes from outside.
    """

    name: str
    title: str
    module: str
    ports: tuple[str, ...]
    health: str = "/health/ready"
    depends_on: tuple[str, ...] = ()
    part: str = ""


OURS = (
    Ours(
        "identity",
        "the identity stand-in",
        "deploy.standins.identity",
        ("identity",),
        "/health",
        part="identity",
    ),
    Ours(
        "telephony",
        "the telephony stand-in",
        "deploy.standins.telephony",
        ("telephony",),
        "/health",
        part="telephony",
    ),
    Ours(
        "mail",
        "the mail stand-in",
        "deploy.standins.mail",
        ("mail", "smtp"),
        "/health",
        part="mail",
    ),
    Ours(
        "workflow",
        "the workflow service's stand-in",
        "deploy.standins.workflow",
        ("workflow",),
        "/health",
        part="workflow",
    ),
    Ours(
        "order_consumer",
        "the order worker",
        "order_consumer",
        ("order_consumer",),
        depends_on=("topics", "database"),
    ),
    Ours(
        "ingest_worker", "the image worker", "ingest_worker", ("ingest_worker",), depends_on=_STORES
    ),
    Ours(
        "report_consumer",
        "the report worker",
        "report_consumer",
        ("report_consumer",),
        depends_on=_STORES,
    ),
    Ours(
        "alert_worker",
        "the alert worker",
        "alert_worker",
        ("alert_worker",),
        depends_on=("topics", "database"),
    ),
    Ours(
        "alert_watchdog",
        "the watchdog of alerts",
        "alert_worker.watchdog",
        ("alert_watchdog",),
        depends_on=("topics",),
    ),
    Ours(
        "gateway",
        "the gateway",
        "gateway",
        ("gateway", "radiology_portal", "provider_portal"),
        depends_on=_STORES,
    ),
    Ours(
        "gateway_dimse",
        "the gateway's DIMSE edge",
        "gateway.dimse",
        ("gateway_dimse", "dimse"),
        depends_on=("topics", "buckets"),
    ),
)


Task = Process | Job


def servers(installation: Installation, say: steps.Say) -> Iterator[Task]:
    """Yield the embedded servers, and what is made in them or in those from outside."""
    state, ports, outside = installation.state, installation.ports, installation.outside
    if "kafka" not in outside:
        yield Job("jars", "Kafka's program files", steps.fetch_jars(jar_folder()))
        yield kafka_process(state, ports, jar_folder(), depends_on=("jars",))
    if "postgres" not in outside:
        yield postgres_process(state, ports)
    if "s3" not in outside:
        yield s3_process(state, ports)
    yield Job("topics", "topics", steps.make_topics(installation, say), ("kafka",))
    yield Job("database", "roles and schemas", steps.make_database(installation), ("postgres",))
    yield Job("buckets", "buckets", steps.make_buckets(installation), ("s3",))


def whole_system(installation: Installation, say: steps.Say, *, demo: bool) -> Iterator[Task]:
    """Yield everything that `up` starts."""
    yield from servers(installation, say)
    yield Job("portals", "the portals", build_portals(say))
    for ours in OURS:
        if ours.part not in installation.outside:
            yield _process(installation, ours)
    if demo:
        everything = tuple(ours.name for ours in OURS if ours.part not in installation.outside)
        yield Job("demo", "demo data", steps.load_demo(installation, say), everything)


def _process(installation: Installation, ours: Ours) -> Process:
    numbers = tuple(int(getattr(installation.ports, port)) for port in ours.ports)
    return Process(
        name=ours.name,
        title=ours.title,
        command=(sys.executable, "-m", ours.module),
        environment=installation.environment_of(ours.name),
        ports=numbers,
        ready=answers_http(numbers[0], ours.health),
        depends_on=ours.depends_on,
    )


def without_missing_dependencies(tasks: Iterable[Task]) -> list[Task]:
    """Forget dependencies on what comes from outside: it is not ours to wait for."""
    known = list(tasks)
    names = {task.name for task in known}
    return [
        replace(task, depends_on=tuple(name for name in task.depends_on if name in names))
        for task in known
    ]
