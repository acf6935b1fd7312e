"""Rooms, their machines, opening hours and blocked times."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from contracts.api.equipment import (
    BlockedEquipment,
    Equipment,
    EquipmentFilter,
    EquipmentPage,
    WriteBlockedTime,
    WriteEquipment,
)
from contracts.base import Contract
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_requested import (
    BlockTime,
    OrderRequested,
    SaveEquipment,
    UnblockTime,
)
from contracts.topics import EQUIPMENT_UPDATED, ORDER_REQUESTED
from gateway.access import AskedBy, Permit, asks, may
from gateway.answers import (
    READ,
    WRITE,
    WRITE_OF_SEEN,
    later,
    outcome,
    problems,
    shown,
    state,
)
from gateway.context import Gateway, TheGateway
from gateway.errors import NotFound
from gateway.filters import or_none
from gateway.permissions import Action
from gateway.preconditions import SeenVersion, required
from gateway.read_model.reader import parse
from gateway.routes.parameters import EquipmentId
from gateway.routes.router import new_router
from gateway.writes import Pending, Result

router = new_router("equipment", prefix="/api/radiology/equipment")


@router.get("", operation_id="listEquipment", responses=READ)
async def list_equipment(
    wanted: Annotated[EquipmentFilter, Query()],
    _permit: Annotated[Permit, may(Action.READ_EQUIPMENT)],
    gateway: TheGateway,
) -> EquipmentPage:
    """List the rooms."""
    found = await gateway.reader.rooms(
        or_none(wanted.modality), wanted.active, wanted.page_size, wanted.skipped
    )
    items = tuple(Equipment.of(parse(EquipmentUpdated, row["snapshot"])) for row in found.rows)
    return EquipmentPage.of(items, found.total, wanted)


@router.get("/{id}", operation_id="getEquipment", response_model=Equipment, responses=READ)
async def get_equipment(
    equipment_id: EquipmentId,
    _permit: Annotated[Permit, may(Action.READ_EQUIPMENT)],
    gateway: TheGateway,
) -> Response:
    """Get one room."""
    room = await _room(gateway, equipment_id)
    return state(Equipment.of(room), room.version)


@router.post(
    "", operation_id="addEquipment", status_code=201, response_model=Equipment, responses=WRITE
)
async def add_equipment(
    body: WriteEquipment,
    asked: Annotated[AskedBy, asks(Action.MANAGE_EQUIPMENT)],
    gateway: TheGateway,
) -> Response:
    """Add a room."""
    equipment_id = asked.ask.derived_id("equipment")
    result = await _ask(gateway, asked, equipment_id, SaveEquipment(**dict(body)), None)
    return outcome(result, Equipment.of, status=201)


@router.put(
    "/{id}",
    operation_id="saveEquipment",
    response_model=Equipment,
    responses=WRITE_OF_SEEN | problems(428),
)
async def save_equipment(
    equipment_id: EquipmentId,
    body: WriteEquipment,
    asked: Annotated[AskedBy, asks(Action.MANAGE_EQUIPMENT)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Change a room, as it was seen: the version must be named, and be the present one."""
    await _room(gateway, equipment_id)
    version = required(seen)
    result = await _ask(gateway, asked, equipment_id, SaveEquipment(**dict(body)), version)
    return outcome(result, Equipment.of)


@router.post(
    "/{id}/blocked-times",
    operation_id="blockEquipment",
    status_code=201,
    response_model=BlockedEquipment,
    responses=WRITE,
)
async def block(
    equipment_id: EquipmentId,
    body: WriteBlockedTime,
    asked: Annotated[AskedBy, asks(Action.MANAGE_EQUIPMENT)],
    gateway: TheGateway,
) -> Response:
    """Block a room for a while."""
    await _room(gateway, equipment_id)
    block_id = asked.ask.derived_id("block")
    wanted = BlockTime(block_id=block_id, **dict(body))
    result = await _ask(gateway, asked, equipment_id, wanted, None)
    if isinstance(result, Pending):
        return later(result)
    room = Equipment.of(result.snapshot)
    return shown(BlockedEquipment(block_id=block_id, equipment=room), status=201)


@router.delete(
    "/{id}/blocked-times/{blockId}",
    operation_id="unblockEquipment",
    response_model=Equipment,
    responses=WRITE,
)
async def unblock(
    equipment_id: EquipmentId,
    block_id: Annotated[UUID, Path(alias="blockId")],
    asked: Annotated[AskedBy, asks(Action.MANAGE_EQUIPMENT)],
    gateway: TheGateway,
) -> Response:
    """Free a blocked time."""
    await _room(gateway, equipment_id)
    wanted = UnblockTime(block_id=block_id)
    return outcome(await _ask(gateway, asked, equipment_id, wanted, None), Equipment.of)


async def _room(gateway: Gateway, equipment_id: UUID) -> EquipmentUpdated:
    room = await gateway.reader.equipment(equipment_id)
    if room is None:
        raise NotFound
    return room


async def _ask(
    gateway: Gateway, asked: AskedBy, equipment_id: UUID, wanted: Contract, version: int | None
) -> Result:
    event = OrderRequested(
        subject_id=equipment_id,
        request=wanted,
        actor=asked.actor,
        expected_version=version,
    )
    return await gateway.writes.send(
        asked.ask, ORDER_REQUESTED, event, key=equipment_id, answer=EQUIPMENT_UPDATED
    )
