"""`images.ingested`: the bytes of one instance are in the object store, to be indexed."""

from datetime import date, time
from typing import Literal

from pydantic import Field, JsonValue

from contracts.base import Contract, UtcDatetime
from contracts.identifiers import Sha256, Uid


class StoredObject(Contract):
    """Where the bytes are and what they must be."""

    bucket: str = Field(max_length=63)
    key: str = Field(max_length=1024)
    size_bytes: int = Field(ge=1)
    sha256: Sha256


class FrameLocation(Contract):
    """One frame's bytes inside the object (of a deflated one: inside its inflated data set)."""

    offset: int = Field(ge=0)
    length: int = Field(ge=0)
    fragments: int = Field(
        default=1, ge=1, description="More than one: each with its item header (PS3.5 section A.4)"
    )


class InstanceHeader(Contract):
    """The parsed header of an instance without its pixel data: what lists and matching need.

    Values are cleaned: no control characters, bounded length, None where absent or unreadable.
    """

    study_instance_uid: Uid
    series_instance_uid: Uid
    sop_instance_uid: Uid
    sop_class_uid: Uid
    transfer_syntax_uid: Uid

    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: date | None = None
    patient_sex: str = ""
    accession_number: str = ""

    study_date: date | None = None
    study_time: time | None = None
    study_description: str = ""
    study_id: str = ""
    referring_physician_name: str = ""

    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    sequence_name: str = ""
    contrast_phase: str = ""
    body_part: str = ""
    laterality: str = ""
    patient_position: str = ""
    manufacturer: str = ""
    equipment_model: str = ""
    station_name: str = ""
    kvp: float | None = None
    mas: float | None = None
    slice_thickness: float | None = Field(default=None, description="mm")

    instance_number: int | None = None
    number_of_frames: int = Field(default=1, ge=1)
    rows: int | None = None
    columns: int | None = None
    bits_allocated: int | None = None
    window_center: float | None = None
    window_width: float | None = None
    sort_position: float | None = Field(
        default=None, description="Position along the slice normal, mm"
    )
    frame_time_ms: float | None = None

    frames: tuple[FrameLocation, ...] = Field(
        default=(), description="Where each frame lies; empty for an instance without pixels"
    )
    dicom_json: dict[str, JsonValue] = Field(
        default_factory=dict, description="PS3.18 Annex F, without bulk data"
    )
    notes: tuple[str, ...] = Field(
        default=(), description="What was dropped when it was read; names tags, never values"
    )


class InstanceDocuments(Contract):
    """The instance's entries of its series documents, made by the edge that has the file open.

    A header of thousands of values is then parsed once in its life: the index stores the entries as
    they are.
    """

    metadata: str = Field(description="Entry of metadata.json.gz: its JSON, zlib, base 64")
    frames: str = Field(description="Entry of frames.json.gz: its JSON")


class ImagesIngested(Contract):
    """One instance that is durable; without a header the worker reads the object itself."""

    study_instance_uid: Uid
    series_instance_uid: Uid
    sop_instance_uid: Uid
    stored: StoredObject
    header: InstanceHeader | None = None
    documents: InstanceDocuments | None = Field(
        default=None,
        description="Only from our own edges; the header then has no dicomJson and no frames",
    )
    received_by: Literal["DIMSE", "STOW-RS", "UPLOAD", "EXTERNAL"]
    received_from: str = Field(
        default="", max_length=255, description="Calling AE title, user id or service"
    )
    received_at: UtcDatetime
    order_id: str | None = Field(
        default=None, description="Order that the uploader named; the header must not contradict"
    )
