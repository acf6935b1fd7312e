"""Earlier studies of a patient, as readers and orderers compare with them.

What must stay true: whose a study is follows from `services/dicom/identity.py` alone. Where an
order has images, ingest_worker has compared and ranked already (`priors` of its studies); where
there are none yet, the same comparison is made here.
"""

from collections.abc import Sequence
from uuid import UUID

from contracts.api.studies import PriorStudySummary
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyUpdated
from contracts.people import Patient
from gateway.read_model.reader import Reader, parse
from services.dicom.identity import Person, Sameness, compare_persons, patient_key

MOST = 500


async def ranked_priors(
    reader: Reader, current: Sequence[StudyUpdated], only_of: str | None
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    """Return the priors of an order's studies, best to compare with first."""
    own = {study.study_instance_uid for study in current}
    priors = [p for study in current for p in study.priors if p.study_instance_uid not in own]
    notes = {p.study_instance_uid: p.comparison_notes for p in priors if p.comparison_notes}
    uids = list(dict.fromkeys(p.study_instance_uid for p in priors))
    return await _with_reports(reader, uids, only_of, notes)


async def studies_of_patient(
    reader: Reader, patient_id: UUID, only_of: str | None
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    """Return what is stored of a patient, newest first."""
    persons = [_person(patient) for patient in await reader.persons(patient_id)]
    # A placeholder has no key: by it nobody's studies are found.
    keys = {key.lstrip("0") for person in persons if (key := patient_key(person.patient_id))}
    rows = await reader.studies_that_may_be_of(patient_id, list(keys), MOST)
    uids = [
        row["study_instance_uid"]
        for row in rows
        if row["patient_id"] == patient_id
        or _is_one_of(Person(row["mrn"], row["issuer_of_patient_id"], row["birth_date"]), persons)
    ]
    return await _with_reports(reader, uids, only_of, {})


def _person(patient: Patient) -> Person:
    return Person(patient.mrn, patient.issuer_of_patient_id, patient.birth_date)


def _is_one_of(person: Person, persons: Sequence[Person]) -> bool:
    return any(compare_persons(person, known) is Sameness.SAME for known in persons)


async def _with_reports(
    reader: Reader, uids: Sequence[str], only_of: str | None, notes: dict[str, str]
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    rows = await reader.studies_with_reports(uids, only_of)
    return [_summary(row["study"], row["of_order"], row["report"], notes) for row in rows]


def _summary(
    of_study: str, of_order: str | None, of_report: str | None, notes: dict[str, str]
) -> tuple[StudyUpdated, PriorStudySummary]:
    study = parse(StudyUpdated, of_study)
    order = parse(OrderUpdated, of_order) if of_order else None
    report = parse(ReportUpdated, of_report) if of_report else None
    return study, PriorStudySummary(
        study_instance_uid=study.study_instance_uid,
        study_date=study.study_date.isoformat() if study.study_date else None,
        modality=study.modality,
        body_part=study.body_part or (order.details.body_part if order else ""),
        study_description=study.study_description or (order.details.study_type if order else ""),
        number_of_series=study.number_of_series,
        number_of_instances=study.number_of_instances,
        order_id=order.id if order else None,
        order_number=order.order_number if order else "",
        report_id=report.id if report else None,
        report_status=report.status if report else None,
        impression=report.current.content.impression if report else "",
        comparison_notes=notes.get(study.study_instance_uid, ""),
    )
