"""Makes a complete example of any message from its model: every field, every kind of request.

Used once, when a message is first released: `python -m tests.contracts.examples` writes the
samples and the released schemas of topics that have none. Those files are never written again:
they are what other programs have seen.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from contracts.base import Contract
from contracts.documents import as_text, schema_of
from contracts.topics import TOPICS, Topic

HERE = Path(__file__).parent
SAMPLES, RELEASED = HERE / "samples", HERE / "released"

_BY_PATTERN = {
    r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*$": "1.2.840.113619.2.55.3",
    r"^IMG-[0-9]{8}-[0-9A-Z]{5,7}$": "IMG-20251111-ABCD1",
    r"^RAD-[0-9]{8}-[0-9A-Z]{5,7}$": "RAD-20251111-ABCD1",
    r"^[0-9a-f]{64}$": "ab" * 32,
    r"^[a-z0-9_]+$": "slot_taken",
    r"^[ -\[\]-~]+$": "CT1",
}
_PLAIN: dict[Any, Any] = {
    str: "text",
    bool: True,
    float: 1.5,
    UUID: UUID("00000000-0000-4000-8000-00000000abcd"),
    datetime: datetime(2025, 11, 11, 10, 0, tzinfo=UTC),
    AwareDatetime: datetime(2025, 11, 11, 10, 0, tzinfo=UTC),
    date: date(2025, 11, 11),
    time: time(10, 30),
    bytes: b"bytes",
}


def examples(topic: Topic[Contract]) -> Iterator[tuple[str, Contract]]:
    """Yield an example of a topic's data; of a union of requests, one for each action."""
    request = topic.model.model_fields.get("request")
    if request is None:
        yield "complete", example(topic.model)
        return
    for kind in _members(request.annotation):
        values = _values(topic.model) | {"request": example(kind)}
        yield kind.model_fields["action"].default, topic.model(**values)


def example(model: type[Contract]) -> Contract:
    """Return an example with every field told."""
    return model(**_values(model))


def _values(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: _value(field.annotation, field)
        for name, field in model.model_fields.items()
        if name != "request"
    }


def _value(annotation: Any, field: FieldInfo | None = None) -> Any:  # noqa: C901, PLR0911 - one line per kind of type
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, TypeAliasType):
        return {"any": ["json", 1, None]}  # JsonValue
    if origin is Annotated:
        return _constrained(arguments) or _value(arguments[0], field)
    if origin in (Union, UnionType):
        return _value(next(a for a in arguments if a is not type(None)), field)
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (_value(arguments[0]),)
    if origin is dict:
        return {"key": _value(arguments[1])}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation(**_values(annotation))
    if annotation is int:
        return max([getattr(m, "ge", 0) for m in field.metadata] or [0], default=1) if field else 1
    if annotation is str and field is not None:
        return _constrained(field.metadata) or "text"
    return _PLAIN[annotation]


def _constrained(metadata: Any) -> str | None:
    patterns = [str(m.pattern) for m in metadata if isinstance(m, StringConstraints) and m.pattern]
    patterns += [str(m.pattern) for m in metadata if getattr(m, "pattern", None)]
    return next((_BY_PATTERN[pattern] for pattern in patterns), None)


def _members(annotation: Any) -> list[type[Contract]]:
    inner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return list(get_args(inner))


def write_missing() -> None:
    """Write samples and released schemas for what has none yet."""
    for topic in TOPICS:
        folder = SAMPLES / f"{topic.name}.v{topic.version}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in examples(topic):
            file = folder / f"{name}.json"
            if not file.exists():
                text = json.dumps(json.loads(data.to_json()), indent=2, ensure_ascii=False)
                file.write_text(text + "\n", encoding="utf-8")
        released = RELEASED / f"{topic.name}.v{topic.version}.json"
        if not released.exists():
            released.write_text(as_text(schema_of(topic)), encoding="utf-8")


if __name__ == "__main__":
    write_missing()
