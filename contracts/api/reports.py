"""Reports: reading, drafting, signing, amending; templates and the catalogue of findings."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from contracts.api.paging import Filter, Page
from contracts.base import Contract, Day, Line, RequestBody, RequiredLine, RequiredText, UtcDatetime
from contracts.catalogue.critical_findings import CriticalFindingKind
from contracts.catalogue.report_templates import ReportTemplate
from contracts.enumerations import Modality, ReportStatus
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportContent
from contracts.events.report_updated import (
    CommunicationAddendum,
    ReportUpdated,
    ReportVersion,
)
from contracts.identifiers import ReportNumber, Sha256
from contracts.people import Patient


class Report(ReportContent):
    """A report: the sections of its current version, and the chain of all."""

    id: UUID
    version: int = Field(description="Also its ETag; send it back when writing")
    report_number: ReportNumber
    order_id: UUID
    status: ReportStatus
    radiologist_id: str
    radiologist_name: str
    dictated_at: UtcDatetime
    signed_at: UtcDatetime | None = None
    electronic_signature: str | None = Field(default=None, description="JWS (RFC 7515)")
    signature_timestamp: UtcDatetime | None = None
    is_amendment: bool = False
    amended_from: UUID | None = None
    amendment_reason: str = ""
    critical_findings_notified: bool = False
    critical_findings_notified_at: UtcDatetime | None = None
    critical_alert_ids: tuple[UUID, ...] = ()
    communications: tuple[CommunicationAddendum, ...] = ()
    versions: tuple[ReportVersion, ...]
    pdf_url: str | None = Field(default=None, description="None: the document is being made")
    workflow_notified_at: UtcDatetime | None = None
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @classmethod
    def of(cls, snapshot: ReportUpdated) -> "Report":
        """Flatten a snapshot: the spec's `radiology_reports` is its current version."""
        current, signature = snapshot.current, snapshot.current.signature
        return cls(
            **dict(current.content),
            id=snapshot.id,
            version=snapshot.version,
            report_number=snapshot.report_number,
            order_id=snapshot.order_id,
            status=snapshot.status,
            radiologist_id=current.radiologist.id,
            radiologist_name=current.radiologist.name,
            dictated_at=current.created_at,
            signed_at=signature.signed_at if signature else None,
            electronic_signature=signature.jws if signature else None,
            signature_timestamp=signature.signed_at if signature else None,
            is_amendment=current.amended_from is not None,
            amended_from=current.amended_from,
            amendment_reason=current.amendment_reason,
            critical_findings_notified=snapshot.critical_findings_notified_at is not None,
            critical_findings_notified_at=snapshot.critical_findings_notified_at,
            critical_alert_ids=snapshot.critical_alert_ids,
            communications=snapshot.communications,
            versions=snapshot.versions,
            pdf_url=f"/api/radiology/reports/{snapshot.id}/pdf" if current.document else None,
            workflow_notified_at=snapshot.workflow_notified_at,
            created_at=snapshot.created_at,
            updated_at=snapshot.updated_at,
        )


class ShownReport(RequestBody):
    """What a person has before their eyes."""

    version: int = Field(ge=1, description="Version of the report that the page shows")


class OpenedReport(ShownReport):
    """Up to which version one has opened a report, on whichever device."""

    report_id: UUID


class OpenedReports(RequestBody):
    """Several reports at once, as those of a list that a person marks as seen."""

    model_config = ConfigDict(extra="forbid")

    items: tuple[OpenedReport, ...] = Field(min_length=1, max_length=100)


class ReportSummary(Contract):
    """A line of a list of reports."""

    id: UUID
    version: int
    report_number: ReportNumber
    order_id: UUID
    order_number: str
    status: ReportStatus
    patient: Patient
    study_type: str
    modality: Modality
    body_part: str
    radiologist_id: str
    radiologist_name: str
    ordering_provider_name: str
    has_critical_findings: bool
    impression: str
    signed_at: UtcDatetime | None = None
    updated_at: UtcDatetime
    unread: bool = Field(description="Whoever asks has not opened it since its text changed")

    @classmethod
    def of(cls, report: ReportUpdated, order: OrderUpdated, *, unread: bool) -> "ReportSummary":
        """Join a report with its order."""
        current = report.current
        return cls(
            id=report.id,
            version=report.version,
            report_number=report.report_number,
            order_id=report.order_id,
            order_number=order.order_number,
            status=report.status,
            patient=order.details.patient,
            study_type=order.details.study_type,
            modality=order.details.modality,
            body_part=order.details.body_part,
            radiologist_id=current.radiologist.id,
            radiologist_name=current.radiologist.name,
            ordering_provider_name=order.details.ordering_provider_name,
            has_critical_findings=current.content.has_critical_findings,
            impression=current.content.impression,
            signed_at=current.signature.signed_at if current.signature else None,
            updated_at=report.updated_at,
            unread=unread,
        )


class ReportPage(Page[ReportSummary]):
    """A page of reports."""


class ReportFilter(Filter):
    """Which reports."""

    status: tuple[ReportStatus, ...] = ()
    modality: tuple[Modality, ...] = ()
    radiologist_id: UUID | None = None
    patient_id: UUID | None = None
    critical: bool | None = None
    signed_from: Day | None = Field(default=None, description="Day in the hospital's zone")
    signed_to: Day | None = Field(default=None, description="Including this day")
    mine: bool = Field(
        default=False,
        description="Written by me, or of an exam that I ordered or was told a critical finding of",
    )
    unread: bool | None = Field(default=None, description="What I have not opened yet, or have")
    images_changed: bool | None = Field(
        default=None, description="Signed, and images came or were taken out since; or not"
    )


class ReportSearch(ReportFilter):
    """A list by what is written, or by patient: a body, not an address."""

    patient: Line = ""
    text: Line = Field(default="", description="Words in findings or impression")


class SignatureInput(RequestBody):
    """The person proves again who signs."""

    model_config = ConfigDict(extra="forbid")

    pin: str = Field(min_length=1, max_length=32, repr=False)
    meaning: RequiredLine = "I have read the images and approve this report"


class WriteReport(ReportContent, RequestBody):
    """The spec's CreateReportDto: a draft (PRELIMINARY), or the signed report (FINAL)."""

    status: Literal["PRELIMINARY", "FINAL"] = "PRELIMINARY"
    signature: SignatureInput | None = Field(default=None, description="Required with FINAL")
    expected_version: int | None = Field(
        default=None,
        ge=0,
        description="Version that was edited, 0 for none yet; or send If-Match",
    )
    raise_critical_now: bool = Field(
        default=False, description="Raise the critical finding before the signature"
    )
    content_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _what_is_signed_is_complete(self) -> "WriteReport":
        if self.status == "FINAL":
            _check_complete(self)
            if self.signature is None:
                raise ValueError("signature is required with status FINAL")
        return self


class AmendReport(ReportContent, RequestBody):
    """A new signed version of a final report."""

    amendment_reason: RequiredText
    signature: SignatureInput
    expected_version: int | None = Field(default=None, ge=1, description="Or send If-Match")
    content_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _what_is_signed_is_complete(self) -> "AmendReport":
        _check_complete(self)
        return self


def _check_complete(content: ReportContent) -> None:
    if not content.findings or not content.impression:
        raise ValueError("findings and impression are required to sign")
    if content.has_critical_findings and not content.critical_findings_text:
        raise ValueError("criticalFindingsText is required with hasCriticalFindings")


def content_of(body: ReportContent) -> ReportContent:
    """Return only the sections of a body that carries more."""
    return ReportContent(**{name: getattr(body, name) for name in ReportContent.model_fields})


class ReportTemplates(Contract):
    """All templates; `suggested` is the one that suits the order best."""

    suggested: str = Field(description="Id of a template; `custom` when nothing suits")
    items: tuple[ReportTemplate, ...]


class CriticalFindingCatalogue(Contract):
    """What counts as critical."""

    items: tuple[CriticalFindingKind, ...]
