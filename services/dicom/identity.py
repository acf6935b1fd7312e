"""When two identifiers mean the same thing, and two headers the same person.

What must stay true: a name never decides, and what is not known never counts as equal.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum


def comparison_key(identifier: str) -> str:
    """Return what an accession number or patient ID is compared by.

    Systems pad and case them differently: spaces go, letters become upper case, and a number of
    digits only loses its leading zeros. "0012-A" keeps them: there they may tell two apart.
    """
    key = "".join(identifier.split()).upper()
    return key.lstrip("0") or "0" if key.isascii() and key.isdigit() else key


_NO_IDENTIFIER = frozenset(
    {"", "0", "ANON", "ANONYMOUS", "ANONYMIZED", "N/A", "NA", "NONE", "NULL", "UNKNOWN"}
)
"""What devices write where nobody entered a patient ID: all of them would be one person."""


def patient_key(patient_id: str) -> str:
    """Return what a patient ID is compared by; empty for a placeholder, which names nobody."""
    key = comparison_key(patient_id)
    return "" if key in _NO_IDENTIFIER else key


@dataclass(frozen=True)
class Person:
    """What says who a patient is: Patient ID with its issuer, and the birth date."""

    patient_id: str
    issuer_of_patient_id: str = ""
    birth_date: date | None = None


class Sameness(Enum):
    """Whether two patients are one."""

    SAME = "the patient agrees"
    UNKNOWN = "the images carry no patient ID"
    OTHER_ID = "the patient ID differs"
    OTHER_ISSUER = "the issuer of the patient ID differs"
    OTHER_BIRTH_DATE = "the birth date differs"

    @property
    def differs(self) -> bool:
        """True when something that is known on both sides contradicts."""
        return self not in {Sameness.SAME, Sameness.UNKNOWN}


def compare_persons(one: Person, other: Person) -> Sameness:
    """Compare two patients; an empty value on one side contradicts nothing."""
    one_key, other_key = patient_key(one.patient_id), patient_key(other.patient_id)
    if one_key and other_key and one_key != other_key:
        return Sameness.OTHER_ID
    issuers = {comparison_key(p.issuer_of_patient_id) for p in (one, other)} - {""}
    if len(issuers) > 1:
        return Sameness.OTHER_ISSUER
    if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
        return Sameness.OTHER_BIRTH_DATE
    return Sameness.SAME if one_key and other_key else Sameness.UNKNOWN
