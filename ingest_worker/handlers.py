"""What ingest_worker does on each event: one function per topic, one transaction each.

Every handler tells the same story: record the event in the inbox (a repeated one ends here), load
and lock what it concerns, decide, save, and add the snapshot to the outbox. `images.ingested` and
`order.updated` do so for a whole batch at once.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from contracts.events.images_ingested import ImagesIngested
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_requested import ResolveQuarantine, StudyRequested
from ingest_worker.domain.completeness import Patience
from ingest_worker.domain.study import KnownOrder, Touched
from ingest_worker.headers import Headers
from ingest_worker.indexing import (
    Arrival,
    accession_lock,
    index_instances,
    order_lock,
    prepare,
)
from ingest_worker.renaming import Renaming
from ingest_worker.repository import ImagingRepository
from ingest_worker.requests import StudyDesk
from ingest_worker.settling import Settling
from ingest_worker.structured_reports import order_structured_reports
from services import inbox
from services.database import Connection, Database
from services.dicom.identity import comparison_key, patient_key
from services.events import Event

_STUDIES_AT_ONCE = 50

log = structlog.get_logger()


@dataclass(frozen=True)
class IngestHandlers:
    """The handlers, with what they stand on."""

    database: Database
    headers: Headers
    patience: Patience

    async def on_images_ingested(self, events: Sequence[Event[ImagesIngested]]) -> None:
        """Index a batch: one transaction, and one snapshot for each study that changed."""
        images = await self.headers.complete([event.data for event in events])
        arrivals = await asyncio.to_thread(_prepare_all, events, images)
        async with self.database.transaction() as connection:
            fresh = await inbox.record_many(connection, [event.id for event in events])
            if not fresh:
                return
            new = [arrivals[id_] for id_ in arrivals if id_ in fresh]
            settling = Settling(connection, self.patience, max(fresh.values()))
            touched = await index_instances(settling.repository, new, settling.now)
            await settling.settle(touched, always_publish=True)
        log.info("instances_indexed", count=len(new))

    async def on_orders_updated(self, events: Sequence[Event[OrderUpdated]]) -> None:
        """Keep our copies of orders; match and judge the studies that they concern.

        One transaction for a batch: most orders concern no study, when they are new.
        """
        async with self.database.transaction() as connection:
            fresh = await inbox.record_many(connection, [event.id for event in events])
            if not fresh:
                return
            newest = _newest(event for event in events if event.id in fresh)
            orders = [known_order(event.data) for event in newest.values()]
            settling = Settling(connection, self.patience, max(fresh.values()))
            repository = settling.repository
            await repository.lock_matching(
                {accession_lock(order.accession_key) for order in orders}
                | {order_lock(order.id) for order in orders}
            )
            saved = await repository.save_orders(orders)
            concerned = await repository.studies_of_orders([o for o in orders if o.id in saved])
            touched = []
            for study in await repository.lock_studies(list(concerned)):
                cause = newest[concerned[study.study_instance_uid]].envelope
                touched.append(Touched(study, study.changed(last_cause=cause)))
            await settling.settle(touched)

    async def on_study_requested(self, event: Event[StudyRequested]) -> None:
        """Carry out a request on a study, or refuse it with a reason."""
        kept = await self._kept_as_new(event.data)
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            desk = StudyDesk(Settling(connection, self.patience, now), event, kept)
            await desk.carry_out(event.data.request)

    async def _kept_as_new(self, data: StudyRequested) -> ImagesIngested | None:
        """Give an instance that shall be kept as new an object that names its new UIDs.

        Before the transaction: done twice, it is the same object; not decided in the end, it is one
        that nobody finds.
        """
        request = data.request
        if not isinstance(request, ResolveQuarantine) or request.decision != "KEEP_AS_NEW":
            return None
        if request.is_taken_back:
            return None
        async with self.database.connection() as connection:
            found = await ImagingRepository(connection).quarantined_event(
                request.quarantine_id, data.study_instance_uid
            )
        if found is None or found.is_decided:
            return None  # refused in the transaction
        return await Renaming(self.headers.storage).kept_as_new(found.image, found.contradiction)

    async def on_report_updated(self, event: Event[ReportUpdated]) -> None:
        """Have a DICOM SR made of what was measured, once a version is signed."""
        async with self.database.transaction() as connection:
            if await inbox.record(connection, event.id) is not None:
                await order_structured_reports(connection, event)

    async def judge_due_studies(self) -> int:
        """Look at studies whose completeness is due; return how many."""
        async with self.database.transaction() as connection:
            due = await ImagingRepository(connection).due_studies(_STUDIES_AT_ONCE)
            if due:
                settling = Settling(connection, self.patience, due[0][1])
                await settling.settle([Touched(study, study) for study, _ in due])
            return len(due)

    async def search_priors(self) -> int:
        """Look again for priors where a study of the same patient came; return how many."""
        async with self.database.connection() as connection:
            uids = await ImagingRepository(connection).next_prior_searches(_STUDIES_AT_ONCE)
        for uid in uids:
            async with self.database.transaction() as connection:
                await _search_priors_of(connection, uid, self.patience)
        return len(uids)


def known_order(order: OrderUpdated) -> KnownOrder:
    """Return what we keep of an order."""
    patient = order.details.patient
    return KnownOrder(
        id=order.id,
        version=order.version,
        order_number=order.order_number,
        accession_number=order.accession_number,
        accession_key=comparison_key(order.accession_number),
        patient_mrn=patient.mrn,
        patient_key=patient_key(patient.mrn),
        issuer_of_patient_id=patient.issuer_of_patient_id,
        patient_birth_date=patient.birth_date,
        modality=order.details.modality,
        body_part=order.details.body_part,
        status=order.status,
        started_at=order.started_at,
        completed_at=order.completed_at,
        expected_instances=order.expected_instances,
    )


def _newest(events: Iterable[Event[OrderUpdated]]) -> dict[UUID, Event[OrderUpdated]]:
    """Return the newest snapshot of each order."""
    newest: dict[UUID, Event[OrderUpdated]] = {}
    for event in events:
        known = newest.get(event.data.id)
        if known is None or event.data.version > known.data.version:
            newest[event.data.id] = event
    return newest


def _prepare_all(
    events: Sequence[Event[ImagesIngested]], images: Sequence[ImagesIngested]
) -> dict[UUID, Arrival]:
    """Prepare each event once, in the order of the batch."""
    return {
        event.id: prepare(image, event.envelope)
        for event, image in zip(events, images, strict=True)
    }


async def _search_priors_of(connection: Connection, uid: str, patience: Patience) -> None:
    repository = ImagingRepository(connection)
    for study in await repository.lock_studies([uid]):
        settling = Settling(connection, patience, await repository.clock())
        await repository.begin_prior_searches([study.id])
        await settling.search_priors([study])
        await settling.settle([Touched(study, study)], always_publish=True)
