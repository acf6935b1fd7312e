"""Valid events around received images; a test states only what differs."""

import hashlib
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from contracts.enumerations import OrderStatus
from contracts.events.images_ingested import (
    FrameLocation,
    ImagesIngested,
    InstanceHeader,
    StoredObject,
)
from contracts.events.order_updated import OrderUpdated
from contracts.events.study_requested import StudyRequest, StudyRequested
from contracts.people import Actor
from contracts.topics import IMAGES_INGESTED, ORDER_UPDATED, STUDY_REQUESTED
from services.events import Event
from services.object_storage import IMAGES_BUCKET, instance_key
from tests.harness.dicom import uid
from tests.harness.orders import actor, details, event, patient

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
RECEIVED_AT = datetime(2025, 11, 11, 9, 30, tzinfo=UTC)
BIRTH_DATE = date(1980, 5, 17)


def header(**changes: Any) -> InstanceHeader:
    """Return the header of a CT slice; a study of its own unless one is named."""
    seed = uuid4().hex
    values = {
        "study_instance_uid": uid(seed, "study"),
        "series_instance_uid": uid(changes.get("study_instance_uid", seed), "series"),
        "sop_instance_uid": uid(seed, "instance"),
        "sop_class_uid": CT_IMAGE,
        "transfer_syntax_uid": EXPLICIT_LITTLE_ENDIAN,
        "patient_id": "MRN-000001",
        "patient_name": "Testpatient^Tina",
        "patient_birth_date": BIRTH_DATE,
        "patient_sex": "F",
        "accession_number": "20251111-ABCD1",
        "study_date": date(2025, 11, 11),
        "study_time": time(9, 0),
        "study_description": "CT Chest",
        "modality": "CT",
        "series_number": 1,
        "body_part": "CHEST",
        "instance_number": 1,
        "rows": 512,
        "columns": 512,
        "bits_allocated": 16,
        "frames": (FrameLocation(offset=1000, length=524_288),),
        "dicom_json": {"00080060": {"vr": "CS", "Value": ["CT"]}},
    }
    return InstanceHeader.model_validate(values | changes)


def image(*, content: str = "bytes", order_id: str | None = None, **changes: Any) -> ImagesIngested:
    """Return a received instance; `content` stands for its bytes."""
    described = header(**changes)
    study, series, sop = (
        described.study_instance_uid,
        described.series_instance_uid,
        described.sop_instance_uid,
    )
    return ImagesIngested(
        study_instance_uid=study,
        series_instance_uid=series,
        sop_instance_uid=sop,
        stored=StoredObject(
            bucket=IMAGES_BUCKET,
            key=instance_key(study, series, sop),
            size_bytes=525_288,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
        ),
        header=described,
        received_by="DIMSE",
        received_from="CT_SCANNER_1",
        received_at=RECEIVED_AT,
        order_id=order_id,
    )


def stack(count: int, study: str | None = None, **changes: Any) -> list[ImagesIngested]:
    """Return the slices of one series."""
    study = study or uid(uuid4().hex, "study")
    return [
        image(
            study_instance_uid=study,
            instance_number=number + 1,
            sort_position=float(number),
            **changes,
        )
        for number in range(count)
    ]


def ingested(*images: ImagesIngested) -> list[Event[ImagesIngested]]:
    """Return the events of received instances."""
    return [event(IMAGES_INGESTED, one, subject=one.study_instance_uid) for one in images]


def order_updated(
    order_id: UUID | None = None,
    *,
    accession_number: str = "20251111-ABCD1",
    mrn: str = "MRN-000001",
    birth_date: date | None = BIRTH_DATE,
    issuer: str = "",
    version: int = 1,
    status: OrderStatus = OrderStatus.SCHEDULED,
    modality: str = "CT",
    **changes: Any,
) -> Event[OrderUpdated]:
    """Return what the owner of orders says of one."""
    id_ = order_id or uuid4()
    person = patient(mrn=mrn, birth_date=birth_date, issuer_of_patient_id=issuer)
    order = OrderUpdated.model_validate(
        {
            "id": id_,
            "version": version,
            "order_number": "IMG-20251111-ABCD1",
            "accession_number": accession_number,
            "details": details(patient=person, modality=modality),
            "status": status,
            "created_by": actor(),
            "created_at": RECEIVED_AT,
            "updated_at": RECEIVED_AT,
        }
        | changes
    )
    return event(ORDER_UPDATED, order, subject=id_)


def study_requested(
    study_instance_uid: str, request: StudyRequest, by: Actor | None = None
) -> Event[StudyRequested]:
    """Return somebody's request on a study."""
    data = StudyRequested(
        study_instance_uid=study_instance_uid, request=request, actor=by or actor()
    )
    return event(STUDY_REQUESTED, data, subject=study_instance_uid)
