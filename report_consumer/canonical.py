"""One text for one meaning: the canonical form over which reports are hashed and signed.

JSON Canonicalization Scheme (RFC 8785), of a value without its empty members. A member that says
nothing (null, false, an empty text, list or object) is left out, so that a field which a later
release adds, and an old report does not have, changes no old hash.
"""

import hashlib
import json
from typing import TypeAlias

from contracts.base import Contract

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def canonical(value: Contract | dict[str, Json]) -> bytes:
    """Return the canonical form, in UTF-8.

    Raises
    ------
    TypeError : a number with a fraction; none is signed, and their form would need care.
    """
    plain: Json = (
        value.model_dump(mode="json", by_alias=True) if isinstance(value, Contract) else value
    )
    return _text(_without_empty(plain)).encode()


def sha256(value: Contract | dict[str, Json]) -> str:
    """Return the SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _without_empty(value: Json) -> Json:
    if isinstance(value, dict):
        members = {name: _without_empty(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if _says_something(member)}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _says_something(value: Json) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


def _text(value: Json) -> str:
    if isinstance(value, dict):
        # RFC 8785 section 3.2.3 sorts names by their UTF-16 code units.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, float):
        raise TypeError("numbers with a fraction have no canonical form here")
    # Python escapes strings exactly as RFC 8785 section 3.2.2.2 wants.
    return json.dumps(value, ensure_ascii=False)
