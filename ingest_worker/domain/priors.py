"""Which earlier studies a reader compares with.

What must stay true: a prior is the same patient's, by Patient ID, issuer and birth date, and older.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from uuid import UUID

from contracts.base import Contract
from services.dicom.identity import Person, Sameness, compare_persons

MAX_PRIORS = 20


class Comparable(Contract):
    """A study as it is compared; a matched one with its order's patient and body part."""

    id: UUID
    study_instance_uid: str
    imaging_order_id: UUID | None
    study_date: date | None
    study_time: time | None
    first_received_at: datetime
    study_description: str
    modality: str
    body_part: str
    patient_id: str
    issuer_of_patient_id: str
    patient_birth_date: date | None

    @property
    def person(self) -> Person:
        """Whose study it is."""
        return Person(self.patient_id, self.issuer_of_patient_id, self.patient_birth_date)

    @property
    def made_at(self) -> datetime:
        """When it was made; when it came, if the header does not say."""
        if self.study_date is None:
            return self.first_received_at.replace(tzinfo=None)
        return datetime.combine(self.study_date, self.study_time or time.min)


def rank_priors(
    current: Comparable, others: Iterable[Comparable], noted: Collection[UUID] = ()
) -> list[Comparable]:
    """Return the best studies to compare with, best first.

    The same modality of the same body part counts most, then the same body part, then the same
    modality; among equals the newest. One that a reader wrote notes on is never left out.
    """
    earlier = [
        other
        for other in others
        if other.id != current.id
        and other.made_at < current.made_at
        and compare_persons(current.person, other.person) is Sameness.SAME
    ]
    newest_first = sorted(earlier, key=lambda other: other.made_at, reverse=True)
    ranked = sorted(newest_first, key=lambda other: _difference(current, other))
    chosen = {p.id for p in sorted(ranked, key=lambda p: p.id not in noted)[:MAX_PRIORS]}
    return [prior for prior in ranked if prior.id in chosen]


def _difference(current: Comparable, other: Comparable) -> int:
    other_body_part = not _same(current.body_part, other.body_part)
    other_modality = not _same(current.modality, other.modality)
    return 2 * other_body_part + other_modality


def _same(one: str, other: str) -> bool:
    return bool(one) and one.strip().upper() == other.strip().upper()
