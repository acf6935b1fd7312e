"""Reads the ladder file: who can be reached how, and who is told of which finding after how long.

What must stay true: a mistake stops the start, and the message names the file, the line and what is
wrong, since whoever edits this file at night is a doctor and no programmer.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from alert_worker.domain.alert import Person
from alert_worker.domain.ladders import (
    ON_CALL,
    ORDERING_PROVIDER,
    CategoryRule,
    Ladders,
    StepRule,
)
from alert_worker.errors import LadderInvalid
from contracts.enumerations import Channel, CriticalCategory

Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{7,14}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
Minutes = Annotated[float, Field(ge=0, le=60 * 24 * 14)]
Wait = Annotated[float, Field(ge=0.1, le=60 * 24 * 14)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class PersonEntry(_Part):
    """Somebody who can be reached."""

    id: UUID
    name: str = Field(min_length=1, max_length=255)
    phone: Phone | None = None
    email: Email | None = None


class StepEntry(_Part):
    """One step; `who` is a person of the file, `on_call`, or `ordering_provider`."""

    who: str
    channels: tuple[Channel, ...] = Field(min_length=1)
    stat_channels: tuple[Channel, ...] = ()
    after_minutes: Minutes = 0


class CategoryEntry(_Part):
    """The ladder of a category."""

    acknowledge_within_minutes: Wait
    read_back_within_minutes: Wait
    repeat_after_minutes: Wait
    steps: tuple[StepEntry, ...] = Field(min_length=1)


class LadderFile(_Part):
    """The whole file."""

    persons: dict[str, PersonEntry] = Field(min_length=1)
    on_call: str
    categories: dict[CriticalCategory, CategoryEntry]


def load_ladders(path: Path) -> Ladders:
    """Read and check the file.

    Raises
    ------
    LadderInvalid : it cannot be read, or something in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text)
        entries = LadderFile.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise LadderInvalid(f"{path}: {error.strerror or 'cannot be read'}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LadderInvalid(f"{path}: is no YAML: {_yaml_problem(error)}") from None
    except ValidationError as error:
        raise LadderInvalid("\n".join(_problems(path, root, error))) from None
    mistakes = [
        f"{path}, line {_line(root, place)}, {'.'.join(map(str, place))}: {mistake}"
        for place, mistake in _mistakes(entries)
    ]
    if mistakes:
        raise LadderInvalid("\n".join(mistakes))
    return _ladders(entries)


def _ladders(entries: LadderFile) -> Ladders:
    ids = {key: str(entry.id) for key, entry in entries.persons.items()}
    who = ids | {ON_CALL: ids[entries.on_call], ORDERING_PROVIDER: ORDERING_PROVIDER}
    persons = {
        str(entry.id): Person(
            id=str(entry.id), name=entry.name, phone=entry.phone or "", email=entry.email or ""
        )
        for entry in entries.persons.values()
    }
    return Ladders(
        persons=persons,
        categories={category: _rule(e, who) for category, e in entries.categories.items()},
    )


def _rule(entry: CategoryEntry, who: Mapping[str, str]) -> CategoryRule:
    return CategoryRule(
        acknowledge_within=timedelta(minutes=entry.acknowledge_within_minutes),
        read_back_within=timedelta(minutes=entry.read_back_within_minutes),
        repeat_after=timedelta(minutes=entry.repeat_after_minutes),
        steps=tuple(
            StepRule(
                who=who[step.who],
                channels=step.channels,
                stat_channels=step.stat_channels,
                after=timedelta(minutes=step.after_minutes),
            )
            for step in entry.steps
        ),
    )


Place = tuple[str | int, ...]


def _mistakes(entries: LadderFile) -> list[tuple[Place, str]]:
    """Return what is well written and yet would leave somebody untold."""
    found: list[tuple[Place, str]] = []
    if entries.on_call not in entries.persons:
        found.append((("onCall",), f"{entries.on_call!r} is not among the persons"))
    found += _shared(entries)
    for category in CriticalCategory:
        if category not in entries.categories:
            found.append((("categories",), f"{category} is missing"))
    for category, entry in entries.categories.items():
        place = ("categories", str(category), "steps")
        for number, step in enumerate(entry.steps):
            found += [
                ((*place, number, *rest), text) for rest, text in _step_mistakes(entries, step)
            ]
        if all(step.who == ORDERING_PROVIDER for step in entry.steps):
            found.append((place, "needs a step besides the ordering provider, who may be unknown"))
    return found


def _shared(entries: LadderFile) -> list[tuple[Place, str]]:
    seen: dict[UUID, str] = {}
    found: list[tuple[Place, str]] = []
    for key, person in entries.persons.items():
        if other := seen.get(person.id):
            found.append((("persons", key, "id"), f"is the id of {other} too"))
        seen[person.id] = key
        if key in (ON_CALL, ORDERING_PROVIDER):
            found.append((("persons", key), "this name has a meaning of its own; choose another"))
    return found


def _step_mistakes(entries: LadderFile, step: StepEntry) -> list[tuple[Place, str]]:
    if step.who == ORDERING_PROVIDER:
        return []
    key = entries.on_call if step.who == ON_CALL else step.who
    person = entries.persons.get(key)
    if person is None and step.who == ON_CALL:
        return []  # said once, of `onCall` itself
    if person is None:
        known = ", ".join([ORDERING_PROVIDER, ON_CALL, *entries.persons])
        return [(("who",), f"{step.who!r} is unknown; choose one of {known}")]
    wanted = {*step.channels, *step.stat_channels}
    found: list[tuple[Place, str]] = []
    if wanted & {Channel.SMS, Channel.VOICE} and not person.phone:
        found.append((("channels",), f"{key} has no phone"))
    if Channel.EMAIL in wanted and not person.email:
        found.append((("channels",), f"{key} has no email"))
    return found


def _problems(path: Path, root: yaml.Node | None, error: ValidationError) -> Sequence[str]:
    return [
        f"{path}, line {_line(root, problem['loc'])}, "
        f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    ]


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or 'not readable as text'}"


def _line(root: yaml.Node | None, place: Sequence[str | int]) -> int:
    """Return the line of a place, or of the last part of it that exists."""
    node, line = root, 1
    for part in place:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line + 1, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    return None
