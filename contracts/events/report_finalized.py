"""`report.finalized`: a radiologist signs: the first final version, or an amendment of it."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Contract, RequiredLine, Text, UtcDatetime
from contracts.events.report_drafted import ReportContent
from contracts.identifiers import Sha256
from contracts.people import Actor


class SignatureIntent(Contract):
    """How and when the person re-authenticated, and what the signature means (21 CFR 11.50)."""

    method: str = Field(max_length=32, description="'PIN' or 'OIDC'")
    authenticated_at: UtcDatetime
    meaning: RequiredLine = "I have read the images and approve this report"


class ReportFinalized(Contract):
    """A version to be signed; `amendment_reason` makes it an amendment of a final report."""

    order_id: UUID
    content: ReportContent
    radiologist: Actor
    signature: SignatureIntent
    expected_version: int = Field(ge=0)
    amendment_reason: Text = ""
    content_sha256: Sha256 | None = Field(
        default=None, description="What the signer's screen showed, when it computed it"
    )

    @model_validator(mode="after")
    def _signed_report_says_something(self) -> "ReportFinalized":
        if not self.content.findings or not self.content.impression:
            raise ValueError("findings and impression are required to sign")
        if self.content.has_critical_findings and not self.content.critical_findings_text:
            raise ValueError("criticalFindingsText is required with hasCriticalFindings")
        return self
