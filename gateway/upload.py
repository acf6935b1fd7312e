"""Uploads from a browser: DICOM files, zips with folders, JPG and PNG.

What must stay true: each file gets an answer of its own, and STORED means durable. A picture
without a header of its own becomes a Secondary Capture of the order it was uploaded for; the
archive holds DICOM only.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO
from zoneinfo import ZoneInfo

import structlog
from pydantic import Field, ValidationError
from starlette.requests import Request

from contracts.api.uploads import UploadedFile, UploadResult, UploadStatus, UploadWarning
from contracts.base import LongString, RequestBody
from contracts.events.images_ingested import InstanceHeader
from contracts.events.order_updated import OrderUpdated
from gateway.errors import ProblemError, UnsupportedMediaType
from gateway.imaging import imaging_of
from gateway.multipart import Part, PartReader, boundary_of, read_parts
from gateway.pictures import Pictures, context_of
from gateway.problems import field_problems
from gateway.spool import Accepted, InstanceTooLarge, Spool, SpoolFull
from services.dicom.archive import SNIFF_BYTES, FileKind, Member, Skipped, file_kind, read_archive
from services.dicom.capture_context import CaptureContext
from services.dicom.errors import UnreadableInstance
from services.dicom.identity import Person, compare_persons, comparison_key
from services.errors import PermanentError

_MAX_FIELD_BYTES = 4096
"""Of a field so much is read; it is more than any may have."""
SERIES_NUMBERS = range(1, 10_000)
"""What the form takes; Series Number is IS, of 32 bits (PS3.5 section 6.2)."""

log = structlog.get_logger()


class NothingUploaded(ProblemError):
    """The form holds no file."""

    status = 422
    code = "nothing_uploaded"
    title = "No file"
    sentence = "The form holds no file. Choose at least one."


class FieldInvalid(ProblemError):
    """A text field of the form is too long or not of its kind; the message says which, and why."""

    status = 422
    code = "invalid_request"
    title = "Form field invalid"


class OrderNeeded(PermanentError):
    """A picture says nothing of its patient: it can be uploaded for an order only."""

    code = "order_needed"


class UnknownFile(PermanentError):
    """Neither DICOM nor JPG, PNG or zip."""

    code = "unknown_file_type"


class StudyMetadata(RequestBody):
    """The form of the upload page, for pictures without a header."""

    study_description: LongString = ""
    series_number: Annotated[int | None, Field(ge=SERIES_NUMBERS[0], le=SERIES_NUMBERS[-1])] = None
    sequence_name: LongString = ""


@dataclass
class Upload:
    """One upload on its way."""

    spool: Spool
    pictures: Pictures
    uploader_id: str
    order: OrderUpdated | None
    zone: ZoneInfo
    metadata: StudyMetadata = field(default_factory=StudyMetadata)
    files: list[UploadedFile] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def captured(self, picture: BinaryIO, context: CaptureContext) -> BinaryIO:
        """Return a picture as a DICOM file; called in the thread that stores the files."""
        capture = self.spool.new_file()
        making = self.pictures.capture(picture, context, into=capture)
        try:
            asyncio.run_coroutine_threadsafe(making, self.loop).result()
        except BaseException:
            self.spool.discard(capture)
            raise
        return capture

    @property
    def result(self) -> UploadResult:
        """What the caller is told."""
        count = dict.fromkeys(UploadStatus, 0)
        for file in self.files:
            count[file.status] += 1
        return UploadResult(
            files=tuple(self.files),
            stored=count[UploadStatus.STORED],
            refused=count[UploadStatus.REFUSED],
            skipped=count[UploadStatus.SKIPPED],
        )


async def receive_upload(
    request: Request, *, uploader_id: str, order: OrderUpdated | None, zone: ZoneInfo
) -> UploadResult:
    """Store every file of a form; text fields come before the files they describe.

    Raises
    ------
    UnsupportedMediaType, MalformedMultipart, BodyTooLarge, NothingUploaded, FieldInvalid.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("Send multipart/form-data with the files.")
    imaging = imaging_of(request)
    upload = Upload(imaging.spool, imaging.pictures, uploader_id, order, zone)
    reader = PartReader(
        boundary_of(content_type),
        new_file=imaging.spool.new_file,
        discard=imaging.spool.discard,
    )
    fields: dict[str, str] = {}
    limit = imaging.settings.max_request_bytes
    # Closed at once when a field is refused: the files after it are in the spool already.
    async with aclosing(read_parts(request.stream(), reader, max_bytes=limit)) as parts:
        async for part in parts:
            if part.file_name:
                await asyncio.to_thread(_store_file, upload, part)
            else:
                fields[part.name] = _text(imaging.spool, part.file)
                upload.metadata = _metadata(fields)
    if not upload.files:
        raise NothingUploaded
    result = upload.result
    log.info("upload_received", count=result.stored, outcome=f"{result.refused} refused")
    return result


def _text(spool: Spool, file: BinaryIO) -> str:
    file.seek(0)
    text = file.read(_MAX_FIELD_BYTES)
    spool.discard(file)
    return text.decode("utf-8", "replace")


def _metadata(fields: dict[str, str]) -> StudyMetadata:
    try:
        return StudyMetadata.model_validate({n: t for n, t in fields.items() if t.strip()})
    except ValidationError as error:
        told = (f"{problem.field}: {problem.message}" for problem in field_problems(error))
        raise FieldInvalid("; ".join(told)) from None


def _store_file(upload: Upload, part: Part) -> None:
    """Store one file of the form, or the members of one zip."""
    part.file.seek(0)
    kind = file_kind(part.file.read(SNIFF_BYTES))
    if kind is FileKind.ZIP:
        _store_archive(upload, part)
    elif kind is FileKind.DICOM:
        upload.files.append(_stored(upload, part.file_name, part.file))
    else:
        upload.files.append(_stored_picture(upload, part.file_name, kind, part.file))


def _store_archive(upload: Upload, part: Part) -> None:
    try:
        for member in read_archive(Path(part.file.name)):
            upload.files.append(_stored_member(upload, part.file_name, member))
    except UnreadableInstance as error:
        upload.files.append(_refused(part.file_name, error.problem, error.reason))
    finally:
        upload.spool.discard(part.file)


def _stored_member(upload: Upload, archive: str, member: Member | Skipped) -> UploadedFile:
    name = f"{archive}/{member.name}"
    if isinstance(member, Skipped):
        return UploadedFile(file_name=name, status=UploadStatus.SKIPPED, message=member.reason)
    try:
        file = upload.spool.file_of(member.pieces)
    except SpoolFull as error:
        return _no_room(name, error)
    if member.kind is FileKind.DICOM:
        return _stored(upload, name, file)
    return _stored_picture(upload, name, member.kind, file)


def _stored_picture(upload: Upload, name: str, kind: FileKind, file: BinaryIO) -> UploadedFile:
    """Store what becomes of a file that is no DICOM file; the file itself is forgotten."""
    try:
        return _captured(upload, name, kind, file)
    finally:
        upload.spool.discard(file)


def _captured(upload: Upload, name: str, kind: FileKind, picture: BinaryIO) -> UploadedFile:
    if kind not in (FileKind.JPEG, FileKind.PNG):
        return _refused(
            name, UnknownFile.code, "This is neither a DICOM file nor a JPG, PNG or zip."
        )
    if upload.order is None:
        return _refused(
            name, OrderNeeded.code, "A picture can only be uploaded for an order. Choose one."
        )
    context = context_of(
        upload.order,
        study_description=upload.metadata.study_description,
        series_description=upload.metadata.sequence_name,
        series_number=upload.metadata.series_number,
        file_name=name,
        zone=upload.zone,
    )
    try:
        capture = upload.captured(picture, context)
    except UnreadableInstance as error:
        return _refused(name, error.problem, error.reason)
    except SpoolFull as error:
        return _no_room(name, error)
    return _stored(upload, name, capture)


def _stored(upload: Upload, name: str, file: BinaryIO) -> UploadedFile:
    try:
        accepted = upload.spool.accept(
            file,
            received_by="UPLOAD",
            received_from=upload.uploader_id,
            order_id=upload.order.id if upload.order else None,
        )
    except UnreadableInstance as error:
        return _refused(name, error.problem, error.reason)
    except InstanceTooLarge as error:
        return _refused(name, error.code, "The file is larger than is allowed here.")
    except SpoolFull as error:
        return _no_room(name, error)
    return _told(name, accepted, upload.order)


def _told(name: str, accepted: Accepted, order: OrderUpdated | None) -> UploadedFile:
    header = accepted.header
    return UploadedFile(
        file_name=name,
        status=UploadStatus.STORED,
        warning=mismatch_of(header, order) if order else None,
        study_instance_uid=header.study_instance_uid,
        series_instance_uid=header.series_instance_uid,
        sop_instance_uid=header.sop_instance_uid,
        modality=header.modality,
        size_bytes=accepted.slip.size_bytes,
    )


def mismatch_of(header: InstanceHeader, order: OrderUpdated) -> UploadWarning | None:
    """Say what in the header speaks against the order; ingest_worker decides what follows."""
    patient = order.details.patient
    ordered = Person(patient.mrn, patient.issuer_of_patient_id, patient.birth_date)
    imaged = Person(header.patient_id, header.issuer_of_patient_id, header.patient_birth_date)
    if compare_persons(imaged, ordered).differs:
        return UploadWarning.PATIENT_DIFFERS
    if comparison_key(header.accession_number) not in {"", comparison_key(order.accession_number)}:
        return UploadWarning.ACCESSION_DIFFERS
    fits = order.details.modality.may_be(header.modality)
    return None if fits else UploadWarning.MODALITY_DIFFERS


def _no_room(name: str, error: SpoolFull) -> UploadedFile:
    return _refused(name, error.code, "There is no room just now. Send the file again later.")


def _refused(name: str, code: str, message: str) -> UploadedFile:
    return UploadedFile(file_name=name, status=UploadStatus.REFUSED, code=code, message=message)
