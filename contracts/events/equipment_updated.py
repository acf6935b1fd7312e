"""`equipment.updated`: a room with its machine, opening hours and blocked times (snapshot)."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import Modality
from contracts.events.order_requested import OpeningHours


class BlockedTime(Contract):
    """A time at which the room is not to be had."""

    id: UUID
    starts_at: UtcDatetime
    ends_at: UtcDatetime
    reason: str


class EquipmentUpdated(Contract):
    """A room as others may know it."""

    id: UUID
    version: int = Field(ge=1)
    name: str
    room: str
    modality: Modality
    ae_title: str = ""
    opening_hours: tuple[OpeningHours, ...] = ()
    blocked_times: tuple[BlockedTime, ...] = Field(default=(), description="Those not over yet")
    active: bool = True
    updated_at: UtcDatetime
