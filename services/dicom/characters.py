"""Text of DICOM values: character sets (PS3.5 section 6.1) and cleaning.

What leaves this module can be stored in PostgreSQL and written as JSON: no control characters, no
lone surrogates. A byte that fits no declared character set becomes U+FFFD, never an error.
"""

import re
from collections.abc import Sequence

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

DEFAULT_ENCODINGS = ("ascii",)
ESCAPE = b"\x1b"

_STAND_ALONE = frozenset({"UTF8", "GB18030", "GBK"})
# Python's own codecs for these read the escape sequences themselves.
_READS_ESCAPES = frozenset({"iso2022_jp", "iso2022_jp_2"})
_FRAGMENTS = re.compile(rb"\x1b[^\x1b]*|^[^\x1b]+")
_CONTROLS = dict.fromkeys(
    [
        *(c for c in range(0x20) if chr(c) not in "\t\n\r"),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
    ]
)


def encodings_of(terms: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Translate Specific Character Set (0008,0005) into codecs; False if a term is unknown.

    Only the defined terms of PS3.3 section C.12.1.1.2 are looked up: Python's codec registry also
    holds things like "zlib" and "punycode", which no sender shall be able to choose.
    """
    known = True
    found: list[str] = []
    for term in terms or [""]:
        spelled = re.sub(r"^ISO[ _-]?(IR|2022)[ _-]?", _spell, term.strip().upper())
        encoding = python_encoding.get(spelled)
        known = known and encoding is not None
        found.append(
            "ascii" if spelled in {"", "ISO_IR 6", "ISO 2022 IR 6"} else encoding or "ascii"
        )
    if found[0] in _STAND_ALONE:
        return (found[0],), known
    return tuple(e for e in found if e not in _STAND_ALONE), known


def _spell(match: re.Match[str]) -> str:
    return "ISO_IR " if match[1] == "IR" else "ISO 2022 "


def decode(raw: bytes, encodings: Sequence[str], delimiters: bytes = b"\\") -> str:
    """Decode one value field; `delimiters` are the bytes that end an escape sequence's reach."""
    if ESCAPE not in raw:
        return _decode_plain(raw, encodings[0])
    return "".join(
        _decode_fragment(part, encodings, delimiters) for part in _FRAGMENTS.findall(raw)
    )


def clean(text: str) -> str:
    """Remove control characters but tab and line ends."""
    return text if text.isprintable() else text.translate(_CONTROLS)


def _decode_plain(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return _decode_undeclared(raw) if encoding == "ascii" else raw.decode(encoding, "replace")


def _decode_undeclared(raw: bytes) -> str:
    # Many devices write UTF-8 or Latin-1 without saying so. UTF-8 recognises itself.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decode_fragment(part: bytes, encodings: Sequence[str], delimiters: bytes) -> str:
    if not part.startswith(ESCAPE):
        return _decode_plain(part, encodings[0])
    width = 4 if part.startswith((b"\x1b$(", b"\x1b$)")) else 3
    encoding = CODES_TO_ENCODINGS.get(part[:width])
    if encoding in _READS_ESCAPES:
        return part.decode(encoding, "replace")
    if encoding is None:
        return _decode_plain(part[width:], encodings[0])
    end = next((i for i in range(width, len(part)) if part[i] in delimiters), len(part))
    return part[width:end].decode(encoding, "replace") + _decode_plain(part[end:], encodings[0])
