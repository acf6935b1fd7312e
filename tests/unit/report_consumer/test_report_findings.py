"""Which critical findings are told, and which were told before."""

from uuid import uuid4

import pytest

from contracts.enumerations import CriticalCategory, ReportStatus
from contracts.events.critical_finding import CriticalFinding
from contracts.events.report_updated import ReportVersion
from report_consumer.domain import KnownOrder, know_order
from report_consumer.errors import (
    CriticalCategoryTooLow,
    CriticalFindingMissing,
    CriticalFindingUnknown,
)
from report_consumer.findings import (
    RaisedFinding,
    check_critical,
    finding_to_raise,
    findings_to_revise,
    findings_to_withdraw,
    standing,
)
from tests.harness.orders import NOW
from tests.harness.reports import ADAMS, CRITICAL, content, order_state

ORDER: KnownOrder = know_order(order_state())
ABSCESS = {
    "has_critical_findings": True,
    "critical_finding_code": "abscess",
    "critical_findings_text": "Abscess",
}


def version(number: int = 1, **text: object) -> ReportVersion:
    return ReportVersion(
        id=uuid4(),
        number=number,
        status=ReportStatus.FINAL,
        content=content(**text),
        radiologist=ADAMS,
        created_at=NOW,
    )


def told(finding: CriticalFinding | None) -> list[RaisedFinding]:
    assert finding is not None
    return [
        RaisedFinding(
            alert_id=finding.alert_id,
            version_number=finding.report_version,
            finding_code=finding.finding_code,
            category=finding.category,
            text=finding.text,
        )
    ]


def test_finding_is_told_with_all_that_its_doctor_needs() -> None:
    finding = finding_to_raise(version(3, **CRITICAL), ORDER, [], now=NOW)

    assert finding is not None
    assert finding.finding_title == "Pulmonary embolism"
    assert finding.category is CriticalCategory.RED
    assert finding.stat
    assert finding.report_version == 3
    assert finding.found_by == ADAMS
    assert finding.ordering_provider_id == ORDER.exam.ordering_provider_id


def test_same_version_makes_the_same_alert() -> None:
    """Made again after a crash it must not wake the doctor twice."""
    first = finding_to_raise(version(3, **CRITICAL), ORDER, [], now=NOW)
    again = finding_to_raise(version(3, **CRITICAL), ORDER, [], now=NOW)

    assert first == again


def test_report_without_a_critical_finding_tells_nothing() -> None:
    assert finding_to_raise(version(), ORDER, [], now=NOW) is None


def test_code_left_in_an_unflagged_report_tells_nothing() -> None:
    unflagged = version(**(CRITICAL | {"has_critical_findings": False}))

    assert finding_to_raise(unflagged, ORDER, [], now=NOW) is None


def test_finding_without_a_code_is_found_by_its_words() -> None:
    """The plain API has a flag and a text only; a STAT finding must still ring."""
    plain = {"has_critical_findings": True, "critical_findings_text": "Tension pneumothorax left"}

    finding = finding_to_raise(version(**plain), ORDER, [], now=NOW)

    assert finding is not None
    assert finding.finding_code == "pneumothorax"
    assert finding.stat


def test_finding_that_fits_no_kind_is_told_as_other() -> None:
    plain = {"has_critical_findings": True, "critical_findings_text": "Retained swab"}

    finding = finding_to_raise(version(**plain), ORDER, [], now=NOW)

    assert finding is not None
    assert (finding.finding_code, finding.category) == ("other", CriticalCategory.RED)


def test_rewording_before_the_signature_is_the_same_finding() -> None:
    raised = told(finding_to_raise(version(1, **CRITICAL), ORDER, [], now=NOW))
    reworded = CRITICAL | {"critical_findings_text": "Bilateral embolism, strain"}

    assert finding_to_raise(version(2, **reworded), ORDER, raised, now=NOW) is None


def test_another_finding_is_told_as_well() -> None:
    raised = told(finding_to_raise(version(1, **CRITICAL), ORDER, [], now=NOW))
    other = CRITICAL | {"critical_finding_code": "aortic_dissection"}

    finding = finding_to_raise(version(2, **other), ORDER, raised, now=NOW)

    assert finding is not None
    assert finding.finding_code == "aortic_dissection"


def test_finding_that_became_more_urgent_is_told_again() -> None:
    raised = told(finding_to_raise(version(1, **ABSCESS), ORDER, [], now=NOW))
    red = ABSCESS | {"critical_category": CriticalCategory.RED}

    assert finding_to_raise(version(2, **red), ORDER, raised, now=NOW) is not None
    assert finding_to_raise(version(2, **ABSCESS), ORDER, raised, now=NOW) is None


def test_other_with_another_text_is_another_finding() -> None:
    first = {
        "has_critical_findings": True,
        "critical_finding_code": "other",
        "critical_findings_text": "Retained swab",
    }
    raised = told(finding_to_raise(version(1, **first), ORDER, [], now=NOW))
    second = first | {"critical_findings_text": "Wrong implant"}

    assert finding_to_raise(version(2, **second), ORDER, raised, now=NOW) is not None
    assert finding_to_raise(version(2, **first), ORDER, raised, now=NOW) is None


RIGHT = CRITICAL | {"critical_findings_text": "Embolism on the right"}
LEFT = CRITICAL | {"critical_findings_text": "Embolism on the left"}


def test_side_that_was_mistaken_while_reading_goes_to_its_alert() -> None:
    """Board, read-back and addendum must not say left where the report says right."""
    raised = told(finding_to_raise(version(1, **LEFT), ORDER, [], now=NOW))

    [revised] = findings_to_revise(version(2, **RIGHT), ORDER, raised, now=NOW)

    assert revised.alert_id == raised[0].alert_id
    assert (revised.report_version, revised.text) == (2, "Embolism on the right")
    assert not revised.withdrawn


def test_category_that_was_lowered_goes_to_its_alert() -> None:
    red = ABSCESS | {"critical_category": CriticalCategory.RED}
    raised = told(finding_to_raise(version(1, **red), ORDER, [], now=NOW))

    [revised] = findings_to_revise(version(2, **ABSCESS), ORDER, raised, now=NOW)

    assert revised.category is CriticalCategory.ORANGE
    assert finding_to_raise(version(2, **ABSCESS), ORDER, raised, now=NOW) is None


@pytest.mark.parametrize(
    "signed",
    [
        LEFT,
        LEFT | {"critical_findings_text": "embolism  on the LEFT"},
        LEFT | {"critical_finding_code": "pneumothorax"},
        LEFT | {"critical_finding_code": "other", "critical_findings_text": "Left after all"},
        {},
    ],
    ids=["same", "same but for case and blanks", "another", "perhaps another", "none"],
)
def test_nothing_else_is_a_change_of_the_finding(signed: dict[str, object]) -> None:
    raised = told(finding_to_raise(version(1, **LEFT), ORDER, [], now=NOW))

    assert findings_to_revise(version(2, **signed), ORDER, raised, now=NOW) == []


def test_amendment_changes_an_alert_that_still_runs() -> None:
    """One finding, one story: nobody is called by two alerts that say two sides."""
    raised = told(finding_to_raise(version(1, **RIGHT), ORDER, [], now=NOW))
    amended = version(2, **LEFT)

    assert finding_to_raise(amended, ORDER, raised, now=NOW) is None
    assert len(findings_to_revise(amended, ORDER, raised, now=NOW)) == 1


def test_amendment_of_a_finding_that_was_read_back_is_told_by_a_new_alert() -> None:
    """Left instead of right: the doctor acts on the wrong side until told."""
    raised = told(finding_to_raise(version(1, **RIGHT), ORDER, [], now=NOW))
    over = {raised[0].alert_id}
    amended = version(2, **LEFT)

    finding = finding_to_raise(amended, ORDER, raised, amends_documented=over, now=NOW)
    revised = findings_to_revise(amended, ORDER, raised, amends_documented=over, now=NOW)

    assert finding is not None
    assert finding.alert_id not in over
    assert revised == []


def test_amendment_that_keeps_the_finding_is_not_told() -> None:
    raised = told(finding_to_raise(version(1, **CRITICAL), ORDER, [], now=NOW))
    over = {raised[0].alert_id}
    amended = version(2, impression="Typing error corrected", **CRITICAL)

    assert finding_to_raise(amended, ORDER, raised, amends_documented=over, now=NOW) is None
    assert findings_to_revise(amended, ORDER, raised, amends_documented=over, now=NOW) == []


def test_amendment_that_adds_the_finding_is_told() -> None:
    finding = finding_to_raise(version(2, **CRITICAL), ORDER, [], now=NOW)

    assert finding is not None


def test_unknown_code_is_refused() -> None:
    with pytest.raises(CriticalFindingUnknown):
        check_critical(content(**(CRITICAL | {"critical_finding_code": "no_such_thing"})))


def test_stat_finding_cannot_be_made_less_urgent() -> None:
    with pytest.raises(CriticalCategoryTooLow):
        check_critical(content(**(CRITICAL | {"critical_category": CriticalCategory.YELLOW})))


@pytest.mark.parametrize(
    "text", [{}, {"has_critical_findings": True}, {"critical_findings_text": "Embolism"}]
)
def test_alert_needs_a_flag_and_a_text(text: dict[str, object]) -> None:
    with pytest.raises(CriticalFindingMissing):
        check_critical(content(**text), raise_now=True)


PNEUMOTHORAX = CRITICAL | {
    "critical_finding_code": "pneumothorax",
    "critical_findings_text": "Tension pneumothorax on the left.",
}
OTHER = CRITICAL | {"critical_finding_code": "other"}


@pytest.mark.parametrize("signed", [{}, PNEUMOTHORAX], ids=["none", "another"])
def test_finding_that_is_no_longer_signed_is_withdrawn_under_its_alert(
    signed: dict[str, object],
) -> None:
    raised = told(finding_to_raise(version(1, **CRITICAL), ORDER, [], now=NOW))

    [withdrawn] = findings_to_withdraw(version(2, **signed), ORDER, raised, NOW)

    assert withdrawn.withdrawn
    assert withdrawn.alert_id == raised[0].alert_id
    assert withdrawn.report_version == 2
    assert withdrawn.text == CRITICAL["critical_findings_text"]


@pytest.mark.parametrize(
    "signed",
    [CRITICAL, CRITICAL | {"critical_findings_text": "Embolism, left only."}, OTHER],
    ids=["same", "reworded", "perhaps the same"],
)
def test_finding_that_is_still_signed_stands(signed: dict[str, object]) -> None:
    raised = told(finding_to_raise(version(1, **CRITICAL), ORDER, [], now=NOW))

    assert findings_to_withdraw(version(2, **signed), ORDER, raised, NOW) == []


def test_finding_that_was_withdrawn_and_is_signed_again_is_told_again() -> None:
    first, without, again = version(1, **CRITICAL), version(2), version(3, **CRITICAL)
    raised = told(finding_to_raise(first, ORDER, [], now=NOW))

    stands = standing(raised, [first, without])
    finding = finding_to_raise(again, ORDER, stands, now=NOW)

    assert stands == []
    assert standing(raised, [first, again]) == raised
    assert finding is not None
    assert finding.alert_id != raised[0].alert_id
