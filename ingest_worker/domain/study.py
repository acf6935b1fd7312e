"""A study as it is stored, and how it grows with the instances that arrive.

What must stay true: the result does not depend on the order in which instances arrive, but for
values that only one of them can give.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Contract
from contracts.enumerations import NOT_IMAGES, MatchState, Modality, OrderStatus, StudyCompleteness
from contracts.envelope import Envelope
from contracts.events.images_ingested import ImagesIngested, InstanceHeader
from contracts.people import Actor
from services.dicom.identity import Person, comparison_key, patient_key

MEASUREMENT_REPORTS = "measurement reports"
"""Whom our own structured reports come from: no image, and nothing that a reader waits for."""

MAX_LINE = 255


class KnownOrder(Contract):
    """What matching and completeness need to know of an order."""

    id: UUID
    version: int
    order_number: str
    accession_number: str
    accession_key: str
    patient_mrn: str
    patient_key: str
    issuer_of_patient_id: str
    patient_birth_date: date | None
    modality: Modality
    body_part: str
    status: OrderStatus
    started_at: datetime | None
    completed_at: datetime | None
    expected_instances: int | None

    @property
    def person(self) -> Person:
        """Whom the order is for."""
        return Person(self.patient_mrn, self.issuer_of_patient_id, self.patient_birth_date)

    @property
    def is_being_examined(self) -> bool:
        """The technologist has begun the exam, and not said that it is over."""
        return self.started_at is not None and self.completed_at is None

    @property
    def is_cancelled(self) -> bool:
        """A cancelled order takes no images by itself."""
        return self.status is OrderStatus.CANCELLED


class Study(Contract):
    """A row of imaging_studies; the spec's columns and what decisions need."""

    id: UUID
    version: int
    imaging_order_id: UUID | None

    study_instance_uid: str
    study_date: date | None
    study_time: time | None
    study_description: str
    study_id: str
    accession_number: str
    accession_key: str
    referring_physician_name: str

    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: date | None
    patient_sex: str
    patient_key: str

    modality: str
    body_part: str
    patient_position: str
    manufacturer: str
    equipment_model: str
    kvp: float | None
    mas: float | None
    slice_thickness: float | None

    number_of_series: int
    number_of_instances: int
    number_withdrawn: int = 0
    size_bytes: int

    match_state: MatchState
    match_reason: str
    match_decided_by: Actor | None
    kept_without_order: bool
    candidate_order_ids: tuple[UUID, ...]
    claimed_order_id: UUID | None

    completeness: StudyCompleteness
    completeness_reason: str
    completeness_due_at: datetime | None
    revision: int
    revision_opened_at: datetime

    received_from: str
    first_received_at: datetime
    last_received_at: datetime
    last_indexed_at: datetime
    last_cause: Envelope | None
    updated_at: datetime

    @property
    def person(self) -> Person:
        """Whose images these are, as their headers say."""
        return Person(self.patient_id, self.issuer_of_patient_id, self.patient_birth_date)

    @property
    def is_new(self) -> bool:
        """True in the transaction that finds it for the first time."""
        return self.version == 0

    def changed(self, **changes: Any) -> "Study":
        """Return the study with other values."""
        return self.model_copy(update=changes)


class Touched(NamedTuple):
    """A study before and after; `before.is_new` for one that was not there."""

    before: Study
    after: Study


class Series(Contract):
    """A row of imaging_series with the revision of its documents."""

    id: UUID
    imaging_study_id: UUID
    series_instance_uid: str
    series_number: int | None
    series_description: str
    sequence_name: str
    contrast_phase: str
    modality: str
    body_part: str
    laterality: str
    rows: int | None
    columns: int | None
    frame_time_ms: float | None
    number_of_instances: int
    number_of_frames: int
    documents_revision: int = 0


_TEXTS = (
    "study_description",
    "study_id",
    "accession_number",
    "referring_physician_name",
    "patient_id",
    "issuer_of_patient_id",
    "patient_name",
    "patient_sex",
    "patient_position",
    "manufacturer",
    "equipment_model",
)
_VALUES = ("study_date", "study_time", "patient_birth_date", "kvp", "mas", "slice_thickness")


def describe(study: Study, headers: Iterable[InstanceHeader]) -> Study:
    """Fill what is not known of the study yet from the headers of its instances."""
    changes: dict[str, Any] = {}
    for header in headers:
        for name in (*_TEXTS, *_VALUES):
            if not getattr(study, name) and name not in changes and getattr(header, name):
                value = getattr(header, name)
                changes[name] = line(value) if isinstance(value, str) else value
    described = study.changed(**changes)
    return described.changed(
        accession_key=comparison_key(described.accession_number),
        patient_key=study.patient_key or patient_key(described.patient_id),
    )


def receive(study: Study, arrived: Sequence[ImagesIngested], now: datetime) -> Study:
    """Return the study after new instances were indexed.

    An image that comes after the study was complete opens a new revision of it: whoever reads or
    has signed is told. Our own report of measurements is no image, and changes neither.
    """
    size_bytes = study.size_bytes + sum(image.stored.size_bytes for image in arrived)
    arrived = [image for image in arrived if image.received_from != MEASUREMENT_REPORTS]
    if not arrived:
        return study.changed(size_bytes=size_bytes)
    return _reopened(study, now).changed(
        number_of_instances=study.number_of_instances + len(arrived),
        size_bytes=size_bytes,
        last_received_at=max(study.last_received_at, *(image.received_at for image in arrived)),
        last_indexed_at=now,
        claimed_order_id=study.claimed_order_id or _named_order(arrived),
    )


def claim(study: Study, repeated: Sequence[ImagesIngested]) -> Study:
    """Return the study after images that are here already came again, for an order.

    Whoever uploads them says now whose they are, as if they had not been here: what was named
    before did not lead to an order. A study that has one keeps it.
    """
    if study.match_state is MatchState.MATCHED:
        return study
    return study.changed(claimed_order_id=_named_order(repeated) or study.claimed_order_id)


def withdraw(study: Study, size_bytes: int, now: datetime) -> Study:
    """Return the study after one instance was taken out of the index again.

    Whoever reads or has signed is told as of an image that came late: it was part of what they saw.
    """
    return _reopened(study, now).changed(
        number_of_instances=study.number_of_instances - 1,
        number_withdrawn=study.number_withdrawn + 1,
        size_bytes=study.size_bytes - size_bytes,
    )


def _reopened(study: Study, now: datetime) -> Study:
    """Open a new revision of a study that was complete."""
    if study.completeness is not StudyCompleteness.COMPLETE:
        return study
    return study.changed(
        completeness=StudyCompleteness.RECEIVING,
        completeness_reason="",
        completeness_due_at=now,
        revision=study.revision + 1,
        revision_opened_at=now,
    )


def summarise(study: Study, series: Sequence[Series]) -> Study:
    """Take modality and body part from the first image series, by series number."""
    series = [s for s in series if s.number_of_instances]
    ordered = sorted_series(series)
    images = [s for s in ordered if s.modality not in NOT_IMAGES] or ordered
    return study.changed(
        number_of_series=len(series),
        modality=next((s.modality for s in images if s.modality), ""),
        body_part=next((s.body_part for s in images if s.body_part), ""),
    )


def sorted_series(series: Iterable[Series]) -> list[Series]:
    """Sort by series number; those without one last."""
    return sorted(
        series,
        key=lambda s: (s.series_number is None, s.series_number or 0, s.series_instance_uid),
    )


def line(text: str) -> str:
    """Return a text as it can be stored and sent, whatever an outside producer put into it."""
    return text.replace("\x00", "")[:MAX_LINE]


def is_described_by(image: ImagesIngested, header: InstanceHeader) -> bool:
    """Tell whether the header is of the instance that the event names."""
    return (
        header.sop_instance_uid == image.sop_instance_uid
        and header.series_instance_uid == image.series_instance_uid
        and header.study_instance_uid == image.study_instance_uid
    )


def _named_order(images: Iterable[ImagesIngested]) -> UUID | None:
    return next((UUID(image.order_id) for image in images if _is_uuid(image.order_id)), None)


def _is_uuid(text: str | None) -> bool:
    try:
        return text is not None and UUID(text) is not None
    except ValueError:
        return False
