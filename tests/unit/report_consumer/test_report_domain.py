"""What may happen to a report: decided without a database, in microseconds."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from contracts.enumerations import Channel, OrderStatus, ReportStatus, Role
from contracts.events.critical_finding import CriticalFinding
from contracts.events.images_ingested import StoredObject
from contracts.events.report_finalized import ReportFinalized
from contracts.events.report_updated import ReportUpdated
from contracts.identifiers import ReportNumber
from contracts.people import Actor
from report_consumer import domain
from report_consumer.domain import KnownOrder, know_order
from report_consumer.errors import (
    AmendmentWithoutFinal,
    AuthenticationTooOld,
    NoImagesYet,
    NotARadiologist,
    OrderCancelled,
    ReportAlreadyFinal,
    ReportRefused,
    ReportTooLong,
    ReportVersionStale,
)
from tests.harness.orders import NOW, actor
from tests.harness.reports import (
    CRITICAL,
    acknowledged,
    alert_state,
    closed,
    critical_finding,
    drafted,
    finalized,
    order_state,
)

NUMBER = "RAD-20261125-ABCDE"


def known(**changes: object) -> KnownOrder:
    return know_order(order_state(**changes))


def draft(
    report: ReportUpdated | None, order: KnownOrder, expected: int, **text: object
) -> ReportUpdated:
    request = drafted(order.id, expected_version=expected, **text).data
    version = domain.draft_version(report, order, request, NOW)
    return domain.with_version(report, order, version, number=NUMBER, now=NOW)


def sign(
    report: ReportUpdated | None, order: KnownOrder, expected: int, **request: object
) -> ReportUpdated:
    asked = finalized(order.id, expected_version=expected, **request)
    version = domain.version_to_sign(
        report, order, asked.data, asked_at=asked.envelope.time, now=NOW
    )
    return domain.with_version(report, order, version, number=NUMBER, now=NOW)


def test_first_draft_begins_a_report() -> None:
    order = known()

    report = draft(None, order, 0)

    assert (report.version, report.content_version) == (1, 1)
    assert report.order_id == order.id
    assert report.id == domain.report_id(order.id)
    assert report.current.status is ReportStatus.PRELIMINARY


def test_signing_takes_the_place_of_the_draft() -> None:
    order = known()
    report = draft(draft(None, order, 0), order, 1)

    report = sign(report, order, 2)

    assert [(v.number, v.status) for v in report.versions] == [(3, ReportStatus.FINAL)]


def test_report_may_be_signed_without_a_draft() -> None:
    assert sign(None, known(), 0).status is ReportStatus.FINAL


def test_amendments_are_chained_in_order() -> None:
    order = known()
    report = sign(None, order, 0)
    report = sign(report, order, 1, reason="Side")
    report = sign(report, order, 2, reason="Level")

    first, second, third = report.versions
    assert [first.status, second.status, third.status] == ["FINAL", "AMENDED", "AMENDED"]
    assert (second.amended_from, third.amended_from) == (first.id, second.id)


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_editor_of_another_text_is_refused(expected: int) -> None:
    """An older version was overwritten; a newer one cannot have been seen."""
    order = known()
    report = draft(draft(None, order, 0), order, 1)

    with pytest.raises(ReportVersionStale) as refusal:
        draft(report, order, expected)

    assert refusal.value.current_version == 2
    assert refusal.value.status == 409


@pytest.mark.parametrize("expected", [1, 2])
def test_editor_who_saw_the_text_is_not_stale_when_a_document_came(expected: int) -> None:
    order = known()
    document = StoredObject(bucket="b", key="k", size_bytes=1, sha256="0" * 64)
    report = domain.with_document(draft(None, order, 0), 1, document, NOW)

    assert draft(report, order, expected).version == 3


def test_document_goes_to_its_version() -> None:
    order = known()
    document = StoredObject(bucket="b", key="k", size_bytes=1, sha256="0" * 64)
    report = sign(sign(None, order, 0), order, 1, reason="Side")

    report = domain.with_document(report, 1, document, NOW)

    assert [v.document for v in report.versions] == [document, None]


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ({"status": OrderStatus.CANCELLED}, OrderCancelled),
        ({"status": OrderStatus.SCHEDULED, "received_instances": 0}, NoImagesYet),
        ({"status": OrderStatus.IN_PROGRESS, "received_instances": 0}, NoImagesYet),
    ],
)
def test_nothing_to_report_on(state: dict[str, object], refusal: type[ReportRefused]) -> None:
    order = known(**state)

    with pytest.raises(refusal):
        draft(None, order, 0)
    with pytest.raises(refusal):
        sign(None, order, 0)


def test_report_may_begin_while_images_still_arrive() -> None:
    """A STAT case is read from the first series on."""
    order = known(status=OrderStatus.IN_PROGRESS, received_instances=1)

    assert draft(None, order, 0).version == 1


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.RADIOLOGY_TECH, Role.CLINICAL_WORKFLOW])
def test_only_radiologists_write_and_sign(role: Role) -> None:
    by: Actor = actor(role)

    with pytest.raises(NotARadiologist):
        draft(None, known(), 0, by=by)
    with pytest.raises(NotARadiologist):
        sign(None, known(), 0, by=by)


def test_manager_has_all_permissions_of_a_radiologist() -> None:
    assert sign(None, known(), 0, by=actor(Role.RADIOLOGY_MANAGER)).status is ReportStatus.FINAL


def test_pin_that_was_typed_long_ago_signs_nothing() -> None:
    with pytest.raises(AuthenticationTooOld):
        sign(None, known(), 0, authenticated=timedelta(minutes=6))


def test_pin_that_is_still_to_be_typed_signs_nothing() -> None:
    with pytest.raises(AuthenticationTooOld):
        sign(None, known(), 0, authenticated=timedelta(minutes=-6))


def test_delivery_long_after_the_signature_still_signs() -> None:
    """A worker that was away for an hour must not refuse what was signed in time."""
    order = known()
    asked = finalized(order.id)

    version = domain.version_to_sign(
        None,
        order,
        asked.data,
        asked_at=asked.envelope.time,
        now=asked.envelope.time + timedelta(hours=1),
    )

    assert version.status is ReportStatus.FINAL


def test_signed_report_takes_no_draft() -> None:
    order = known()
    report = sign(None, order, 0)

    with pytest.raises(ReportAlreadyFinal):
        draft(report, order, 1)


def test_amendment_needs_something_signed() -> None:
    order = known()

    with pytest.raises(AmendmentWithoutFinal):
        sign(None, order, 0, reason="Side")
    with pytest.raises(AmendmentWithoutFinal):
        sign(draft(None, order, 0), order, 1, reason="Side")


def test_report_that_fits_into_no_event_is_refused() -> None:
    """Else it would be stored, and never published."""
    order, text = known(), "\N{OHM SIGN}" * 65_000
    long = {"findings": text, "impression": text}
    report = sign(sign(None, order, 0, **long), order, 1, reason="More", **long)

    with pytest.raises(ReportTooLong):
        sign(report, order, 2, reason="Still more", **long)


def test_version_keeps_the_exam_as_it_was_then() -> None:
    """The patient's name may change later; what was signed does not."""
    order = known()
    report = sign(None, order, 0)
    patient = order.exam.patient.model_copy(update={"name": "Other^Name"})
    renamed = order.model_copy(update={"exam": order.exam.model_copy(update={"patient": patient})})

    report = sign(report, renamed, 1, reason="Side")

    names = [v.exam.patient.name for v in report.versions if v.exam]
    assert names == ["Doe^John", "Other^Name"]


def test_report_number_is_of_the_hospital_s_day() -> None:
    id_ = domain.report_id(known().id)
    night = NOW.replace(hour=2)

    number = domain.report_number(id_, night, ZoneInfo("America/New_York"), 0)

    assert number.startswith("RAD-20261124-")
    assert TypeAdapter(ReportNumber).validate_python(number) == number


def test_taken_report_number_is_followed_by_another() -> None:
    id_ = domain.report_id(known().id)

    numbers = {domain.report_number(id_, NOW, ZoneInfo("UTC"), n) for n in range(8)}

    assert len(numbers) == 8
    for number in numbers:
        TypeAdapter(ReportNumber).validate_python(number)


def raised() -> tuple[ReportUpdated, CriticalFinding]:
    order = known()
    finding = critical_finding()
    asked = finalized(order.id, **CRITICAL)
    version = domain.version_to_sign(None, order, asked.data, asked_at=asked.envelope.time, now=NOW)
    report = domain.with_version(
        None, order, version, number=NUMBER, alert_ids=[finding.alert_id], now=NOW
    )
    return report, finding


def test_open_alert_changes_nothing() -> None:
    report, finding = raised()

    assert domain.with_alert(report, alert_state(finding), NOW) is None


def test_acknowledgement_is_noted_once() -> None:
    report, finding = raised()

    noted = domain.with_alert(report, acknowledged(finding), NOW)

    assert noted is not None
    assert noted.critical_findings_notified_at == NOW + timedelta(minutes=2)
    assert domain.with_alert(noted, acknowledged(finding, version=9), NOW) is None


def test_addendum_holds_the_six_facts() -> None:
    report, finding = raised()

    noted = domain.with_alert(report, closed(finding), NOW)

    assert noted is not None
    [addendum] = noted.communications
    assert addendum.finding == "Pulmonary embolism: Acute central pulmonary embolism."
    assert addendum.found_at == finding.found_at
    assert addendum.found_by == finding.found_by
    assert addendum.told == "Dr. John Smith"
    assert addendum.received_at == NOW + timedelta(minutes=2)
    assert addendum.how == 'by telephone, read back as "Embolism on both sides"'


def test_addendum_names_who_told_the_doctor_by_word_of_mouth() -> None:
    """It was written down in the application, and told by somebody who called the ward."""
    report, finding = raised()
    spoken = acknowledged(finding).acknowledgement
    assert spoken is not None
    told = spoken.model_copy(update={"channel": Channel.IN_APP, "told_by": "Dr. Ruth Adams"})

    noted = domain.with_alert(report, closed(finding, acknowledgement=told), NOW)

    assert noted is not None
    assert noted.communications[0].how.startswith("by word of mouth from Dr. Ruth Adams, read")


def test_finding_that_was_changed_after_its_read_back_is_documented_twice() -> None:
    """What was understood first is part of the story; what the report says is its end."""
    report, finding = raised()
    changed = finding.model_copy(update={"text": "Embolism on the right.", "report_version": 2})

    noted = domain.with_alert(report, closed(finding), NOW)
    assert noted is not None
    noted = domain.with_alert(noted, closed(changed, version=6), NOW)
    assert noted is not None

    assert [addendum.finding for addendum in noted.communications] == [
        "Pulmonary embolism: Acute central pulmonary embolism.",
        "Pulmonary embolism: Embolism on the right.",
    ]
    assert domain.with_alert(noted, closed(finding), NOW) is None
    assert domain.with_alert(noted, closed(changed, version=7), NOW + timedelta(days=1)) is None


def test_addendum_leaves_room_in_the_snapshot() -> None:
    """The longest texts must not make a report too long to be published."""
    report, finding = raised()
    long = finding.model_copy(update={"text": "\N{OHM SIGN}" * 65_000})

    noted = domain.with_alert(report, closed(long, read_back_text="\N{OHM SIGN}" * 65_000), NOW)

    assert noted is not None
    assert len(noted.to_json()) - len(report.to_json()) < 30_000


def test_alert_changes_no_text() -> None:
    report, finding = raised()

    noted = domain.with_alert(report, closed(finding), NOW)

    assert noted is not None
    assert (noted.version, noted.content_version) == (2, 1)


def test_request_without_findings_is_no_request_to_sign() -> None:
    """Malformed: it never reaches the handler, but the dead letters."""
    request = finalized(known().id).data.model_dump()
    request["content"]["findings"] = "  "

    with pytest.raises(ValueError, match="findings and impression"):
        ReportFinalized.model_validate(request)
