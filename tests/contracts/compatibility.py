"""Which changes of a JSON Schema break a reader or a writer of the other side.

Backward: the new model must read every old message. Forward: an old reader must read every new one.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return a sentence for each change that breaks somebody."""
    return list(_compare(old, new, _Place("", old, new)))


class _Place:
    """Where in both documents we are."""

    def __init__(self, path: str, old: Schema, new: Schema, seen: frozenset[str] = frozenset()):
        self.path, self._old, self._new, self._seen = path, old, new, seen

    def down(self, name: str) -> "_Place":
        return _Place(f"{self.path}.{name}".lstrip("."), self._old, self._new, self._seen)

    def resolved(self, old: Schema, new: Schema) -> "tuple[Schema, Schema, _Place] | None":
        """Follow references; None where a recursion has come round."""
        reference = old.get("$ref", "") + new.get("$ref", "")
        if reference and reference in self._seen:
            return None
        place = _Place(self.path, self._old, self._new, self._seen | {reference})
        return _follow(old, self._old), _follow(new, self._new), place


def _follow(schema: Schema, document: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _compare(old: Schema, new: Schema, place: _Place) -> Iterator[str]:
    resolved = place.resolved(old, new)
    if resolved is None:
        return
    old, new, place = resolved
    if old.get("type") != new.get("type"):
        yield f"{place.path}: type was {old.get('type')}, is {new.get('type')}"
        return
    yield from _compare_enumerations(old, new, place)
    yield from _compare_objects(old, new, place)
    yield from _compare_limits(old, new, place)
    if "items" in old and "items" in new:
        yield from _compare(old["items"], new["items"], place.down("[]"))
    yield from _compare_alternatives(old, new, place)


def _compare_enumerations(old: Schema, new: Schema, place: _Place) -> Iterator[str]:
    before = set(old.get("enum", [])) | ({old["const"]} if "const" in old else set())
    after = set(new.get("enum", [])) | ({new["const"]} if "const" in new else set())
    for value in sorted(before - after):
        yield f"{place.path}: value {value!r} is not read any more"
    for value in sorted(after - before) if before else []:
        yield f"{place.path}: value {value!r} is new; old readers refuse it"


def _compare_objects(old: Schema, new: Schema, place: _Place) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted(before.keys() - after.keys()):
        yield f"{place.down(name).path}: was dropped or renamed"
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield f"{place.down(name).path}: is required now; old messages lack it"
    for name in sorted(set(old.get("required", [])) - set(new.get("required", []))):
        if name in after and "default" not in after[name]:
            yield f"{place.down(name).path}: may be absent now; old readers need it"
    for name in before.keys() & after.keys():
        yield from _compare(before[name], after[name], place.down(name))


def _compare_limits(old: Schema, new: Schema, place: _Place) -> Iterator[str]:
    for limit in ("maxLength", "maxItems", "maximum", "minLength", "minimum"):
        before, after = old.get(limit), new.get(limit)
        if after is not None and (before is None or _is_tighter(limit, before, after)):
            yield f"{place.path}: {limit} is {after}, was {before}; old messages may not fit"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{place.path}: pattern changed; old messages may not fit"


def _is_tighter(limit: str, before: float, after: float) -> bool:
    return after < before if limit.startswith("max") else after > before


def _compare_alternatives(old: Schema, new: Schema, place: _Place) -> Iterator[str]:
    for word in ("anyOf", "oneOf"):
        before, after = old.get(word, []), new.get(word, [])
        for one in before:
            same = [other for other in after if _key(other) == _key(one)]
            if not same:
                yield f"{place.path}: {_key(one)} is not read any more"
            else:
                yield from _compare(one, same[0], place.down(_key(one)))


def _key(schema: Schema) -> str:
    name = schema.get("$ref", schema.get("format") or schema.get("type") or schema.get("title", ""))
    return str(name).rsplit("/", 1)[-1]
