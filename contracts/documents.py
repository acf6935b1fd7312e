"""`python -m contracts.documents` writes `contracts/schemas/` and `asyncapi.json` from the models.

Both are committed, so that a change of a message is seen in review, and programs in other languages
have something to read. A test refuses a difference between them and the models.
"""

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.base import Contract
from contracts.envelope import SPEC_VERSION
from contracts.topics import DEAD_RETENTION, TOPICS, Topic

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS_FOLDER = ROOT / "contracts" / "schemas"
ASYNCAPI_FILE = ROOT / "asyncapi.json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEADERS = {
    "ce_specversion": {"type": "string", "const": SPEC_VERSION},
    "ce_id": {"type": "string", "format": "uuid", "description": "The same in a repetition"},
    "ce_type": {"type": "string"},
    "ce_source": {"type": "string", "format": "uri-reference"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_subject": {"type": "string", "description": "The Kafka key"},
    "ce_correlationid": {"type": "string", "format": "uuid"},
    "ce_causationid": {"type": "string", "format": "uuid"},
    "traceparent": {"type": "string", "description": "W3C trace context"},
    "content-type": {"type": "string", "const": "application/json"},
}
_REQUIRED_HEADERS = ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"]

_SENDERS: Mapping[str, tuple[str, ...]] = {
    "order.created": ("gateway", "workflow_service"),
    "order.requested": ("gateway",),
    "images.ingested": ("gateway", "ingest_worker", "uploader"),
    "study.requested": ("gateway",),
    "report.drafted": ("gateway",),
    "report.finalized": ("gateway",),
    "critical.finding": ("report_consumer",),
    "alert.requested": ("gateway",),
    "order.updated": ("order_consumer",),
    "equipment.updated": ("order_consumer",),
    "study.updated": ("ingest_worker",),
    "report.updated": ("report_consumer",),
    "report.opened": ("gateway",),
    "alert.updated": ("alert_worker",),
    "request.rejected": ("order_consumer", "ingest_worker", "report_consumer", "alert_worker"),
}
_RECEIVERS: Mapping[str, tuple[str, ...]] = {
    "order.created": ("order_consumer",),
    "order.requested": ("order_consumer",),
    "images.ingested": ("ingest_worker",),
    "study.requested": ("ingest_worker",),
    "report.drafted": ("report_consumer",),
    "report.finalized": ("report_consumer",),
    "critical.finding": ("alert_worker",),
    "alert.requested": ("alert_worker",),
    "order.updated": ("gateway", "ingest_worker", "report_consumer", "workflow_service"),
    "equipment.updated": ("gateway",),
    "study.updated": ("gateway", "order_consumer"),
    "report.updated": ("gateway", "ingest_worker", "order_consumer", "workflow_service"),
    "report.opened": ("gateway",),
    "alert.updated": ("gateway", "report_consumer"),
    "request.rejected": ("gateway", "workflow_service"),
}


def schema_of(topic: Topic[Contract]) -> dict[str, Any]:
    """Return the JSON Schema of a topic's data."""
    schema = topic.model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": _DIALECT, "$id": f"urn:{topic.type}"} | schema


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every topic, by file name."""
    return {f"{topic.name}.v{topic.version}.json": schema_of(topic) for topic in TOPICS}


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3 document of all topics: who sends what, and who listens."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Radiology Portal events",
            "version": "1",
            "description": (
                "CloudEvents 1.0 on Apache Kafka, binary mode: attributes as headers `ce_...`, the "
                "value is the data. Structured mode (`application/cloudevents+json`) is accepted "
                "from outside. Delivered at least once; handle by `ce_id`. Snapshots carry a "
                "`version`: apply one only when it is higher than what you have."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {topic.model.__name__: _message(topic) for topic in TOPICS},
            "schemas": {topic.model.__name__: _embedded(topic) for topic in TOPICS}
            | {"Headers": _headers()},
        },
    }


def _channel(topic: Topic[Contract]) -> dict[str, Any]:
    name = topic.model.__name__
    return {
        "address": topic.name,
        "description": f"{inspect.getdoc(topic.model)} Key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
            }
        },
        "x-dead-letters": {"topic": topic.dead, "kept-days": DEAD_RETENTION.days},
    }


def _configuration(topic: Topic[Contract]) -> dict[str, Any]:
    if topic.compacted:
        return {"cleanup.policy": ["compact"]}
    return {"cleanup.policy": ["delete"], "retention.ms": int(topic.config["retention.ms"])}


def _message(topic: Topic[Contract]) -> dict[str, Any]:
    name = topic.model.__name__
    return {
        "name": topic.type,
        "title": name,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for action, people in (("send", _SENDERS), ("receive", _RECEIVERS)):
        for topic in TOPICS:
            for who in people[topic.name]:
                channel = f"#/channels/{topic.name}"
                message = f"{channel}/messages/{topic.model.__name__}"
                yield (
                    f"{who}.{action}.{topic.name}",
                    {
                        "action": action,
                        "channel": {"$ref": channel},
                        "messages": [{"$ref": message}],
                    },
                )


def _embedded(topic: Topic[Contract]) -> dict[str, Any]:
    """Return a schema whose references point into this document."""
    schema = topic.model.model_json_schema(
        by_alias=True,
        mode="validation",
        ref_template=f"#/components/schemas/{topic.model.__name__}/$defs/{{model}}",
    )
    return dict(schema)


def _headers() -> dict[str, Any]:
    return {"type": "object", "properties": _HEADERS, "required": _REQUIRED_HEADERS}


def as_text(document: Mapping[str, Any]) -> str:
    """Return a document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write all of them; a schema that belongs to no topic any more goes."""
    SCHEMAS_FOLDER.mkdir(exist_ok=True)
    wanted = schemas()
    for file in SCHEMAS_FOLDER.glob("*.json"):
        if file.name not in wanted:
            file.unlink()
    for name, schema in wanted.items():
        (SCHEMAS_FOLDER / name).write_text(as_text(schema), encoding="utf-8")
    ASYNCAPI_FILE.write_text(as_text(asyncapi()), encoding="utf-8")


if __name__ == "__main__":
    write()
