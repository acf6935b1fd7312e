"""What this process believes of the rooms and their free times; PostgreSQL decides.

A search in memory needs no lock and no scan of bookings. The belief is refreshed after a clash, a
failure, and every minute, because another replica may book too; what is wrong in it costs a try,
never an overlap.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.enumerations import Modality
from contracts.events.equipment_updated import EquipmentUpdated
from order_consumer.repository import OrderRepository
from order_consumer.scheduling import ENTERED_AFTERWARDS, BusyTimes, Slot, Span, first_free_slot

_BELIEVED_SECONDS = 60.0


@dataclass
class Calendar:
    """Rooms and their busy times, for this process."""

    zone: ZoneInfo
    horizon: timedelta
    _rooms: dict[UUID, EquipmentUpdated] = field(default_factory=dict)
    _busy: dict[UUID, BusyTimes] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self, orders: OrderRepository, now: datetime) -> None:
        """Read rooms and bookings, unless that was done just now."""
        async with self._reading:
            if time.monotonic() - self._read_at < _BELIEVED_SECONDS:
                return
            # The mark comes first: doubt that arises while we read must survive the reading.
            self._read_at = time.monotonic()
            rooms = {room.id: room for room in await orders.equipment()}
            busy: dict[UUID, BusyTimes] = {id_: BusyTimes() for id_ in rooms}
            for booking in await orders.bookings_from(now - ENTERED_AFTERWARDS):
                busy.setdefault(booking.equipment_id, BusyTimes()).add(booking.span)
            self._rooms, self._busy = rooms, busy

    def doubt(self) -> None:
        """Read anew before the next search."""
        self._read_at = float("-inf")

    @asynccontextmanager
    async def kept_true(self) -> AsyncIterator[None]:
        """Doubt everything when the body fails: what it took here was not committed."""
        try:
            yield
        except BaseException:
            self.doubt()
            raise

    def room(self, equipment_id: UUID) -> EquipmentUpdated | None:
        """Return a room."""
        return self._rooms.get(equipment_id)

    def rooms_for(self, modality: Modality) -> list[EquipmentUpdated]:
        """Return the rooms that are in use and can do this modality."""
        return [r for r in self._rooms.values() if r.active and r.modality is modality]

    def take_first_free(
        self,
        modality: Modality,
        duration: timedelta,
        *,
        not_before: datetime,
        patient_busy: Sequence[Span],
        equipment_id: UUID | None = None,
    ) -> Slot | None:
        """Find the first free slot and take it, so that no other lane proposes it too."""
        avoid = BusyTimes()
        for span in patient_busy:
            avoid.add(span)
        slot = first_free_slot(
            [room for room in self.rooms_for(modality) if equipment_id in (None, room.id)],
            self._busy,
            duration=duration,
            not_before=not_before,
            horizon=self.horizon,
            zone=self.zone,
            avoid=avoid,
        )
        if slot:
            self._busy.setdefault(slot.equipment.id, BusyTimes()).add(slot.span)
        return slot
