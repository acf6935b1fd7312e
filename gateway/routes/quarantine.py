"""Images that contradict a stored one: listed, compared with it, and decided over by a person."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from contracts.api.studies import (
    DecideQuarantine,
    GiveReason,
    ImageFacts,
    QuarantineComparison,
    QuarantinedItem,
    QuarantineFilter,
    QuarantinePage,
    Study,
)
from contracts.events.images_ingested import StoredObject
from contracts.events.study_requested import QUARANTINE_UNDO, ResolveQuarantine
from contracts.events.study_updated import QuarantinedInstance, StudyUpdated
from gateway.access import AskedBy, Permit, asks, may
from gateway.answers import READ, WRITE, outcome
from gateway.context import Gateway, TheGateway
from gateway.errors import ImageNotDrawable, NotFound
from gateway.imaging import Imaging, imaging_of
from gateway.permissions import Action
from gateway.read_model.reader import parse
from gateway.routes.parameters import QuarantineId, StudyUid
from gateway.routes.router import new_router
from gateway.routes.studies import ask_owner, known_study, shown_to
from services.clock import utc_now
from services.dicom.errors import UnreadableInstance
from services.errors import ObjectMissing

router = new_router("studies")

Which = Literal["received", "stored"]
"""One of the two images: that in quarantine, or what it is compared with."""

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The small picture",
    }
}


@router.get("/quarantine", operation_id="listQuarantine", responses=READ)
async def list_quarantine(
    wanted: Annotated[QuarantineFilter, Query()],
    _permit: Annotated[Permit, may(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> QuarantinePage:
    """Images that contradict a stored one of the same UID; a page holds whole studies."""
    page = (wanted.page_size, wanted.skipped)
    since = utc_now() - QUARANTINE_UNDO
    if wanted.decided:
        found = await gateway.reader.quarantine_decided(*page, since)
    else:
        found = await gateway.reader.quarantined(*page)
    studies = [parse(StudyUpdated, row["snapshot"]) for row in found.rows]
    items = tuple(
        _quarantined_item(study, instance)
        for study in studies
        for instance in study.quarantined
        if _is_listed(instance, since if wanted.decided else None)
    )
    return QuarantinePage.of(items, found.total, wanted)


def _is_listed(instance: QuarantinedInstance, decided_since: datetime | None) -> bool:
    """Tell whether it was decided over since then; without a time, whether nobody decided."""
    if decided_since is None or instance.decided_at is None:
        return not instance.decision and decided_since is None
    return instance.decided_at > decided_since


def _quarantined_item(study: StudyUpdated, instance: QuarantinedInstance) -> QuarantinedItem:
    decided_at = instance.decided_at
    return QuarantinedItem(
        study_instance_uid=study.study_instance_uid,
        study_version=study.version,
        patient_name=study.patient_name,
        patient_id=study.patient_id,
        modality=study.modality,
        study_description=study.study_description,
        instance=instance,
        undo_until=decided_at + QUARANTINE_UNDO if decided_at else None,
    )


@router.get(
    "/studies/{uid}/quarantine/{id}",
    operation_id="compareQuarantined",
    responses=READ,
)
async def compare(
    study_instance_uid: StudyUid,
    quarantine_id: QuarantineId,
    _permit: Annotated[Permit, may(Action.SORT_STUDIES)],
    request: Request,
    gateway: TheGateway,
) -> QuarantineComparison:
    """What an image in quarantine says of itself, beside what is stored under its UID.

    Where nothing is, beside an image of the study that it names.
    """
    imaging = imaging_of(request)
    study, held = await _quarantined(gateway, study_instance_uid, quarantine_id)
    if held.received is None:
        raise NotFound
    beside = await _beside(imaging, study, held)
    return QuarantineComparison(
        received=await _facts(imaging, held.received.key, held.received),
        stored=await _facts(imaging, beside, held.stored) if beside else None,
    )


@router.get(
    "/studies/{uid}/quarantine/{id}/pictures/{which}",
    operation_id="getQuarantinePicture",
    response_class=Response,
    responses=READ | _PICTURE,
)
async def get_picture(
    study_instance_uid: StudyUid,
    quarantine_id: QuarantineId,
    which: Which,
    _permit: Annotated[Permit, may(Action.SORT_STUDIES)],
    request: Request,
    gateway: TheGateway,
) -> Response:
    """Small picture (JPEG) of an image in quarantine, or of what it is compared with."""
    imaging = imaging_of(request)
    study, held = await _quarantined(gateway, study_instance_uid, quarantine_id)
    if which == "stored":
        key = await _beside(imaging, study, held)
    else:
        key = held.received.key if held.received else None
    if key is None:
        raise NotFound
    try:
        picture = await imaging.inspection.thumbnail(key)
    except UnreadableInstance as error:
        raise ImageNotDrawable(error.reason) from None
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def _quarantined(
    gateway: Gateway, study_instance_uid: str, quarantine_id: UUID
) -> tuple[StudyUpdated, QuarantinedInstance]:
    study = await known_study(gateway, study_instance_uid)
    for held in study.quarantined:
        if held.id == quarantine_id:
            return study, held
    raise NotFound


async def _beside(imaging: Imaging, study: StudyUpdated, held: QuarantinedInstance) -> str | None:
    """Return the key of what an image in quarantine is compared with."""
    if held.stored:
        return held.stored.key
    for series in study.series:
        try:
            stored = await imaging.series.instances(
                study.study_instance_uid, series.series_instance_uid
            )
        except ObjectMissing:
            continue  # its documents are still to be written
        keys = [instance.key for instance in stored.values() if instance.frames]
        if keys:
            return keys[len(keys) // 2]
    return None


async def _facts(imaging: Imaging, key: str, known: StoredObject | None) -> ImageFacts:
    problem, header = "", dict[str, Any]()
    try:
        header = await imaging.inspection.header(key)
    except UnreadableInstance as error:
        problem = error.reason
    except ObjectMissing:
        problem = "The archive has no object for it any more."
    return ImageFacts(
        **header,
        size_bytes=known.size_bytes if known else None,
        sha256=known.sha256 if known else "",
        problem=problem,
    )


@router.post(
    "/quarantine/{id}",
    operation_id="decideQuarantine",
    response_model=Study,
    responses=WRITE,
)
async def decide_quarantine(
    quarantine_id: QuarantineId,
    body: DecideQuarantine,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """Decide over an image in quarantine."""
    study_instance_uid = await gateway.reader.study_of_quarantined(quarantine_id)
    if study_instance_uid is None:
        raise NotFound
    wanted = ResolveQuarantine(quarantine_id=quarantine_id, **dict(body))
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )


@router.post(
    "/studies/{uid}/quarantine/{id}/reopen",
    operation_id="reopenQuarantine",
    response_model=Study,
    responses=WRITE,
)
async def reopen_quarantine(
    study_instance_uid: StudyUid,
    quarantine_id: QuarantineId,
    body: GiveReason,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """Take a decision over an image back: it is on the list again, and out of the study."""
    study = await known_study(gateway, study_instance_uid)
    decisions = {instance.id: instance.decision for instance in study.quarantined}
    wanted = ResolveQuarantine(
        quarantine_id=quarantine_id,
        decision=decisions.get(quarantine_id) or "DISCARD",
        reason=body.reason,
        is_taken_back=True,
    )
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )
