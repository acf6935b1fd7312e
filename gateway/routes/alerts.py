"""Critical alerts: the board, acknowledgement, read-back, hand-over, escalation."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from contracts.api.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertFilter,
    AlertPage,
    EscalateAlert,
    HandOverAlert,
    ReadBackAlert,
)
from contracts.base import Contract
from contracts.events.alert_requested import (
    Acknowledge,
    AlertRequested,
    Escalate,
    HandOver,
    ReadBack,
    Seen,
)
from contracts.events.alert_updated import AlertUpdated
from contracts.events.order_updated import OrderUpdated
from contracts.topics import ALERT_REQUESTED, ALERT_UPDATED
from gateway.access import AskedBy, Permit, asks, may
from gateway.answers import READ, WRITE, outcome, state
from gateway.context import Gateway, TheGateway
from gateway.errors import NotFound
from gateway.filters import or_none
from gateway.permissions import Action
from gateway.read_model.reader import WithOrder, parse
from gateway.routes.parameters import AlertId
from gateway.routes.router import new_router

router = new_router("alerts", prefix="/api/radiology/alerts")


@router.get("", operation_id="listAlerts", responses=READ)
async def list_alerts(
    wanted: Annotated[AlertFilter, Query()],
    permit: Annotated[Permit, may(Action.READ_ALERT)],
    gateway: TheGateway,
) -> AlertPage:
    """List alerts: open ones first, by the end of their time."""
    found = await gateway.reader.alerts(
        permit.only_of,
        or_none(wanted.status),
        or_none(wanted.category),
        wanted.order_id,
        permit.person.id if wanted.mine else None,
        wanted.page_size,
        wanted.skipped,
    )
    items = tuple(
        Alert.of(
            parse(AlertUpdated, row["alert"]),
            parse(OrderUpdated, row["of_order"]) if row["of_order"] else None,
        )
        for row in found.rows
    )
    return AlertPage.of(items, found.total, wanted)


@router.get("/{id}", operation_id="getAlert", response_model=Alert, responses=READ)
async def get_alert(
    alert_id: AlertId,
    permit: Annotated[Permit, may(Action.READ_ALERT)],
    gateway: TheGateway,
) -> Response:
    """Get one alert with every attempt, receipt and acknowledgement."""
    found = await _visible(gateway, alert_id, permit.only_of)
    return state(Alert.of(found.thing, found.order), found.thing.version)


@router.post(
    "/{id}/acknowledge", operation_id="acknowledgeAlert", response_model=Alert, responses=WRITE
)
async def acknowledge(
    alert_id: AlertId,
    body: AcknowledgeAlert,
    asked: Annotated[AskedBy, asks(Action.ACKNOWLEDGE_ALERT)],
    gateway: TheGateway,
) -> Response:
    """Take responsibility, or say who did when you spoke to that person.

    With a read-back the alert is closed at once. One of words that were changed since
    `reportVersion` is refused with `finding_changed`: read the finding again.
    """
    wanted = Acknowledge(
        read_back=body.read_back,
        told_person_id=body.told_person_id,
        report_version=body.report_version,
    )
    return await _ask(gateway, asked, alert_id, wanted)


@router.post("/{id}/read-back", operation_id="readBackAlert", response_model=Alert, responses=WRITE)
async def read_back(
    alert_id: AlertId,
    body: ReadBackAlert,
    asked: Annotated[AskedBy, asks(Action.ACKNOWLEDGE_ALERT)],
    gateway: TheGateway,
) -> Response:
    """Repeat the finding in own words; this closes the alert."""
    wanted = ReadBack(text=body.text, report_version=body.report_version)
    return await _ask(gateway, asked, alert_id, wanted)


@router.post("/{id}/hand-over", operation_id="handOverAlert", response_model=Alert, responses=WRITE)
async def hand_over(
    alert_id: AlertId,
    body: HandOverAlert,
    asked: Annotated[AskedBy, asks(Action.HAND_OVER_ALERT)],
    gateway: TheGateway,
) -> Response:
    """Not my patient: this person instead."""
    wanted = HandOver(to_person_id=body.to_person_id, reason=body.reason)
    return await _ask(gateway, asked, alert_id, wanted)


@router.post("/{id}/escalate", operation_id="escalateAlert", response_model=Alert, responses=WRITE)
async def escalate(
    alert_id: AlertId,
    body: EscalateAlert,
    asked: Annotated[AskedBy, asks(Action.ESCALATE_ALERT)],
    gateway: TheGateway,
) -> Response:
    """Send the alert to the next step now."""
    return await _ask(gateway, asked, alert_id, Escalate(reason=body.reason))


@router.post("/{id}/seen", operation_id="sawAlert", status_code=204, responses=WRITE)
async def saw(
    alert_id: AlertId,
    asked: Annotated[AskedBy, asks(Action.ACKNOWLEDGE_ALERT)],
    gateway: TheGateway,
) -> None:
    """Say that the page shows this alert to the person: the receipt of the in-app notice."""
    await _visible(gateway, alert_id, asked.only_of)
    event = AlertRequested(alert_id=alert_id, request=Seen(), actor=asked.actor)
    await gateway.writes.tell(ALERT_REQUESTED, event, key=alert_id, event_id=asked.ask.event_id)


async def _visible(gateway: Gateway, alert_id: UUID, only_of: str | None) -> WithOrder:
    found = await gateway.reader.alert(alert_id, only_of)
    if found is None:
        raise NotFound
    return found


async def _ask(gateway: Gateway, asked: AskedBy, alert_id: UUID, wanted: Contract) -> Response:
    found = await _visible(gateway, alert_id, asked.only_of)
    event = AlertRequested(
        alert_id=alert_id,
        request=wanted,
        actor=asked.actor,
    )
    result = await gateway.writes.send(
        asked.ask, ALERT_REQUESTED, event, key=alert_id, answer=ALERT_UPDATED
    )
    return outcome(result, lambda snapshot: Alert.of(snapshot, found.order))
