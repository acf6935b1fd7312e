"""Which critical finding a report names, and whether its doctor must hear of it now.

What must stay true: a finding that was never told is told. In doubt an alert is raised once more
rather than left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from contracts.catalogue.critical_findings import (
    OTHER,
    CriticalFindingKind,
    critical_findings,
    named_in,
    urgency,
)
from contracts.enumerations import CriticalCategory
from contracts.events.critical_finding import CriticalFinding
from contracts.events.report_drafted import ReportContent
from contracts.events.report_updated import ReportVersion
from report_consumer.domain import KnownOrder, report_id
from report_consumer.errors import (
    CriticalCategoryTooLow,
    CriticalFindingMissing,
    CriticalFindingUnknown,
)


@dataclass(frozen=True)
class RaisedFinding:
    """A finding of this report for which an alert was raised before."""

    alert_id: UUID
    finding_code: str
    category: CriticalCategory
    text: str


def check_critical(content: ReportContent, *, raise_now: bool = False) -> None:
    """Refuse a critical finding that could not be communicated as it stands."""
    if content.has_critical_findings:
        kind = _kind(content)
        if kind.stat and urgency(_category(content, kind)) > kind.urgency:
            raise CriticalCategoryTooLow
    if raise_now and not (content.has_critical_findings and content.critical_findings_text):
        raise CriticalFindingMissing


def finding_to_raise(
    version: ReportVersion,
    order: KnownOrder,
    raised: Sequence[RaisedFinding],
    *,
    amends: ReportVersion | None = None,
    now: datetime,
) -> CriticalFinding | None:
    """Return the finding that this version makes known for the first time.

    Parameters
    ----------
    raised : what alerts were raised for before, by drafts or signed versions.
    amends : the signed version that this one corrects.

    Notes
    -----
    The alert's id follows from report, version and finding: made again, it is the same alert.
    """
    content = version.content
    if not content.has_critical_findings or not content.critical_findings_text:
        return None
    kind = _kind(content)
    category = _category(content, kind)
    if _was_told(kind, category, content.critical_findings_text, raised, amends):
        return None
    report = report_id(order.id)
    exam = order.exam
    return CriticalFinding(
        alert_id=uuid5(report, f"{version.number}/{kind.code}"),
        order_id=order.id,
        order_number=exam.order_number,
        report_id=report,
        report_version=version.number,
        category=category,
        finding_code=kind.code,
        finding_title=kind.title,
        stat=kind.stat,
        text=content.critical_findings_text,
        modality=exam.modality,
        body_part=exam.body_part,
        priority=order.priority,
        ordering_provider_id=exam.ordering_provider_id,
        ordering_provider_name=exam.ordering_provider_name,
        found_by=version.radiologist,
        found_at=now,
    )


def _was_told(
    kind: CriticalFindingKind,
    category: CriticalCategory,
    text: str,
    raised: Iterable[RaisedFinding],
    amends: ReportVersion | None,
) -> bool:
    """Tell whether an alert of at least this urgency was raised for the same finding.

    On the way from draft to signature a rewording is the same finding. In an amendment it is not
    (the other side may have been meant), and neither under `other`, which names nothing by itself.
    """
    same = [
        known
        for known in raised
        if known.finding_code == kind.code and urgency(known.category) <= urgency(category)
    ]
    if kind.code != OTHER and amends is None:
        return bool(same)
    told = {_plain(known.text) for known in same}
    if same and amends and amends.content.has_critical_findings:
        told.add(_plain(amends.content.critical_findings_text))
    return _plain(text) in told


def _kind(content: ReportContent) -> CriticalFindingKind:
    """Return the named kind; without a code the one that the text names."""
    if not content.critical_finding_code:
        return named_in(content.critical_findings_text)
    try:
        return critical_findings()[content.critical_finding_code]
    except KeyError:
        raise CriticalFindingUnknown from None


def _category(content: ReportContent, kind: CriticalFindingKind) -> CriticalCategory:
    return content.critical_category or kind.category


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
