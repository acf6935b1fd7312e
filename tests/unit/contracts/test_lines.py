"""A line is one line: refused where it is sent, and read as it is where it is stored already."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import ValidationError

from contracts.api.orders import CancelOrder, CreateOrder, Order, ScreenPatient
from contracts.api.paging import Filter
from contracts.base import Contract, RequestBody
from contracts.envelope import Envelope
from contracts.events.order_created import OrderCreated
from gateway.api import ROUTERS
from tests.harness.orders import order_created
from tests.harness.snapshots import order_snapshot

BROKEN = ["two\nlines", "two\rlines", "a\ttab", "nothing\x00seen", "an escape\x1b[31m", "a\u2028b"]


def order_with(study_type: str, mrn: str = "M1") -> dict[str, Any]:
    body: dict[str, Any] = order_created().data.details.model_dump(mode="json", by_alias=True)
    return body | {"studyType": study_type, "patient": body["patient"] | {"mrn": mrn}}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_line_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        CreateOrder.model_validate(order_with("CT Chest", mrn=text))

    [problem] = refusal.value.errors()
    assert problem["loc"] == ("patient", "mrn")
    assert "must be one line" in problem["msg"]


def test_what_stands_around_a_line_is_no_part_of_it() -> None:
    assert CancelOrder(reason=" not needed\r\n").reason == "not needed"


def test_text_of_several_lines_remains_what_it_is() -> None:
    assert ScreenPatient(override_reason="One.\nTwo.").override_reason == "One.\nTwo."


@pytest.mark.parametrize("text", BROKEN)
def test_stored_event_still_loads_and_is_still_shown(text: str) -> None:
    """Its writer is gone; a reader that stops at it stops for ever."""
    stored = {
        "orderId": "00000000-0000-4000-8000-00000000abcd",
        "details": order_with(text),
        "createdBy": {"id": "a", "role": "PROVIDER"},
        "createdAt": "2026-11-25T10:00:00Z",
    }

    details = OrderCreated.model_validate(stored).details

    assert Order.of(order_snapshot(details=details)).study_type == details.study_type


def test_every_body_that_is_sent_to_us_is_looked_at() -> None:
    routes = [r for router in ROUTERS for r in router.routes if isinstance(r, APIRoute)]
    sent = {body.field_info.annotation for route in routes for body in route.dependant.body_params}

    models = {kind for kind in sent if isinstance(kind, type) and issubclass(kind, Contract)}
    assert CreateOrder in models
    assert {kind for kind in models if not issubclass(kind, RequestBody | Filter)} == set()


def test_attributes_of_an_event_hold_no_control_characters() -> None:
    """Its subject is the key of a record, which may be any bytes."""
    envelope = Envelope.model_validate_json(
        order_created().envelope.model_copy(update={"subject": "a\x00key"}).to_json()
    )

    assert envelope.subject == "akey"
