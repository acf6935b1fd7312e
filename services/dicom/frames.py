"""Where each frame lies inside an object (PS3.5 sections 8 and A.4).

Invariant: every location lies inside the object. A file that ends inside its pixel data is refused:
it was cut on its way, and sending it again helps. A file whose pixels do not fit their description
is kept without frames: its bytes are what the device made.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from contracts.events.images_ingested import FrameLocation
from services.dicom.elements import (
    EXPLICIT_BIG_ENDIAN,
    ITEM,
    SEQUENCE_END,
    Buffer,
    Elements,
    PixelElement,
    first_value,
)
from services.dicom.errors import UnreadableInstance
from services.dicom.pixels import PixelDescription, describe_pixels, is_native, is_video

MAX_FRAMES: Final = 100_000
MAX_FRAGMENTS: Final = 200_000
_ITEM_HEADER: Final = 8
_RLE: Final = "1.2.840.10008.1.2.5"
_FRAME_STARTS: Final = (b"\xff\xd8", b"\xff\x4f")  # JPEG family, JPEG 2000 family

Fragments = list[tuple[int, int]]
Indexed = tuple[tuple[FrameLocation, ...], tuple[str, ...]]


def index_frames(elements: Elements, buffer: Buffer, size_bytes: int) -> Indexed:
    """Find the frames of an instance.

    Parameters
    ----------
    buffer : the object, or its beginning.
    size_bytes : length of the whole object.

    Returns
    -------
    The location of each frame (none if the instance has no pixels that fit their description), and
    notes about what did not fit. Offsets count from the beginning of the object; in a deflated one
    from the beginning of its inflated data set.

    Raises
    ------
    UnreadableInstance : "truncated", or "incomplete" where `buffer` is too short to say.
    """
    pixels = elements.pixels
    if pixels is None:
        return (), ()
    described = describe_pixels(elements.dataset)
    count = _frame_count(elements)
    if described is None or not 1 <= count <= MAX_FRAMES:
        return (), ("pixel data: its size is not told",)
    native = is_native(elements.transfer_syntax_uid)
    if native != (pixels.length is not None):
        return (), ("pixel data: not stored as the transfer syntax says",)
    if pixels.length is not None:
        size = elements.inflated_bytes if elements.inflated_bytes is not None else size_bytes
        frames = _native_frames(pixels.offset, pixels.length, size, described, count)
        if elements.transfer_syntax_uid == EXPLICIT_BIG_ENDIAN and described.is_word and frames:
            frames = (*frames[:-1], _with_padding(frames[-1], pixels.offset, pixels.length))
        return frames, () if frames else (
            "pixel data: fewer bytes than rows, columns and frames need",
        )
    return _encapsulated_frames(elements, pixels, buffer, size_bytes, count)


def join_fragments(raw: bytes, location: FrameLocation) -> bytes:
    """Return the frame's own bytes from those of its location: without the headers of its items."""
    if location.fragments == 1:
        return raw
    parts = []
    position = 0
    while position + _ITEM_HEADER <= len(raw):
        (length,) = struct.unpack_from("<L", raw, position + 4)
        position += _ITEM_HEADER
        parts.append(raw[position : position + length])
        position += length
    return b"".join(parts)


def _frame_count(elements: Elements) -> int:
    count = first_value(elements.dataset, "00280008")
    return count if isinstance(count, int) else 1


# ------------------------------------------------------------------------------------------ native
def _native_frames(
    offset: int, length: int, size_bytes: int, pixels: PixelDescription, count: int
) -> tuple[FrameLocation, ...]:
    if offset + length > size_bytes:
        raise UnreadableInstance("truncated", "The file ends inside its pixel data.")
    bits = pixels.frame_bits
    if bits * count > length * 8:
        return ()
    starts = [offset + bits * i // 8 for i in range(count)]
    ends = [offset + (bits * (i + 1) + 7) // 8 for i in range(count)]
    frames = (_location(start, end - start) for start, end in zip(starts, ends, strict=True))
    return tuple(frames)


def _with_padding(last: FrameLocation, offset: int, length: int) -> FrameLocation:
    # Swapped in pairs, the last of an odd number of 8-bit samples lies in the padding.
    odd = (last.offset + last.length - offset) % 2
    return _location(
        last.offset, last.length + min(odd, offset + length - last.offset - last.length)
    )


# ------------------------------------------------------------------------------------ encapsulated
def _encapsulated_frames(
    elements: Elements, pixels: PixelElement, buffer: Buffer, size_bytes: int, count: int
) -> Indexed:
    if len(buffer) < size_bytes:
        raise UnreadableInstance("incomplete", "The frames are in the rest of the object.")
    table, *fragments = list(_fragments(buffer, pixels.offset)) or [(0, 0)]
    if not fragments:
        return (), ("pixel data: no fragments",)
    groups = _groups(elements.transfer_syntax_uid, buffer, table, fragments, count)
    notes = () if len(groups) == count else (f"pixel data: {len(groups)} of {count} frames",)
    if is_video(elements.transfer_syntax_uid):
        notes = ()
    return tuple(_span(group) for group in groups), notes


def _fragments(buffer: Buffer, position: int) -> Iterator[tuple[int, int]]:
    """Give offset and length of each item; the first one is the Basic Offset Table."""
    for _ in range(MAX_FRAGMENTS):
        header = buffer[position : position + _ITEM_HEADER]
        position += _ITEM_HEADER
        if len(header) < _ITEM_HEADER:
            raise UnreadableInstance("truncated", "The file ends inside its pixel data.")
        group, element, length = struct.unpack("<HHL", header)
        tag = group << 16 | element
        if tag == SEQUENCE_END:
            return
        if tag != ITEM or position + length > len(buffer):
            raise UnreadableInstance("truncated", "The pixel data breaks off between fragments.")
        yield position, length
        position += length
    raise UnreadableInstance("too_many_fragments", "The pixel data has too many fragments.")


def _groups(
    syntax: str, buffer: Buffer, table: tuple[int, int], fragments: Fragments, count: int
) -> list[Fragments]:
    """Put the fragments of each frame together."""
    if count == 1 or is_video(syntax):
        return [fragments]
    # An Extended Offset Table promises one fragment for each frame (PS3.3 section C.7.6.3.1.8), and
    # RLE has no other way (PS3.5 section G.3): neither needs a look.
    if len(fragments) <= count or syntax == _RLE:
        return [[fragment] for fragment in fragments[:count]]
    by_table = _groups_by_table(buffer, table, fragments)
    if len(by_table) == count:
        return by_table
    return _groups_by_content(buffer, fragments)


def _groups_by_table(
    buffer: Buffer, table: tuple[int, int], fragments: Fragments
) -> list[Fragments]:
    offset, length = table
    first = fragments[0][0] - _ITEM_HEADER
    starts = {
        o + first
        for o in struct.unpack(f"<{length // 4}L", buffer[offset : offset + length // 4 * 4])
    }
    return _split([(f, f[0] - _ITEM_HEADER in starts) for f in fragments])


def _groups_by_content(buffer: Buffer, fragments: Fragments) -> list[Fragments]:
    """Begin a frame where a codestream begins; for writers that leave out every table."""
    return _split([(f, buffer[f[0] : f[0] + 2] in _FRAME_STARTS) for f in fragments])


def _split(marked: Sequence[tuple[tuple[int, int], bool]]) -> list[Fragments]:
    groups: list[Fragments] = []
    for fragment, begins in marked:
        if begins or not groups:
            groups.append([])
        groups[-1].append(fragment)
    return groups


def _span(fragments: Fragments) -> FrameLocation:
    """Return the bytes from a frame's first to its last fragment."""
    if len(fragments) == 1:
        return _location(*fragments[0])
    start = fragments[0][0] - _ITEM_HEADER
    end = fragments[-1][0] + fragments[-1][1]
    return _location(start, end - start, len(fragments))


def _location(offset: int, length: int, fragments: int = 1) -> FrameLocation:
    return FrameLocation.model_construct(offset=offset, length=length, fragments=fragments)
