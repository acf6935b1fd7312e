"""Report templates, and the catalogue of critical findings."""

from typing import Annotated

from fastapi import Query

from contracts.api.reports import CriticalFindingCatalogue, ReportTemplates
from contracts.base import Contract, Line
from contracts.catalogue.critical_findings import critical_findings
from contracts.catalogue.report_templates import CUSTOM, suggest_template, templates_for
from contracts.enumerations import Modality
from gateway.access import Permit, may
from gateway.answers import READ
from gateway.permissions import Action
from gateway.routes.router import new_router

router = new_router("catalogue")


class ForExam(Contract):
    """The exam that a template is wanted for."""

    modality: Modality | None = None
    body_part: Line = ""
    study_type: Line = ""


@router.get("/report-templates", operation_id="listTemplates", responses=READ)
async def list_templates(
    exam: Annotated[ForExam, Query()],
    _permit: Annotated[Permit, may(Action.READ_TEMPLATES)],
) -> ReportTemplates:
    """All report templates, and which one suits an exam."""
    suggested = CUSTOM
    if exam.modality:
        suggested = suggest_template(
            modality=exam.modality, body_part=exam.body_part, study_type=exam.study_type
        ).id
    return ReportTemplates(suggested=suggested, items=templates_for(exam.study_type))


@router.get("/critical-findings", operation_id="listCriticalFindings", responses=READ)
async def list_critical_findings(
    _permit: Annotated[Permit, may(Action.READ_TEMPLATES)],
) -> CriticalFindingCatalogue:
    """What counts as critical, with its category and the words that name it."""
    return CriticalFindingCatalogue(items=tuple(critical_findings().values()))
