"""Signature and meaning of call-backs; what an order becomes."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr, ValidationError

from deploy.standins.workflow.callbacks import (
    BadSignature,
    check_signature,
    sign,
    take_callback,
)
from deploy.standins.workflow.choices import EXAMS, load_patients, spoken
from deploy.standins.workflow.orders import (
    State,
    UnifiedOrder,
    UnifiedOrderRequest,
    Via,
    new_order,
)
from deploy.standins.workflow.store import Store
from report_consumer.workflow import signature

SECRET = "secret-of-the-test"
EXAM = {
    "itemType": "RADIOLOGY",
    "modality": "CT",
    "studyType": "CT Head",
    "bodyPart": "HEAD",
    "clinicalIndication": "Headache",
}


def order(*items: dict[str, Any]) -> UnifiedOrder:
    request = UnifiedOrderRequest.model_validate(
        {
            "patient": load_patients()[0],
            "orderingProviderId": "00000000-0000-4000-8000-000000000005",
            "priority": "URGENT",
            "items": items,
        }
    )
    at = datetime(2025, 11, 12, tzinfo=UTC)
    return new_order(request, at=at, via=Via.HTTP, idempotency_key=None)


def test_the_signature_is_over_timestamp_and_body() -> None:
    """Computed by `openssl dgst -sha256 -hmac secret` over `1700000000.{"a":1}`."""
    assert sign("secret", b'{"a":1}', timestamp=1_700_000_000) == (
        "t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
    )


def test_radiology_signs_in_the_same_way() -> None:
    body = b'{"id": "1"}'

    header = signature(SecretStr(SECRET), body, unix_time=1000)

    assert header == sign(SECRET, body, timestamp=1000)


@pytest.mark.parametrize(
    ("header", "body", "now"),
    [
        ("", b"body", 1000),
        ("t=1000", b"body", 1000),
        ("t=1000,v1=" + "0" * 64, b"body", 1000),
        (sign(SECRET, b"body", timestamp=1000), b"other", 1000),
        (sign(SECRET, b"body", timestamp=1000).replace("1000", "1001"), b"body", 1000),
        (sign(SECRET, b"body", timestamp=1000), b"body", 1301),
        (sign(SECRET, b"body", timestamp=1000), b"body", 699),
    ],
)
def test_wrong_and_old_signatures_are_refused(header: str, body: bytes, now: int) -> None:
    with pytest.raises(BadSignature):
        check_signature(header, body, secret=SECRET, tolerance_seconds=300, now=now)


def test_a_right_signature_holds_for_five_minutes() -> None:
    header = sign(SECRET, b"body", timestamp=1000)

    check_signature(header, b"body", secret=SECRET, tolerance_seconds=300, now=1300)


def test_an_exam_takes_the_priority_of_its_order_unless_it_has_its_own() -> None:
    placed = order(EXAM, EXAM | {"priority": "STAT"})

    assert [i.details.priority for i in placed.items if i.details] == ["URGENT", "STAT"]
    assert {i.details.workflow_order_id for i in placed.items if i.details} == {str(placed.id)}


def test_what_the_orderer_answered_goes_with_the_exam() -> None:
    placed = order(EXAM | {"statedSafety": {"contrast": {"allergyToContrast": "yes"}}})

    details = placed.items[0].details
    assert details is not None
    assert details.stated_safety is not None
    assert details.stated_safety.contrast is not None
    assert details.stated_safety.contrast.allergy_to_contrast == "yes"


def test_contrast_without_need_is_refused() -> None:
    with pytest.raises(ValidationError):
        order(EXAM | {"contrastType": "IODINE"})


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([State.COMPLETED, State.PENDING], State.PENDING),
        ([State.COMPLETED, State.DISPATCHED], State.DISPATCHED),
        ([State.COMPLETED, State.ELSEWHERE], State.COMPLETED),
        ([State.ELSEWHERE], State.ELSEWHERE),
    ],
)
def test_an_order_stands_where_its_last_item_stands(states: list[State], expected: State) -> None:
    placed = order(*[EXAM] * len(states))
    for item, state in zip(placed.items, states, strict=True):
        item.state = state

    assert placed.state is expected


async def test_a_call_back_completes_the_exam_that_it_names_and_no_other() -> None:
    store, placed = Store(None), order(EXAM, EXAM)
    first, second = placed.items
    first.imaging_order_id, second.imaging_order_id = UUID(int=1), UUID(int=2)
    await store.orders.put(str(placed.id), placed)
    data = {
        "workflowOrderId": str(placed.id),
        "orderId": str(second.imaging_order_id),
        "orderNumber": "IMG-20251112-ABCD1",
        "status": "COMPLETED",
    }

    await take_callback(store, json.dumps({"id": "e1", "type": "t", "data": data}).encode())

    assert (first.state, second.state) == (State.PENDING, State.COMPLETED)
    assert second.imaging_order_number == "IMG-20251112-ABCD1"


async def test_a_call_back_about_an_unknown_order_is_kept() -> None:
    store = Store(None)
    data = {"workflowOrderId": "unknown", "orderId": "x", "status": "COMPLETED"}

    assert await take_callback(store, json.dumps({"id": "e1", "type": "t", "data": data}).encode())
    assert store.callbacks.get("e1") is not None


def test_the_form_offers_only_exams_that_can_be_ordered() -> None:
    for exam in EXAMS:
        contrast = (
            {"contrastRequired": True, "contrastType": exam.contrast} if exam.contrast else {}
        )
        item = {"modality": exam.modality, "studyType": exam.study_type, "bodyPart": exam.body_part}
        assert order(EXAM | item | contrast).items[0].details is not None


def test_names_are_spoken_given_name_first() -> None:
    assert spoken("Doe^John^Quincy") == "John Quincy Doe"
    assert spoken("Doe") == "Doe"
