"""Rooms and their machines."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.api.paging import Filter, Page
from contracts.base import Contract, Line, RequestBody, RequiredLine, UtcDatetime
from contracts.enumerations import Modality
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_requested import OpeningHours


class Equipment(EquipmentUpdated):
    """A room with its machine, opening hours and blocked times."""

    @classmethod
    def of(cls, snapshot: EquipmentUpdated) -> "Equipment":
        """Return a snapshot as the API shows it."""
        return cls(**dict(snapshot))


class EquipmentPage(Page[Equipment]):
    """A page of rooms."""


class EquipmentFilter(Filter):
    """Which rooms."""

    modality: tuple[Modality, ...] = ()
    active: bool | None = None
    page_size: int = Field(default=200, ge=1, le=500)


class WriteEquipment(RequestBody):
    """A room as a manager wants it."""

    name: RequiredLine
    room: RequiredLine
    modality: Modality
    ae_title: Line = Field(default="", max_length=16)
    opening_hours: tuple[OpeningHours, ...] = ()
    active: bool = True


class WriteBlockedTime(RequestBody):
    """A time at which the room is not to be had."""

    starts_at: UtcDatetime
    ends_at: UtcDatetime
    reason: RequiredLine

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> "WriteBlockedTime":
        if self.ends_at <= self.starts_at:
            raise ValueError("endsAt must be after startsAt")
        return self


class BlockedEquipment(Contract):
    """The room, and the id under which the time can be freed again."""

    block_id: UUID
    equipment: Equipment
