"""The words that orders, studies, reports and alerts are told in; the spec's, letter by letter."""

from enum import StrEnum


class Modality(StrEnum):
    """What an order asks for; `dicom_modalities` says what a scanner may answer with."""

    USG = "USG"
    XRAY = "XRAY"
    CT = "CT"
    MRI = "MRI"

    @property
    def dicom_modalities(self) -> frozenset[str]:
        """Values of Modality (0008,0060) that fulfil such an order."""
        return _DICOM_MODALITIES[self]

    def may_be(self, dicom_modality: str) -> bool:
        """Tell whether images can be what was asked for; what is no image contradicts nothing."""
        return dicom_modality in self.dicom_modalities | NOT_IMAGES | {""}


NOT_IMAGES = frozenset(
    {"AU", "DOC", "ECG", "EPS", "HD", "KO", "PLAN", "PR", "REG", "SEG", "SR"}
    | {"RTDOSE", "RTPLAN", "RTRECORD", "RTSTRUCT"}
)
"""Modalities (PS3.3 section C.7.3.1.1.1) that accompany images and do not name a study."""

_DICOM_MODALITIES = {
    Modality.USG: frozenset({"US"}),
    Modality.XRAY: frozenset({"CR", "DX"}),
    Modality.CT: frozenset({"CT"}),
    Modality.MRI: frozenset({"MR"}),
}


class Priority(StrEnum):
    """How soon an exam is wanted."""

    STAT = "STAT"
    URGENT = "URGENT"
    ROUTINE = "ROUTINE"


class OrderStatus(StrEnum):
    """Where an order stands."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    IMAGES_AVAILABLE = "IMAGES_AVAILABLE"
    PRELIMINARY_REPORT = "PRELIMINARY_REPORT"
    FINAL_REPORT = "FINAL_REPORT"
    CANCELLED = "CANCELLED"


class ReportStatus(StrEnum):
    """State of one version of a report."""

    PRELIMINARY = "PRELIMINARY"
    FINAL = "FINAL"
    AMENDED = "AMENDED"


class Laterality(StrEnum):
    """Side of the body."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    BILATERAL = "BILATERAL"


class ContrastType(StrEnum):
    """Contrast medium of an order."""

    IODINE = "IODINE"
    GADOLINIUM = "GADOLINIUM"
    ORAL = "ORAL"


class Sex(StrEnum):
    """Patient's Sex (0010,0040), or unknown."""

    MALE = "M"
    FEMALE = "F"
    OTHER = "O"
    UNKNOWN = "U"


class Role(StrEnum):
    """Who acts."""

    RADIOLOGIST = "RADIOLOGIST"
    RADIOLOGY_TECH = "RADIOLOGY_TECH"
    RADIOLOGY_MANAGER = "RADIOLOGY_MANAGER"
    PROVIDER = "PROVIDER"
    CLINICAL_WORKFLOW = "CLINICAL_WORKFLOW"


class CriticalCategory(StrEnum):
    """ACR category of a critical finding: communicate within minutes, hours or days."""

    RED = "RED"
    ORANGE = "ORANGE"
    YELLOW = "YELLOW"


class Channel(StrEnum):
    """A way by which a person is notified."""

    IN_APP = "IN_APP"
    SMS = "SMS"
    EMAIL = "EMAIL"
    VOICE = "VOICE"


class AttemptState(StrEnum):
    """What is known of one attempt to notify.

    Sent is not delivered, and delivered is not read. `UNKNOWN` is an attempt whose outcome the
    provider has not told yet; it is looked up there before anything is sent again.
    """

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    CANCELLED = "CANCELLED"


class AlertStatus(StrEnum):
    """Where an alert stands: it ends only with a read-back."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"


class StudyCompleteness(StrEnum):
    """Whether more images are expected."""

    RECEIVING = "RECEIVING"
    COMPLETE = "COMPLETE"


class MatchState(StrEnum):
    """How a study and an order came together, or why they did not."""

    MATCHED = "MATCHED"
    NO_ORDER = "NO_ORDER"
    SEVERAL_ORDERS = "SEVERAL_ORDERS"
    PATIENT_DIFFERS = "PATIENT_DIFFERS"
