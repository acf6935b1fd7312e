"""What a Secondary Capture says beside its pixels; apart from what makes it, which is large."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True)
class CaptureContext:
    """Whose picture it is, and of which order: it says nothing of that itself."""

    order_id: str
    study_instance_uid: str
    accession_number: str
    patient_id: str
    patient_name: str
    patient_birth_date: date | None
    patient_sex: str
    study_date: date
    study_time: time
    issuer_of_patient_id: str = ""
    study_description: str = ""
    study_id: str = ""
    referring_physician_name: str = ""
    modality: str = "OT"
    body_part: str = ""
    series_description: str = "Uploaded pictures"
    series_number: int = 900
    instance_number: int | None = None
    """None: it has no place among the others."""
