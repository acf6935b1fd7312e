"""How many instances a second ingest_worker indexes from a backlog: decode, batch, commit.

    python -m bench.images_ingested --database postgresql://ingest_worker:…@127.0.0.1:5433/radiology

Records are made in memory as Kafka would hand them over, so that only our own work and the
database's is measured. Two kinds: a small header, and one as large as that of a real CT slice.
"""

import argparse
import asyncio
import cProfile
import gc
import hashlib
import logging
import pstats
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from aiokafka import ConsumerRecord
from pydantic import SecretStr

from contracts.events.images_ingested import ImagesIngested, StoredObject
from contracts.topics import IMAGES_INGESTED
from ingest_worker.app import GARBAGE_COLLECTION
from ingest_worker.domain.completeness import Patience
from ingest_worker.handlers import IngestHandlers
from ingest_worker.headers import Headers
from services.clock import utc_now
from services.database import migrate, open_database
from services.delivery import Delivery
from services.dicom.header import parse_header
from services.dicom.travelling import made_to_travel
from services.events import new_event
from services.kafka import KafkaSettings, Publisher, outgoing
from services.object_storage import IMAGES_BUCKET, ObjectStorage, instance_key
from services.observability import configure_logging
from tests.harness.dicom import build_instance, uid

PATIENCE = Patience(quiet=timedelta(minutes=2), settle=timedelta(seconds=5))


def records(
    count: int,
    *,
    per_study: int,
    dicom_json: dict[str, object],
    run: str,
    travel: Callable[[ImagesIngested], ImagesIngested],
) -> "list[ConsumerRecord[bytes, bytes]]":
    """Make records of studies with `per_study` instances, as a partition would hold them."""
    sample = parse_header(build_instance(kind="CT").content)
    made = []
    for number in range(count):
        study = uid(run, number // per_study)
        series, sop = uid(study, "series", number % 4), uid(study, number)
        header = sample.model_copy(
            update={
                "study_instance_uid": study,
                "series_instance_uid": series,
                "sop_instance_uid": sop,
                "instance_number": number,
                "patient_id": f"{run}-{number // per_study // 3}",
                "accession_number": f"{run}{number // per_study}"[:16],
                "dicom_json": dicom_json,
            }
        )
        image = ImagesIngested(
            study_instance_uid=study,
            series_instance_uid=series,
            sop_instance_uid=sop,
            stored=StoredObject(
                bucket=IMAGES_BUCKET,
                key=instance_key(study, series, sop),
                size_bytes=525_288,
                sha256=hashlib.sha256(sop.encode()).hexdigest(),
            ),
            header=header,
            received_by="DIMSE",
            received_from="CT_SCANNER_1",
            received_at=utc_now(),
        )
        event = new_event(
            IMAGES_INGESTED, travel(image), subject=study, source="/bench", at=utc_now()
        )
        made.append(_record(number, *outgoing(event)))
    return made


def _record(
    offset: int,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
) -> "ConsumerRecord[bytes, bytes]":
    now = int(time.time() * 1000)
    return ConsumerRecord(
        topic, 0, offset, now, 0, key, value, None, len(key or b""), len(value or b""), headers
    )


async def measure(
    url: SecretStr, made: "Sequence[ConsumerRecord[bytes, bytes]]", batch: int
) -> float:
    """Deliver all records in batches; return the seconds."""
    kafka = KafkaSettings()
    async with (
        open_database(url, application="bench") as database,
        Publisher(kafka, client_id="bench") as publisher,
    ):
        handlers = IngestHandlers(database, Headers(ObjectStorage(None)), PATIENCE)
        delivery = Delivery("ingest_worker", database, publisher)
        started = time.perf_counter()
        for start in range(0, len(made), batch):
            await delivery.deliver_batch(
                IMAGES_INGESTED, made[start : start + batch], handlers.on_images_ingested
            )
        return time.perf_counter() - started


def large_header() -> dict[str, object]:
    """Return DICOM JSON of the size that a real CT slice has: some 12 kB."""
    sample = parse_header(build_instance(kind="CT").content).dicom_json
    filler = {
        f"0018{number:04X}": {"vr": "LO", "Value": [f"protocol parameter {number}"]}
        for number in range(0x9000, 0x9000 + 180)
    }
    return {**sample, **filler}


def main() -> None:
    """Measure both kinds and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, type=SecretStr)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=300)
    parser.add_argument("--per-study", type=int, default=300)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    configure_logging("bench", level=logging.WARNING)
    gc.set_threshold(*GARBAGE_COLLECTION)
    asyncio.run(migrate(options.database, "ingest_worker"))
    run = hashlib.sha256(str(time.time()).encode()).hexdigest()[:8]
    kinds: tuple[tuple[str, dict[str, object], Callable[[ImagesIngested], ImagesIngested]], ...] = (
        ("small header", {}, made_to_travel),
        ("CT header from our edges", large_header(), made_to_travel),
        ("CT header from outside", large_header(), lambda image: image),
    )
    for name, dicom_json, travel in kinds:
        made = records(
            options.count,
            per_study=options.per_study,
            dicom_json=dicom_json,
            run=run + name[3:6] + name[-3:],
            travel=travel,
        )
        size = sum(len(r.value) for r in made) // len(made)
        profiler = cProfile.Profile()
        if options.profile:
            profiler.enable()
        cpu = time.process_time()
        seconds = asyncio.run(measure(options.database, made, options.batch))
        profiler.disable()
        rate, cpu_us = len(made) / seconds, (time.process_time() - cpu) / len(made) * 1e6
        print(f"{name} ({size} bytes): {rate:,.0f} instances/s, {cpu_us:,.0f} us of Python each")
        if options.profile:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(28)


if __name__ == "__main__":
    main()
