"""Earlier studies of a patient, as readers and orderers compare with them.

What must stay true: whose a study is follows from `services/dicom/identity.py` alone. Where an
order has images, ingest_worker has compared and ranked already (`priors` of its studies); where
there are none yet, the same comparison is made here.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.api.studies import PriorStudySummary
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyUpdated
from contracts.people import Patient
from gateway.read_model.reader import Reader, parse
from services.dicom.identity import Person, Sameness, compare_persons, patient_key

MOST = 500


class _Pair(NamedTuple):
    """Notes on a study of the order and a prior one."""

    compared_with: str | None
    notes: str
    version: int


_NONE = _Pair(None, "", 0)


async def ranked_priors(
    reader: Reader, current: Sequence[StudyUpdated], only_of: str | None
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    """Return the priors of an order's studies, best to compare with first."""
    own = {study.study_instance_uid for study in current}
    pairs: dict[str, _Pair] = {}
    for study in current:
        for prior in study.priors:
            uid = prior.study_instance_uid
            # Of a prior of several studies, the pair that somebody wrote notes on.
            if uid not in own and (uid not in pairs or pairs[uid].version < prior.notes_version):
                pairs[uid] = _Pair(
                    study.study_instance_uid, prior.comparison_notes, prior.notes_version
                )
    return await _with_reports(reader, list(pairs), only_of, pairs)


async def studies_of_patient(
    reader: Reader, patient_id: UUID, only_of: str | None
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    """Return what is stored of a patient, newest first."""
    persons = [_person(patient) for patient in await reader.persons(patient_id)]
    # An ID that names nobody, as UNKNOWN, has no key: by it no studies are found.
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
    reader: Reader, uids: Sequence[str], only_of: str | None, pairs: Mapping[str, _Pair]
) -> list[tuple[StudyUpdated, PriorStudySummary]]:
    rows = await reader.studies_with_reports(uids, only_of)
    return [_summary(row["study"], row["of_order"], row["report"], pairs) for row in rows]


def _summary(
    of_study: str, of_order: str | None, of_report: str | None, pairs: Mapping[str, _Pair]
) -> tuple[StudyUpdated, PriorStudySummary]:
    study = parse(StudyUpdated, of_study)
    order = parse(OrderUpdated, of_order) if of_order else None
    report = parse(ReportUpdated, of_report) if of_report else None
    pair = pairs.get(study.study_instance_uid, _NONE)
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
        compared_with=pair.compared_with,
        comparison_notes=pair.notes,
        notes_version=pair.version,
    )
