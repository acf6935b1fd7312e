"""What ingest_worker does on each event: one function per topic, one transaction each.

Every handler tells the same story: record the event in the inbox (a repeated one ends here), load
and lock what it concerns, decide, save, and add the snapshot to the outbox. `images.ingested` does
so for a whole batch at once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatchmethod
from uuid import UUID

import structlog

from contracts.base import Contract
from contracts.events.images_ingested import ImagesIngested
from contracts.events.order_updated import OrderUpdated
from contracts.events.study_requested import (
    CompleteStudy,
    KeepWithoutOrder,
    MatchToOrder,
    NotePrior,
    ResolveQuarantine,
    SaveMeasurements,
    StudyRequested,
    Unmatch,
)
from contracts.people import Actor
from ingest_worker.domain.completeness import Patience, complete_by_person
from ingest_worker.domain.identity import comparison_key
from ingest_worker.domain.matching import decide_match, keep_without_order, take_back_match
from ingest_worker.domain.priors import rank_priors
from ingest_worker.domain.snapshot import Measurements, require_short, save_measurements
from ingest_worker.domain.sorting import as_new
from ingest_worker.domain.study import KnownOrder, Study, Touched
from ingest_worker.errors import (
    OrderUnknown,
    PriorUnknown,
    QuarantineDecided,
    QuarantineUnknown,
    StudyOfOtherOrder,
    StudyUnknown,
)
from ingest_worker.headers import Headers
from ingest_worker.indexing import (
    Arrival,
    accession_lock,
    index_instances,
    order_lock,
    prepare,
)
from ingest_worker.repository import ImagingRepository
from ingest_worker.settling import Settling
from services import inbox
from services.database import Connection, Database
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

    async def on_order_updated(self, event: Event[OrderUpdated]) -> None:
        """Keep our copy of the order; match and judge the studies that it concerns."""
        order = known_order(event.data)
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            settling = Settling(connection, self.patience, now)
            repository = settling.repository
            await repository.lock_matching(
                {accession_lock(order.accession_key), order_lock(order.id)}
            )
            if not await repository.save_order(order):
                return
            studies = await repository.lock_studies(await repository.studies_of_order(order))
            await settling.settle([_caused(study, event) for study in studies])

    async def on_study_requested(self, event: Event[StudyRequested]) -> None:
        """Carry out a request on a study, or refuse it with a reason."""
        async with self.database.transaction() as connection:
            now = await inbox.record(connection, event.id)
            if now is None:
                return
            desk = _Desk(connection, event, now, self.patience)
            await desk.carry_out(event.data.request)

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
        patient_key=comparison_key(patient.mrn),
        issuer_of_patient_id=patient.issuer_of_patient_id,
        patient_birth_date=patient.birth_date,
        modality=order.details.modality,
        body_part=order.details.body_part,
        status=order.status,
        completed_at=order.completed_at,
        expected_instances=order.expected_instances,
    )


class _Desk:
    """Carries out one request of a person on one study."""

    def __init__(
        self,
        connection: Connection,
        event: Event[StudyRequested],
        now: datetime,
        patience: Patience,
    ) -> None:
        self._event = event
        self._now = now
        self._settling = Settling(connection, patience, now)
        self._repository = self._settling.repository

    @property
    def _actor(self) -> Actor:
        return self._event.data.actor

    @singledispatchmethod
    async def carry_out(self, request: Contract) -> None:
        """Do what is asked; each kind of request has its own way."""
        raise NotImplementedError(type(request).__name__)

    @carry_out.register
    async def _(self, request: MatchToOrder) -> None:
        study = await self._locked_study()
        orders = await self._repository.orders(ids=[request.order_id])
        if not orders:
            raise OrderUnknown
        matched = decide_match(
            study,
            orders[0],
            self._actor,
            request.reason,
            confirmed=request.confirm_patient_differs,
        )
        await self._record_decision(study, request.action, request.order_id, request.reason)
        await self._settle(study, matched)

    @carry_out.register
    async def _(self, request: Unmatch) -> None:
        study = await self._locked_study()
        unmatched = take_back_match(study, self._actor, request.reason)
        await self._record_decision(study, request.action, study.imaging_order_id, request.reason)
        await self._settle(study, unmatched)

    @carry_out.register
    async def _(self, request: KeepWithoutOrder) -> None:
        study = await self._locked_study()
        kept = keep_without_order(study, self._actor, request.reason)
        await self._record_decision(study, request.action, None, request.reason)
        await self._settle(study, kept)

    @carry_out.register
    async def _(self, request: CompleteStudy) -> None:
        study = await self._locked_study()
        await self._settle(study, complete_by_person(study, self._actor, request.reason))

    @carry_out.register
    async def _(self, request: SaveMeasurements) -> None:
        study = await self._locked_study()
        if study.imaging_order_id != request.order_id:
            raise StudyOfOtherOrder
        parts = (await self._repository.parts_of_studies([study.id]))[study.id]
        new = Measurements(
            study_id=study.id,
            reader_id=self._actor.id,
            version=0,
            annotations=request.annotations,
            saved_at=self._now,
        )
        saved = save_measurements(parts.measurements, new, request.expected_version)
        await self._repository.save_measurements(saved)
        await self._settle(study, study)

    @carry_out.register
    async def _(self, request: NotePrior) -> None:
        require_short(request.comparison_notes)
        study = await self._locked_study()
        prior_id = await self._prior_of(study, request.prior_study_instance_uid)
        await self._repository.note_prior(study.id, prior_id, request.comparison_notes, self._actor)
        await self._settling.search_priors([study])
        await self._settle(study, study)

    @carry_out.register
    async def _(self, request: ResolveQuarantine) -> None:
        uid = self._event.data.study_instance_uid
        quarantined = await self._repository.quarantined_event(request.quarantine_id, uid)
        if quarantined is None:
            raise QuarantineUnknown
        kept = as_new(quarantined.image, quarantined.contradiction)
        touched = []
        if request.decision == "KEEP_AS_NEW":
            arrival = await asyncio.to_thread(prepare, kept, self._event.envelope)
            touched = await index_instances(self._repository, [arrival], self._now, also_lock=[uid])
        study = await self._locked_study()
        if not await self._repository.decide_quarantine(
            request.quarantine_id, request.decision, self._actor, request.reason, self._now
        ):
            raise QuarantineDecided
        if study.id not in {t.before.id for t in touched}:
            touched.append(_caused(study, self._event))
        await self._settling.settle(touched, always_publish=True)

    async def _locked_study(self) -> Study:
        uid = self._event.data.study_instance_uid
        for study in await self._repository.lock_studies([uid]):
            return study
        raise StudyUnknown

    async def _settle(self, before: Study, after: Study) -> None:
        caused = after.changed(last_cause=self._event.envelope)
        await self._settling.settle([Touched(before, caused)], always_publish=True)

    async def _record_decision(
        self, study: Study, action: str, order_id: UUID | None, reason: str
    ) -> None:
        await self._repository.add_match_decision(
            self._event.id,
            study.id,
            action,
            order_id,
            actor=self._actor,
            reason=reason,
            at=self._now,
        )

    async def _prior_of(self, study: Study, uid: str) -> UUID:
        """Return an earlier study of the same patient; the rules of ranking say which are."""
        by_uid = {
            other.study_instance_uid: other
            for _, other in await self._repository.comparable_studies([study.patient_key])
        }
        current, prior = by_uid.get(study.study_instance_uid), by_uid.get(uid)
        if current and prior and rank_priors(current, [prior]):
            return prior.id
        raise PriorUnknown


def _prepare_all(
    events: Sequence[Event[ImagesIngested]], images: Sequence[ImagesIngested]
) -> dict[UUID, Arrival]:
    """Prepare each event once, in the order of the batch."""
    return {
        event.id: prepare(image, event.envelope)
        for event, image in zip(events, images, strict=True)
    }


def _caused(study: Study, event: Event[Contract]) -> Touched:
    return Touched(study, study.changed(last_cause=event.envelope))


async def _search_priors_of(connection: Connection, uid: str, patience: Patience) -> None:
    repository = ImagingRepository(connection)
    for study in await repository.lock_studies([uid]):
        settling = Settling(connection, patience, await repository.clock())
        await repository.begin_prior_searches([study.id])
        await settling.search_priors([study])
        await settling.settle([Touched(study, study)], always_publish=True)
