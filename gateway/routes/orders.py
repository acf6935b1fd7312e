"""Orders: create, list, search, one by one, and what technologists and readers do with them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from contracts.api.orders import (
    AssignOrder,
    CancelOrder,
    CheckInPatient,
    CompleteExam,
    CreateOrder,
    Order,
    OrderFilter,
    OrderPage,
    OrderSearch,
    ReadyFilter,
    Reschedule,
    ScheduleFilter,
    ScreenPatient,
    SimilarOrder,
    SimilarOrders,
    WantedExam,
)
from contracts.api.paging import Filter
from contracts.base import Contract
from contracts.enumerations import Role
from contracts.events.order_created import OrderCreated
from contracts.events.order_requested import (
    Assign,
    Cancel,
    CheckIn,
    Claim,
    Complete,
    OrderRequested,
    Release,
    Schedule,
    Screen,
    Start,
)
from contracts.events.order_updated import OrderUpdated
from contracts.topics import ORDER_CREATED, ORDER_REQUESTED, ORDER_UPDATED
from gateway.access import AskedBy, Permit, asks, may, permit
from gateway.answers import READ, SEARCH, WRITE, WRITE_OF_SEEN, outcome, state
from gateway.context import Gateway, TheGateway
from gateway.errors import BadRequest, NotAllowed, NotFound
from gateway.filters import days_of, one_or_none, or_none, words
from gateway.permissions import Action, Grant, grant_of
from gateway.preconditions import SeenVersion
from gateway.read_model.reader import Found, parse
from gateway.routes.parameters import OrderId
from gateway.routes.router import new_router, shows
from services.clock import utc_now

router = new_router("orders", prefix="/api/radiology/orders")

_WHOSE_ORDER = (
    "Say whose order it is: send orderingProviderId, or x-user-id, with the orderer's id (a UUID)."
)


@router.post("", operation_id="createOrder", status_code=201, response_model=Order, responses=WRITE)
async def create_order(
    body: CreateOrder,
    asked: Annotated[AskedBy, asks(Action.CREATE_ORDER)],
    gateway: TheGateway,
) -> Response:
    """Create an order; it comes back with its appointment, if a slot was found."""
    order_id = asked.ask.derived_id("order")
    event = OrderCreated(
        order_id=order_id,
        details=body.details(*_orderer(body, asked)),
        created_by=asked.actor,
        created_at=utc_now(),
    )
    result = await gateway.writes.send(
        asked.ask, ORDER_CREATED, event, key=order_id, answer=ORDER_UPDATED
    )
    return outcome(result, Order.of, status=201)


def _orderer(body: CreateOrder, asked: AskedBy) -> tuple[UUID, str]:
    person = asked.permit.person
    if asked.permit.grant is Grant.OWN:
        if body.ordering_provider_id and str(body.ordering_provider_id) != person.id:
            raise NotAllowed("You can order in your own name only.")
        return _as_uuid(person.id), person.name
    if body.ordering_provider_id:
        return body.ordering_provider_id, ""
    if asked.permit.role is not Role.CLINICAL_WORKFLOW:
        raise BadRequest(_WHOSE_ORDER)
    return _as_uuid(person.id), ""


def _as_uuid(person_id: str) -> UUID:
    try:
        return UUID(person_id)
    except ValueError:
        raise BadRequest(_WHOSE_ORDER) from None


@router.get("", operation_id="listOrders", responses=READ)
async def list_orders(
    wanted: Annotated[OrderFilter, Query()],
    permit: Annotated[Permit, may(Action.READ_ORDER)],
    gateway: TheGateway,
) -> OrderPage:
    """List orders; a referring provider's own."""
    return await _list(gateway, permit, wanted, patient="")


@router.post("/search", operation_id="searchOrders", responses=SEARCH)
async def search_orders(
    wanted: OrderSearch,
    permit: Annotated[Permit, may(Action.READ_ORDER)],
    gateway: TheGateway,
) -> OrderPage:
    """List orders by patient as well: a body, since names do not belong into an address."""
    return await _list(gateway, permit, wanted, patient=wanted.patient)


@router.post("/similar", operation_id="findSimilarOrders", responses=SEARCH)
async def find_similar_orders(
    wanted: WantedExam,
    permit: Annotated[Permit, may(Action.FIND_SIMILAR_ORDERS)],
    request: Request,
    gateway: TheGateway,
) -> SimilarOrders:
    """Tell which orders of the patient, whoever gave them, another one would double.

    A second exam costs dose and contrast, so this looks past one's own cases, and tells no more
    than the exam, its status and its dates: see docs/decisions/0012.
    """
    rows = await gateway.reader.similar_orders(
        wanted.mrn,
        wanted.issuer_of_patient_id,
        wanted.modality,
        wanted.study_type,
        wanted.body_part,
        wanted.within_days,
        _readable_only_of(permit),
    )
    found = [(parse(OrderUpdated, row["snapshot"]), row["may_open"]) for row in rows]
    items = tuple(SimilarOrder.of(order, may_open=may_open) for order, may_open in found)
    shows(request, *(item.id for item in items))
    return SimilarOrders(items=items)


async def _list(
    gateway: Gateway, permit: Permit, wanted: OrderFilter, *, patient: str
) -> OrderPage:
    found = await gateway.reader.orders(
        permit.only_of,
        or_none(wanted.status),
        or_none(wanted.modality),
        or_none(wanted.priority),
        *days_of(wanted.day, wanted.date_from, wanted.date_to),
        wanted.patient_id,
        wanted.equipment_id,
        _assigned_to(wanted.assigned_to, permit),
        wanted.without_slot,
        permit.person.id if wanted.mine else None,
        words(patient),
        wanted.sort,
        wanted.page_size,
        wanted.skipped,
        permit.person.id,
    )
    return _page(found, wanted)


@router.get("/scheduled", operation_id="getSchedule", responses=READ)
async def list_scheduled(
    wanted: Annotated[ScheduleFilter, Query()],
    _permit: Annotated[Permit, may(Action.READ_SCHEDULE)],
    gateway: TheGateway,
) -> OrderPage:
    """Appointments of a day, by time."""
    today = utc_now().astimezone(gateway.settings.hospital.zone).date()
    first = wanted.day or today
    found = await gateway.reader.orders(
        None,
        None,
        or_none(wanted.modality),
        or_none(wanted.priority),
        first,
        wanted.date_to or first,
        None,
        wanted.equipment_id,
        None,
        None,
        None,
        None,
        "scheduled",
        wanted.page_size,
        wanted.skipped,
        None,
    )
    return _page(found, wanted)


@router.get("/ready-for-read", operation_id="getWorklist", responses=READ)
async def list_ready_for_read(
    wanted: Annotated[ReadyFilter, Query()],
    permit: Annotated[Permit, may(Action.READ_WORKLIST)],
    gateway: TheGateway,
) -> OrderPage:
    """The reading worklist, by time left on the turnaround clock; what still arrives comes last."""
    found = await gateway.reader.ready_for_read(
        or_none(wanted.modality),
        or_none(wanted.priority),
        one_or_none(wanted.body_part),
        _assigned_to(wanted.assigned_to, permit),
        permit.person.id if wanted.unclaimed else None,
        wanted.page_size,
        wanted.skipped,
    )
    return _page(found, wanted)


@router.get("/{id}", operation_id="getOrder", response_model=Order, responses=READ)
async def get_order(
    order_id: OrderId,
    permit: Annotated[Permit, may(Action.READ_ORDER)],
    gateway: TheGateway,
) -> Response:
    """Get one order."""
    order = await visible_order(gateway, order_id, permit.only_of)
    return state(Order.of(order), order.version)


@router.post(
    "/{id}/reschedule",
    operation_id="rescheduleOrder",
    response_model=Order,
    responses=WRITE_OF_SEEN,
)
async def reschedule(
    order_id: OrderId,
    body: Reschedule,
    asked: Annotated[AskedBy, asks(Action.RESCHEDULE_ORDER)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Give the order another appointment; a slot that is taken is refused."""
    return await _ask(gateway, asked, seen, order_id, Schedule(**dict(body)))


@router.post(
    "/{id}/cancel", operation_id="cancelOrder", response_model=Order, responses=WRITE_OF_SEEN
)
async def cancel(
    order_id: OrderId,
    body: CancelOrder,
    asked: Annotated[AskedBy, asks(Action.CANCEL_ORDER)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Cancel the order, with a reason."""
    return await _ask(gateway, asked, seen, order_id, Cancel(reason=body.reason))


@router.post(
    "/{id}/check-in",
    operation_id="checkIn",
    response_model=Order,
    responses=WRITE_OF_SEEN,
)
async def check_in(
    order_id: OrderId,
    body: CheckInPatient,
    asked: Annotated[AskedBy, asks(Action.CHECK_IN)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """The patient is here and was identified."""
    wanted = CheckIn(identity_verified=body.identity_verified)
    return await _ask(gateway, asked, seen, order_id, wanted)


@router.post(
    "/{id}/screening",
    operation_id="screen",
    response_model=Order,
    responses=WRITE_OF_SEEN,
)
async def screen(
    order_id: OrderId,
    body: ScreenPatient,
    asked: Annotated[AskedBy, asks(Action.SCREEN)],
    seen: SeenVersion,
    request: Request,
    gateway: TheGateway,
) -> Response:
    """Answers of the safety screening, or a radiologist's decision over them."""
    if body.override_reason:
        # The decision is the signed-in person's, in the role that allows it, also in the audit log.
        granted = permit(request, asked.permit.person, Action.OVERRIDE_SCREENING)
        asked = AskedBy(granted, asked.ask)
    return await _ask(gateway, asked, seen, order_id, Screen(**dict(body)))


@router.post("/{id}/start", operation_id="startExam", response_model=Order, responses=WRITE_OF_SEEN)
async def start(
    order_id: OrderId,
    asked: Annotated[AskedBy, asks(Action.START_EXAM)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """The exam begins; refused before check-in and screening."""
    return await _ask(gateway, asked, seen, order_id, Start())


@router.post(
    "/{id}/complete",
    operation_id="completeExam",
    response_model=Order,
    responses=WRITE_OF_SEEN,
)
async def complete(
    order_id: OrderId,
    body: CompleteExam,
    asked: Annotated[AskedBy, asks(Action.COMPLETE_EXAM)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """All images are made: ready for read."""
    wanted = Complete(expected_instances=body.expected_instances)
    return await _ask(gateway, asked, seen, order_id, wanted)


@router.post(
    "/{id}/assign", operation_id="assignOrder", response_model=Order, responses=WRITE_OF_SEEN
)
async def assign(
    order_id: OrderId,
    body: AssignOrder,
    asked: Annotated[AskedBy, asks(Action.ASSIGN_ORDER)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Give the case to a radiologist, or take it back."""
    name = ""
    if body.radiologist_id:
        reader = await gateway.directory.find(str(body.radiologist_id))
        if reader is None or not {Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER} & set(reader.roles):
            raise BadRequest("This person does not read studies. Choose a radiologist.")
        name = reader.name
    wanted = Assign(radiologist_id=body.radiologist_id, radiologist_name=name)
    return await _ask(gateway, asked, seen, order_id, wanted)


@router.post(
    "/{id}/claim", operation_id="claimOrder", response_model=Order, responses=WRITE_OF_SEEN
)
async def claim(
    order_id: OrderId,
    asked: Annotated[AskedBy, asks(Action.CLAIM_ORDER)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Begin to read the case; asked again, it renews the lease."""
    return await _ask(gateway, asked, seen, order_id, Claim())


@router.post(
    "/{id}/release",
    operation_id="releaseOrder",
    response_model=Order,
    responses=WRITE_OF_SEEN,
)
async def release(
    order_id: OrderId,
    asked: Annotated[AskedBy, asks(Action.CLAIM_ORDER)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Give the case back to the list."""
    return await _ask(gateway, asked, seen, order_id, Release())


async def visible_order(gateway: Gateway, order_id: UUID, only_of: str | None) -> OrderUpdated:
    """Return an order that this person may see; `NotFound` for any other."""
    order = await gateway.reader.order(order_id, only_of)
    if order is None:
        raise NotFound
    return order


async def _ask(
    gateway: Gateway, asked: AskedBy, seen: int | None, order_id: UUID, wanted: Contract
) -> Response:
    await visible_order(gateway, order_id, asked.only_of)
    event = OrderRequested(
        subject_id=order_id,
        request=wanted,
        actor=asked.actor,
        expected_version=seen,
    )
    result = await gateway.writes.send(
        asked.ask, ORDER_REQUESTED, event, key=order_id, answer=ORDER_UPDATED
    )
    return outcome(result, Order.of)


def _page(found: Found, wanted: Filter) -> OrderPage:
    items = (Order.of(parse(OrderUpdated, row["snapshot"])) for row in found.rows)
    return OrderPage.of(items, found.total, wanted)


def _readable_only_of(permit: Permit) -> str | None:
    """Whose orders alone this person may read; None: everybody's."""
    granted = grant_of(permit.person.roles, Action.READ_ORDER)
    return None if granted and granted[0] is Grant.ANY else permit.person.id


def _assigned_to(wanted: Any, permit: Permit) -> str | None:
    if wanted == "me":
        return permit.person.id
    return str(wanted) if wanted else None
