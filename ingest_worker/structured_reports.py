"""Makes the DICOM SR of what was measured, once a report is signed, and sends it like any image.

What must stay true: it is announced only when the object store has it, under UIDs that follow from
study, report version and measurements, so that whoever makes it again makes the same object.
"""

import asyncio
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg
import structlog
from pydantic import TypeAdapter

from contracts.envelope import Envelope
from contracts.events.images_ingested import ImagesIngested, StoredObject
from contracts.events.report_updated import ReportUpdated, ReportVersion
from contracts.identifiers import new_id
from contracts.people import Actor
from contracts.topics import IMAGES_INGESTED
from ingest_worker.domain.measured import Measured, differs, measure
from ingest_worker.domain.study import MEASUREMENT_REPORTS, Study
from ingest_worker.errors import ReportNotWritten
from ingest_worker.measurement_report import ReportOrder
from ingest_worker.pixel_statistics import PixelStatistics
from ingest_worker.repository import ImagingRepository
from ingest_worker.series_repository import PlacedInstance, SeriesRepository
from ingest_worker.settling import SOURCE, priors_among
from services import outbox
from services.database import Connection, Database
from services.dicom.uids import derived_uid
from services.errors import PermanentError, TransientError
from services.events import Event
from services.leases import Sender, back_off
from services.object_storage import IMAGES_BUCKET, ObjectStorage, instance_key
from services.sql import load_queries

LEASE = timedelta(seconds=120)
_TIME_LIMIT_SECONDS = 60.0
_QUERIES = load_queries("ingest_worker")
_ANNOTATIONS = TypeAdapter(tuple[dict[str, Any], ...])

log = structlog.get_logger()


class ReportJob(NamedTuple):
    """A structured report that we make until the lease runs out."""

    token: UUID
    study_id: UUID
    report_version: int
    order_id: UUID
    reader: Actor
    signed_at: datetime
    annotations: tuple[dict[str, Any], ...]
    correlation_id: UUID
    causation_id: UUID
    attempts: int
    predecessor_uid: str
    """What an earlier version was measured in; empty where there is none."""
    study: Study


async def order_structured_reports(connection: Connection, event: Event[ReportUpdated]) -> None:
    """Have a structured report made of what the signer measured, for the newest signed version."""
    signed = _last_signed(event.data)
    if signed is None or signed.signature is None:
        return
    signer = signed.signature.signed_by
    await connection.execute(
        _QUERIES["order_structured_reports"],
        event.data.order_id,
        signed.number,
        signer.id,
        signer.to_json().decode(),
        signed.signature.signed_at,
        event.envelope.correlation_id,
        event.envelope.id,
    )


class _Image:
    """An image that was measured; what it tells is parsed once, however much was drawn on it."""

    def __init__(self, placed: PlacedInstance) -> None:
        self.instance = placed.instance
        self.metadata = placed.instance.metadata() | {
            "00080020": {"vr": "DA", "Value": [placed.study_date] if placed.study_date else []},
            "0020000D": {"vr": "UI", "Value": [placed.study_instance_uid]},
            "0020000E": {"vr": "UI", "Value": [placed.series_instance_uid]},
        }


@dataclass(frozen=True)
class StructuredReports:
    """Works off the structured reports that were ordered."""

    database: Database
    storage: ObjectStorage

    def sender(self) -> Sender[ReportJob]:
        """Return the task that runs beside the consumers."""
        return Sender(
            "structured_reports", self.database, claim=self.claim, perform=self.perform, at_once=1
        )

    async def claim(self, limit: int) -> Sequence[ReportJob]:
        """Take reports that are due."""
        token = new_id()
        async with self.database.connection() as connection:
            rows = await connection.fetch(_QUERIES["claim_structured_reports"], token, LEASE, limit)
        return [_job(token, row) for row in rows]

    async def perform(self, job: ReportJob) -> None:
        """Make one and announce it; put it off when something is away."""
        try:
            measured = await self._measured(job)
            # With nothing measured it only takes back what was said before.
            is_wanted = bool(measured) or bool(job.predecessor_uid)
            image = await self._store(job, measured) if is_wanted else None
            await self._finish(job, image, len(measured))
        except (TransientError, PermanentError, TimeoutError) as error:
            reason = type(error).__name__
            log.warning("structured_report_postponed", study_id=str(job.study_id), reason=reason)
            await self._postpone(job)

    async def _measured(self, job: ReportJob) -> list[Measured]:
        """Measure each drawing on its instance; those on a reformatted plane have none."""
        uids = {str(record.get("sopInstanceUid", "")) for record in job.annotations}
        others = {str(record.get("studyInstanceUid") or "") for record in job.annotations}
        others -= {"", job.study.study_instance_uid}
        async with self.database.connection() as connection:
            # Asked anew: what was a prior when it was measured may be another patient's since.
            priors = await priors_among(ImagingRepository(connection), job.study, others)
            studies = [job.study_id, *priors.values()]
            placed = await SeriesRepository(connection).of_studies(studies, list(uids))
        images = {one.instance.sop_instance_uid: _Image(one) for one in placed}
        pixels = PixelStatistics(self.storage)
        found, different = [], 0
        for record in sorted(job.annotations, key=_place):
            image = images.get(_place(record)[0])
            measured = measure(record, image.metadata) if image else None
            if image is None or measured is None:
                continue
            found.append(await pixels.with_statistics(measured, image.instance, image.metadata))
            different += differs(record, found[-1])
        if different:  # ours are exported: the browser's are a display of the same points
            log.warning("measurements_differ", study_id=str(job.study_id), count=different)
        if len(found) < len(job.annotations):
            log.info("measurements_left_out", count=len(job.annotations) - len(found))
        return found

    async def _store(self, job: ReportJob, measured: Sequence[Measured]) -> ImagesIngested:
        order = report_order(job, measured)
        content = await _written(order)
        key = instance_key(
            order.study_instance_uid, order.series_instance_uid, order.sop_instance_uid
        )
        sha256 = hashlib.sha256(content).hexdigest()
        await self.storage.put_once(
            IMAGES_BUCKET, key, content, content_type="application/dicom", sha256=sha256
        )
        stored = StoredObject(bucket=IMAGES_BUCKET, key=key, size_bytes=len(content), sha256=sha256)
        # Without a header, which the index reads from the object: it remakes the documents of what
        # comes from outside the edges, and a report of many measurements is too large to travel.
        return ImagesIngested(
            study_instance_uid=order.study_instance_uid,
            series_instance_uid=order.series_instance_uid,
            sop_instance_uid=order.sop_instance_uid,
            stored=stored,
            received_by="EXTERNAL",
            received_from=MEASUREMENT_REPORTS,
            received_at=job.signed_at,
        )

    async def _finish(self, job: ReportJob, image: ImagesIngested | None, findings: int) -> None:
        async with self.database.transaction() as connection:
            now = await connection.fetchval(
                _QUERIES["finish_structured_report"],
                job.study_id,
                job.report_version,
                job.token,
                image.series_instance_uid if image else "",
                image.sop_instance_uid if image else "",
                findings,
            )
            if now is not None and image is not None:
                await outbox.add(connection, _event(job, image, now))
        log.info("structured_report_made", study_id=str(job.study_id), attempts=job.attempts)

    async def _postpone(self, job: ReportJob) -> None:
        pause = back_off(job.attempts, first_seconds=1, longest_seconds=300)
        async with self.database.transaction() as connection:
            await connection.execute(
                _QUERIES["postpone_structured_report"],
                job.study_id,
                job.report_version,
                job.token,
                timedelta(seconds=pause),
            )


def report_order(job: ReportJob, measured: Sequence[Measured]) -> ReportOrder:
    """Return what the report is made of; its UIDs follow from that."""
    study = job.study
    digest = hashlib.sha256(b"".join(m.to_json() for m in measured)).hexdigest()
    return ReportOrder(
        study_instance_uid=study.study_instance_uid,
        series_instance_uid=derived_uid("measurements", study.study_instance_uid),
        sop_instance_uid=derived_uid(
            "measurements", study.study_instance_uid, job.report_version, digest
        ),
        report_version=job.report_version,
        reader_name=job.reader.name or job.reader.id,
        signed_at=job.signed_at,
        patient_id=study.patient_id,
        issuer_of_patient_id=study.issuer_of_patient_id,
        patient_name=study.patient_name,
        patient_birth_date=study.patient_birth_date,
        patient_sex=study.patient_sex if study.patient_sex in {"M", "F", "O"} else "",
        accession_number=study.accession_number,
        study_id=study.study_id,
        study_date=study.study_date.strftime("%Y%m%d") if study.study_date else "",
        study_time=study.study_time.strftime("%H%M%S") if study.study_time else "",
        study_description=study.study_description[:64],
        referring_physician_name=study.referring_physician_name,
        predecessor_uid=job.predecessor_uid,
        measurements=tuple(measured),
    )


async def _written(order: ReportOrder) -> bytes:
    """Have the report written by a child process, whose memory ends with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ingest_worker.measurement_report",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A traceback may quote a value of the patient's.
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_TIME_LIMIT_SECONDS):
            content, _ = await process.communicate(order.to_json())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not content:
        raise ReportNotWritten
    return content


def _place(record: Mapping[str, Any]) -> tuple[str, int]:
    """Instance and frame; drawings in this order read each frame once."""
    return str(record.get("sopInstanceUid", "")), int(record.get("frame") or 1)


def _last_signed(report: ReportUpdated) -> ReportVersion | None:
    return next((v for v in reversed(report.versions) if v.signature), None)


def _job(token: UUID, row: asyncpg.Record) -> ReportJob:
    return ReportJob(
        token=token,
        study_id=row["study_id"],
        report_version=row["report_version"],
        order_id=row["order_id"],
        reader=Actor.model_validate_json(row["reader"]),
        signed_at=row["signed_at"],
        annotations=_ANNOTATIONS.validate_json(row["annotations"]),
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        attempts=row["attempts"],
        predecessor_uid=row["predecessor_uid"],
        study=Study.model_validate_json(row["study"]),
    )


def _event(job: ReportJob, image: ImagesIngested, now: datetime) -> Event[ImagesIngested]:
    envelope = Envelope(
        # The same object is the same event: the index takes it once.
        id=uuid5(NAMESPACE_OID, image.sop_instance_uid),
        type=IMAGES_INGESTED.type,
        source=SOURCE,
        time=now,
        subject=image.study_instance_uid,
        correlation_id=job.correlation_id,
        causation_id=job.causation_id,
        traceparent=None,
    )
    return Event(IMAGES_INGESTED, envelope, image)
