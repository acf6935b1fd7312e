"""STOW-RS (PS3.18 section 10.5): instances come in by HTTP.

What must stay true: an instance that the answer lists as stored is durable in the spool, and each
one that is not is listed with its reason. Success is never said of something that was not stored.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.events.images_ingested import InstanceHeader
from gateway.errors import ProblemError, UnsupportedMediaType
from gateway.image_access import Uploader
from gateway.imaging import imaging_of
from gateway.multipart import Part, PartReader, boundary_of, read_parts
from gateway.spool import Accepted, InstanceTooLarge, Spool, SpoolFull
from services.dicom.errors import UnreadableInstance
from services.errors import PermanentError

DICOM_JSON = "application/dicom+json"

# Failure Reason (0008,1197), PS3.18 table 10.5.1-2 and PS3.4 table B.2-1.
PROCESSING_FAILURE = 0x0110
OUT_OF_RESOURCES = 0xA700
WRONG_STUDY = 0xA900
CANNOT_UNDERSTAND = 0xC000

log = structlog.get_logger()


class StorageFull(ProblemError):
    """Nothing can be promised now; the sender keeps the images and sends them later."""

    status = 503
    code = "spool_full"
    title = "No room"
    sentence = "Too much waits to be stored, or the disk is nearly full. Send again later."


class InOtherStudy(PermanentError):
    """The instance belongs to another study than the address names."""

    code = "other_study"


@dataclass
class Outcome:
    """What became of the parts of one request."""

    stored: list[Accepted] = field(default_factory=list)
    failed: list[tuple[InstanceHeader | None, int]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """HTTP status: all stored, some, or none (PS3.18 table 10.5.3-1)."""
        if not self.failed:
            return 200
        if self.stored:
            return 202
        reasons = {reason for _, reason in self.failed}
        return 503 if reasons == {OUT_OF_RESOURCES} else 409


async def store_instances(request: Request, uploader: Uploader, study: str | None) -> Response:
    """Store every part of the body.

    Raises
    ------
    UnsupportedMediaType, MalformedMultipart, BodyTooLarge : nothing more of the body is read; what
        was read before is stored all the same, and sending it again does no harm.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().replace(" ", "").startswith("multipart/related;"):
        raise UnsupportedMediaType('Send multipart/related; type="application/dicom".')
    imaging = imaging_of(request)
    spool = imaging.spool
    try:
        spool.require_room()
    except SpoolFull:
        raise StorageFull(headers={"Retry-After": "30"}) from None
    reader = PartReader(boundary_of(content_type), new_file=spool.new_file, discard=spool.discard)
    outcome, limit = Outcome(), imaging.settings.max_request_bytes
    async for part in read_parts(request.stream(), reader, max_bytes=limit):
        await asyncio.to_thread(_store_part, spool, part, uploader, study, outcome)
    if not outcome.stored and not outcome.failed:
        raise ProblemError("The body holds no part. Send at least one instance.")
    log.info("instances_received", count=len(outcome.stored), status=outcome.status)
    return _answer(request, outcome)


def _store_part(
    spool: Spool, part: Part, uploader: Uploader, study: str | None, outcome: Outcome
) -> None:
    seen: list[InstanceHeader] = []

    def check(header: InstanceHeader) -> None:
        seen.append(header)
        if study and header.study_instance_uid != study:
            raise InOtherStudy

    try:
        accepted = spool.accept(
            part.file, received_by="STOW-RS", received_from=uploader.id, check=check
        )
    except (UnreadableInstance, InstanceTooLarge, InOtherStudy, SpoolFull) as error:
        log.warning("instance_refused", code=error.code)
        outcome.failed.append((seen[0] if seen else None, _FAILURE_REASONS[type(error)]))
    else:
        outcome.stored.append(accepted)


_FAILURE_REASONS: dict[type[Exception], int] = {
    UnreadableInstance: CANNOT_UNDERSTAND,
    InstanceTooLarge: CANNOT_UNDERSTAND,
    InOtherStudy: WRONG_STUDY,
    SpoolFull: OUT_OF_RESOURCES,
}


def _answer(request: Request, outcome: Outcome) -> Response:
    base = str(request.url.replace(query="")).split("/dicom-web/")[0] + "/dicom-web"
    body: dict[str, Any] = {}
    if outcome.stored:
        body["00081199"] = _sequence(
            _reference(accepted.header) | _text("00081190", "UR", _url(base, accepted.header))
            for accepted in outcome.stored
        )
    if outcome.failed:
        body["00081198"] = _sequence(
            (_reference(header) if header else {}) | {"00081197": {"vr": "US", "Value": [reason]}}
            for header, reason in outcome.failed
        )
    return JSONResponse(body, status_code=outcome.status, media_type=DICOM_JSON)


def _sequence(items: Any) -> dict[str, Any]:
    return {"vr": "SQ", "Value": list(items)}


def _text(tag: str, vr: str, value: str) -> dict[str, Any]:
    return {tag: {"vr": vr, "Value": [value]}}


def _reference(header: InstanceHeader) -> dict[str, Any]:
    return _text("00081150", "UI", header.sop_class_uid) | _text(
        "00081155", "UI", header.sop_instance_uid
    )


def _url(base: str, header: InstanceHeader) -> str:
    return (
        f"{base}/studies/{header.study_instance_uid}/series/{header.series_instance_uid}"
        f"/instances/{header.sop_instance_uid}"
    )
