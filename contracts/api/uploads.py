"""Uploads from a browser: what became of each file."""

from enum import StrEnum

from pydantic import Field

from contracts.base import Contract
from contracts.identifiers import Uid


class UploadStatus(StrEnum):
    """What became of one file."""

    STORED = "STORED"
    REFUSED = "REFUSED"
    SKIPPED = "SKIPPED"


class UploadWarning(StrEnum):
    """What of a stored file speaks against the order that it was sent to."""

    PATIENT_DIFFERS = "patient_differs"
    ACCESSION_DIFFERS = "accession_differs"
    MODALITY_DIFFERS = "modality_differs"


class UploadedFile(Contract):
    """One file, or one member of a zip."""

    file_name: str = Field(description="As the sender named it")
    status: UploadStatus
    code: str = Field(default="", description="Stable reason where it was not stored")
    message: str = Field(default="", description="The same for a person")
    warning: UploadWarning | None = Field(
        default=None, description="Stored, but a person should look"
    )
    study_instance_uid: Uid | None = None
    series_instance_uid: Uid | None = None
    sop_instance_uid: Uid | None = None
    modality: str = ""
    size_bytes: int = 0


class UploadResult(Contract):
    """All files of one upload; what is stored is durable."""

    files: tuple[UploadedFile, ...]
    stored: int
    refused: int
    skipped: int
