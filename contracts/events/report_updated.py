"""`report.updated`: a report with its chain of versions (snapshot)."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import Laterality, Modality, ReportStatus
from contracts.events.images_ingested import StoredObject
from contracts.events.report_drafted import ReportContent
from contracts.identifiers import AccessionNumber, OrderNumber, ReportNumber, Sha256
from contracts.people import Actor, Patient


class Signature(Contract):
    """An electronic signature: a JWS (RFC 7515) over the SHA-256 of the canonical content."""

    signed_by: Actor
    signed_at: UtcDatetime = Field(description="By the database clock")
    meaning: str
    method: str
    authenticated_at: UtcDatetime | None = Field(
        default=None, description="When the signer proved again who signs"
    )
    content_sha256: Sha256
    jws: str
    key_id: str


class CommunicationAddendum(Contract):
    """How a critical finding reached its doctor: the six facts that the ACR asks to document."""

    alert_id: UUID
    finding: str
    found_at: UtcDatetime
    found_by: Actor
    told: str
    received_at: UtcDatetime | None = None
    how: str = ""
    added_at: UtcDatetime


class ReportedExam(Contract):
    """What a version reports on, as the order said it then: signed with it, printed on its PDF."""

    order_number: OrderNumber
    accession_number: AccessionNumber
    patient: Patient
    modality: Modality
    study_type: str
    body_part: str
    laterality: Laterality | None = None
    performed_at: UtcDatetime | None = None
    ordering_provider_id: UUID
    ordering_provider_name: str = ""
    clinical_indication: str


class ReportVersion(Contract):
    """One version: a draft, or a signed one that never changes."""

    id: UUID
    number: int = Field(ge=1)
    status: ReportStatus
    content: ReportContent
    exam: ReportedExam | None = None
    radiologist: Actor
    created_at: UtcDatetime
    signature: Signature | None = None
    amended_from: UUID | None = None
    amendment_reason: str = ""
    document: StoredObject | None = Field(default=None, description="The PDF, once it is made")


class ReportUpdated(Contract):
    """A report as others may know it; the last version is the current one."""

    id: UUID
    version: int = Field(ge=1)
    content_version: int = Field(
        default=1,
        ge=1,
        description="Version at which the text last changed; who saw this or a later one saw it",
    )
    report_number: ReportNumber
    order_id: UUID
    status: ReportStatus
    versions: tuple[ReportVersion, ...] = Field(
        description="All signed versions and the last draft, oldest first"
    )
    critical_alert_ids: tuple[UUID, ...] = ()
    critical_findings_notified_at: UtcDatetime | None = None
    communications: tuple[CommunicationAddendum, ...] = ()
    workflow_notified_at: UtcDatetime | None = None
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def current(self) -> ReportVersion:
        """The newest version."""
        return self.versions[-1]
