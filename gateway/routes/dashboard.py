"""The figures of the first page; each is one query over the read model."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from contracts.api.dashboard import (
    CriticalOpen,
    Dashboard,
    ModalityCount,
    ReadyForRead,
    ScheduledToday,
    SignedToday,
    TurnaroundPoint,
)
from contracts.enumerations import Modality, Priority
from gateway.access import Permit, may
from gateway.answers import READ
from gateway.context import Gateway, TheGateway
from gateway.filters import day_begins
from gateway.permissions import Action
from gateway.routes.router import new_router

router = new_router("dashboard")

TURNAROUND_DAYS = 14


@router.get("/dashboard", operation_id="getDashboard", responses=READ)
async def get_dashboard(
    _permit: Annotated[Permit, may(Action.READ_DASHBOARD)], gateway: TheGateway
) -> Dashboard:
    """What is scheduled, waits, was signed and is critical; turnaround of the last 14 days."""
    waiting = await gateway.reader.waiting_for_report()
    now: datetime = waiting["now"]
    today = now.astimezone(gateway.settings.hospital.zone).date()
    return Dashboard(
        at=now,
        day=today,
        scheduled_today=await _scheduled(gateway, today),
        ready_for_read=ReadyForRead(
            total=waiting["total"],
            stat=waiting["stat"],
            overdue=waiting["overdue"],
            oldest_ready_at=waiting["oldest_ready_at"],
            next_due_at=waiting["next_due_at"],
        ),
        signed_today=await _signed(gateway, today, now),
        critical_open=await _critical(gateway),
        turnaround=await _turnaround(gateway, today),
    )


async def _scheduled(gateway: Gateway, today: date) -> ScheduledToday:
    rows = await gateway.reader.scheduled_on(today)
    return ScheduledToday(
        total=sum(row["total"] for row in rows),
        done=sum(row["done"] for row in rows),
        by_modality=tuple(
            ModalityCount(modality=Modality(row["modality"]), count=row["total"]) for row in rows
        ),
        without_slot=await gateway.reader.without_slot(),
    )


async def _signed(gateway: Gateway, today: date, now: datetime) -> SignedToday:
    zone = gateway.settings.hospital.zone
    begins, began = day_begins(today, zone), day_begins(today - timedelta(days=1), zone)
    row = await gateway.reader.signed_between(began, began + (now - begins), begins)
    before = row["yesterday_by_now"]
    trend = round((row["today"] - before) / before * 100, 1) if before else None
    return SignedToday(
        total=row["today"],
        yesterday=row["yesterday"],
        yesterday_by_now=before,
        trend_percent=trend,
    )


async def _critical(gateway: Gateway) -> CriticalOpen:
    row = await gateway.reader.critical_open()
    return CriticalOpen(
        total=row["total"], overdue=row["overdue"], next_deadline_at=row["next_deadline_at"]
    )


async def _turnaround(gateway: Gateway, today: date) -> tuple[TurnaroundPoint, ...]:
    hospital = gateway.settings.hospital
    since = day_begins(today - timedelta(days=TURNAROUND_DAYS - 1), hospital.zone)
    rows = await gateway.reader.turnaround(since, hospital.time_zone)
    return tuple(_point(row) for row in rows)


def _point(row: Any) -> TurnaroundPoint:
    return TurnaroundPoint(
        day=row["day"],
        priority=Priority(row["priority"]),
        reports=row["reports"],
        median_minutes=round(row["median_minutes"], 1),
        p90_minutes=round(row["p90_minutes"], 1),
    )
