"""A live position: how far each partition of each snapshot topic has been seen, as one opaque word.

What must stay true: the word tells nothing but offsets, and one that cannot be read is no error but
a reason to begin anew.
"""

import base64
import struct
import zlib
from collections.abc import Mapping

from contracts.topics import SNAPSHOTS

Place = tuple[str, int]
Offsets = dict[Place, int]
"""(topic, partition) -> offset of the next record."""

_PLACES: tuple[Place, ...] = tuple(
    (topic.name, number)
    for topic in sorted(SNAPSHOTS, key=lambda topic: topic.name)
    for number in range(topic.partitions)
)
_LAYOUT = zlib.crc32(repr(_PLACES).encode())


def encode(offsets: Mapping[Place, int]) -> str:
    """Return the word for a position."""
    values = [offsets.get(place, 0) for place in _PLACES]
    packed = struct.pack(f">I{len(values)}Q", _LAYOUT, *values)
    return base64.urlsafe_b64encode(zlib.compress(packed, 1)).decode().rstrip("=")


def decode(word: str) -> Offsets | None:
    """Return the position behind a word; None for a word that is not ours, or of another layout."""
    try:
        squeezed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        packed = zlib.decompressobj().decompress(squeezed, 8 * len(_PLACES) + 4)
        layout, *values = struct.unpack(f">I{len(_PLACES)}Q", packed)
    except (ValueError, zlib.error, struct.error):
        return None
    if layout != _LAYOUT or any(value >= 2**62 for value in values):
        return None
    return dict(zip(_PLACES, values, strict=True))
