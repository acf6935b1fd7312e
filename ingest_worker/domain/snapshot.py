"""A study as others may know it, within what Kafka carries.

What must stay true: a snapshot stays below the size that the outbox accepts, whatever was received.
Counts always tell the whole; lists are cut at their end, the least important last.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue

from contracts.base import Contract
from contracts.events.images_ingested import StoredObject
from contracts.events.study_updated import (
    MeasurementReport,
    MeasurementSet,
    PriorStudy,
    QuarantinedInstance,
    SeriesSummary,
    StudyMatch,
    StudyUpdated,
)
from contracts.people import Actor
from ingest_worker.domain.sorting import Contradiction
from ingest_worker.domain.study import Series, Study, sorted_series
from ingest_worker.errors import MeasurementsStale, MeasurementsTooLarge, NotesTooLong

MAX_MEASUREMENT_BYTES = 250_000
"""Of all readers of a study together, as JSON."""

MAX_NOTE_CHARACTERS = 2_000
"""Twenty priors with notes of four-byte characters take 160 kB."""

MAX_QUARANTINED = 100
_MAX_QUARANTINED_BYTES = 140_000
"""Enough for so many, but for those of outside uploaders with very long keys."""
_MAX_SERIES_BYTES = 300_000

Part = TypeVar("Part", bound=Contract)


class Quarantined(Contract):
    """A row of quarantined_instances, without the header that it keeps."""

    id: UUID
    study_id: UUID
    sop_instance_uid: str
    contradiction: Contradiction
    received: StoredObject
    stored: StoredObject | None = None
    """What has its UID in the index."""
    received_from: str
    received_at: datetime
    decision: str
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""


class Prior(Contract):
    """A row of prior_studies with what is told of the prior study."""

    current_study_id: UUID
    study_instance_uid: str
    study_date: str | None
    modality: str
    body_part: str
    study_description: str
    imaging_order_id: UUID | None
    comparison_notes: str
    notes_version: int


class Measurements(Contract):
    """A row of measurement_sets."""

    study_id: UUID
    reader_id: str
    version: int
    annotations: tuple[dict[str, JsonValue], ...]
    saved_at: datetime


class MadeReport(Contract):
    """A row of structured_reports of which an object came."""

    report_version: int
    series_instance_uid: str
    sop_instance_uid: str
    number_of_findings: int


@dataclass(frozen=True)
class Parts:
    """What belongs to one study beside its own row."""

    series: Sequence[Series] = ()
    quarantined: Sequence[Quarantined] = ()
    """What nobody decided over first, then newest first."""
    priors: Sequence[Prior] = ()
    """Best first."""
    measurements: Sequence[Measurements] = field(default=())
    measurement_reports: Sequence[MadeReport] = ()
    """Oldest first."""


def study_snapshot(study: Study, parts: Parts) -> StudyUpdated:
    """Return the whole state of a study."""
    series = sorted_series(s for s in parts.series if s.number_of_instances)
    modalities = dict.fromkeys(s.modality for s in series if s.modality)
    return StudyUpdated(
        **study.model_dump(include=_SAME_NAME),
        modalities_in_study=tuple(modalities),
        series=_fitting(map(_series, series), _MAX_SERIES_BYTES),
        match=StudyMatch(
            state=study.match_state,
            order_id=study.imaging_order_id,
            candidate_order_ids=study.candidate_order_ids,
            decided_by=study.match_decided_by,
            reason=study.match_reason,
            kept_without_order=study.kept_without_order,
        ),
        quarantined=_fitting(
            map(_quarantined, parts.quarantined[:MAX_QUARANTINED]), _MAX_QUARANTINED_BYTES
        ),
        priors=tuple(map(_prior, parts.priors)),
        measurements=tuple(map(_measurements, parts.measurements)),
        measurement_reports=tuple(
            MeasurementReport(
                **report.model_dump(), superseded=report is not parts.measurement_reports[-1]
            )
            for report in parts.measurement_reports
        ),
    )


def save_measurements(
    sets: Iterable[Measurements], new: Measurements, expected_version: int | None
) -> Measurements:
    """Return the reader's new set with its version.

    Parameters
    ----------
    sets : of all readers of the study.
    expected_version : the version that the reader saw, 0 for none; None does not ask.

    Raises
    ------
    MeasurementsStale : the reader saved elsewhere meanwhile.
    MeasurementsTooLarge : all sets of the study together would be too large.
    """
    new = new.model_copy(update={"annotations": tuple(map(_storable, new.annotations))})
    by_reader = {s.reader_id: s for s in sets}
    version = by_reader[new.reader_id].version if new.reader_id in by_reader else 0
    if expected_version not in {None, version}:
        raise MeasurementsStale(current_version=version)
    by_reader[new.reader_id] = new
    if sum(_size(s) for s in by_reader.values()) > MAX_MEASUREMENT_BYTES:
        raise MeasurementsTooLarge
    return new.model_copy(update={"version": version + 1})


def require_short(notes: str) -> None:
    """Refuse comparison notes that no snapshot can carry."""
    if len(notes) > MAX_NOTE_CHARACTERS:
        raise NotesTooLong


_SAME_NAME = set(StudyUpdated.model_fields) & set(Study.model_fields)


def _series(series: Series) -> SeriesSummary:
    return SeriesSummary(**series.model_dump(exclude={"imaging_study_id"}))


def _quarantined(row: Quarantined) -> QuarantinedInstance:
    return QuarantinedInstance(
        id=row.id,
        sop_instance_uid=row.sop_instance_uid,
        received_at=row.received_at,
        received_from=row.received_from,
        size_bytes=row.received.size_bytes,
        reason=row.contradiction.sentence,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        received=row.received,
        stored=row.stored,
    )


def _prior(prior: Prior) -> PriorStudy:
    return PriorStudy(
        **prior.model_dump(exclude={"current_study_id", "imaging_order_id"}),
        order_id=prior.imaging_order_id,
    )


def _measurements(row: Measurements) -> MeasurementSet:
    return MeasurementSet(**row.model_dump(exclude={"study_id"}))


def _storable(value: Any) -> Any:
    """Return JSON without U+0000, which PostgreSQL cannot keep, here or in a read model."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _size(row: Measurements) -> int:
    return len(json.dumps(row.annotations).encode())


def _fitting(parts: Iterable[Part], limit_bytes: int) -> tuple[Part, ...]:
    """Return the first parts, as many as stay below the limit."""
    fitting, size = [], 0
    for part in parts:
        size += len(part.to_json())
        if size > limit_bytes:
            break
        fitting.append(part)
    return tuple(fitting)
