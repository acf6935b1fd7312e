"""The harness itself: what other tests rely on."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.postgres import SCHEMAS
from services.kafka import KafkaSettings, ensure_topics
from services.object_storage import DOCUMENTS_BUCKET, ObjectStorage
from tests.conftest import MakeDatabase


async def test_every_owner_has_its_own_schema_and_no_other(make_database: MakeDatabase) -> None:
    database = await make_database()

    for package, schema in SCHEMAS.items():
        connection = await asyncpg.connect(database.url(package).get_secret_value())
        await connection.execute("create table mine (id int)")
        owner = await connection.fetchval(
            "select schemaname from pg_tables"
            " where tablename = 'mine' and tableowner = current_user"
        )
        foreign = next(other for other in SCHEMAS.values() if other != schema)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"create table {foreign}.theirs (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table public.everybodys (id int)")
        await connection.close()

        assert owner == schema


async def test_an_owner_can_forbid_overlaps(make_database: MakeDatabase) -> None:
    """Exclusion constraints need an extension that an owner may not create."""
    database = await make_database()
    connection = await asyncpg.connect(database.url("order_consumer").get_secret_value())

    await connection.execute(
        "create table slots (room uuid, at tstzrange, exclude using gist (room with =, at with &&))"
    )

    await connection.close()


async def test_two_databases_do_not_share_data(make_database: MakeDatabase) -> None:
    first, second = await make_database(), await make_database()
    connection = await asyncpg.connect(first.url("gateway").get_secret_value())
    await connection.execute("create table only_here (id int)")
    await connection.close()

    connection = await asyncpg.connect(second.url("gateway").get_secret_value())
    found = await connection.fetchval("select to_regclass('only_here')")
    await connection.close()

    assert found is None


async def test_what_a_test_published_is_gone_in_the_next(kafka: KafkaSettings) -> None:
    """Run twice below, so that the second run would see the first one's record."""
    await _publish_and_count(kafka)


async def test_what_a_test_published_is_gone_in_the_next_again(kafka: KafkaSettings) -> None:
    await _publish_and_count(kafka)


async def _publish_and_count(kafka: KafkaSettings) -> None:
    for topic in ("order.created", "order.updated"):
        async with AIOKafkaProducer(**kafka.client_options()) as producer:
            await producer.send_and_wait(topic, b"x", key=b"k")
        consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **kafka.client_options())
        async with consumer:
            await consumer.getone()
            more = await consumer.getmany(timeout_ms=300)

        assert not more


async def test_topics_are_created_once(kafka: KafkaSettings) -> None:
    differing = await ensure_topics(kafka)

    assert all("cleanup.policy" in sentence for sentence in differing)


async def test_buckets_are_there(object_storage: ObjectStorage) -> None:
    await object_storage.put(DOCUMENTS_BUCKET, "a", b"1", content_type="text/plain")

    assert await object_storage.get(DOCUMENTS_BUCKET, "a") == b"1"
