"""What may happen to an order, and what follows: pure decisions.

An order's state is its snapshot, `OrderUpdated`: nothing is known of an order that others may not
know. Each decision takes the state, the request and the database's `now`, and returns the new
state with a version grown by one, or raises a refusal.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.enumerations import OrderStatus, Priority, ReportStatus, Role
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_created import OrderCreated
from contracts.events.order_requested import (
    Assign,
    Cancel,
    CheckIn,
    Complete,
    Confirmations,
    OpeningHours,
    Release,
    SaveEquipment,
    Screen,
    Start,
)
from contracts.events.order_updated import (
    Appointment,
    OrderUpdated,
    ReadingClaim,
    Screening,
    StatusChange,
)
from contracts.events.report_updated import ReportUpdated
from contracts.people import Actor, Patient
from order_consumer.errors import (
    BirthDateInFuture,
    ClaimedByOther,
    HoursInvalid,
    IdentityNotVerified,
    NotCheckedIn,
    NotClaimed,
    OverrideNotAllowed,
    ScreeningContradictsOrder,
    ScreeningMissing,
    ScreeningNotPassed,
    StatusForbids,
)
from order_consumer.safety import (
    contradictions,
    contrast_concerns,
    mri_concerns,
    required_screenings,
)
from order_consumer.scheduling import Slot

TURNAROUND = {
    Priority.STAT: timedelta(minutes=30),
    Priority.URGENT: timedelta(hours=1),
    Priority.ROUTINE: timedelta(hours=2),
}
"""From ready for read to the final report."""

Decided = Cancel | CheckIn | Screen | Start | Complete | Assign | Release
"""The requests that need nothing but the order: no room, and no lease."""

Snapshot = TypeVar("Snapshot", OrderUpdated, EquipmentUpdated)

READABLE = (OrderStatus.IMAGES_AVAILABLE, OrderStatus.PRELIMINARY_REPORT)
BEFORE_IMAGES = (OrderStatus.SCHEDULED, OrderStatus.IN_PROGRESS)


def order_number(order_id: UUID, now: datetime, zone: ZoneInfo, attempt: int) -> str:
    """Return a number of the order's day; another for each attempt, should one be taken.

    Five to seven characters of base 32 keep the accession number made of it within the 16
    characters of SH (PS3.5 section 6.2).
    """
    digest = hashlib.sha256(f"{order_id}/{attempt}".encode()).digest()
    suffix = base64.b32encode(digest).decode()[: 5 + min(attempt, 2)]
    return f"IMG-{now.astimezone(zone):%Y%m%d}-{suffix}"


def accept_order(created: OrderCreated, number: str, now: datetime) -> OrderUpdated:
    """Return the first state of an order; it has no appointment yet."""
    return OrderUpdated(
        id=created.order_id,
        version=1,
        order_number=number,
        accession_number=number.removeprefix("IMG-"),
        details=created.details,
        status=OrderStatus.SCHEDULED,
        screening_required=required_screenings(created.details),
        history=(StatusChange(status=OrderStatus.SCHEDULED, at=now, by=created.created_by),),
        created_by=created.created_by,
        created_at=now,
        updated_at=now,
    )


def require_born(patient: Patient, now: datetime, zone: ZoneInfo) -> None:
    """Refuse a date of birth after the hospital's today, from whichever way an order came."""
    if patient.birth_date and patient.birth_date > now.astimezone(zone).date():
        raise BirthDateInFuture


def with_number(order: OrderUpdated, number: str) -> OrderUpdated:
    """Return a new order under another number."""
    return order.model_copy(
        update={"order_number": number, "accession_number": number.removeprefix("IMG-")}
    )


def appointment_at(booking_id: UUID, slot: Slot, zone: ZoneInfo) -> Appointment:
    """Return the appointment that a slot makes, with its local date and time."""
    local = slot.span.start.astimezone(zone)
    return Appointment(
        id=booking_id,
        equipment_id=slot.equipment.id,
        equipment_name=slot.equipment.name,
        room=slot.equipment.room,
        starts_at=slot.span.start,
        ends_at=slot.span.end,
        scheduled_date=local.date(),
        scheduled_time=local.time(),
        appointment_duration=int((slot.span.end - slot.span.start).total_seconds() // 60),
    )


def give_appointment(
    order: OrderUpdated, appointment: Appointment | None, now: datetime
) -> OrderUpdated:
    """Return the order with another appointment, or on the list of those without one."""
    return changed(order, now, appointment=appointment)


def require_reschedulable(order: OrderUpdated) -> None:
    """Refuse another appointment once the exam has begun."""
    _require_status(order, OrderStatus.SCHEDULED)


def decide(request: Decided, order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    """Return the state after a request; raises a refusal where it is not allowed."""
    match request:
        case Cancel():
            return _cancel(request, order, actor, now)
        case CheckIn():
            return _check_in(request, order, now)
        case Screen():
            return _screen(request, order, actor, now)
        case Start():
            return _start(order, actor, now)
        case Complete():
            return _complete(request, order, actor, now)
        case Assign():
            return _assign(request, order, now)
        case Release():
            return _release(order, actor, now)


def _cancel(request: Cancel, order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    _require_status(order, *BEFORE_IMAGES)
    return move(
        order,
        OrderStatus.CANCELLED,
        now,
        by=actor,
        reason=request.reason,
        cancelled_at=now,
        cancel_reason=request.reason,
        claim=None,
    )


def _check_in(request: CheckIn, order: OrderUpdated, now: datetime) -> OrderUpdated:
    _require_status(order, OrderStatus.SCHEDULED)
    if not request.identity_verified:
        raise IdentityNotVerified
    return changed(order, now, checked_in_at=order.checked_in_at or now)


def _screen(request: Screen, order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    _require_status(order, OrderStatus.SCHEDULED)
    if request.override_reason and actor.role not in (Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER):
        raise OverrideNotAllowed
    standing = None if request.contrast or request.mri else order.screening
    decides = bool(request.override_reason)
    screening = (decides and standing) or _answered(request, order, actor, now)
    if decides:
        screening = screening.model_copy(
            update={
                "passed": True,
                "override_reason": request.override_reason,
                "overridden_by": actor,
                "overridden_at": now,
            }
        )
    details = order.details.model_copy(
        update={
            "contrast_allergy_checked": bool(request.contrast)
            or order.details.contrast_allergy_checked,
            "creatinine_checked": _kidneys_known(request) or order.details.creatinine_checked,
        }
    )
    return changed(order, now, screening=screening, details=details)


def _answered(request: Screen, order: OrderUpdated, actor: Actor, now: datetime) -> Screening:
    """Return new answers with their verdict; a decision over the former ones ends with them."""
    concerns = []
    if request.contrast:
        concerns += contrast_concerns(request.contrast, order.details)
    if request.mri:
        concerns += mri_concerns(request.mri)
    answered = {"contrast": request.contrast, "mri": request.mri}
    if missing := [name for name in order.screening_required if answered[name] is None]:
        raise ScreeningMissing(f"Answer the questions on {' and '.join(missing)} as well.")
    return Screening(
        contrast=request.contrast,
        mri=request.mri,
        confirmations=_confirmed(request, order),
        passed=not concerns,
        concerns=tuple(concerns),
        screened_by=actor,
        screened_at=now,
    )


def _confirmed(request: Screen, order: OrderUpdated) -> Confirmations | None:
    """Return the words on each answer that the order contradicts; refused while one has none."""
    found = contradictions(request, order.details.stated_safety)
    words = dict(request.confirmations or Confirmations())
    if open_ := [told for question, told in found.items() if not words[question]]:
        raise ScreeningContradictsOrder(
            f"An answer contradicts the order ({'; '.join(open_)}). Ask again; it is saved with "
            "a word on which is right and who said so (confirmations)."
        )
    return Confirmations(**{question: words[question] for question in found}) if found else None


def _kidneys_known(request: Screen) -> bool:
    answers = request.contrast
    return answers is not None and (
        answers.creatinine_mg_per_dl is not None or answers.egfr_ml_per_min is not None
    )


def _start(order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    _require_status(order, OrderStatus.SCHEDULED)
    if order.checked_in_at is None:
        raise NotCheckedIn
    if order.screening_required and order.screening is None:
        raise ScreeningMissing
    if order.screening and not order.screening.passed:
        concerns = "; ".join(order.screening.concerns)
        raise ScreeningNotPassed(f"Not passed: {concerns}. A radiologist has to decide.")
    return move(
        order,
        OrderStatus.IN_PROGRESS,
        now,
        by=actor,
        started_at=now,
        performing_technician_id=actor.id,
    )


def _complete(request: Complete, order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    _require_status(order, OrderStatus.IN_PROGRESS, OrderStatus.IMAGES_AVAILABLE)
    completed = changed(
        order,
        now,
        completed_at=order.completed_at or now,
        expected_instances=request.expected_instances or order.expected_instances,
        performing_technician_id=order.performing_technician_id or actor.id,
    )
    return _ready_when_complete(completed, now, all_received=False)


def _assign(request: Assign, order: OrderUpdated, now: datetime) -> OrderUpdated:
    if order.status in (OrderStatus.CANCELLED, OrderStatus.FINAL_REPORT):
        raise StatusForbids
    return changed(
        order,
        now,
        assigned_radiologist_id=request.radiologist_id,
        assigned_radiologist_name=request.radiologist_name if request.radiologist_id else "",
    )


def claim_reading(
    order: OrderUpdated, actor: Actor, now: datetime, lease: timedelta
) -> OrderUpdated:
    """Return the order claimed by a reader; the same reader's claim is prolonged."""
    _require_status(order, *READABLE)
    if is_claimed_by_other(order, actor, now):
        raise ClaimedByOther(
            f"{order.claim.radiologist_name or 'Another radiologist'} is reading this case."
            if order.claim
            else ""
        )
    own = order.claim if order.claim and order.claim.expires_at > now else None
    claim = ReadingClaim(
        radiologist_id=UUID(actor.id),
        radiologist_name=actor.name,
        claimed_at=own.claimed_at if own else now,
        expires_at=now + lease,
    )
    return changed(order, now, claim=claim, reading_started_at=order.reading_started_at or now)


def is_claimed_by_other(order: OrderUpdated, actor: Actor, now: datetime) -> bool:
    """Tell whether a lease of somebody else is still running."""
    claim = order.claim
    return claim is not None and claim.expires_at > now and str(claim.radiologist_id) != actor.id


def _release(order: OrderUpdated, actor: Actor, now: datetime) -> OrderUpdated:
    if order.claim is None:
        raise NotClaimed
    if str(order.claim.radiologist_id) != actor.id and actor.role is not Role.RADIOLOGY_MANAGER:
        raise ClaimedByOther
    return changed(order, now, claim=None)


def expire_claim(order: OrderUpdated, now: datetime) -> OrderUpdated | None:
    """Return the order without a claim whose lease ran out; None when it has not."""
    if order.claim is None or order.claim.expires_at > now:
        return None
    return changed(order, now, claim=None)


def receive_images(
    order: OrderUpdated,
    *,
    study_instance_uids: tuple[str, ...],
    instances: int,
    all_complete: bool,
    now: datetime,
) -> OrderUpdated | None:
    """Return the order after its studies changed; None when nothing that it shows did.

    Images that come for a cancelled order are kept with it and seen, but do not revive it.
    """
    if not instances:
        return _without_images(order, now) if order.received_instances else None
    updated = order.model_copy(
        update={"study_instance_uids": study_instance_uids, "received_instances": instances}
    )
    if order.status in BEFORE_IMAGES:
        updated = move(
            updated, OrderStatus.IMAGES_AVAILABLE, now, images_captured_at=order.started_at or now
        )
    updated = _ready_when_complete(updated, now, all_received=all_complete)
    if updated == order:
        return None
    return updated if updated.version > order.version else changed(updated, now)


def _without_images(order: OrderUpdated, now: datetime) -> OrderUpdated:
    """All studies were taken away from the order again: it waits for its images as before."""
    gone = _with_clock(order, None).model_copy(
        update={"study_instance_uids": (), "received_instances": 0}
    )
    if order.status is not OrderStatus.IMAGES_AVAILABLE:
        return changed(gone, now)
    back = OrderStatus.IN_PROGRESS if order.started_at else OrderStatus.SCHEDULED
    return move(gone, back, now, reason="images belong elsewhere", claim=None)


def _ready_when_complete(order: OrderUpdated, now: datetime, *, all_received: bool) -> OrderUpdated:
    """Start the turnaround clock when somebody, or the count, says that all images are there.

    Where nobody said so, only that nothing came for a while, more images stop it again: it starts
    anew with the last of them, unless somebody reads already.
    """
    if order.status not in (OrderStatus.IMAGES_AVAILABLE, OrderStatus.PRELIMINARY_REPORT):
        return order
    if order.ready_for_read_at:
        stops = not (all_received or order.completed_at or order.claim or order.report_id)
        return _with_clock(order, None) if stops else order
    expected = order.expected_instances
    if expected is not None and order.received_instances < expected and not all_received:
        return order
    if not (order.completed_at or all_received):
        return order
    return _with_clock(order, now)


def _with_clock(order: OrderUpdated, began: datetime | None) -> OrderUpdated:
    due = began and began + TURNAROUND[order.details.priority]
    return order.model_copy(update={"ready_for_read_at": began, "due_at": due})


def follow_report(order: OrderUpdated, report: ReportUpdated, now: datetime) -> OrderUpdated | None:
    """Return the order after its report changed; None when its status does not follow."""
    if report.status is ReportStatus.PRELIMINARY:
        wanted = OrderStatus.PRELIMINARY_REPORT
    else:
        wanted = OrderStatus.FINAL_REPORT
    if order.status in (wanted, OrderStatus.FINAL_REPORT, OrderStatus.CANCELLED):
        return None if order.report_id == report.id else changed(order, now, report_id=report.id)
    final = wanted is OrderStatus.FINAL_REPORT
    return move(
        order,
        wanted,
        now,
        by=report.current.radiologist,
        report_id=report.id,
        reported_at=now if final else None,
        claim=None if final else order.claim,
    )


def save_equipment(
    existing: EquipmentUpdated | None, id_: UUID, request: SaveEquipment, now: datetime
) -> EquipmentUpdated:
    """Return the room after a manager's change; a new one when there was none."""
    _require_sound_hours(request.opening_hours)
    return EquipmentUpdated(
        id=id_,
        version=existing.version + 1 if existing else 1,
        name=request.name,
        room=request.room,
        modality=request.modality,
        ae_title=request.ae_title,
        opening_hours=request.opening_hours,
        blocked_times=existing.blocked_times if existing else (),
        active=request.active,
        updated_at=now,
    )


def _require_sound_hours(hours: tuple[OpeningHours, ...]) -> None:
    closed_at: dict[int, Any] = {}
    for entry in sorted(hours, key=lambda entry: (entry.weekday, entry.opens)):
        until_midnight = entry.closes.isoformat() == "00:00:00"
        if not until_midnight and entry.closes <= entry.opens:
            raise HoursInvalid
        if entry.weekday in closed_at and entry.opens < closed_at[entry.weekday]:
            raise HoursInvalid
        closed_at[entry.weekday] = entry.closes


def move(
    order: OrderUpdated,
    status: OrderStatus,
    now: datetime,
    *,
    by: Actor | None = None,
    reason: str = "",
    **updates: Any,
) -> OrderUpdated:
    """Return the order in another status, with one more line of history."""
    step = StatusChange(status=status, at=now, by=by, reason=reason)
    return changed(order, now, status=status, history=(*order.history, step), **updates)


def changed(order: OrderUpdated, now: datetime, **updates: Any) -> OrderUpdated:
    """Return the order with fields changed and its version grown by one."""
    return order.model_copy(update={**updates, "version": order.version + 1, "updated_at": now})


def newer_of(before: Snapshot | None, after: Snapshot) -> Snapshot:
    """Return the state after a request; the one before it when the request found it so.

    The same version is then said again, to whoever asked: for everybody else it is no news.
    """
    if before is None:
        return after
    untouched = {"version": before.version, "updated_at": before.updated_at}
    return before if after.model_copy(update=untouched) == before else after


def _require_status(order: OrderUpdated, *allowed: OrderStatus) -> None:
    if order.status not in allowed:
        raise StatusForbids(
            f"The order is {order.status}; this needs {' or '.join(allowed)}.",
        )
