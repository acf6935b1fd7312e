"""`critical.finding`: a doctor must hear of this, and confirm."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, RequiredText, UtcDatetime
from contracts.enumerations import CriticalCategory, Modality, Priority
from contracts.people import Actor


class CriticalFinding(Contract):
    """A finding to communicate.

    The text is for the authenticated reader in the application; no message that leaves the house
    carries it, nor anything that names the patient.
    """

    alert_id: UUID
    order_id: UUID
    order_number: str
    report_id: UUID
    report_version: int
    category: CriticalCategory
    finding_code: str = Field(max_length=64)
    finding_title: str = Field(max_length=255)
    stat: bool = Field(description="One of the spec's STAT findings: a phone call is made too")
    text: RequiredText
    modality: Modality
    body_part: str
    priority: Priority
    ordering_provider_id: UUID
    ordering_provider_name: str = ""
    found_by: Actor
    found_at: UtcDatetime
    withdrawn: bool = Field(
        default=False,
        description="A report version that was signed since no longer names it: who was told of it "
        "must hear that too",
    )
