"""What people ask of a study, each in its own way: match, complete, measure, compare, decide.

What must stay true: a request is carried out whole, or refused with a reason and changes nothing.
"""

import asyncio
from collections.abc import Iterable, Mapping
from functools import singledispatchmethod
from uuid import UUID

from pydantic import JsonValue

from contracts.base import Contract
from contracts.events.images_ingested import ImagesIngested
from contracts.events.study_requested import (
    QUARANTINE_UNDO,
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
from ingest_worker.domain.completeness import complete_by_person
from ingest_worker.domain.matching import decide_match, keep_without_order, take_back_match
from ingest_worker.domain.snapshot import Measurements, require_short, save_measurements
from ingest_worker.domain.sorting import uids_as_new
from ingest_worker.domain.study import Study, Touched, summarise, withdraw
from ingest_worker.errors import (
    MeasuredElsewhere,
    NotesStale,
    OrderUnknown,
    PriorUnknown,
    QuarantineDecided,
    QuarantineDecisionStands,
    QuarantineUnknown,
    StudyOfOtherOrder,
    StudyUnknown,
)
from ingest_worker.indexing import index_instances, prepare
from ingest_worker.settling import Settling, priors_among
from services.events import Event


class StudyDesk:
    """Carries out one request of a person on one study.

    Parameters
    ----------
    kept_as_new : the quarantined instance under its new UIDs, when it shall be kept.
    """

    def __init__(
        self,
        settling: Settling,
        event: Event[StudyRequested],
        kept_as_new: ImagesIngested | None = None,
    ) -> None:
        self._settling = settling
        self._repository = settling.repository
        self._now = settling.now
        self._event = event
        self._kept_as_new = kept_as_new

    @property
    def _actor(self) -> Actor:
        return self._event.data.actor

    @singledispatchmethod
    async def carry_out(self, request: Contract) -> None:
        """Do what is asked; each kind of request has its own way."""
        raise TypeError(f"no way to carry out {type(request).__name__}")

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
        orders = await self._settling.orders_named_by(study)
        unmatched = take_back_match(study, orders, self._actor, request.reason)
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
        await self._require_comparable(study, saved.annotations)
        await self._repository.save_measurements(saved)
        await self._settle(study, study)

    @carry_out.register
    async def _(self, request: NotePrior) -> None:
        require_short(request.comparison_notes)
        study = await self._locked_study()
        prior_id = await self._prior_of(study, request.prior_study_instance_uid)
        version = await self._repository.notes_version(study.id, prior_id)
        if request.expected_version not in {None, version}:
            raise NotesStale(current_version=version)
        await self._repository.note_prior(study.id, prior_id, request.comparison_notes, self._actor)
        await self._settling.search_priors([study])
        await self._settle(study, study)

    @carry_out.register
    async def _(self, request: ResolveQuarantine) -> None:
        if request.is_taken_back:
            await self._take_back_quarantine(request)
            return
        uid = self._event.data.study_instance_uid
        quarantined = await self._repository.quarantined_event(request.quarantine_id, uid)
        if quarantined is None:
            raise QuarantineUnknown
        if quarantined.is_decided:
            raise QuarantineDecided
        touched = []
        if self._kept_as_new:
            arrival = await asyncio.to_thread(prepare, self._kept_as_new, self._event.envelope)
            touched = await index_instances(self._repository, [arrival], self._now, also_lock=[uid])
        study = await self._locked_study()
        if not await self._repository.decide_quarantine(
            request.quarantine_id, request.decision, self._actor, request.reason, self._now
        ):
            raise QuarantineDecided
        if study.id not in {t.before.id for t in touched}:
            touched.append(self._caused(study, study))
        await self._settling.settle(touched, always_publish=True)

    async def _take_back_quarantine(self, request: ResolveQuarantine) -> None:
        uid = self._event.data.study_instance_uid
        quarantined = await self._repository.quarantined_event(request.quarantine_id, uid)
        if quarantined is None:
            raise QuarantineUnknown
        kept = uids_as_new(quarantined.image, quarantined.contradiction)
        studies = {
            study.study_instance_uid: self._caused(study, study)
            for study in await self._repository.lock_studies({uid, kept.study})
        }
        if not await self._repository.reopen_quarantine(
            request.quarantine_id, request.decision, decided_after=self._now - QUARANTINE_UNDO
        ):
            raise QuarantineDecisionStands
        if request.decision == "KEEP_AS_NEW":
            holder = studies[kept.study].before
            studies[kept.study] = self._caused(holder, await self._withdraw(holder, kept.sop))
        await self._settling.settle(list(studies.values()), always_publish=True)

    async def _withdraw(self, study: Study, sop_instance_uid: str) -> Study:
        """Take an instance out of the index, as if it had never come; its object stays."""
        withdrawn = await self._repository.withdraw_instance(sop_instance_uid)
        if withdrawn is None:
            return study
        series_id, size_bytes = withdrawn
        await self._repository.mark_documents([series_id])
        series = await self._repository.series_of_studies([study.id])
        return summarise(withdraw(study, size_bytes, self._now), series)

    async def _locked_study(self) -> Study:
        uid = self._event.data.study_instance_uid
        for study in await self._repository.lock_studies([uid]):
            return study
        raise StudyUnknown

    async def _settle(self, before: Study, after: Study) -> None:
        await self._settling.settle([self._caused(before, after)], always_publish=True)

    def _caused(self, before: Study, after: Study) -> Touched:
        return Touched(before, after.changed(last_cause=self._event.envelope))

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
        found = await priors_among(self._repository, study, [uid])
        if uid not in found:
            raise PriorUnknown
        return found[uid]

    async def _require_comparable(
        self, study: Study, annotations: Iterable[Mapping[str, JsonValue]]
    ) -> None:
        """Refuse what was drawn on a study that is neither this one nor a prior of it.

        By the study that a drawing names others are told apart, so the index must say the same.
        """
        own = study.study_instance_uid
        named = [
            (str(drawn.get("sopInstanceUid", "")), str(drawn.get("studyInstanceUid") or own))
            for drawn in annotations
        ]
        held = await self._repository.studies_of_instances({sop for sop, _ in named} - {""})
        others = {uid for _, uid in named} - {own}
        is_elsewhere = any(held.get(sop, uid) != uid for sop, uid in named)
        if is_elsewhere or others - (await priors_among(self._repository, study, others)).keys():
            raise MeasuredElsewhere
