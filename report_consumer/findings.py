"""Which critical finding a report names, and whether its doctor must hear of it now.

What must stay true: a finding that was never told is told; in doubt an alert is raised once more
rather than left out. What a running alert says is what its report says: other words or another
category go to the same alert, and a finding that is no longer signed is withdrawn there. Whoever
was told may be acting on it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
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
    version_number: int
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
    amends_documented: Collection[UUID] = (),
    now: datetime,
) -> CriticalFinding | None:
    """Return the finding that this version makes known for the first time.

    Parameters
    ----------
    raised : what alerts were raised for before, by drafts or signed versions, and still stands.
    amends_documented : of an amendment, the alerts whose read-back the report documents. They stay
        as they are; other words make a new alert.

    Notes
    -----
    The alert's id follows from report, version and finding: made again, it is the same alert.
    """
    content = version.content
    if not content.has_critical_findings or not content.critical_findings_text:
        return None
    kind = _kind(content)
    category = _category(content, kind)
    text = content.critical_findings_text
    if _was_told(kind, category, text, raised, amends_documented):
        return None
    alert_id = uuid5(report_id(order.id), f"{version.number}/{kind.code}")
    known = RaisedFinding(alert_id, version.number, kind.code, category, text)
    return _finding(known, kind, version, order, now)


def findings_to_revise(
    version: ReportVersion,
    order: KnownOrder,
    raised: Iterable[RaisedFinding],
    *,
    amends_documented: Collection[UUID] = (),
    now: datetime,
) -> list[CriticalFinding]:
    """Return the findings that this version tells in other words or with another category.

    Each goes to its alert: a side that was mistaken while reading must not stay on the board.
    """
    content = version.content
    if not content.has_critical_findings or not content.critical_findings_text:
        return []
    kind, text = _kind(content), content.critical_findings_text
    category = _category(content, kind)
    return [
        _finding(replace(known, category=category, text=text), kind, version, order, now)
        for known in raised
        if _takes_new_words(known, kind, amends_documented)
        and (known.category, _plain(known.text)) != (category, _plain(text))
    ]


def standing(
    raised: Iterable[RaisedFinding], signed: Sequence[ReportVersion]
) -> list[RaisedFinding]:
    """Return those that every version that was signed since still names."""
    return [
        known
        for known in raised
        if all(
            _names(version, known) for version in signed if version.number > known.version_number
        )
    ]


def findings_to_withdraw(
    version: ReportVersion, order: KnownOrder, raised: Iterable[RaisedFinding], now: datetime
) -> list[CriticalFinding]:
    """Return the findings that this signed version no longer names, each under its alert's id."""
    kinds = critical_findings()
    return [
        _finding(
            known, kinds.get(known.finding_code, kinds[OTHER]), version, order, now
        ).model_copy(update={"withdrawn": True})
        for known in raised
        if not _names(version, known)
    ]


def _names(version: ReportVersion, known: RaisedFinding) -> bool:
    """Tell whether a version names this kind of finding, in whatever words.

    `other` may be any kind: in doubt the finding stands.
    """
    content = version.content
    if not content.has_critical_findings or not content.critical_findings_text:
        return False
    code = content.critical_finding_code or named_in(content.critical_findings_text).code
    return code == known.finding_code or OTHER in (code, known.finding_code)


def _finding(
    known: RaisedFinding,
    kind: CriticalFindingKind,
    version: ReportVersion,
    order: KnownOrder,
    now: datetime,
) -> CriticalFinding:
    exam = order.exam
    return CriticalFinding(
        alert_id=known.alert_id,
        order_id=order.id,
        order_number=exam.order_number,
        report_id=report_id(order.id),
        report_version=version.number,
        category=known.category,
        finding_code=known.finding_code,
        finding_title=kind.title,
        stat=kind.stat,
        text=known.text,
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
    amends_documented: Collection[UUID],
) -> bool:
    """Tell whether an alert of at least this urgency was raised for the same finding.

    An alert that takes the new words is told them; for any other, other words are another finding.
    """
    return any(
        _takes_new_words(known, kind, amends_documented) or _plain(known.text) == _plain(text)
        for known in raised
        if known.finding_code == kind.code and urgency(known.category) <= urgency(category)
    )


def _takes_new_words(
    known: RaisedFinding, kind: CriticalFindingKind, amends_documented: Collection[UUID]
) -> bool:
    """Tell whether a rewording is the same finding, for the same alert.

    Under `other` it is not, which names nothing by itself; nor in an amendment whose alert is over:
    who is on call by now is told anew.
    """
    return known.finding_code == kind.code != OTHER and known.alert_id not in amends_documented


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
