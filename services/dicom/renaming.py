"""Gives an instance's file other UIDs; every other byte stays as it is.

What must stay true: the file of an instance names the UIDs under which it is known, in its data set
and before it (PS3.10 section 7.1), whatever its transfer syntax. The same file under the same UIDs
gives the same bytes.
"""

import mmap
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from services.dicom.elements import (
    DEFLATED_LITTLE_ENDIAN,
    EXPLICIT_BIG_ENDIAN,
    Elements,
    Limits,
    inflated,
    read_elements,
)
from services.dicom.errors import UnreadableInstance

_GROUP_LENGTH: Final = 0x00020000
_MEDIA_STORAGE_SOP_INSTANCE: Final = 0x00020003
_SOP_INSTANCE, _STUDY_INSTANCE, _SERIES_INSTANCE = 0x00080018, 0x0020000D, 0x0020000E
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class _Change:
    """Bytes from `start` to `end` give way to others."""

    start: int
    end: int
    new: bytes


def rename(source: Path, target: IO[bytes], *, study: str, series: str, sop: str) -> None:
    """Write a DICOM file under other UIDs; a piece of it at a time is in memory.

    Raises
    ------
    UnreadableInstance : the file is no DICOM instance.
    """
    uids = {
        _MEDIA_STORAGE_SOP_INSTANCE: sop,
        _SOP_INSTANCE: sop,
        _STUDY_INSTANCE: study,
        _SERIES_INSTANCE: series,
    }
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        elements = read_elements(content)
        meta, dataset = _changes(content, elements, uids)
        target.writelines(_changed(_pieces(content, 0, elements.position), meta))
        if elements.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN:
            pieces = inflated(content, elements.position, Limits().inflated_bytes)
            target.writelines(_deflated(_changed(pieces, dataset)))
        else:
            moved = [_moved(change, -elements.position) for change in dataset]
            pieces = _pieces(content, elements.position, len(content))
            target.writelines(_changed(pieces, moved))


def _changes(
    content: mmap.mmap, elements: Elements, uids: Mapping[int, str]
) -> tuple[list[_Change], list[_Change]]:
    """Return what changes before the data set, and in it."""
    little = elements.transfer_syntax_uid != EXPLICIT_BIG_ENDIAN
    deflated = elements.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN
    head = b"".join(_beginning(content, elements.position)) if deflated else b""
    meta: list[_Change] = []
    dataset: list[_Change] = []
    for tag, uid in uids.items():
        if tag not in elements.places:
            if tag == _MEDIA_STORAGE_SOP_INSTANCE:
                continue  # a file without meta header; the data set says it
            raise UnreadableInstance("no_uid", "The file does not name its instance.")
        in_meta = tag >> 16 == 0x0002
        where = head if deflated and not in_meta else content
        change = _uid_change(where, elements.places[tag], uid, little=little or in_meta)
        (meta if in_meta else dataset).append(change)
    if _GROUP_LENGTH in elements.places:
        meta.append(_group_length(content, elements.places[_GROUP_LENGTH][0], meta))
    return sorted(meta, key=_start), sorted(dataset, key=_start)


def _beginning(content: mmap.mmap, position: int) -> Iterator[bytes]:
    """Give the beginning of a deflated data set, in which its UIDs lie."""
    given = 0
    for piece in inflated(content, position, Limits().inflated_bytes):
        yield piece
        given += len(piece)
        if given >= Limits().inflated_header_bytes:
            return


def _start(change: _Change) -> int:
    return change.start


def _uid_change(
    content: mmap.mmap | bytes, place: tuple[int, int], uid: str, *, little: bool
) -> _Change:
    """Return the change of one element: its length, and its value, which is even (PS3.5 9.1)."""
    start, length = place
    value = uid.encode() + b"\0" * (len(uid) % 2)
    order = "<" if little else ">"
    # Two bytes of length after the letters UI, four after any other kind of header (PS3.5 7.1.2).
    short = content[start - 4 : start - 2] == b"UI"
    told = struct.pack(f"{order}H" if short else f"{order}L", len(value))
    return _Change(start - len(told), start + length, told + value)


def _group_length(content: mmap.mmap, start: int, meta: list[_Change]) -> _Change:
    grown = sum(len(change.new) - (change.end - change.start) for change in meta)
    (length,) = struct.unpack("<L", content[start : start + 4])
    return _Change(start, start + 4, struct.pack("<L", length + grown))


def _moved(change: _Change, by: int) -> _Change:
    return _Change(change.start + by, change.end + by, change.new)


def _pieces(content: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    for position in range(start, end, _PIECE):
        yield content[position : min(end, position + _PIECE)]


def _changed(pieces: Iterator[bytes], changes: list[_Change]) -> Iterator[bytes]:
    """Give the pieces with their changes, which lie in ascending order."""
    head, needed = b"", changes[-1].end if changes else 0
    for piece in pieces:
        head += piece
        if len(head) >= needed:
            break
    position = 0
    for change in changes:
        yield head[position : change.start]
        yield change.new
        position = change.end
    yield head[position:]
    yield from pieces


def _deflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    for piece in pieces:
        yield compressor.compress(piece)
    rest = compressor.flush()
    yield rest + b"\0" * (len(rest) % 2)
