"""Received studies: the viewer's data, priors, measurements, and what a person must sort out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from contracts.api.orders import Order
from contracts.api.studies import (
    GiveReason,
    MatchStudy,
    Measurements,
    MeasurementsOfOrder,
    PriorFilter,
    PriorStudies,
    PriorStudySummary,
    SaveMeasurementsInput,
    Study,
    StudyFilter,
    StudyPage,
    UnmatchedFilter,
    UnmatchedPage,
    UnmatchedStudy,
    ViewerData,
    WritePriorNotes,
)
from contracts.base import Contract
from contracts.enumerations import Modality
from contracts.events.order_updated import OrderUpdated
from contracts.events.study_requested import (
    CompleteStudy,
    KeepWithoutOrder,
    MatchToOrder,
    NotePrior,
    SaveMeasurements,
    StudyRequested,
    Unmatch,
)
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_REQUESTED, STUDY_UPDATED
from gateway.access import AskedBy, Permit, asks, may
from gateway.answers import READ, WRITE, outcome, state
from gateway.context import Gateway, TheGateway
from gateway.errors import BadRequest, NotFound
from gateway.filters import one_or_none, or_none
from gateway.permissions import Action
from gateway.preconditions import required
from gateway.priors import ranked_priors, studies_of_patient
from gateway.read_model.reader import parse
from gateway.routes.orders import visible_order
from gateway.routes.parameters import OrderId, PatientId, PriorUid, StudyUid
from gateway.routes.router import new_router, shows
from gateway.viewer import viewer_data
from gateway.views import study_for
from gateway.writes import Result

router = new_router("studies")


@router.get("/orders/{id}/viewer-data", operation_id="getViewerData", responses=READ)
async def get_viewer_data(
    order_id: OrderId,
    permit: Annotated[Permit, may(Action.VIEW_STUDY)],
    request: Request,
    gateway: TheGateway,
    links: Annotated[
        Literal["dicomweb", "presigned"],
        Query(description="Addresses of this host, or ones that work a while without a session"),
    ] = "dicomweb",
    instances: Annotated[
        bool,
        Query(description="Whether each image is listed; who reads DICOMweb has them from there"),
    ] = True,
) -> ViewerData:
    """Everything that the viewer opens an order with: studies, series, and each image's address."""
    order = await visible_order(gateway, order_id, permit.only_of)
    studies = await gateway.reader.studies_of_order(order_id)
    presigned_for = None
    if instances and links == "presigned":
        presigned_for = gateway.settings.link_seconds
        # Who reads an image by such a link is not told here: that it was handed out must be.
        shows(request, order_id, "presigned")
    return await viewer_data(
        gateway.storage,
        order,
        studies,
        shown=shown_to(permit),
        with_instances=instances,
        presigned_for=presigned_for,
    )


def shown_to(permit: Permit) -> Callable[[StudyUpdated], Study]:
    """Return how a study is shown to this person."""
    return partial(study_for, roles=permit.person.roles, grant=permit.grant)


@router.get("/patients/{id}/prior-studies", operation_id="getPriorStudies", responses=READ)
async def list_priors(
    patient_id: PatientId,
    wanted: Annotated[PriorFilter, Query()],
    permit: Annotated[Permit, may(Action.READ_PRIORS)],
    gateway: TheGateway,
) -> PriorStudies:
    """Earlier studies of a patient; a referring provider's own.

    Of an order with images, those that are older than these, best to compare with first: the same
    body part and modality. Else everything that is stored, newest first.
    """
    current: list[StudyUpdated] = []
    if wanted.order_id:
        order = await visible_order(gateway, wanted.order_id, permit.only_of)
        if order.details.patient.id != patient_id:
            raise NotFound
        current = await gateway.reader.studies_of_order(wanted.order_id)
    found = (
        await ranked_priors(gateway.reader, current, permit.only_of)
        if current
        else await studies_of_patient(gateway.reader, patient_id, permit.only_of)
    )
    return PriorStudies(items=tuple(prior for study, prior in found if _fits(study, prior, wanted)))


def _fits(study: StudyUpdated, prior: PriorStudySummary, wanted: PriorFilter) -> bool:
    body_part = one_or_none(wanted.body_part)
    if wanted.modality:
        known = Modality.__members__.get(wanted.modality)
        modalities = known.dicom_modalities if known else {wanted.modality}
        if modalities.isdisjoint(study.modalities_in_study):
            return False
    return body_part is None or prior.body_part.upper() == body_part.upper()


@router.put(
    "/studies/{uid}/priors/{priorUid}",
    operation_id="notePriorStudy",
    response_model=Study,
    responses=WRITE,
)
async def note_prior(
    study_instance_uid: StudyUid,
    prior_study_instance_uid: PriorUid,
    body: WritePriorNotes,
    asked: Annotated[AskedBy, asks(Action.NOTE_PRIOR)],
    gateway: TheGateway,
) -> Response:
    """Write comparison notes on a study and a prior one; stale ones overwrite nothing."""
    wanted = NotePrior(
        prior_study_instance_uid=prior_study_instance_uid,
        comparison_notes=body.comparison_notes,
        expected_version=required(body.expected_version),
    )
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )


@router.get("/orders/{id}/measurements", operation_id="getMeasurements", responses=READ)
async def list_measurements(
    order_id: OrderId,
    permit: Annotated[Permit, may(Action.READ_MEASUREMENTS)],
    gateway: TheGateway,
) -> MeasurementsOfOrder:
    """Measurements on an order's studies, as drawn, by reader."""
    await visible_order(gateway, order_id, permit.only_of)
    studies = await gateway.reader.studies_of_order(order_id)
    shown = shown_to(permit)
    return MeasurementsOfOrder(items=tuple(_measurements(shown(study)) for study in studies))


@router.put(
    "/orders/{id}/measurements",
    operation_id="saveMeasurements",
    response_model=Measurements,
    responses=WRITE,
)
async def save_measurements(
    order_id: OrderId,
    body: SaveMeasurementsInput,
    asked: Annotated[AskedBy, asks(Action.SAVE_MEASUREMENTS)],
    gateway: TheGateway,
) -> Response:
    """Save my measurements on a study; the whole set replaces the one before."""
    version = required(body.expected_version)
    study = await known_study(gateway, body.study_instance_uid)
    if study.match.order_id != order_id:
        raise BadRequest("This study does not belong to the order.")
    wanted = SaveMeasurements(
        order_id=order_id, annotations=body.annotations, expected_version=version
    )
    return outcome(await ask_owner(gateway, asked, body.study_instance_uid, wanted), _measurements)


def _measurements(study: StudyUpdated) -> Measurements:
    return Measurements(
        study_instance_uid=study.study_instance_uid,
        study_version=study.version,
        sets=study.measurements,
    )


@router.get("/studies", operation_id="listStudies", responses=READ)
async def list_studies(
    wanted: Annotated[StudyFilter, Query()],
    permit: Annotated[Permit, may(Action.READ_IMAGES)],
    gateway: TheGateway,
) -> StudyPage:
    """List received studies, last received first."""
    found = await gateway.reader.studies(
        or_none(wanted.match_state),
        wanted.order_id,
        permit.only_of,
        wanted.page_size,
        wanted.skipped,
    )
    studies = [parse(StudyUpdated, row["snapshot"]) for row in found.rows]
    return StudyPage.of(tuple(map(shown_to(permit), studies)), found.total, wanted)


@router.get("/studies/unmatched", operation_id="listUnmatched", responses=READ)
async def list_unmatched(
    wanted: Annotated[UnmatchedFilter, Query()],
    permit: Annotated[Permit, may(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> UnmatchedPage:
    """Studies that match no order, match several, or whose patient differs; with suggestions.

    On request those that a person has matched or kept, with their order: this can be taken back.
    """
    page = (wanted.page_size, wanted.skipped)
    if wanted.decided:
        found, orders_of = await gateway.reader.sorted_by_people(*page), _own_orders
    else:
        found, orders_of = await gateway.reader.unmatched(*page), _suggestions
    studies = [parse(StudyUpdated, row["snapshot"]) for row in found.rows]
    orders = await orders_of(gateway, studies)
    shown = shown_to(permit)
    items = tuple(
        UnmatchedStudy(study=shown(study), suggestions=tuple(map(Order.of, some)))
        for study, some in zip(studies, orders, strict=True)
    )
    return UnmatchedPage.of(items, found.total, wanted)


async def _own_orders(
    gateway: Gateway, studies: Sequence[StudyUpdated]
) -> list[list[OrderUpdated]]:
    matches = [study.match.order_id for study in studies]
    orders = await gateway.reader.orders_of(id_ for id_ in matches if id_)
    return [[orders[id_].order] if id_ in orders else [] for id_ in matches]


async def _suggestions(
    gateway: Gateway, studies: Sequence[StudyUpdated]
) -> list[list[OrderUpdated]]:
    return [await gateway.reader.orders_that_may_fit(study, 5) for study in studies]


@router.get(
    "/studies/{uid}",
    operation_id="getStudy",
    response_model=Study,
    responses=READ,
)
async def get_study(
    study_instance_uid: StudyUid,
    permit: Annotated[Permit, may(Action.READ_IMAGES)],
    gateway: TheGateway,
) -> Response:
    """Get one study."""
    study = await known_study(gateway, study_instance_uid)
    if permit.only_of and not await gateway.reader.study_is_of(study_instance_uid, permit.only_of):
        raise NotFound
    return state(shown_to(permit)(study), study.version)


@router.post(
    "/studies/{uid}/match",
    operation_id="matchStudy",
    response_model=Study,
    responses=WRITE,
)
async def match(
    study_instance_uid: StudyUid,
    body: MatchStudy,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """Say which order the study fulfils; a differing patient must be confirmed."""
    wanted = MatchToOrder(**dict(body))
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )


@router.post(
    "/studies/{uid}/unmatch",
    operation_id="unmatchStudy",
    response_model=Study,
    responses=WRITE,
)
async def unmatch(
    study_instance_uid: StudyUid,
    body: GiveReason,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """Take a match back."""
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, Unmatch(reason=body.reason)),
        shown_to(asked.permit),
    )


@router.post(
    "/studies/{uid}/keep-without-order",
    operation_id="keepStudyWithoutOrder",
    response_model=Study,
    responses=WRITE,
)
async def keep_without_order(
    study_instance_uid: StudyUid,
    body: GiveReason,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """Say that no order is expected: a study from elsewhere, kept as a prior."""
    wanted = KeepWithoutOrder(reason=body.reason)
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )


@router.post(
    "/studies/{uid}/complete",
    operation_id="completeStudy",
    response_model=Study,
    responses=WRITE,
)
async def complete(
    study_instance_uid: StudyUid,
    body: GiveReason,
    asked: Annotated[AskedBy, asks(Action.SORT_STUDIES)],
    gateway: TheGateway,
) -> Response:
    """No more images are expected."""
    wanted = CompleteStudy(reason=body.reason)
    return outcome(
        await ask_owner(gateway, asked, study_instance_uid, wanted), shown_to(asked.permit)
    )


async def known_study(gateway: Gateway, study_instance_uid: str) -> StudyUpdated:
    """Return a study; `NotFound` when nothing was received of it."""
    study = await gateway.reader.study(study_instance_uid)
    if study is None:
        raise NotFound
    return study


async def ask_owner(
    gateway: Gateway, asked: AskedBy, study_instance_uid: str, wanted: Contract
) -> Result:
    """Ask the owner of studies for something, and return what came of it."""
    await known_study(gateway, study_instance_uid)
    event = StudyRequested(
        study_instance_uid=study_instance_uid,
        request=wanted,
        actor=asked.actor,
    )
    return await gateway.writes.send(
        asked.ask, STUDY_REQUESTED, event, key=study_instance_uid, answer=STUDY_UPDATED
    )
