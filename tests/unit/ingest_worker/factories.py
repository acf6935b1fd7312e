"""Valid rows of studies and orders; a test states only what differs."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from contracts.enumerations import Modality, OrderStatus
from ingest_worker.domain.priors import Comparable
from ingest_worker.domain.study import KnownOrder, Series, Study
from services.dicom.identity import comparison_key

NOW = datetime(2025, 11, 11, 10, 0, tzinfo=UTC)
BIRTH_DATE = date(1980, 5, 17)


def study(**changes: Any) -> Study:
    values: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "imaging_order_id": None,
        "study_instance_uid": "1.2.3",
        "study_date": date(2025, 11, 11),
        "study_time": time(9, 0),
        "study_description": "CT Chest",
        "study_id": "",
        "accession_number": "20251111-ABCD1",
        "referring_physician_name": "",
        "patient_id": "MRN-000001",
        "issuer_of_patient_id": "",
        "patient_name": "Testpatient^Tina",
        "patient_birth_date": BIRTH_DATE,
        "patient_sex": "F",
        "modality": "CT",
        "body_part": "CHEST",
        "patient_position": "",
        "manufacturer": "",
        "equipment_model": "",
        "kvp": None,
        "mas": None,
        "slice_thickness": None,
        "number_of_series": 1,
        "number_of_instances": 10,
        "size_bytes": 5_000_000,
        "match_state": "NO_ORDER",
        "match_reason": "",
        "match_decided_by": None,
        "kept_without_order": False,
        "candidate_order_ids": (),
        "claimed_order_id": None,
        "completeness": "RECEIVING",
        "completeness_reason": "",
        "completeness_due_at": NOW,
        "revision": 1,
        "revision_opened_at": NOW,
        "received_from": "CT_SCANNER_1",
        "first_received_at": NOW,
        "last_received_at": NOW,
        "last_indexed_at": NOW,
        "last_cause": None,
        "updated_at": NOW,
    } | changes
    values.setdefault("accession_key", comparison_key(values["accession_number"]))
    values.setdefault("patient_key", comparison_key(values["patient_id"]))
    return Study.model_validate(values)


def order(**changes: Any) -> KnownOrder:
    values: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "order_number": "IMG-20251111-ABCD1",
        "accession_number": "20251111-ABCD1",
        "patient_mrn": "MRN-000001",
        "issuer_of_patient_id": "",
        "patient_birth_date": BIRTH_DATE,
        "modality": Modality.CT,
        "body_part": "CHEST",
        "status": OrderStatus.SCHEDULED,
        "started_at": None,
        "completed_at": None,
        "expected_instances": None,
    } | changes
    values.setdefault("accession_key", comparison_key(values["accession_number"]))
    values.setdefault("patient_key", comparison_key(values["patient_mrn"]))
    return KnownOrder.model_validate(values)


def series(**changes: Any) -> Series:
    values: dict[str, Any] = {
        "id": uuid4(),
        "imaging_study_id": uuid4(),
        "series_instance_uid": f"1.2.{uuid4().int}"[:64],
        "series_number": 1,
        "series_description": "",
        "sequence_name": "",
        "contrast_phase": "",
        "modality": "CT",
        "body_part": "CHEST",
        "laterality": "",
        "rows": 512,
        "columns": 512,
        "frame_time_ms": None,
        "number_of_instances": 10,
        "number_of_frames": 10,
    }
    return Series.model_validate(values | changes)


def comparable(study_date: date | None, id_: UUID | None = None, **changes: Any) -> Comparable:
    values: dict[str, Any] = {
        "id": id_ or uuid4(),
        "study_instance_uid": "1.2.3",
        "imaging_order_id": None,
        "study_date": study_date,
        "study_time": time(9, 0),
        "first_received_at": NOW,
        "study_description": "",
        "modality": "CT",
        "body_part": "CHEST",
        "patient_id": "MRN-000001",
        "issuer_of_patient_id": "",
        "patient_birth_date": BIRTH_DATE,
    }
    return Comparable.model_validate(values | changes)
