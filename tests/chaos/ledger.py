"""What the system has acknowledged: from then on it must be there, and be there once."""

import hashlib
from dataclasses import dataclass, field

from pydicom import dcmread
from pydicom.filebase import DicomBytesIO


@dataclass(frozen=True)
class Stored:
    """An instance whose storage was answered with success."""

    study: str
    series: str
    sop: str
    pixels_sha256: str
    """Of the pixel data: around it, C-STORE has the receiver write the file."""
    order_id: str


@dataclass
class Ledger:
    """Written by the clients at the moment of each acknowledgement."""

    orders: dict[str, str] = field(default_factory=dict)
    """Order id -> order number, answered by the API."""
    published: dict[str, str] = field(default_factory=dict)
    """Workflow order id -> order id, of orders that Kafka has confirmed."""
    objects: dict[str, Stored] = field(default_factory=dict)
    """SOP Instance UID -> where it must be."""
    reports: dict[str, str] = field(default_factory=dict)
    """Order id -> impression of the signed report."""
    critical: set[str] = field(default_factory=set)
    """Ids of orders whose signed report has a critical finding."""
    confirmed: set[str] = field(default_factory=set)
    """Ids of alerts whose read-back was answered."""

    @property
    def acknowledged(self) -> int:
        """How many promises there are."""
        kept = (
            self.orders, self.published, self.objects, self.reports, self.critical, self.confirmed,
        )  # fmt: skip
        return sum(len(promises) for promises in kept)


def pixels_sha256(content: bytes) -> str:
    """Return the digest of the pixel data of a DICOM file."""
    return hashlib.sha256(dcmread(DicomBytesIO(content)).PixelData).hexdigest()
