"""What other programs have seen of our events stays readable, both ways.

A message that was once released is never changed so that an old one cannot be read, or an old
reader cannot read a new one. What must change so is a new version of its topic's type.
"""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contracts.base import Contract
from contracts.documents import (
    ASYNCAPI_FILE,
    SCHEMAS_FOLDER,
    as_text,
    asyncapi,
    schema_of,
    schemas,
)
from contracts.topics import TOPICS, Topic, topic_named
from services.events import decode, new_event
from services.kafka import outgoing
from tests.contracts.compatibility import breaking_changes
from tests.contracts.examples import RELEASED, SAMPLES, examples

SAMPLE_FILES = sorted(SAMPLES.glob("*/*.json"))
WRITE = "run: .venv/bin/python -m contracts.documents"


def sample_id(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def topic_of(file: Path) -> Topic[Contract]:
    return topic_named(file.parent.name.rsplit(".v", 1)[0])


@pytest.mark.parametrize("file", SAMPLE_FILES, ids=sample_id)
def test_stored_message_still_loads_with_every_field(file: Path) -> None:
    """A field that was dropped or renamed would be silently ignored: so compare what comes out."""
    stored = json.loads(file.read_text())

    loaded = topic_of(file).model.model_validate(stored)

    _assert_contains(json.loads(loaded.to_json()), stored, file.stem)


def _assert_contains(now: Any, before: Any, path: str) -> None:
    if isinstance(before, dict):
        for name, value in before.items():
            assert name in now, f"{path}.{name} is gone"
            _assert_contains(now[name], value, f"{path}.{name}")
    elif isinstance(before, list):
        assert len(now) == len(before), path
        for index, value in enumerate(before):
            _assert_contains(now[index], value, f"{path}[{index}]")
    else:
        assert now == before, path


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_kind_of_message_has_a_stored_sample(topic: Topic[Contract]) -> None:
    stored = {file.stem for file in (SAMPLES / f"{topic.name}.v{topic.version}").glob("*.json")}

    assert {name for name, _ in examples(topic)} <= stored, (
        "run: .venv/bin/python -m tests.contracts.examples"
    )


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_change_breaks_what_was_released(topic: Topic[Contract]) -> None:
    released = json.loads((RELEASED / f"{topic.name}.v{topic.version}.json").read_text())

    assert breaking_changes(released, schema_of(topic)) == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_old_reader_accepts_what_is_written_now(topic: Topic[Contract]) -> None:
    released = json.loads((RELEASED / f"{topic.name}.v{topic.version}.json").read_text())

    for _, data in examples(topic):
        jsonschema.validate(json.loads(data.to_json()), released)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_event_survives_its_way_through_kafka(topic: Topic[Contract]) -> None:
    for _, data in examples(topic):
        event = new_event(topic, data, subject="a", source="/tests", at=datetime.now(UTC))
        record = outgoing(event)

        read = decode(
            topic,
            key=record.key,
            value=record.value,
            headers=record.headers,
            at=event.envelope.time,
        )

        assert read == event


def test_committed_schemas_are_those_of_the_models() -> None:
    committed = {file.name: file.read_text() for file in SCHEMAS_FOLDER.glob("*.json")}

    assert committed == {name: as_text(schema) for name, schema in schemas().items()}, WRITE


def test_committed_asyncapi_is_that_of_the_models() -> None:
    assert ASYNCAPI_FILE.read_text() == as_text(asyncapi()), WRITE


def test_every_reference_in_asyncapi_leads_somewhere() -> None:
    document = asyncapi()

    for reference in _references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in found, reference
            found = found[part]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [r for inner in value.values() for r in _references(inner)]
    return [r for inner in value for r in _references(inner)] if isinstance(value, list) else []


def test_every_topic_has_who_sends_and_who_receives() -> None:
    operations = asyncapi()["operations"]

    told = {(name.split(".", 2)[1], name.split(".", 2)[2]) for name in operations}

    assert told == {(action, t.name) for t in TOPICS for action in ("send", "receive")}


OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "maxLength": 10},
        "state": {"$ref": "#/$defs/State"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    },
    "required": ["id"],
    "$defs": {
        "State": {"type": "string", "enum": ["OPEN", "CLOSED"]},
        "Part": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}


def _changed(**paths: Any) -> dict[str, Any]:
    new = deepcopy(OLD)
    for path, value in paths.items():
        *parents, last = path.split("__")
        inner = new
        for parent in parents:
            inner = inner[parent.replace("defs", "$defs")]
        if value is None:
            del inner[last]
        else:
            inner[last] = value
    return new


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (_changed(properties__state=None), "state: was dropped or renamed"),
        (_changed(required=["id", "state"]), "state: is required now; old messages lack it"),
        (_changed(properties__id={"type": "integer"}), "id: type was string, is integer"),
        (
            _changed(properties__id={"type": "string", "maxLength": 5}),
            "id: maxLength is 5, was 10; old messages may not fit",
        ),
        (_changed(defs__State__enum=["OPEN"]), "state: value 'CLOSED' is not read any more"),
        (
            _changed(defs__State__enum=["OPEN", "CLOSED", "LOST"]),
            "state: value 'LOST' is new; old readers refuse it",
        ),
        (_changed(defs__Part__properties__name=None), "parts.[].name: was dropped or renamed"),
    ],
)
def test_breaking_change_is_found(new: dict[str, Any], sentence: str) -> None:
    assert breaking_changes(OLD, new) == [sentence]


def test_new_optional_field_breaks_nobody() -> None:
    new = _changed(properties__note={"type": "string", "default": ""})

    assert breaking_changes(OLD, new) == []
