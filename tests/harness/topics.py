"""The declared topics, empty for each test.

Records are deleted, not topics: it takes a fraction of the time, and clients that are still
connected do not stumble over a topic that is away. Offsets go on growing from test to test.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    LeaderNotAvailableError,
    NotLeaderForPartitionError,
    PolicyViolationError,
    UnknownTopicOrPartitionError,
)

from contracts.topics import TOPICS
from services.kafka import KafkaSettings, ensure_topics

_UP_TO_THE_END = -1


async def create_topics(settings: KafkaSettings) -> None:
    """Create every topic as it is declared; compacted ones such that they can be emptied."""
    await ensure_topics(settings)
    # Kafka refuses to delete records of a topic that is only compacted.
    both = {"cleanup.policy": "compact,delete", "retention.ms": "-1"}
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=topic.config | both)
        for topic in TOPICS
        if topic.compacted
    ]
    async with _admin(settings) as admin:
        await admin.alter_configs(resources)
    await _every_partition_has_a_leader(settings)


async def _every_partition_has_a_leader(settings: KafkaSettings) -> None:
    """Wait for what follows creation and configuration by some tenths of a second."""
    async with asyncio.timeout(30):
        while True:
            try:
                await empty_topics(settings)
            except (
                NotLeaderForPartitionError,
                LeaderNotAvailableError,
                UnknownTopicOrPartitionError,
                PolicyViolationError,
            ):
                await asyncio.sleep(0.05)
            else:
                return


async def empty_topics(settings: KafkaSettings) -> None:
    """Delete every record of every topic."""
    everything = {
        TopicPartition(name, partition): RecordsToDelete(_UP_TO_THE_END)
        for topic in TOPICS
        for name, partitions in ((topic.name, topic.partitions), (topic.dead, 1))
        for partition in range(partitions)
    }
    async with _admin(settings) as admin:
        await admin.delete_records(everything)


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**settings.client_options())
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
