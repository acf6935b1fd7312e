"""Reads the data elements of a DICOM file into DICOM JSON (PS3.18 Annex F), up to the pixel data.

Invariant: whatever the bytes claim, the work is bounded by `Limits`. Lengths are checked against
what is there before anything is read, nesting is counted, bulk values are stepped over, not copied.
A value that breaks the rule of its representation is dropped with a note that names its tag; only a
broken structure, where the next element cannot be found, makes the instance unreadable.
"""

import base64
import mmap
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.dicom import characters
from services.dicom.errors import UnreadableInstance
from services.dicom.values import (
    KINDS,
    SEQUENCE,
    SIGNED,
    UNKNOWN,
    BadValueError,
    Context,
    Kind,
    dictionary_kind,
    swap_bytes,
)

DicomJson = dict[str, Any]
Buffer = bytes | mmap.mmap

IMPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
NATIVE_SYNTAXES: Final = frozenset(
    {IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN}
)
PIXEL_TAGS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
"""Float, double float and integer pixel data."""

PLACED_TAGS: Final = frozenset({0x00020000, 0x00020003, 0x00080018, 0x0020000D, 0x0020000E})
"""What changes when an instance gets other UIDs: where these lie is noted."""

UNDEFINED: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much of a file is looked at; real files stay far below."""

    nesting: int = 48
    elements: int = 100_000
    header_bytes: int = 8 << 20
    inflated_header_bytes: int = 16 << 20
    inflated_bytes: int = 512 << 20
    inline_bytes: int = 1 << 10
    lookup_table_bytes: int = 128 << 10
    value_bytes: int = 64 << 10
    notes: int = 20


@dataclass(frozen=True)
class PixelElement:
    """Where the pixel data lies in the object (of a deflated one: in its inflated data set)."""

    tag: int
    offset: int
    length: int | None
    """None: undefined length, so the value is a sequence of fragments (PS3.5 section A.4)."""


@dataclass(frozen=True)
class Elements:
    """What a file says before its pixels."""

    transfer_syntax_uid: str
    meta: DicomJson
    dataset: DicomJson
    pixels: PixelElement | None
    inflated_bytes: int | None
    """Length of the inflated data set, to which all offsets refer; None if it is not deflated."""
    position: int
    """Where the data set begins in the object."""
    bulk: Mapping[str, tuple[int, int]]
    """Offset and length of the values that DICOM JSON refers to by a BulkDataURI."""
    notes: tuple[str, ...]
    places: Mapping[int, tuple[int, int]]
    """Offset and length of the values of `PLACED_TAGS`; in the object, or its inflated data set."""


_Found = tuple[int, Kind, int, int]
"""An element's tag, kind, length, and where its value begins."""


class _BrokenError(Exception):
    """The next element cannot be found; an enclosing sequence of known length may be skipped."""


@dataclass(frozen=True)
class _Encoding:
    explicit: bool
    little: bool


def read_elements(buffer: Buffer, *, whole: bool = True, limits: Limits | None = None) -> Elements:
    """Read all elements before the pixel data.

    Parameters
    ----------
    buffer : the object, or its beginning.
    whole : False where `buffer` is only the beginning of the object.

    Raises
    ------
    UnreadableInstance : "incomplete" when a beginning is too short to say, so that the caller can
        fetch more; otherwise what is wrong with the file.
    """
    try:
        return _read(buffer, limits or Limits(), whole=whole)
    except _BrokenError as broken:
        if not whole:
            raise UnreadableInstance(
                "incomplete", "The header goes on after these bytes."
            ) from None
        raise UnreadableInstance("truncated", f"The file ends or breaks off: {broken}.") from None


def first_value(dataset: DicomJson, tag: str) -> Any:
    """Return the first value of an element, None if it is absent or empty."""
    values = dataset.get(tag, {}).get("Value")
    return values[0] if values else None


def _read(buffer: Buffer, limits: Limits, *, whole: bool) -> Elements:
    if len(buffer) == 0:
        raise UnreadableInstance("empty", "The file has no bytes.")
    notes: list[str] = []
    start = 132 if buffer[128:132] == b"DICM" else 0
    # Group 0002 is always explicit little endian (PS3.10 section 7.1). Its length element is not
    # trusted: the group ends where another group begins.
    meta_reader = _Reader(buffer, _Encoding(explicit=True, little=True), limits, notes)
    meta, position = meta_reader.read_group(start, 0x0002)
    syntax = str(first_value(meta, "00020010") or "")
    encoding = _encoding_of(buffer, position, syntax, notes)
    content: Buffer = buffer
    begin = position
    inflated_bytes = None
    if syntax == DEFLATED_LITTLE_ENDIAN:
        if not whole:
            raise UnreadableInstance("incomplete", "A deflated object is read as a whole.")
        content, inflated_bytes = _inflated_header(buffer, position, limits)
        position = 0
    reader = _Reader(content, encoding, limits, notes)
    dataset = reader.read_top(position)
    syntax = syntax or _guessed_syntax(encoding, reader.pixels)
    return Elements(
        syntax,
        meta,
        dataset,
        reader.pixels,
        inflated_bytes,
        begin,
        reader.bulk,
        tuple(notes),
        meta_reader.places | reader.places,
    )


def inflated(buffer: Buffer, position: int, limit: int) -> Iterator[bytes]:
    """Give the deflated data set (PS3.5 section A.5) in pieces, at most `limit` bytes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = b""
    given = 0
    try:
        while not inflater.eof and (pending or position < len(buffer)):
            if not pending:
                pending = buffer[position : position + _PIECE]
                position += len(pending)
            piece = inflater.decompress(pending, _PIECE)
            pending = inflater.unconsumed_tail
            given += len(piece)
            if given > limit:
                raise UnreadableInstance(
                    "inflates_too_large", "The deflated data set is too large."
                )
            yield piece
    except zlib.error:
        raise UnreadableInstance("not_deflated", "The deflated data set is damaged.") from None


def inflated_range(buffer: Buffer, position: int, offset: int, length: int) -> bytes:
    """Return a part of the inflated data set that begins at `position`; no more is kept of it."""
    found = bytearray()
    start = 0
    for piece in inflated(buffer, position, Limits().inflated_bytes):
        found += piece[max(0, offset - start) : max(0, offset + length - start)]
        start += len(piece)
        if start >= offset + length:
            break
    return bytes(found)


def _inflated_header(buffer: Buffer, position: int, limits: Limits) -> tuple[bytes, int]:
    """Return the first inflated bytes, and how many there are in all."""
    header = bytearray()
    total = 0
    for piece in inflated(buffer, position, limits.inflated_bytes):
        total += len(piece)
        if len(header) < limits.inflated_header_bytes:
            header += piece
    return bytes(header), total


def _encoding_of(buffer: Buffer, position: int, syntax: str, notes: list[str]) -> _Encoding:
    """Look at the first element: senders mix up explicit and implicit, or do not say."""
    if syntax == DEFLATED_LITTLE_ENDIAN:
        return _Encoding(explicit=True, little=True)
    first = buffer[position : position + 8]
    if len(first) < 8:
        raise _BrokenError("there is no data set")
    explicit = first[4:6] in KINDS
    little = syntax != EXPLICIT_BIG_ENDIAN if syntax else first[1] == 0
    if not syntax and first[:2] != (b"\x08\x00" if little else b"\x00\x08"):
        raise UnreadableInstance("not_dicom", "The file is not DICOM.")
    if syntax and explicit == (syntax == IMPLICIT_LITTLE_ENDIAN):
        notes.append("the value representations are not as the transfer syntax says")
    return _Encoding(explicit=explicit, little=little)


def _guessed_syntax(encoding: _Encoding, pixels: PixelElement | None) -> str:
    if pixels is not None and pixels.length is None:
        raise UnreadableInstance(
            "no_transfer_syntax", "The pixel data is compressed, but no transfer syntax says how."
        )
    if not encoding.little:
        return EXPLICIT_BIG_ENDIAN
    return EXPLICIT_LITTLE_ENDIAN if encoding.explicit else IMPLICIT_LITTLE_ENDIAN


class _Reader:
    """Walks over the elements of one buffer in one encoding."""

    def __init__(
        self, buffer: Buffer, encoding: _Encoding, limits: Limits, notes: list[str]
    ) -> None:
        order = "<" if encoding.little else ">"
        self.buffer = buffer
        self.limits = limits
        self.notes = notes
        self.pixels: PixelElement | None = None
        self.explicit = encoding.explicit
        self.order = order
        self.signed = False
        self.count = 0
        self.last = limits.header_bytes
        self.path: list[str] = []
        self.bulk: dict[str, tuple[int, int]] = {}
        self.places: dict[int, tuple[int, int]] = {}
        self.explicit_header = struct.Struct(f"{order}HH2sH").unpack_from
        self.implicit_header = struct.Struct(f"{order}HHL").unpack_from
        self.long_length = struct.Struct(f"{order}L").unpack_from

    def read_top(self, position: int) -> DicomJson:
        """Read the data set from `position` to the pixel data or the end of the buffer."""
        self.last = position + self.limits.header_bytes
        dataset, _ = self._dataset(position, len(self.buffer), Context(self.order), 0)
        return dataset

    def read_group(self, position: int, group: int) -> tuple[DicomJson, int]:
        """Read the elements of one group; return them and where the next group begins."""
        dataset: DicomJson = {}
        context = Context(self.order)
        while self.buffer[position : position + 2] == struct.pack("<H", group):
            found = self._header(position, len(self.buffer))
            _, _, length, position = found
            self._count(position)
            if length > len(self.buffer) - position:
                raise _BrokenError("the meta header is cut")
            self._note_place(found)
            self._keep(dataset, found, context)
            position += length
        return dataset, position

    def _dataset(
        self, position: int, end: int, context: Context, depth: int
    ) -> tuple[DicomJson, int]:
        """Read elements to `end`, or to the end of this item, or to the pixel data."""
        dataset: DicomJson = {}
        while position < end:
            if not depth and self._is_padding(position, end):
                return dataset, end
            found = self._header(position, end)
            tag, kind, length, position = found
            self._count(position)
            if tag == ITEM_END and depth:
                return dataset, position
            if tag in PIXEL_TAGS and not depth:
                self._keep_pixels(dataset, found)
                return dataset, position
            if kind is SEQUENCE or length == UNDEFINED:
                position = self._sequence(dataset, found, end, context, depth)
                continue
            if length > end - position:
                raise _BrokenError(f"the value of {tag:08X} is cut")
            if not depth:
                self._note_place(found)
            self._keep(dataset, found, context)
            if tag == 0x00080005:
                context = Context(self.order, self._encodings(dataset))
            elif tag == 0x00280103:
                self.signed = first_value(dataset, "00280103") == 1
            position += length
        return dataset, position

    def _note_place(self, found: _Found) -> None:
        tag, _, length, position = found
        if tag in PLACED_TAGS:
            self.places[tag] = position, length

    def _is_padding(self, position: int, end: int) -> bool:
        # Some writers fill the file with zeros to a block.
        rest = end - position
        return self.buffer[position : position + 4] in {
            b"\0\0\0\0",
            b"\0\0\0",
            b"\0\0",
            b"\0",
        } and (rest < 8192 and not any(self.buffer[position:end]))

    def _count(self, position: int) -> None:
        self.count += 1
        if self.count > self.limits.elements:
            raise UnreadableInstance("too_many_elements", "The header has too many data elements.")
        if position > self.last:
            raise UnreadableInstance(
                "header_too_large", "The header without bulk data is too large."
            )

    # -------------------------------------------------------------------------------------- headers
    def _header(self, position: int, end: int) -> _Found:
        if end - position < 8:
            raise _BrokenError("an element is cut")
        if not self.explicit:
            return self._implicit(position)
        group, element, vr, length = self.explicit_header(self.buffer, position)
        tag = group << 16 | element
        kind = KINDS.get(vr)
        if kind is None:
            return self._unlisted(position, tag, vr, length)
        if not kind.long_header:
            return tag, kind, length, position + 8
        if end - position < 12:
            raise _BrokenError("an element is cut")
        (length,) = self.long_length(self.buffer, position + 8)
        return tag, self._known(tag) if kind is UNKNOWN else kind, length, position + 12

    def _implicit(self, position: int) -> _Found:
        group, element, length = self.implicit_header(self.buffer, position)
        tag = group << 16 | element
        return tag, self._known(tag), length, position + 8

    def _known(self, tag: int) -> Kind:
        kind, sign_varies = dictionary_kind(tag)
        return SIGNED if sign_varies and self.signed else kind

    def _unlisted(self, position: int, tag: int, vr: bytes, length: int) -> _Found:
        if tag >> 16 == 0xFFFE or not (vr.isalpha() and vr.isupper()):
            # Delimiters have no representation; others wrote this element in the implicit way.
            return self._implicit(position)
        self._note(f"{tag:08X}", "unknown value representation")
        return tag, UNKNOWN, length, position + 8

    # --------------------------------------------------------------------------------------- values
    def _keep(self, dataset: DicomJson, found: _Found, context: Context) -> None:
        tag, kind, length, position = found
        if not tag & 0xFFFF:
            return  # group lengths are not part of DICOM JSON (PS3.18 section F.2.2)
        name = f"{tag:08X}"
        if length > self._most(tag, kind):
            self.last += length
            dataset[name] = self._left_out(name, found)
            return
        raw = self.buffer[position : position + length]
        dataset[name] = self._converted(name, kind, raw, context)

    def _most(self, tag: int, kind: Kind) -> int:
        if kind.convert is not None:
            return self.limits.value_bytes
        # Colour and grey-level tables are needed to show the image at all.
        is_table = tag >> 16 == 0x0028
        return self.limits.lookup_table_bytes if is_table else self.limits.inline_bytes

    def _left_out(self, name: str, found: _Found) -> DicomJson:
        _, kind, length, position = found
        if kind.is_text and not kind.long_header and kind.vr not in {"LT", "ST"}:
            self._note(name, "longer than its representation allows")
            return {"vr": kind.vr}
        return self._bulk(name, kind.vr, position, position + length)

    def _bulk(self, name: str, vr: str, start: int, end: int) -> DicomJson:
        uri = "/".join(["bulkdata", *self.path, name])
        self.bulk[uri] = (start, end - start)
        return {"vr": vr, "BulkDataURI": uri}

    def _converted(self, name: str, kind: Kind, raw: bytes, context: Context) -> DicomJson:
        if kind.convert is None:
            return self._inline(kind, raw)
        try:
            values = kind.convert(raw, context)
        except BadValueError as bad:
            self._note(name, str(bad))
            return {"vr": kind.vr}
        return {"vr": kind.vr, "Value": values} if values else {"vr": kind.vr}

    def _inline(self, kind: Kind, raw: bytes) -> DicomJson:
        if not raw:
            return {"vr": kind.vr}
        if self.order == ">":
            raw = swap_bytes(raw, kind.word_bytes)
        return {"vr": kind.vr, "InlineBinary": base64.b64encode(raw).decode("ascii")}

    def _keep_pixels(self, dataset: DicomJson, found: _Found) -> None:
        tag, kind, length, position = found
        self.pixels = PixelElement(tag, position, None if length == UNDEFINED else length)
        end = len(self.buffer) if length == UNDEFINED else position + length
        vr = "OW" if kind is UNKNOWN else kind.vr
        dataset[f"{tag:08X}"] = self._bulk(f"{tag:08X}", vr, position, end)

    def _encodings(self, dataset: DicomJson) -> Sequence[str]:
        terms = [str(term or "") for term in dataset["00080005"].get("Value", [])]
        encodings, known = characters.encodings_of(terms)
        if not known:
            self._note("00080005", "unknown character set")
        return encodings

    def _note(self, name: str, problem: str) -> None:
        if len(self.notes) < self.limits.notes:
            self.notes.append(f"{name}: {problem}")

    # ------------------------------------------------------------------------------------ sequences
    def _sequence(
        self, dataset: DicomJson, found: _Found, end: int, context: Context, depth: int
    ) -> int:
        """Read a sequence or a value of undefined length; return where the next element begins."""
        tag, kind, _, position = found
        name = f"{tag:08X}"
        if kind is not SEQUENCE and kind is not UNKNOWN:
            after = self._skip_fragments(position, end)
            dataset[name] = self._bulk(name, kind.vr, position, after)
            return after
        if depth >= self.limits.nesting:
            raise UnreadableInstance("nested_too_deep", "Sequences are nested too deep.")
        explicit = self.explicit
        # A sequence of unknown representation is stored implicitly (PS3.5 section 6.2.2 note 4).
        self.explicit = explicit and self.buffer[position - 8 : position - 6] != b"UN"
        try:
            items, position = self._items(found, end, context, depth)
        finally:
            self.explicit = explicit
        dataset[name] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        return position

    def _items(
        self, found: _Found, end: int, context: Context, depth: int
    ) -> tuple[list[DicomJson], int]:
        tag, _, length, position = found
        if length == UNDEFINED:
            items, position, closed = self._read_items(found, end, context, depth)
            if not closed:
                raise _BrokenError("a sequence has no end")
            return items, position
        stop = position + length
        if stop > end:
            raise _BrokenError(f"the sequence {tag:08X} is cut")
        try:
            items, _, _ = self._read_items(found, stop, context, depth)
        except _BrokenError:
            self._note(f"{tag:08X}", "broken sequence")
            items = []
        return items, stop

    def _read_items(
        self, found: _Found, end: int, context: Context, depth: int
    ) -> tuple[list[DicomJson], int, bool]:
        """Read items to `end` or to the delimiter; tell which of both it was."""
        tag, _, _, position = found
        items: list[DicomJson] = []
        while position < end:
            delimiter, length, position = self._item_header(position, end)
            if delimiter == SEQUENCE_END:
                return items, position, True
            if delimiter != ITEM:
                raise _BrokenError("a sequence holds something other than items")
            stop = end if length == UNDEFINED else position + length
            if stop > end:
                raise _BrokenError("an item is cut")
            self.path += [f"{tag:08X}", str(len(items))]
            try:
                item, reached = self._dataset(position, stop, context, depth + 1)
            finally:
                del self.path[-2:]
            items.append(item)
            position = reached if length == UNDEFINED else stop
        return items, position, False

    def _item_header(self, position: int, end: int) -> tuple[int, int, int]:
        if end - position < 8:
            raise _BrokenError("an item is cut")
        group, element, length = self.implicit_header(self.buffer, position)
        self._count(position)
        return group << 16 | element, length, position + 8

    def _skip_fragments(self, position: int, end: int) -> int:
        while True:
            tag, length, position = self._item_header(position, end)
            if tag == SEQUENCE_END:
                return position
            if tag != ITEM or length > end - position:
                raise _BrokenError("a fragment is cut")
            self.last += length
            position += length
