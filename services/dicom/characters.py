"""Text of DICOM values: character sets (PS3.5 section 6.1) and cleaning.

What leaves this module can be stored in PostgreSQL and written as JSON: no control characters, no
lone surrogates. A byte that fits no declared character set becomes U+FFFD, never an error.
"""

import re
from collections.abc import Sequence
from typing import Final

DEFAULT_ENCODINGS = ("ascii",)
ESCAPE = b"\x1b"

# Python's names of the defined terms of PS3.3 section C.12.1.1.2; those of ISO 2022 IR follow.
_ENCODINGS: Final = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 100": "latin_1",
    "ISO_IR 101": "iso8859_2",
    "ISO_IR 109": "iso8859_3",
    "ISO_IR 110": "iso8859_4",
    "ISO_IR 126": "iso8859_7",
    "ISO_IR 127": "iso8859_6",
    "ISO_IR 138": "iso8859_8",
    "ISO_IR 144": "iso8859_5",
    "ISO_IR 148": "iso8859_9",
    "ISO_IR 166": "iso8859_11",
    "ISO_IR 192": "utf_8",
    "ISO_IR 203": "iso8859_15",
    "GB18030": "gb18030",
    "GBK": "gbk",
    "ISO 2022 IR 58": "gb2312",
    "ISO 2022 IR 87": "iso2022_jp",
    "ISO 2022 IR 149": "euc_kr",
    "ISO 2022 IR 159": "iso2022_jp_2",
}
# Escape sequences of PS3.3 tables C.12-3 and C.12-4.
_ESCAPES: Final = {
    b"\x1b(B": "ascii",
    b"\x1b-A": "latin_1",
    b"\x1b-B": "iso8859_2",
    b"\x1b-C": "iso8859_3",
    b"\x1b-D": "iso8859_4",
    b"\x1b-F": "iso8859_7",
    b"\x1b-G": "iso8859_6",
    b"\x1b-H": "iso8859_8",
    b"\x1b-L": "iso8859_5",
    b"\x1b-M": "iso8859_9",
    b"\x1b-T": "iso8859_11",
    b"\x1b-b": "iso8859_15",
    b"\x1b)I": "shift_jis",
    b"\x1b(J": "shift_jis",
    b"\x1b$B": "iso2022_jp",
    b"\x1b$)A": "gb2312",
    b"\x1b$)C": "euc_kr",
    b"\x1b$(D": "iso2022_jp_2",
}
_STAND_ALONE = frozenset({"utf_8", "gb18030", "gbk"})
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
    encodings = [_ENCODINGS.get(_spelled(term)) for term in terms or [""]]
    found = [encoding or "ascii" for encoding in encodings]
    if found[0] in _STAND_ALONE:
        return (found[0],), None not in encodings
    return tuple(e for e in found if e not in _STAND_ALONE), None not in encodings


def _spelled(term: str) -> str:
    """Spell a term as the table does: many devices mix up its blanks, hyphens and underscores."""
    words = re.split(r"[ _-]+", term.strip().upper())
    number = words[-1]
    if words[0] != "ISO":
        return number
    multi_byte = f"ISO 2022 IR {number}"
    return multi_byte if multi_byte in _ENCODINGS else f"ISO_IR {number}"


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
    encoding = _ESCAPES.get(part[:width])
    if encoding in _READS_ESCAPES:
        return part.decode(encoding, "replace")
    if encoding is None:
        return _decode_plain(part[width:], encodings[0])
    end = next((i for i in range(width, len(part)) if part[i] in delimiters), len(part))
    return part[width:end].decode(encoding, "replace") + _decode_plain(part[end:], encodings[0])
