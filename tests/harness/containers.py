"""The same servers in containers, for machines where a Docker engine answers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import answers_admin
from deploy.local.ports import HOST
from deploy.local.postgres import ADMIN, SCHEMAS, answers
from deploy.local.probes import answers_http
from deploy.local.process import Probe
from deploy.local.servers import Servers

KAFKA_IMAGE = "apache/kafka:4.4.0"
POSTGRES_IMAGE = "postgres:18"
S3_IMAGE = "chrislusf/seaweedfs:4.48"
_PASSWORD = "test"


def docker_answers() -> bool:
    """Tell whether a Docker engine is there."""
    try:
        client = docker.from_env(timeout=2)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except DockerException:
        return False
    finally:
        client.close()


@asynccontextmanager
async def container_servers() -> AsyncIterator[Servers]:
    """Start the three servers in containers and hand them over when they answer."""
    kafka, postgres, s3 = (_free_port() for _ in range(3))
    servers = Servers(
        kafka_bootstrap=f"{HOST}:{kafka}",
        postgres_admin_url=f"postgresql://{ADMIN}:{_PASSWORD}@{HOST}:{postgres}/postgres",
        s3={
            "MINIO_ENDPOINT": HOST,
            "MINIO_PORT": str(s3),
            "MINIO_USE_SSL": "false",
            "MINIO_ACCESS_KEY": "test",
            "MINIO_SECRET_KEY": _PASSWORD,
            "MINIO_REGION": "us-east-1",
        },
        passwords=dict.fromkeys(SCHEMAS, _PASSWORD),
    )

    async def kafka_ready() -> bool:
        return await answers_admin(servers.kafka_bootstrap)

    async def postgres_ready() -> bool:
        return await answers(servers.postgres_admin_url)

    with ExitStack() as stack:
        for container in (_kafka(kafka), _postgres(postgres), _s3(s3)):
            await asyncio.to_thread(container.start)
            stack.callback(container.stop)
        probes = (kafka_ready, postgres_ready, answers_http(s3, "/healthz"))
        await asyncio.gather(*(_until(probe) for probe in probes))
        yield servers


def _kafka(port: int) -> DockerContainer:
    controller = "CONTROLLER://localhost:9093"
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port)
    return container.with_envs(
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_NODE_ID="1",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_LISTENERS=f"PLAINTEXT://:9092,{controller}",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://{HOST}:{port}",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="4",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
    )


def _postgres(port: int) -> DockerContainer:
    container = DockerContainer(POSTGRES_IMAGE).with_bind_ports(5432, port)
    return container.with_envs(POSTGRES_USER=ADMIN, POSTGRES_PASSWORD=_PASSWORD)


def _s3(port: int) -> DockerContainer:
    container = DockerContainer(S3_IMAGE).with_bind_ports(8333, port)
    # The image takes its one identity from the variables that S3 clients know.
    container.with_envs(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY=_PASSWORD)
    return container.with_command("mini -dir=/data -master.telemetry=false")


async def _until(probe: Probe, *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await probe():  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
