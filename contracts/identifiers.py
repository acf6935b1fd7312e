"""Typed identifiers and their validation; ids of events are UUIDv7, so they sort by time."""

from typing import Annotated
from uuid import UUID

import uuid_utils
from pydantic import StringConstraints

Uid = Annotated[
    str, StringConstraints(max_length=64, pattern=r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*$")
]
"""A DICOM unique identifier (PS3.5 section 9.1): digits and dots, at most 64 characters."""

AccessionNumber = Annotated[str, StringConstraints(min_length=1, max_length=16)]
"""Accession Number (0008,0050), value representation SH: at most 16 characters."""

AeTitle = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[ -\[\]-~]+$")]
"""Application entity title (PS3.5 section 6.2): at most 16 characters, no backslash."""

OrderNumber = Annotated[str, StringConstraints(pattern=r"^IMG-[0-9]{8}-[0-9A-Z]{5,7}$")]
"""Order number as the spec writes it: IMG-20251111-ABCD1."""

ReportNumber = Annotated[str, StringConstraints(pattern=r"^RAD-[0-9]{8}-[0-9A-Z]{5,7}$")]
"""Report number as the spec writes it: RAD-20251111-ABCD1."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): unique, and later ones sort after earlier ones."""
    return UUID(int=uuid_utils.uuid7().int)
