"""What the form for a new order offers: patients, orderers, exams."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from contracts.enumerations import ContrastType, Modality
from contracts.people import Patient

PATIENTS_FILE = Path(__file__).with_name("patients.yaml")


@dataclass(frozen=True)
class Exam:
    """An exam as one orders it."""

    modality: Modality
    study_type: str
    body_part: str
    contrast: ContrastType | None = None


EXAMS = (
    Exam(Modality.CT, "CT Chest (PE protocol)", "CHEST", ContrastType.IODINE),
    Exam(Modality.CT, "CT Abdomen/Pelvis with Contrast", "ABDOMEN", ContrastType.IODINE),
    Exam(Modality.CT, "CT Head (stroke protocol)", "HEAD"),
    Exam(Modality.MRI, "Brain MRI (stroke, tumor)", "BRAIN"),
    Exam(Modality.MRI, "Spine MRI", "SPINE"),
    Exam(Modality.MRI, "Joint MRI (knee)", "KNEE"),
    Exam(Modality.XRAY, "Chest X-Ray (PA and lateral)", "CHEST"),
    Exam(Modality.XRAY, "Chest X-Ray (AP, portable)", "CHEST"),
    Exam(Modality.USG, "Abdominal USG", "ABDOMEN"),
    Exam(Modality.USG, "Vascular USG (Doppler)", "LEG"),
    Exam(Modality.USG, "Thyroid USG", "NECK"),
)


def load_patients(path: Path = PATIENTS_FILE) -> tuple[Patient, ...]:
    """Read the demo patients."""
    return TypeAdapter(tuple[Patient, ...]).validate_python(
        yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def spoken(name: str) -> str:
    """Return a DICOM name as one says it: given name first."""
    family, _, given = name.partition("^")
    return f"{given.replace('^', ' ').strip()} {family}".strip()
