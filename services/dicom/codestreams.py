"""Reads the size that a compressed frame claims, before a decoder makes room for it."""

import struct
from typing import Final

# Frame headers of the JPEG and JPEG-LS families (ISO/IEC 10918-1 table B.1, 14495-1 section C.1.1).
_FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def codestream_size(raw: bytes) -> tuple[int, int] | None:
    """Return rows and columns of a JPEG, JPEG-LS or JPEG 2000 codestream, None if it tells none."""
    if raw.startswith(b"\xff\x4f\xff\x51") and len(raw) >= 24:
        right, bottom, left, top = struct.unpack_from(">4L", raw, 8)
        return bottom - top, right - left
    if raw.startswith(b"\xff\xd8"):
        return _jpeg_size(raw)
    return None


def _jpeg_size(raw: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(raw) and raw[position] == 0xFF:
        marker = raw[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in _FRAME_HEADERS:
            rows, columns = struct.unpack_from(">2H", raw, position + 5)
            return rows, columns
        else:
            position += 2 + int(struct.unpack_from(">H", raw, position + 2)[0])
    return None


def unwrapped(raw: bytes) -> bytes:
    """Return the codestream of a frame that came as a JP2 file, which PS3.5 does not allow."""
    if raw[4:8] != b"jP  ":
        return raw
    position = 0
    while position + 8 <= len(raw):
        length, kind = struct.unpack_from(">L4s", raw, position)
        if kind == b"jp2c":
            return raw[position + 8 :]
        if length < 8:
            break
        position += length
    return raw
