"""UIDs that follow from what they name, so that doing a thing twice names it once."""

import hashlib
from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "2.25.83218307523436117391540263712874520141"
IMPLEMENTATION_VERSION_NAME: Final = "RADPORTAL_1"


def derived_uid(*parts: object) -> str:
    """Return the UID that belongs to these parts (PS3.5 section B.2: 2.25 and 128 bits)."""
    # Length before each part: ("ab", "c") and ("a", "bc") are different names.
    told = "".join(f"{len(str(part))}:{part}" for part in parts)
    digest = hashlib.sha256(told.encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
