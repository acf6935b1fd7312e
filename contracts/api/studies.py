"""Received studies: what the viewer opens, priors, measurements, and what matched nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.api.orders import Order
from contracts.api.paging import Filter, Page
from contracts.base import Contract, Line, RequestBody, RequiredLine, UtcDatetime
from contracts.enumerations import MatchState, Modality, ReportStatus
from contracts.events.study_updated import (
    MeasurementSet,
    QuarantinedInstance,
    SeriesSummary,
    StudyUpdated,
)
from contracts.identifiers import Uid
from contracts.people import Patient


class Study(StudyUpdated):
    """A study."""

    @classmethod
    def of(
        cls, snapshot: StudyUpdated, *, own_only: bool = False, without: Iterable[str] = ()
    ) -> "Study":
        """Return a snapshot as the API shows it.

        Parameters
        ----------
        own_only : for somebody who may see own cases only: without what tells of other studies and
            orders, and without the words in which somebody sorted out a mix-up, which may name the
            other patient. Own earlier studies are told by `/prior-studies`.
        without : lists that somebody may not read.
        """
        values = dict(snapshot) | dict.fromkeys(without, ())
        if own_only:
            match = snapshot.match.model_copy(update={"candidate_order_ids": (), "reason": ""})
            drawn = tuple(_drawn_on(snapshot.study_instance_uid, s) for s in values["measurements"])
            values |= {"priors": (), "quarantined": (), "match": match, "measurements": drawn}
        return cls(**values)


def _drawn_on(study_instance_uid: str, drawn: MeasurementSet) -> MeasurementSet:
    """Return a set without what was drawn on other studies, to compare with."""
    own = (None, "", study_instance_uid)
    kept = tuple(one for one in drawn.annotations if one.get("studyInstanceUid") in own)
    return drawn.model_copy(update={"annotations": kept})


class ViewerStudy(Study):
    """A study with whose it is, as the viewer's banner needs it."""

    patient: Patient
    order_id: UUID


class ViewerSeries(SeriesSummary):
    """A series with its place and its small picture."""

    study_instance_uid: Uid
    thumbnail_url: str


class ViewerInstance(Contract):
    """One image with where to get it."""

    study_instance_uid: Uid
    series_instance_uid: Uid
    sop_instance_uid: Uid
    sop_class_uid: str = ""
    instance_number: int | None = None
    number_of_frames: int = 1
    rows: int | None = None
    columns: int | None = None
    bits_allocated: int | None = None
    window_center: float | None = None
    window_width: float | None = None
    storage_bucket: str
    storage_path: str
    image_url: str = Field(description="The DICOM object; DICOMweb of this host, or presigned")


class ViewerData(Contract):
    """The spec's viewer data of an order; `study` is the newest one."""

    order: Order
    study: ViewerStudy | None = Field(default=None, description="None: no image has come yet")
    studies: tuple[ViewerStudy, ...] = ()
    series: tuple[ViewerSeries, ...] = ()
    instances: tuple[ViewerInstance, ...] = ()


class PriorStudySummary(Contract):
    """An earlier study of the patient, with its report when there is one."""

    study_instance_uid: Uid
    study_date: str | None = Field(default=None, description="YYYY-MM-DD")
    modality: str
    body_part: str
    study_description: str
    number_of_series: int
    number_of_instances: int
    order_id: UUID | None = None
    order_number: str = ""
    report_id: UUID | None = None
    report_status: ReportStatus | None = None
    impression: str = ""
    compared_with: Uid | None = Field(
        default=None, description="Study of the current order, on which pair the notes are"
    )
    comparison_notes: str = ""
    notes_version: int = Field(default=0, description="To name when the notes are written")


class PriorStudies(Contract):
    """Of an order with images the best to compare with first, else the newest first."""

    items: tuple[PriorStudySummary, ...]


class PriorFilter(Contract):
    """Which priors."""

    modality: Modality | str | None = Field(
        default=None, description="An order's modality (CT, MRI…) or a DICOM one (MR…)"
    )
    body_part: Line | None = None
    order_id: UUID | None = Field(default=None, description="The current order, left out")


class WritePriorNotes(RequestBody):
    """Comparison notes on a pair of studies."""

    comparison_notes: str = Field(max_length=10_000)
    expected_version: int | None = Field(
        default=None,
        ge=0,
        description="Version of the notes that was read, 0 for none; must be named (428)",
    )


class StudyFilter(Filter):
    """Which studies."""

    match_state: tuple[MatchState, ...] = ()
    order_id: UUID | None = None


class StudyPage(Page[Study]):
    """A page of studies."""


class UnmatchedFilter(Filter):
    """Which studies: those that need a person, or those that a person has dealt with."""

    decided: bool = False


class UnmatchedStudy(Contract):
    """A study that needs a person, with the orders that it may belong to; or the one it has."""

    study: Study
    suggestions: tuple[Order, ...]


class UnmatchedPage(Page[UnmatchedStudy]):
    """A page of studies that need a person."""


class MatchStudy(RequestBody):
    """A person says which order the study fulfils."""

    order_id: UUID
    reason: RequiredLine
    confirm_patient_differs: bool = False


class GiveReason(RequestBody):
    """A decision with its reason."""

    reason: RequiredLine


class QuarantinedItem(Contract):
    """An instance in quarantine, with the study that it contradicts."""

    study_instance_uid: Uid
    study_version: int
    patient_name: str
    patient_id: str
    modality: str
    study_description: str
    instance: QuarantinedInstance
    undo_until: UtcDatetime | None = Field(default=None, description="None: nobody decided yet")


class QuarantineFilter(Filter):
    """Which instances: those that wait, or those whose decision can still be taken back."""

    decided: bool = False


class QuarantinePage(Page[QuarantinedItem]):
    """A page of the quarantine."""


class ImageFacts(Contract):
    """What an image says of itself, and what its object is like."""

    sop_instance_uid: str = ""
    patient_name: str = ""
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_birth_date: date | None = None
    patient_sex: str = ""
    accession_number: str = ""
    study_date: date | None = None
    study_description: str = ""
    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    instance_number: int | None = None
    rows: int | None = None
    columns: int | None = None
    number_of_frames: int = 1
    size_bytes: int | None = None
    sha256: str = ""
    problem: str = Field(default="", description="Why its header cannot be read, if it cannot")


class QuarantineComparison(Contract):
    """An image in quarantine, and what it is to be compared with."""

    received: ImageFacts
    stored: ImageFacts | None = Field(
        default=None,
        description="What is stored under its UID, else an image of the study that it names",
    )


class DecideQuarantine(RequestBody):
    """A person decides over an instance in quarantine."""

    decision: Literal["DISCARD", "KEEP_AS_NEW"]
    reason: RequiredLine


class Measurements(Contract):
    """Annotations on an order's studies, by reader."""

    study_instance_uid: Uid
    study_version: int
    sets: tuple[MeasurementSet, ...]


class MeasurementsOfOrder(Contract):
    """All of an order's studies."""

    items: tuple[Measurements, ...]


class SaveMeasurementsInput(RequestBody):
    """The whole set of the reader; it replaces the one before."""

    study_instance_uid: Uid
    annotations: tuple[dict[str, JsonValue], ...] = Field(max_length=500)
    expected_version: int | None = Field(
        default=None,
        ge=0,
        description="Version of my set that was edited, 0 for none yet; must be named (428)",
    )
