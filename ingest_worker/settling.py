"""What follows when a study changed: its order, its completeness, its priors, its snapshot.

What must stay true: a study that changed in anything that others may know gets a new version, is
saved, and is published by the same transaction; one that did not change is not published.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.enumerations import MatchState, StudyCompleteness
from contracts.envelope import Envelope
from contracts.events.study_updated import StudyUpdated
from contracts.identifiers import new_id
from contracts.topics import STUDY_UPDATED
from ingest_worker.domain.completeness import Patience, judge
from ingest_worker.domain.matching import match_order
from ingest_worker.domain.priors import Comparable, rank_priors
from ingest_worker.domain.snapshot import study_snapshot
from ingest_worker.domain.study import KnownOrder, Study, Touched
from ingest_worker.repository import ImagingRepository
from services import outbox
from services.database import Connection
from services.dicom.identity import patient_key
from services.events import Event

SOURCE = "/ingest_worker"


@dataclass(frozen=True)
class Settling:
    """Settles studies within one transaction."""

    connection: Connection
    patience: Patience
    now: datetime

    @property
    def repository(self) -> ImagingRepository:
        """The studies, on this transaction's connection."""
        return ImagingRepository(self.connection)

    async def settle(self, touched: Sequence[Touched], *, always_publish: bool = False) -> None:
        """Match, judge, save and publish studies that are locked.

        Parameters
        ----------
        always_publish : something beside their own row changed: a series, a prior, a measurement.
        """
        if not touched:
            return
        settled = await self._judged(await self._matched(touched))
        news = [
            Touched(t.before, t.after.changed(version=t.after.version + 1, updated_at=self.now))
            for t in settled
            if always_publish or _is_news(t)
        ]
        await self.repository.save_studies(
            [t.after for t in news] + [t.after for t in settled if _only_timer_moved(t)]
        )
        await self._find_priors(
            [t for t in news if _prior_facts(t.before) != _prior_facts(t.after)]
        )
        await self.publish([t.after for t in news])

    async def publish(self, studies: Sequence[Study]) -> None:
        """Add the snapshots of studies to the outbox."""
        if not studies:
            return
        parts = await self.repository.parts_of_studies([study.id for study in studies])
        await outbox.add(
            self.connection,
            *(self._event(study, study_snapshot(study, parts[study.id])) for study in studies),
        )

    async def search_priors(self, studies: Sequence[Study]) -> None:
        """Look for the priors of studies, and store them."""
        comparable = await self._comparable(study.patient_key for study in studies)
        noted = await self.repository.noted_priors([study.id for study in studies])
        pairs = [
            (study.id, prior.id, rank)
            for study in studies
            for rank, prior in enumerate(_ranked(study, comparable[study.patient_key], noted))
        ]
        await self.repository.set_priors([study.id for study in studies], pairs)

    async def _comparable(self, patient_keys: Iterable[str]) -> dict[str, list[Comparable]]:
        comparable: dict[str, list[Comparable]] = defaultdict(list)
        for key, study in await self.repository.comparable_studies(set(patient_keys) - {""}):
            comparable[key].append(study)
        return comparable

    async def _matched(self, touched: Sequence[Touched]) -> list[Touched]:
        searching = [t.after for t in touched if t.after.match_state is not MatchState.MATCHED]
        if not searching:
            return list(touched)
        orders = await self._orders_for(searching)
        return [
            Touched(t.before, match_order(t.after, _concerning(t.after, orders))) for t in touched
        ]

    async def orders_named_by(self, study: Study) -> list[KnownOrder]:
        """Return the orders that the images point to, whomever they were given to meanwhile."""
        return await self._orders_for([study.changed(patient_key=patient_key(study.patient_id))])

    async def _orders_for(self, studies: Sequence[Study]) -> list[KnownOrder]:
        return await self.repository.orders(
            ids={s.claimed_order_id for s in studies if s.claimed_order_id},
            accession_keys={s.accession_key for s in studies if s.accession_key},
            patient_keys={s.patient_key for s in studies if s.patient_key},
        )

    async def _judged(self, touched: Sequence[Touched]) -> list[Touched]:
        receiving = [
            t.after for t in touched if t.after.completeness is StudyCompleteness.RECEIVING
        ]
        order_ids = {s.imaging_order_id for s in receiving if s.imaging_order_id}
        orders, received = {}, {}
        if order_ids:
            orders = {order.id: order for order in await self.repository.orders(ids=order_ids)}
            received = await self.repository.received_of_orders(
                order_ids, without_studies=[t.after.id for t in touched]
            )
            for study in (t.after for t in touched):
                if study.imaging_order_id:
                    others = received.get(study.imaging_order_id, 0)
                    received[study.imaging_order_id] = others + study.number_of_instances
        return [Touched(t.before, self._judge(t.after, orders, received)) for t in touched]

    def _judge(
        self, study: Study, orders: dict[UUID, KnownOrder], received: dict[UUID, int]
    ) -> Study:
        order = orders.get(study.imaging_order_id) if study.imaging_order_id else None
        count = received.get(order.id, 0) if order else 0
        return judge(study, order, count, self.now, self.patience)

    async def _find_priors(self, touched: Sequence[Touched]) -> None:
        """Look for the priors of studies, and have those looked at whose prior they are or were."""
        if not touched:
            return
        studies = [t.after for t in touched]
        await self.search_priors(studies)
        ids = {study.id for study in studies}
        others = await self.repository.studies_with_priors(ids)
        comparable = await self._comparable(study.patient_key for study in studies)
        for study in studies:
            others |= _later(study, comparable[study.patient_key])
        if others - ids:
            await self.repository.request_prior_searches(others - ids)

    def _event(self, study: Study, snapshot: StudyUpdated) -> Event[StudyUpdated]:
        """Make the event; it continues the chain of what last changed the study."""
        id_, cause = new_id(), study.last_cause
        envelope = Envelope(
            id=id_,
            type=STUDY_UPDATED.type,
            source=SOURCE,
            time=self.now,
            subject=study.study_instance_uid,
            correlation_id=cause.correlation_id if cause else id_,
            causation_id=cause.id if cause else None,
            traceparent=cause.traceparent if cause else None,
        )
        return Event(STUDY_UPDATED, envelope, snapshot)


async def priors_among(
    repository: ImagingRepository, study: Study, uids: Collection[str]
) -> dict[str, UUID]:
    """Return those of these studies that are earlier ones of the same patient, with their ids.

    The rules of ranking say which are; how many a reader is shown does not count.
    """
    if not uids:
        return {}
    comparable = await repository.comparable_studies([study.patient_key])
    by_uid = {other.study_instance_uid: other for _, other in comparable}
    current = by_uid.get(study.study_instance_uid)
    wanted = [by_uid[uid] for uid in uids if uid in by_uid]
    if current is None:
        return {}
    return {p.study_instance_uid: p.id for p in wanted if rank_priors(current, [p])}


def _is_news(touched: Touched) -> bool:
    """Tell whether anything changed that others may know: all but our own timer and bookkeeping."""
    ours = {"completeness_due_at": None, "last_cause": None}
    return touched.before.changed(**ours) != touched.after.changed(**ours)


def _only_timer_moved(touched: Touched) -> bool:
    before, after = touched.before, touched.after
    return before.completeness_due_at != after.completeness_due_at and not _is_news(touched)


def _concerning(study: Study, orders: Iterable[KnownOrder]) -> list[KnownOrder]:
    return [
        order
        for order in orders
        if order.id == study.claimed_order_id
        or (study.accession_key and order.accession_key == study.accession_key)
        or (study.patient_key and order.patient_key == study.patient_key)
    ]


def _ranked(
    study: Study, comparable: Sequence[Comparable], noted: set[tuple[UUID, UUID]]
) -> list[Comparable]:
    current = next((one for one in comparable if one.id == study.id), None)
    if current is None:  # without a Patient ID nobody can say whose study it is
        return []
    return rank_priors(current, comparable, {prior for id_, prior in noted if id_ == study.id})


def _later(study: Study, comparable: Sequence[Comparable]) -> set[UUID]:
    """Return the studies that this one may be a prior of."""
    made_at = next((one.made_at for one in comparable if one.id == study.id), None)
    return {one.id for one in comparable if made_at and one.made_at > made_at}


def _prior_facts(study: Study) -> tuple[object, ...]:
    """What the priors of a study, and it as a prior of others, depend on."""
    return (
        study.is_new,
        study.patient_key,
        study.person,
        study.study_date,
        study.study_time,
        study.study_description,
        study.modality,
        study.body_part,
        study.imaging_order_id,
    )
