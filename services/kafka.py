"""The way to Kafka: settings, a publisher that is durable or raises, and topics.

Every default that loses data is turned: `acks=all`, idempotent, no topic by accident.
"""

import asyncio
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError
from aiokafka.helpers import create_ssl_context
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from contracts.base import Contract
from contracts.topics import DEAD_RETENTION, TOPICS
from services.errors import BrokerUnavailable
from services.events import Event
from services.settings import Settings

PUBLISH_TIMEOUT_SECONDS = 10.0
_REACHED_WITHIN_MS = 5_000


class KafkaSettings(Settings):
    """Where Kafka is and how to prove who we are."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap_servers: str = Field(default="127.0.0.1:9092", description="host:port, by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str = Field(default="", description="Required with SASL")
    sasl_password: SecretStr = Field(default=SecretStr(""), description="Its password")
    ssl_cafile: str = Field(
        default="", description="PEM file of the authority; empty: the system's"
    )
    replication_factor: int = Field(default=1, ge=1, description="3 on a cluster")

    @model_validator(mode="after")
    def _sasl_has_credentials(self) -> Self:
        if "SASL" in self.security_protocol and not self.sasl_username:
            raise ValueError("KAFKA_SASL_USERNAME is required with this KAFKA_SECURITY_PROTOCOL")
        return self

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None for a plain connection."""
        if "SSL" not in self.security_protocol.replace("SASL", ""):
            return None
        context: ssl.SSLContext = create_ssl_context(cafile=self.ssl_cafile or None)
        return context

    def client_options(self) -> dict[str, Any]:
        """Return the options that every aiokafka client takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
            "ssl_context": self.ssl_context(),
        }
        if "SASL" in self.security_protocol:
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return options


class Outgoing(NamedTuple):
    """A record to publish."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def outgoing(event: Event[Contract]) -> Outgoing:
    """Return an event as a record in CloudEvents binary mode."""
    headers = [(name, text.encode()) for name, text in event.envelope.headers().items()]
    return Outgoing(event.topic.name, event.key.encode(), event.data.to_json(), headers)


class Publisher:
    """Publishes records; returns when all in-sync replicas have them, or raises.

    After trouble an idempotent producer can stay stuck on a sequence number, so it is thrown away
    at any error, and the next call builds a new one.
    """

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._discard()

    async def publish(self, *events: Event[Contract]) -> None:
        """Publish events; `BrokerUnavailable` when Kafka did not confirm all of them."""
        await self.publish_many([outgoing(event) for event in events])

    async def publish_many(self, records: Sequence[Outgoing]) -> None:
        """Publish records in order; `BrokerUnavailable` when Kafka did not confirm all of them."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                producer = await self._started()
                confirmations = [
                    await producer.send(r.topic, r.value, key=r.key, headers=r.headers)
                    for r in records
                ]
                await asyncio.gather(*confirmations)
        except (KafkaError, OSError, TimeoutError) as error:
            await self._discard()
            raise BrokerUnavailable(type(error).__name__) from error

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._settings.client_options(),
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=True,
                    compression_type="lz4",  # zstd packs tighter, and costs ten times the time
                    linger_ms=0,
                    max_batch_size=262_144,
                    max_request_size=1_048_576,
                    request_timeout_ms=8_000,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), timeout=2)
        except (KafkaError, OSError, TimeoutError):
            return  # it was broken: that is why it goes


async def is_reachable(settings: KafkaSettings) -> bool:
    """Tell whether Kafka answers somebody who comes anew: an old client may be stuck by itself."""
    options = settings.client_options() | {"request_timeout_ms": _REACHED_WITHIN_MS}
    stranger = AIOKafkaAdminClient(**options)
    try:
        await stranger.start()
    except (KafkaError, OSError):
        return False
    finally:
        await stranger.close()
    return True


async def ensure_topics(settings: KafkaSettings) -> list[str]:
    """Create the topics that are missing; return a sentence for each that differs from its
    declaration in `contracts.topics`."""
    admin = AIOKafkaAdminClient(**settings.client_options())
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        wanted = _declared(settings.replication_factor)
        missing = [topic for name, topic in wanted.items() if name not in existing]
        if missing:
            await _create(admin, missing)
        return await _differences(admin, {n: t for n, t in wanted.items() if n in existing})
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(type(error).__name__) from error
    finally:
        await admin.close()


def _declared(replication_factor: int) -> dict[str, NewTopic]:
    dead = {
        "cleanup.policy": "delete",
        "retention.ms": str(int(DEAD_RETENTION.total_seconds() * 1000)),
    }
    topics = {
        t.name: NewTopic(t.name, t.partitions, replication_factor, topic_configs=t.config)
        for t in TOPICS
    }
    return topics | {
        t.dead: NewTopic(t.dead, 1, replication_factor, topic_configs=dead) for t in TOPICS
    }


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    try:
        await admin.create_topics(topics)
    except TopicAlreadyExistsError:
        return  # another start-up was faster


async def _differences(admin: AIOKafkaAdminClient, topics: dict[str, NewTopic]) -> list[str]:
    described = {t["topic"]: t for t in await admin.describe_topics(list(topics))}
    sentences = [
        f"Topic {name} has {len(described[name]['partitions'])} partitions, "
        f"{topic.num_partitions} are declared."
        for name, topic in topics.items()
        if len(described[name]["partitions"]) != topic.num_partitions
    ]
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    if not resources:
        return sentences
    for response in await admin.describe_configs(resources):
        for resource in response.resources:
            name, entries = resource[3], {entry[0]: entry[1] for entry in resource[4]}
            sentences += [
                f"Topic {name} has {key}={entries.get(key)}, {value} is declared."
                for key, value in topics[name].topic_configs.items()
                if entries.get(key) != value
            ]
    return sentences
