"""Turns the bytes of one value field into the values of DICOM JSON (PS3.18 section F.2.3).

Each value representation (PS3.5 section 6.2) has one converter. A value that breaks the rule of its
own representation raises `BadValueError`, whose sentence never holds the value.
"""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from services.dicom import characters
from services.dicom.dictionary import value_representation

MAX_LINE_CHARACTERS: Final = 1_024
MAX_NUMBER_CHARACTERS: Final = 64
_NUMBER_BYTES: Final = b"0123456789+-.eE\\ \0"


class BadValueError(Exception):
    """A value that breaks the rule of its own representation."""


@dataclass(frozen=True)
class Context:
    """What the meaning of bytes depends on."""

    order: str
    """"<" or ">": byte order as the struct module writes it."""
    encodings: Sequence[str] = characters.DEFAULT_ENCODINGS


Convert = Callable[[bytes, Context], list[Any]]


@dataclass(frozen=True)
class Kind:
    """How one value representation is stored and read; no converter: binary or a sequence."""

    vr: str
    convert: Convert | None
    long_header: bool = False
    is_text: bool = False
    word_bytes: int = 1


@lru_cache(maxsize=8192)
def dictionary_kind(tag: int) -> tuple[Kind, bool]:
    """Return the kind that PS3.6 gives a tag, and whether Pixel Representation decides its sign."""
    vr = value_representation(tag)
    if vr is None:
        return UNKNOWN, False
    return KINDS.get(_AMBIGUOUS.get(vr, vr).encode(), UNKNOWN), vr == "US or SS"


def swap_bytes(raw: bytes, width: int) -> bytes:
    """Turn the byte order of words of `width` bytes; an incomplete last word is left as it is."""
    whole = len(raw) // width * width
    swapped = bytearray(raw)
    for i in range(width):
        swapped[i:whole:width] = raw[width - 1 - i : whole : width]
    return bytes(swapped)


# -------------------------------------------------------------------------------------------- text
def _plain(raw: bytes, _context: Context) -> list[Any]:
    text = raw.decode("ascii", "replace")
    return _split(text if text.isprintable() else characters.clean(text))


def _line(raw: bytes, context: Context) -> list[Any]:
    return _split(_decoded(raw, context, b"\\\r\n\f\t"))


def _split(text: str) -> list[Any]:
    if len(text) > MAX_LINE_CHARACTERS:
        return [part.strip()[:MAX_LINE_CHARACTERS] or None for part in text.split("\\")]
    if "\\" in text:
        return [part.strip() or None for part in text.split("\\")]
    text = text.strip()
    return [text] if text else []


def _block(raw: bytes, context: Context) -> list[Any]:
    text = _decoded(raw, context, b"\r\n\f\t").rstrip()
    return [text] if text else []


def _name(raw: bytes, context: Context) -> list[Any]:
    return [_name_groups(part) for part in _split(_decoded(raw, context, b"\\^=\r\n\f\t"))]


def _name_groups(name: str | None) -> dict[str, str] | None:
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), (name or "").split("="), strict=False)
    return {key: group.strip() for key, group in groups if group.strip()} or None


def _uid(raw: bytes, context: Context) -> list[Any]:
    return _plain(raw.rstrip(b"\0 "), context)


def _decoded(raw: bytes, context: Context, delimiters: bytes) -> str:
    if raw.isascii() and characters.ESCAPE not in raw:
        text = raw.decode("ascii")
    else:
        text = characters.decode(raw, context.encodings, delimiters)
    return text if text.isprintable() else characters.clean(text)


# ----------------------------------------------------------------------------------------- numbers
def _decimal(raw: bytes, _context: Context) -> list[Any]:
    return [_number(part) for part in _number_parts(raw)]


def _integer(raw: bytes, _context: Context) -> list[Any]:
    numbers = [_number(part) for part in _number_parts(raw)]
    if any(n is not None and (n != int(n) or abs(n) >= 2**53) for n in numbers):
        raise BadValueError("not an integer")
    return [n if n is None else int(n) for n in numbers]


def _number_parts(raw: bytes) -> list[str]:
    # float() alone would also take "nan", "1_000" and "infinity".
    if raw.translate(None, _NUMBER_BYTES):
        raise BadValueError("not a number")
    text = raw.decode("ascii").strip("\0 ")
    return text.split("\\") if text else []


def _number(part: str) -> float | None:
    part = part.strip("\0 ")
    if not part:
        return None
    if len(part) > MAX_NUMBER_CHARACTERS:
        raise BadValueError("too long for a number")
    try:
        number = int(part) if part.lstrip("+-").isdecimal() else float(part)
    except ValueError:
        raise BadValueError("not a number") from None
    if not math.isfinite(number):
        raise BadValueError("not a finite number")
    return number


def _packed(code: str) -> Convert:
    width = struct.calcsize(f"<{code}")

    def convert(raw: bytes, context: Context) -> list[Any]:
        values = struct.unpack(f"{context.order}{_count(raw, width)}{code}", raw)
        if code in "fd" and not all(map(math.isfinite, values)):
            raise BadValueError("not a finite number")
        return list(values)

    return convert


def _tags(raw: bytes, context: Context) -> list[Any]:
    halves = struct.unpack(f"{context.order}{_count(raw, 4) * 2}H", raw)
    return [f"{halves[i]:04X}{halves[i + 1]:04X}" for i in range(0, len(halves), 2)]


def _count(raw: bytes, width: int) -> int:
    count, rest = divmod(len(raw), width)
    if rest:
        raise BadValueError("not a whole number of values")
    return count


# --------------------------------------------------------------------------------- representations
def _kinds() -> dict[bytes, Kind]:
    plain = [Kind(vr, _plain, is_text=True) for vr in ("AE", "AS", "CS", "DA", "DT", "TM")]
    text = [
        Kind("UI", _uid, is_text=True),
        Kind("SH", _line, is_text=True),
        Kind("LO", _line, is_text=True),
        Kind("PN", _name, is_text=True),
        Kind("LT", _block, is_text=True),
        Kind("ST", _block, is_text=True),
        Kind("UC", _line, is_text=True, long_header=True),
        Kind("UR", _block, is_text=True, long_header=True),
        Kind("UT", _block, is_text=True, long_header=True),
    ]
    numbers = [
        Kind("DS", _decimal),
        Kind("IS", _integer),
        Kind("AT", _tags),
        Kind("FL", _packed("f")),
        Kind("FD", _packed("d")),
        Kind("SL", _packed("l")),
        Kind("SS", _packed("h")),
        Kind("UL", _packed("L")),
        Kind("US", _packed("H")),
        Kind("SV", _packed("q"), long_header=True),
        Kind("UV", _packed("Q"), long_header=True),
    ]
    words = {"SQ": 1, "UN": 1, "OB": 1, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
    binary = [Kind(vr, None, long_header=True, word_bytes=n) for vr, n in words.items()]
    return {kind.vr.encode(): kind for kind in (*plain, *text, *numbers, *binary)}


KINDS: Final = _kinds()
UNKNOWN: Final = KINDS[b"UN"]
SEQUENCE: Final = KINDS[b"SQ"]
SIGNED: Final = KINDS[b"SS"]
_AMBIGUOUS: Final = {"OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW", "US or SS": "US"}
