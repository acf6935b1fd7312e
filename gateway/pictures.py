"""A picture without a header of its own, as an instance of the order it was uploaded for.

A module of its own, because what it stands on is only loaded when a picture comes.
"""

from zoneinfo import ZoneInfo

from contracts.events.order_updated import OrderUpdated
from services.dicom.secondary_capture import CaptureContext, SecondaryCapture, secondary_capture
from services.dicom.uids import derived_uid

_PICTURE_SERIES = 900


def as_instance(
    content: bytes,
    order: OrderUpdated,
    *,
    study_description: str,
    series_description: str,
    series_number: int | None,
    number: int,
    zone: ZoneInfo,
) -> SecondaryCapture:
    """Return a JPG or PNG as Secondary Capture, in the order's study where one has come already.

    Parameters
    ----------
    number : of the picture in its upload, from 1.

    Raises
    ------
    UnreadableInstance : the bytes are no picture, or too large a one.
    """
    details, patient = order.details, order.details.patient
    when = order.appointment.starts_at if order.appointment else order.created_at
    local, studies = when.astimezone(zone), order.study_instance_uids
    context = CaptureContext(
        order_id=str(order.id),
        study_instance_uid=studies[0] if studies else derived_uid("study", str(order.id)),
        accession_number=order.accession_number,
        patient_id=patient.mrn,
        issuer_of_patient_id=patient.issuer_of_patient_id,
        patient_name=patient.name,
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex.value,
        study_date=local.date(),
        study_time=local.time().replace(microsecond=0),
        study_description=study_description or details.study_type,
        referring_physician_name=details.ordering_provider_name,
        modality=min(details.modality.dicom_modalities),
        body_part=details.body_part,
        series_description=series_description or "Uploaded pictures",
        series_number=series_number or _PICTURE_SERIES,
        instance_number=number,
    )
    return secondary_capture(content, context)
