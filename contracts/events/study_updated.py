"""`study.updated`: the whole state of a study but its instances, which are documents in S3."""

from datetime import date, time
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import MatchState, StudyCompleteness
from contracts.events.images_ingested import StoredObject
from contracts.identifiers import Uid
from contracts.people import Actor


class SeriesSummary(Contract):
    """One series of a study; its documents are found by `services.object_storage` keys."""

    id: UUID
    series_instance_uid: Uid
    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    sequence_name: str = ""
    contrast_phase: str = ""
    body_part: str = ""
    laterality: str = ""
    number_of_instances: int
    number_of_frames: int = 0
    rows: int | None = None
    columns: int | None = None
    frame_time_ms: float | None = None
    documents_revision: int = Field(
        default=0, description="Grows when metadata and frame index in S3 were written anew"
    )


class StudyMatch(Contract):
    """Which order the study fulfils, or why none."""

    state: MatchState
    order_id: UUID | None = None
    candidate_order_ids: tuple[UUID, ...] = ()
    decided_by: Actor | None = Field(default=None, description="None: by the rules")
    reason: str = ""
    kept_without_order: bool = Field(
        default=False, description="A person said that none is expected: a study from elsewhere"
    )


class QuarantinedInstance(Contract):
    """An instance that has the UID of a stored one, but other bytes."""

    id: UUID
    sop_instance_uid: Uid
    received_at: UtcDatetime
    received_from: str = ""
    size_bytes: int
    reason: str
    decision: str = ""
    decided_by: Actor | None = None
    decided_at: UtcDatetime | None = None
    decision_reason: str = ""
    received: StoredObject | None = Field(
        default=None, description="Its bytes; none in an older message"
    )
    stored: StoredObject | None = Field(
        default=None, description="What is stored under its UID, if anything is"
    )


class PriorStudy(Contract):
    """An earlier study of the same patient."""

    study_instance_uid: Uid
    study_date: date | None = None
    modality: str = ""
    body_part: str = ""
    study_description: str = ""
    order_id: UUID | None = None
    comparison_notes: str = ""
    notes_version: int = Field(default=0, description="Grows each time the notes are written")


class MeasurementSet(Contract):
    """Annotations of one reader on the study, as drawn."""

    reader_id: str
    version: int
    annotations: tuple[dict[str, JsonValue], ...] = ()
    saved_at: UtcDatetime


class MeasurementReport(Contract):
    """A structured report of what was measured, made when a report version was signed."""

    report_version: int
    series_instance_uid: Uid
    sop_instance_uid: Uid
    number_of_findings: int = Field(description="None: it takes the one before it back")
    superseded: bool = Field(description="A later one names it as its predecessor")


class StudyUpdated(Contract):
    """A study as others may know it."""

    id: UUID
    version: int = Field(ge=1)
    study_instance_uid: Uid
    accession_number: str = ""
    study_id: str = ""
    study_date: date | None = None
    study_time: time | None = None
    study_description: str = ""
    patient_id: str = Field(default="", description="Patient ID (0010,0020) as received")
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: date | None = None
    patient_sex: str = ""
    referring_physician_name: str = ""
    modality: str = Field(default="", description="Of the first image series")
    modalities_in_study: tuple[str, ...] = ()
    body_part: str = ""
    patient_position: str = ""
    manufacturer: str = ""
    equipment_model: str = ""
    kvp: float | None = None
    mas: float | None = None
    slice_thickness: float | None = None
    number_of_series: int = 0
    number_of_instances: int = 0
    size_bytes: int = 0
    series: tuple[SeriesSummary, ...] = ()
    match: StudyMatch
    completeness: StudyCompleteness = StudyCompleteness.RECEIVING
    completeness_reason: str = ""
    revision: int = Field(
        default=1,
        description="Grows when an image arrives or is taken out after the study was complete",
    )
    revision_opened_at: UtcDatetime | None = Field(
        default=None, description="When that was; of the first revision, when the study came"
    )
    number_withdrawn: int = Field(
        default=0, description="Instances that were here, and were taken out again by a person"
    )
    quarantined: tuple[QuarantinedInstance, ...] = ()
    priors: tuple[PriorStudy, ...] = ()
    measurements: tuple[MeasurementSet, ...] = ()
    measurement_reports: tuple[MeasurementReport, ...] = Field(
        default=(), description="Oldest first; only the last one holds"
    )
    received_from: str = ""
    first_received_at: UtcDatetime
    last_received_at: UtcDatetime
    updated_at: UtcDatetime
