"""Persons as events name them: who acts, and who is examined."""

from datetime import date
from uuid import UUID

from pydantic import Field

from contracts.base import Contract, Line, RequiredLine
from contracts.enumerations import Role, Sex


class Actor(Contract):
    """Who asked for something; identity as proved at the edge."""

    id: str = Field(max_length=255)
    name: Line = ""
    role: Role


class Patient(Contract):
    """Demographics as the order carries them; `mrn` is DICOM's Patient ID (0010,0020)."""

    id: UUID
    mrn: RequiredLine = Field(max_length=64)
    issuer_of_patient_id: Line = Field(default="", max_length=64)
    name: RequiredLine = Field(description="As DICOM writes it: family^given^middle^prefix^suffix")
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
