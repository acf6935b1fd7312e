"""The value representation of every standard data element (PS3.6 section 6).

The table is a file of ours and the same as pydicom's, which a test compares: importing pydicom for
it costs each process 45 MB, and one that only parses headers needs nothing else of it.
"""

from functools import lru_cache
from pathlib import Path


def value_representation(tag: int) -> str | None:
    """Return what PS3.6 says of a tag, such as "DS" or "US or SS"; None if it is not there."""
    table = _table()
    found = table.get(f"{tag:08X}")
    if found is None and tag >> 24 in {0x50, 0x60} and not tag >> 16 & 1:
        return table.get(f"{tag >> 24:02X}xx{tag & 0xFFFF:04X}")  # curves and overlays
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    lines = Path(__file__).with_name("dictionary.txt").read_text("ascii").splitlines()
    return {line[:8]: line[9:] for line in lines}
