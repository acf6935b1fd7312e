"""What arrives: new, the same again, or a contradiction that a person must look at.

What must stay true: nothing stored is overwritten, and no two patients are mixed in one study.
"""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.events.images_ingested import ImagesIngested, InstanceHeader
from ingest_worker.domain.study import Study
from services.dicom.identity import patient_key
from services.dicom.uids import derived_uid


class Contradiction(StrEnum):
    """How an instance contradicts what is stored."""

    OTHER_BYTES = "OTHER_BYTES"
    OTHER_SERIES = "OTHER_SERIES"
    SERIES_OF_OTHER_STUDY = "SERIES_OF_OTHER_STUDY"
    OTHER_PATIENT = "OTHER_PATIENT"

    @property
    def sentence(self) -> str:
        """The contradiction, told to a person."""
        return _SENTENCES[self]


_SENTENCES = {
    Contradiction.OTHER_BYTES: "An image with this number is stored already, with other content.",
    Contradiction.OTHER_SERIES: "An image with this number is stored already, in another series.",
    Contradiction.SERIES_OF_OTHER_STUDY: "The series with this number belongs to another study.",
    Contradiction.OTHER_PATIENT: "The patient ID differs from that of the study's other images.",
}


class StoredInstance(NamedTuple):
    """What is stored under a SOP Instance UID."""

    series_instance_uid: str
    sha256: bytes


def misplaced(
    image: ImagesIngested, study: Study, series_study_id: UUID | None
) -> Contradiction | None:
    """Say why an instance cannot be part of the study that it names.

    Parameters
    ----------
    series_study_id : study of the stored series with the instance's Series Instance UID.
    """
    if series_study_id not in {None, study.id}:
        return Contradiction.SERIES_OF_OTHER_STUDY
    keys = {patient_key(header_of(image).patient_id), patient_key(study.patient_id)} - {""}
    return Contradiction.OTHER_PATIENT if len(keys) > 1 else None


def contradicted(image: ImagesIngested, stored: StoredInstance) -> Contradiction | None:
    """Compare with the stored instance of the same UID; None: the same again."""
    if stored.series_instance_uid != image.series_instance_uid:
        return Contradiction.OTHER_SERIES
    if stored.sha256 != bytes.fromhex(image.stored.sha256):
        return Contradiction.OTHER_BYTES
    return None


class Uids(NamedTuple):
    """What an instance is known by."""

    study: str
    series: str
    sop: str


def uids_as_new(image: ImagesIngested, contradiction: Contradiction) -> Uids:
    """Return UIDs under which an instance contradicts nothing any more.

    They follow from the old ones: instances of one series that are kept as new stay together.
    """
    header = header_of(image)
    study, series = header.study_instance_uid, header.series_instance_uid
    if contradiction is Contradiction.OTHER_PATIENT:
        study = derived_uid("study", study, patient_key(header.patient_id))
    if contradiction in {Contradiction.OTHER_PATIENT, Contradiction.SERIES_OF_OTHER_STUDY}:
        series = derived_uid("series", study, series)
    sop = derived_uid("instance", series, header.sop_instance_uid, image.stored.sha256)
    return Uids(study, series, sop)


def header_of(image: ImagesIngested) -> InstanceHeader:
    """Return the header, which every image has once it is being indexed."""
    if image.header is None:
        raise AssertionError("an image is indexed only with its header")
    return image.header
