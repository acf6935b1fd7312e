"""Puts received instances into the index, whole batches at a time.

What must stay true: locks are taken in one order in every batch (studies, series, instances, each
by UID), so that two batches never wait for each other; and nothing stored is overwritten.
"""

import base64
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.envelope import Envelope
from contracts.events.images_ingested import ImagesIngested, InstanceHeader
from contracts.identifiers import new_id
from ingest_worker.domain.sorting import (
    Contradiction,
    StoredInstance,
    contradicted,
    header_of,
    misplaced,
)
from ingest_worker.domain.study import (
    Series,
    Study,
    Touched,
    claim,
    describe,
    line,
    receive,
    summarise,
)
from ingest_worker.repository import ImagingRepository, NewStudy
from services.dicom.identity import comparison_key
from services.dicom.travelling import instance_documents


@dataclass(frozen=True)
class Arrival:
    """A received instance with its header, and what the series documents shall tell of it."""

    image: ImagesIngested
    cause: Envelope
    frames_json: str
    metadata_json: bytes


def prepare(image: ImagesIngested, cause: Envelope) -> Arrival:
    """Compute what is stored of an instance; may take a while, so do it before the transaction.

    Entries of the documents are taken from our own edges only: nobody looks at them again before
    they are part of a document that every viewer of the series reads.
    """
    given = image.documents if image.received_by != "EXTERNAL" else None
    documents = given or instance_documents(image)
    return Arrival(
        image=image,
        cause=cause,
        frames_json=documents.frames,
        metadata_json=base64.b64decode(documents.metadata),
    )


def matching_keys(images: Iterable[ImagesIngested]) -> set[str]:
    """Return the keys under which these images may meet their orders."""
    keys = set()
    for image in images:
        if key := comparison_key(header_of(image).accession_number):
            keys.add(accession_lock(key))
        if image.order_id:
            keys.add(order_lock(image.order_id))
    return keys


def accession_lock(accession_key: str) -> str:
    """Name the lock of an accession number."""
    return f"accession {accession_key}"


def order_lock(order_id: object) -> str:
    """Name the lock of an order that uploaders may name."""
    return f"order {order_id}"


async def index_instances(
    repository: ImagingRepository,
    arrivals: Sequence[Arrival],
    now: datetime,
    *,
    also_lock: Collection[str] = (),
) -> list[Touched]:
    """Index a batch; return the studies that changed. They are locked, and not saved yet.

    Parameters
    ----------
    also_lock : studies that the caller will change in the same transaction.
    """
    by_study: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_study[arrival.image.study_instance_uid].append(arrival)
    await repository.lock_matching(matching_keys(a.image for a in arrivals))
    await repository.add_studies([_new_study(group[0].image) for group in by_study.values()])
    locked = await repository.lock_studies({*by_study, *also_lock})
    studies = {
        study.study_instance_uid: describe(
            study, _one_header_per_series(by_study.get(study.study_instance_uid, ()))
        )
        for study in locked
    }
    batch = _Batch(repository, studies)
    await batch.place_series(arrivals)
    await batch.add(arrivals)
    after = await batch.updated_studies(now)
    return [Touched(study, after[study.id]) for study in locked if study.id in after]


class _Batch:
    """The state of one batch while it is indexed."""

    def __init__(self, repository: ImagingRepository, studies: Mapping[str, Study]) -> None:
        self._repository = repository
        self._studies = dict(studies)
        self._places: dict[str, tuple[UUID, UUID]] = {}
        self._added: list[Arrival] = []
        self._causes: dict[UUID, Envelope] = {}

    async def place_series(self, arrivals: Sequence[Arrival]) -> None:
        """Find the row of each series; insert those that are new."""
        first = {a.image.series_instance_uid: a.image for a in reversed(arrivals)}
        self._places = await self._repository.series_places(first)
        missing = [image for uid, image in first.items() if uid not in self._places]
        if missing:
            await self._repository.add_series(
                [_new_series(i, self._studies[i.study_instance_uid]) for i in missing]
            )
            self._places |= await self._repository.series_places(
                [image.series_instance_uid for image in missing]
            )

    async def add(self, arrivals: Sequence[Arrival]) -> None:
        """Insert what is new, set aside what contradicts; the same again may name an order."""
        contradictions: list[tuple[Arrival, Contradiction]] = []
        placed: list[Arrival] = []
        for arrival in arrivals:
            reason = self._misplaced(arrival.image)
            if reason:
                contradictions.append((arrival, reason))
            else:
                placed.append(arrival)
        repeated = await self._insert(placed)
        contradictions += await self._compare_with_stored(repeated)
        await self._set_aside(contradictions)

    async def updated_studies(self, now: datetime) -> dict[UUID, Study]:
        """Return the studies that got instances or contradictions, by id."""
        arrived: dict[UUID, list[Arrival]] = defaultdict(list)
        for arrival in self._added:
            arrived[self._study_of(arrival).id].append(arrival)
        await self._count_series()
        series: dict[UUID, list[Series]] = defaultdict(list)
        for one in await self._repository.series_of_studies(self._causes):
            series[one.imaging_study_id].append(one)
        touched = {}
        for study in self._studies.values():
            if study.id not in self._causes:
                continue
            images = [arrival.image for arrival in arrived[study.id]]
            updated = receive(study, images, now) if images else study
            updated = updated.changed(last_cause=self._causes[study.id])
            touched[study.id] = summarise(updated, series[study.id])
        return touched

    def _study_of(self, arrival: Arrival) -> Study:
        return self._studies[arrival.image.study_instance_uid]

    def _misplaced(self, image: ImagesIngested) -> Contradiction | None:
        _, series_study_id = self._places[image.series_instance_uid]
        return misplaced(image, self._studies[image.study_instance_uid], series_study_id)

    async def _insert(self, placed: Sequence[Arrival]) -> list[Arrival]:
        """Insert the first instance of each UID; return the others, and those that were there."""
        first: dict[str, Arrival] = {}
        for arrival in placed:
            first.setdefault(arrival.image.sop_instance_uid, arrival)
        rows = [_row(a, self._places[a.image.series_instance_uid][0]) for a in first.values()]
        new = await self._repository.add_instances(rows) if rows else set()
        self._added = [a for uid, a in first.items() if uid in new]
        added = set(map(id, self._added))
        self._remember_causes(self._added)
        return [arrival for arrival in placed if id(arrival) not in added]

    async def _compare_with_stored(
        self, repeated: Sequence[Arrival]
    ) -> list[tuple[Arrival, Contradiction]]:
        if not repeated:
            return []
        uids = {arrival.image.sop_instance_uid for arrival in repeated}
        stored = await self._repository.stored_instances(uids)
        compared = (
            (a, contradicted(a.image, StoredInstance(*stored[a.image.sop_instance_uid])))
            for a in repeated
        )
        contradictions = []
        for arrival, reason in compared:
            if reason:
                contradictions.append((arrival, reason))
            else:
                self._claim(arrival)
        return contradictions

    def _claim(self, repeated: Arrival) -> None:
        study = self._study_of(repeated)
        claimed = claim(study, [repeated.image])
        if claimed != study:
            self._studies[study.study_instance_uid] = claimed
            self._remember_causes([repeated])

    async def _set_aside(self, contradictions: Sequence[tuple[Arrival, Contradiction]]) -> None:
        if not contradictions:
            return
        grown = await self._repository.add_quarantined(
            [(self._study_of(a).id, a.image, reason) for a, reason in contradictions]
        )
        self._remember_causes([a for a, _ in contradictions if self._study_of(a).id in grown])

    def _remember_causes(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            self._causes[self._study_of(arrival).id] = arrival.cause

    async def _count_series(self) -> None:
        counts: dict[UUID, tuple[int, int]] = {}
        for arrival in self._added:
            id_, _ = self._places[arrival.image.series_instance_uid]
            instances, frames = counts.get(id_, (0, 0))
            header = header_of(arrival.image)
            counts[id_] = (instances + 1, frames + header.number_of_frames)
        if counts:
            await self._repository.count_series(counts)
            await self._repository.mark_documents(counts)


def _new_study(image: ImagesIngested) -> NewStudy:
    return NewStudy(image.study_instance_uid, image.received_at, line(image.received_from))


def _one_header_per_series(arrivals: Iterable[Arrival]) -> list[InstanceHeader]:
    first: dict[str, InstanceHeader] = {}
    for arrival in arrivals:
        first.setdefault(arrival.image.series_instance_uid, header_of(arrival.image))
    return list(first.values())


def _new_series(image: ImagesIngested, study: Study) -> Series:
    header = header_of(image)
    return Series(
        id=new_id(),
        imaging_study_id=study.id,
        series_instance_uid=image.series_instance_uid,
        series_number=header.series_number,
        series_description=line(header.series_description),
        sequence_name=line(header.sequence_name),
        contrast_phase=line(header.contrast_phase),
        modality=line(header.modality),
        body_part=line(header.body_part),
        laterality=line(header.laterality),
        rows=header.rows,
        columns=header.columns,
        frame_time_ms=header.frame_time_ms,
        number_of_instances=0,
        number_of_frames=0,
    )


def _row(arrival: Arrival, series_id: UUID) -> tuple[object, ...]:
    """Return the columns of `add_instances`, in its order."""
    image, header = arrival.image, header_of(arrival.image)
    stored = image.stored
    return (
        new_id(),
        series_id,
        image.sop_instance_uid,
        header.sop_class_uid,
        header.transfer_syntax_uid,
        header.instance_number,
        stored.bucket,
        stored.key,
        stored.size_bytes,
        bytes.fromhex(stored.sha256),
        header.rows,
        header.columns,
        header.bits_allocated,
        header.window_center,
        header.window_width,
        header.number_of_frames,
        header.sort_position,
        arrival.frames_json,
        arrival.metadata_json,
        image.received_by,
        image.received_from,
        image.received_at,
    )
