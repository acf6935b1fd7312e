"""A picture without a header of its own, as an instance of the order it was uploaded for.

What must stay true: a picture is decoded in a process beside us (`picture_process`). A huge one, or
one that is made to break a decoder, costs that process and not the gateway.
"""

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from contracts.events.order_updated import OrderUpdated
from gateway.picture_process import CAPTURED, head_of
from services.dicom.capture_context import CaptureContext
from services.dicom.errors import UnreadableInstance
from services.dicom.uids import derived_uid
from services.side_process import SideProcess, SideProcessEnded

_PICTURE_SERIES = 900
_IDLE_SECONDS = 30.0
_TIME_LIMIT_SECONDS = 60.0
"""For one picture; the largest that is taken needs some seconds."""


class Pictures:
    """Turns pictures into instances, one after the other."""

    def __init__(self) -> None:
        self._process = SideProcess(
            "gateway.picture_process",
            time_limit_seconds=_TIME_LIMIT_SECONDS,
            idle_seconds=_IDLE_SECONDS,
        )

    async def close(self) -> None:
        """End the process, if there is one."""
        await self._process.close()

    async def as_instance(self, picture: bytes, context: CaptureContext) -> memoryview:
        """Return a JPG or PNG as a Secondary Capture (PS3.3 section A.8), in a DICOM file.

        Raises
        ------
        UnreadableInstance : the bytes are no picture, or too large a one, or end who reads them.
        """
        question = (head_of(context), picture)
        try:
            answer = await self._process.ask(*question)
        except SideProcessEnded:
            answer = await self._once_more(question)
        if answer[:1] != CAPTURED:
            raise UnreadableInstance(*json.loads(bytes(answer[1:])))
        return answer[1:]

    async def _once_more(self, question: Sequence[bytes]) -> memoryview:
        """Ask a new process: the last one may have been ended by somebody else."""
        try:
            return await self._process.ask(*question)
        except SideProcessEnded:
            raise UnreadableInstance(
                "damaged_picture", "The picture breaks the program that reads it."
            ) from None


def context_of(
    order: OrderUpdated,
    *,
    study_description: str,
    series_description: str,
    series_number: int | None,
    number: int,
    zone: ZoneInfo,
) -> CaptureContext:
    """Return what a picture of an order is told to be, in the order's study if one has come.

    Parameters
    ----------
    number : of the picture in its upload, from 1.
    """
    details, patient = order.details, order.details.patient
    when = order.appointment.starts_at if order.appointment else order.created_at
    local, studies = when.astimezone(zone), order.study_instance_uids
    return CaptureContext(
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
