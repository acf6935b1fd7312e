"""CloudEvents 1.0 attributes of every event (Kafka protocol binding, binary mode).

In binary mode the attributes are Kafka headers with the prefix `ce_` and the value is the data. In
structured mode, accepted from outside producers, one JSON object holds both
(`application/cloudevents+json`).

An attribute holds no control characters (CloudEvents 1.0, type system). Those of a record that
has some are left out: its subject is told to whoever asked, and PostgreSQL refuses U+0000.
"""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from contracts.base import Contract, Line, UtcDatetime

SPEC_VERSION = "1.0"
STRUCTURED_MODE = "application/cloudevents+json"
TYPE_PREFIX = "radiology."


class Envelope(Contract):
    """Who said what, when, and because of what."""

    id: UUID = Field(description="Event id (UUIDv7); delivered twice, it is the same event")
    type: str = Field(description="radiology.<topic>.v<version>", max_length=255)
    source: Line = Field(description="URI reference of the producer, as /order_consumer")
    time: UtcDatetime = Field(description="When it happened")
    subject: Line = Field(description="Id of the thing it is about; the Kafka key")
    correlation_id: UUID = Field(description="Id of the first event of this chain")
    causation_id: UUID | None = Field(default=None, description="Id of the event that caused this")
    traceparent: Line | None = Field(default=None, description="W3C trace context")

    def headers(self) -> dict[str, str]:
        """Return the Kafka headers of binary mode."""
        headers = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": _rfc3339(self.time),
            "ce_subject": self.subject,
            "ce_correlationid": str(self.correlation_id),
            "content-type": "application/json",
        }
        if self.causation_id:
            headers["ce_causationid"] = str(self.causation_id)
        if self.traceparent:
            headers["traceparent"] = self.traceparent
        return headers


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
