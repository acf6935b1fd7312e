"""A picture without a header of its own, as an instance of the order it was uploaded for.

What must stay true: a picture is decoded in a process beside us (`picture_process`). A huge one, or
one that is made to break a decoder, costs that process and not the gateway. The two exchange names
of files, so that no picture is ever in the gateway's memory.
"""

import json
import re
from pathlib import Path, PurePath
from typing import BinaryIO
from zoneinfo import ZoneInfo

from contracts.events.order_updated import OrderUpdated
from gateway.picture_process import NO_ROOM, QUESTION, WRITTEN, Question
from gateway.spool import SpoolFull
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

    async def capture(self, picture: BinaryIO, context: CaptureContext, into: BinaryIO) -> None:
        """Write a JPG or PNG as a Secondary Capture (PS3.3 section A.8) into another file.

        Parameters
        ----------
        picture, into : files on disk. The process opens them by their names; what it wrote is as
            durable as their owner makes it, whose handle knows of every error of the disk.

        Raises
        ------
        UnreadableInstance : the bytes are no picture, or too large a one, or end who reads them.
        SpoolFull : the disk refuses to take the capture.
        """
        picture.flush()
        question = QUESTION.dump_json(Question(Path(picture.name), Path(into.name), context))
        try:
            answer = await self._process.ask_twice(question)
        except SideProcessEnded:
            raise UnreadableInstance(
                "damaged_picture", "The picture breaks the program that reads it."
            ) from None
        if answer == WRITTEN:
            return
        problem, reason = json.loads(answer)
        if problem == NO_ROOM:
            raise SpoolFull(f"the disk refuses to write ({reason})")
        raise UnreadableInstance(problem, reason)


def context_of(
    order: OrderUpdated,
    *,
    study_description: str,
    series_description: str,
    series_number: int | None,
    file_name: str,
    zone: ZoneInfo,
) -> CaptureContext:
    """Return what a picture of an order is told to be, in the order's study if one has come."""
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
        instance_number=_number_in(file_name),
    )


def _number_in(file_name: str) -> int | None:
    """Return the last number in a file's name, as 3 of `page-03.png`, which puts pages in order.

    The place in the upload would not do: a retry may have the files in another order.
    """
    found = re.search(r"([0-9]{1,9})[^0-9]*$", PurePath(file_name).stem)
    return int(found[1]) if found else None
