"""Moments and days at the ends of the calendar, and times with a zone: refused, never a crash."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.base import Day, TimeOfDay, UtcDatetime
from contracts.topics import ORDER_CREATED
from services.clock import utc_now
from services.events import MalformedEvent, decode
from services.kafka import outgoing
from tests.harness.orders import order_created


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (UtcDatetime, "9999-12-31T23:59:59-23:59"),
        (UtcDatetime, "0001-01-01T00:00:00+05:00"),
        (Day, "9999-12-31"),
        (Day, "0001-01-01"),
        (TimeOfDay, "10:00+05:00"),
    ],
)
def test_no_hospital_means_it(kind: Any, value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize("where", ["createdAt", "time"])
def test_record_with_such_a_moment_is_malformed(where: str) -> None:
    """It stopped its topic for ever: what cannot be read must be set aside."""
    record = outgoing(order_created())
    beyond = "9999-12-31T23:59:59-23:59"
    headers = [(n, beyond.encode() if n == f"ce_{where}" else v) for n, v in record.headers]
    assert record.value is not None
    body = json.loads(record.value)
    if where in body:
        body[where] = beyond

    with pytest.raises(MalformedEvent):
        decode(
            ORDER_CREATED,
            key=record.key,
            value=json.dumps(body).encode(),
            headers=headers,
            at=utc_now(),
        )
