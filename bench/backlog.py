"""How fast each worker works off a backlog, and the bare loop beside it.

The bare loop reads the same records with the same client and inserts one row for each in a
transaction of its own, eight side by side: what a worker of our shape costs before it does
anything. The ratio of both, taken in one run, can be compared between machines.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer

from bench.figures import Result
from bench.images_ingested import large_header, records
from contracts.enumerations import OrderStatus
from contracts.topics import (
    CRITICAL_FINDING,
    IMAGES_INGESTED,
    ORDER_CREATED,
    ORDER_UPDATED,
    REPORT_DRAFTED,
)
from deploy.local.ports import HOST, free_ports
from deploy.local.servers import Servers, running_servers
from deploy.local.state import ROOT
from services.database import Database, open_database
from services.dicom.travelling import made_to_travel
from services.events import Event
from services.kafka import KafkaSettings, Outgoing, Publisher, outgoing
from services.object_storage import ObjectStorageSettings, open_object_storage
from services.sql import load_queries
from tests.harness.alerts import critical_finding
from tests.harness.orders import order_created, order_requested, room
from tests.harness.processes import Process, running
from tests.harness.reports import drafted, order_state, order_updated
from tests.harness.servers import Databases, TestDatabase
from tests.harness.standins import running_stand_in
from tests.harness.topics import create_topics, empty_topics

_QUERIES = load_queries("bench")
_LANES = 8
_BATCH = 200
_IMAGES_BATCH = 500
_PUBLISH_AT_ONCE = 500
_WAIT_SECONDS = 300.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Backlog:
    """What a worker finds when it starts.

    Parameters
    ----------
    before : what it must know first; handled before the clock runs.
    in_one : one transaction for each batch, as `images.ingested` is handled.
    """

    worker: str
    topic: str
    events: Sequence[Outgoing]
    before: Sequence[Outgoing] = ()
    in_one: bool = False
    aim: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Servers and a database for one measurement."""

    servers: Servers
    kafka: KafkaSettings
    database: TestDatabase
    folder: Path

    def database_of(self, package: str) -> Any:
        """Open a package's own database."""
        return open_database(self.database.url(package), application="bench")


async def measure_backlogs(folder: Path, *, scale: float = 1.0) -> AsyncIterator[list[Result]]:
    """Measure every worker, each alone on the servers, each after the bare loop."""
    async with running_servers(folder, free_ports()) as servers:
        kafka = KafkaSettings(bootstrap_servers=servers.kafka_bootstrap)
        await create_topics(kafka)
        await _make_buckets(servers)
        async with running_stand_in("telephony", {"PACE": "0.02"}) as phones:
            for backlog in _backlogs(scale, phones):
                yield await _measure(servers, kafka, folder, backlog)


async def _make_buckets(servers: Servers) -> None:
    values = {name.removeprefix("MINIO_").lower(): value for name, value in servers.s3.items()}
    async with open_object_storage(ObjectStorageSettings.model_validate(values)) as storage:
        await storage.ensure_buckets()


async def _measure(
    servers: Servers, kafka: KafkaSettings, folder: Path, backlog: Backlog
) -> list[Result]:
    await empty_topics(kafka)
    databases = Databases(servers)
    place = Place(servers, kafka, await databases.make(), folder)
    try:
        await _publish(kafka, backlog.events)
        bare = await _bare_loop(place, backlog)
        await empty_topics(kafka)
        worker = await _worker(place, backlog)
    finally:
        await databases.drop_all()
    name, count = f"{backlog.worker}, {backlog.topic} from backlog", len(backlog.events)
    return [
        Result("pipeline", name, worker, "events/s", backlog.aim, f"{count} events"),
        Result("pipeline", f"{backlog.topic}, bare consume and insert", bare, "events/s"),
        Result("pipeline", f"{name}, share of the bare loop", worker / bare, "of 1"),
    ]


async def _publish(kafka: KafkaSettings, events: Sequence[Outgoing]) -> None:
    left = iter(events)
    async with Publisher(kafka, client_id="bench") as publisher:
        while some := list(islice(left, _PUBLISH_AT_ONCE)):
            await publisher.publish_many(some)


async def _worker(place: Place, backlog: Backlog) -> float:
    """Return events per second, by the inbox and the database's clock."""
    process = _process(place, backlog)
    async with place.database_of(backlog.worker) as database:
        if backlog.before:
            await _publish(place.kafka, backlog.before)
            async with running(process):
                await _until_handled(database, len(backlog.before))
        known = len(backlog.before)
        await _publish(place.kafka, backlog.events)
        async with running(process):
            await _until_handled(database, known + len(backlog.events))
            async with database.connection() as connection:
                row = await connection.fetchrow(_QUERIES["span_of_inbox"], known)
    assert row is not None
    return float(row["events"]) / float(row["seconds"])


async def _until_handled(database: Database, count: int) -> None:
    async with asyncio.timeout(_WAIT_SECONDS):
        while True:
            async with database.connection() as connection:
                if await connection.fetchval(_QUERIES["events_in_inbox"]) >= count:
                    return
            await asyncio.sleep(_POLL_SECONDS)


def _process(place: Place, backlog: Backlog) -> Process:
    name = backlog.worker
    port = free_ports().order_consumer
    environment = {
        **place.servers.environment,
        f"{name.upper()}_DATABASE_URL": place.database.url(name).get_secret_value(),
        f"{name.upper()}_HEALTH_PORT": str(port),
        f"{name.upper()}_INSTANCE": "1",
        "REPORT_CONSUMER_SIGNING_KEY_FILE": str(place.folder / "key.pem"),
        **backlog.environment,
    }
    log = place.folder / f"{name}.log"
    return Process(name, environment, f"http://{HOST}:{port}/health/ready", log)


async def _bare_loop(place: Place, backlog: Backlog) -> float:
    """Read the backlog and insert it, and do nothing else."""
    count, done = len(backlog.events), 0
    async with place.database_of(backlog.worker) as database, _reader(place, backlog) as consumer:
        async with database.transaction() as connection:
            await connection.execute(_QUERIES["make_bare_table"])
        began = time.perf_counter()
        while done < count:
            most = _IMAGES_BATCH if backlog.in_one else _BATCH
            batches = await consumer.getmany(timeout_ms=1000, max_records=most)
            values = [record.value for batch in batches.values() for record in batch]
            await (_insert_in_one if backlog.in_one else _insert_each)(database, values)
            await consumer.commit()
            done += len(values)
        return count / (time.perf_counter() - began)


@asynccontextmanager
async def _reader(place: Place, backlog: Backlog) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        backlog.topic,
        **place.kafka.client_options(),
        group_id=f"bench.{uuid4().hex}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _insert_each(database: Database, values: Sequence[bytes]) -> None:
    lanes = asyncio.Semaphore(_LANES)

    async def insert(value: bytes) -> None:
        async with lanes, database.transaction() as connection:
            await connection.execute(_QUERIES["insert_bare"], uuid4(), value)

    await asyncio.gather(*(insert(value) for value in values))


async def _insert_in_one(database: Database, values: Sequence[bytes]) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            _QUERIES["insert_bare_many"], [uuid4() for _ in values], list(values)
        )


# -------------------------------------------------------------------------------------- backlogs
def _backlogs(scale: float, phones: str) -> list[Backlog]:
    """Return what each worker finds; `scale` makes all of it larger or smaller."""
    orders = [order_state(status=OrderStatus.IMAGES_AVAILABLE) for _ in range(int(1000 * scale))]
    rooms = [order_requested(uuid4(), room(name=f"CT {n}", room=f"R{n}")) for n in range(20)]
    known = [order_updated(order) for order in orders]
    return [
        Backlog(
            "order_consumer",
            ORDER_CREATED.name,
            _sent(order_created() for _ in range(int(2000 * scale))),
            before=_sent(rooms),
        ),
        Backlog(
            "ingest_worker",
            IMAGES_INGESTED.name,
            _images(int(20_000 * scale)),
            in_one=True,
            aim=">= 5,000/s",
        ),
        Backlog("report_consumer", ORDER_UPDATED.name, _sent(known)),
        Backlog(
            "report_consumer",
            REPORT_DRAFTED.name,
            _sent(drafted(order.id) for order in orders),
            before=_sent(known),
        ),
        Backlog(
            "alert_worker",
            CRITICAL_FINDING.name,
            _sent(critical_finding() for _ in range(int(1000 * scale))),
            environment=_outside(phones),
        ),
    ]


def _sent(events: Any) -> list[Outgoing]:
    made: Sequence[Event[Any]] = list(events)
    return [outgoing(event) for event in made]


def _images(count: int) -> list[Outgoing]:
    """Return images as our own edges tell of them, with a header as large as a real CT's."""
    run = hashlib.sha256(str(time.time()).encode()).hexdigest()[:8]
    made = records(count, per_study=300, dicom_json=large_header(), run=run, travel=made_to_travel)
    return [Outgoing(r.topic, r.key, r.value, list(r.headers)) for r in made]


def _outside(phones: str) -> dict[str, str]:
    """Return settings of alert_worker: phones that answer, and a mail server that is away."""
    return {
        "ALERT_WORKER_LADDER_FILE": str(ROOT / "deploy" / "demo" / "on_call.yaml"),
        "ALERT_WORKER_PUBLIC_URL": "http://localhost:1",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
        "TWILIO_AUTH_TOKEN": "telephony-standin-demo-token",
        "TWILIO_FROM_NUMBER": "+12025550199",
        "TWILIO_API_URL": phones,
        "TWILIO_CALLBACK_URL": "http://localhost:1",
        "SMTP_HOST": HOST,
        "SMTP_PORT": "1",
        "SMTP_STARTTLS": "false",
        "SMTP_SENDER": "radiology@hospital.example",
        "PATH": os.environ["PATH"],
    }
