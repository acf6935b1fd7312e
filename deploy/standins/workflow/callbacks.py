"""Call-backs of the radiology service: signature, freshness, once per event id."""

import hmac
import re
import time
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.base import Contract
from deploy.standins.workflow.orders import Callback, State, UnifiedItem, UnifiedOrder
from deploy.standins.workflow.store import Store
from services.clock import utc_now

SIGNATURE_HEADER = "X-Radiology-Signature"


class BadSignature(Exception):
    """Not signed by the radiology service, or too long ago."""


class NotUnderstood(Exception):
    """No call-back that we know; trying again will not help."""


class CallbackEvent(Contract):
    """The call-back's body: a CloudEvent in structured mode."""

    id: str = Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9._-]+$")
    type: str = Field(min_length=1, max_length=255)
    subject: str = ""
    data: dict[str, Any]


class _Subject(BaseModel):
    model_config = ConfigDict(extra="ignore")

    workflowOrderId: str = ""  # noqa: N815 - as it is written in the JSON
    orderId: str = ""  # noqa: N815
    orderNumber: str = ""  # noqa: N815
    status: str = ""


def sign(secret: str, body: bytes, *, timestamp: int) -> str:
    """Return the header's value for a body sent at a time (Unix seconds)."""
    return f"t={timestamp},v1={_digest(secret, str(timestamp), body)}"


def check_signature(
    header: str, body: bytes, *, secret: str, tolerance_seconds: float, now: float | None = None
) -> None:
    """Raise `BadSignature` unless the header signs exactly this body, not long ago."""
    parts = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", header)
    if parts is None:
        raise BadSignature("the signature header has not the form t=...,v1=...")
    timestamp, given = parts.groups()
    if not hmac.compare_digest(given, _digest(secret, timestamp, body)):
        raise BadSignature("the signature is wrong")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance_seconds:
        raise BadSignature("the signature is too old")


async def take_callback(store: Store, body: bytes) -> bool:
    """Keep a call-back and move its order; returns False when it was here before."""
    try:
        event = CallbackEvent.model_validate_json(body)
        subject = _Subject.model_validate(event.data)
    except ValidationError as error:
        raise NotUnderstood("the body is no CloudEvent about an order") from error
    async with store.callback_lock:
        if known := store.callbacks.get(event.id):
            known.deliveries += 1
            await store.callbacks.put(event.id, known)
            return False
        order = store.orders.get(subject.workflowOrderId)
        if order and _move(order, subject):
            await store.orders.put(str(order.id), order)
        await _keep(store, event)
    return True


async def _keep(store: Store, event: CallbackEvent) -> None:
    await store.callbacks.put(
        event.id,
        Callback(
            id=event.id,
            received_at=utc_now(),
            type=event.type,
            subject=event.subject,
            data=event.data,
        ),
    )


def _move(order: UnifiedOrder, subject: _Subject) -> bool:
    item = _item_of(order, subject.orderId)
    if item is None or subject.status not in (State.COMPLETED, State.CANCELLED):
        return False
    item.state = State(subject.status)
    # What was published as an event was not answered with a number.
    item.imaging_order_number = item.imaging_order_number or subject.orderNumber
    return True


def _item_of(order: UnifiedOrder, imaging_order_id: str) -> UnifiedItem | None:
    exams = [item for item in order.items if item.details]
    for item in exams:
        if str(item.imaging_order_id) == imaging_order_id:
            return item
    # The answer with the imaging order's id may have been lost: a single exam is meant anyway.
    return exams[0] if len(exams) == 1 else None


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
