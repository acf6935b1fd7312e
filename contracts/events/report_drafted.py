"""`report.drafted`: a radiologist saved a draft (PRELIMINARY)."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, Line, Text
from contracts.enumerations import CriticalCategory
from contracts.people import Actor


class ReportContent(Contract):
    """The sections of the spec's ACR template, and what is critical in them."""

    technique: Text = ""
    comparison: Text = ""
    findings: Text = ""
    impression: Text = ""
    template_id: Line = Field(default="", max_length=64)
    checklist: dict[str, bool] = Field(default_factory=dict, description="Item id -> ticked")
    has_critical_findings: bool = False
    critical_finding_code: Line = Field(
        default="", max_length=64, description="Code in the catalogue of critical findings"
    )
    critical_category: CriticalCategory | None = None
    critical_findings_text: Text = ""


class ReportDrafted(Contract):
    """A draft; refused when the report has moved on since the version it was begun on."""

    order_id: UUID
    content: ReportContent
    radiologist: Actor
    expected_version: int = Field(
        ge=0, description="Version of the report that the editor saw; 0 for none yet"
    )
    raise_critical_now: bool = Field(
        default=False, description="Raise the critical finding before the signature"
    )
