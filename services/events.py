"""Events as the code sees them, and their way from and to Kafka records (CloudEvents 1.0).

Binary mode is ours; structured mode is accepted from outside producers. An id that is no UUID
becomes one by name (RFC 9562 version 5) of source and id, so a repetition stays the same event.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError

from contracts.base import Contract
from contracts.envelope import SPEC_VERSION, STRUCTURED_MODE, Envelope
from contracts.identifiers import new_id
from contracts.topics import Topic
from services.errors import PermanentError

Data_co = TypeVar("Data_co", bound=Contract, covariant=True)
NewData = TypeVar("NewData", bound=Contract)
Headers = Sequence[tuple[str, bytes]]


class MalformedEvent(PermanentError):
    """The record is no event of its topic; the message says what is wrong, never its value."""

    code = "malformed_event"
    envelope: Envelope | None = None
    """Who asked, where at least that can be read."""


@dataclass(frozen=True)
class Event(Generic[Data_co]):
    """One event: who said what, and the data of its topic's model."""

    topic: Topic[Data_co]
    envelope: Envelope
    data: Data_co

    @property
    def id(self) -> UUID:
        """Event id; the same in every delivery."""
        return self.envelope.id

    @property
    def key(self) -> str:
        """What its topic is ordered by."""
        return self.envelope.subject


def new_event(
    topic: Topic[NewData],
    data: NewData,
    *,
    subject: object,
    source: str,
    at: datetime,
    caused_by: Event[Contract] | Envelope | None = None,
    correlation_id: UUID | None = None,
    event_id: UUID | None = None,
) -> Event[NewData]:
    """Make an event; it continues the chain of the one that caused it.

    Parameters
    ----------
    subject : id of the thing whose order matters; becomes the Kafka key.
    source : `/` and the package that speaks.
    at : when it happened, by the database clock where there is one.
    caused_by : the event, or its envelope where no more of it can be read.
    correlation_id : id of the chain, where a row and no event is the cause.
    """
    id_ = event_id or new_id()
    cause = caused_by.envelope if isinstance(caused_by, Event) else caused_by
    envelope = Envelope(
        id=id_,
        type=topic.type,
        source=source,
        time=at,
        subject=str(subject),
        correlation_id=cause.correlation_id if cause else correlation_id or id_,
        causation_id=cause.id if cause else None,
        traceparent=cause.traceparent if cause else None,
    )
    return Event(topic, envelope, data)


def decode(
    topic: Topic[NewData], *, key: bytes | None, value: bytes | None, headers: Headers, at: datetime
) -> Event[NewData]:
    """Read a Kafka record.

    Raises
    ------
    MalformedEvent : no value, no CloudEvents attributes, or data that is not of the topic's model.
    """
    if value is None:
        raise MalformedEvent("the record has no value (a tombstone)")
    texts = {name.lower(): (raw or b"").decode("utf-8", "replace") for name, raw in headers}
    if texts.get("content-type", "").split(";")[0].strip() == STRUCTURED_MODE:
        attributes, body = _structured(value)
    else:
        attributes = {n[3:]: text for n, text in texts.items() if n.startswith("ce_")}
        attributes["traceparent"] = texts.get("traceparent", "")
        body = value
    envelope = _envelope(attributes, key=key, at=at)
    try:
        return Event(topic, envelope, _data(topic, envelope, body))
    except MalformedEvent as error:
        error.envelope = envelope
        raise


def _data(topic: Topic[NewData], envelope: Envelope, body: bytes) -> NewData:
    if envelope.type != topic.type:
        raise MalformedEvent(f"type is not {topic.type}")
    try:
        return topic.model.model_validate_json(body)
    except ValidationError as error:
        raise MalformedEvent(_where(error)) from None
    except Exception as error:  # noqa: BLE001 - a record must never hold back its neighbours
        raise MalformedEvent(f"the value cannot be read ({type(error).__name__})") from None


def _structured(value: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        event = json.loads(value)
    except (ValueError, RecursionError):
        raise MalformedEvent("the value is not JSON") from None
    if not isinstance(event, dict) or "data" not in event:
        raise MalformedEvent("a structured CloudEvent is a JSON object with a member 'data'")
    body = json.dumps(event.pop("data")).encode()
    return event, body


def _envelope(attributes: Mapping[str, Any], *, key: bytes | None, at: datetime) -> Envelope:
    if attributes.get("specversion") != SPEC_VERSION:
        raise MalformedEvent("CloudEvents attribute specversion is not 1.0")
    missing = [name for name in ("id", "source", "type") if not attributes.get(name)]
    if missing:
        raise MalformedEvent(f"CloudEvents attributes are missing: {', '.join(missing)}")
    id_ = _uuid(str(attributes["id"]), str(attributes["source"]))
    try:
        return Envelope(
            id=id_,
            type=attributes["type"],
            source=attributes["source"],
            time=attributes.get("time") or at,
            subject=attributes.get("subject") or (key or b"").decode("utf-8", "replace"),
            correlation_id=attributes.get("correlationid") or id_,
            causation_id=attributes.get("causationid") or None,
            traceparent=attributes.get("traceparent") or None,
        )
    except ValidationError as error:
        raise MalformedEvent(f"CloudEvents attributes: {_where(error)}") from None
    except Exception as error:  # noqa: BLE001 - as above
        raise MalformedEvent(f"CloudEvents attributes: {type(error).__name__}") from None


def _uuid(id_: str, source: str) -> UUID:
    try:
        return UUID(id_)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"{source}#{id_}")


def _where(error: ValidationError) -> str:
    """Say which fields are wrong and why, without any value."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'data'}: {problem['msg']}"
        for problem in problems[:5]
    )


def record_time(timestamp_ms: int) -> datetime:
    """Return the moment of a Kafka record's time stamp."""
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
