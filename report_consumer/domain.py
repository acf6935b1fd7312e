"""What may happen to a report, and what follows: pure decisions.

A report's state is its snapshot, `ReportUpdated`: nothing is known of a report that others may not
know. Drafts replace each other until one is signed; what is signed stays in the chain as it is.
Each decision takes the state, the request and the database's `now`.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from contracts.base import Contract
from contracts.enumerations import AlertStatus, Channel, OrderStatus, Priority, ReportStatus, Role
from contracts.events.alert_updated import Acknowledgement, AlertUpdated
from contracts.events.images_ingested import StoredObject
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportDrafted
from contracts.events.report_finalized import ReportFinalized
from contracts.events.report_updated import (
    CommunicationAddendum,
    ReportedExam,
    ReportUpdated,
    ReportVersion,
    Signature,
)
from contracts.people import Actor
from report_consumer.errors import (
    AmendmentWithoutFinal,
    AuthenticationTooOld,
    NoImagesYet,
    NotARadiologist,
    OrderCancelled,
    ReportAlreadyFinal,
    ReportTooLong,
    ReportVersionStale,
)

AUTHENTICATION_MAX_AGE = timedelta(minutes=5)
"""Between typing the PIN and the request to sign."""

SNAPSHOT_LIMIT_BYTES = 900_000
"""The outbox takes 950,000 bytes; the rest is for addenda and documents that come later."""

ADDENDUM_CHARACTERS = 4_000
"""Of finding and read-back each; the whole text stands in the report and in the alert."""

SIGNED = (ReportStatus.FINAL, ReportStatus.AMENDED)
_REPORTERS = (Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER)
_WITH_IMAGES = (
    OrderStatus.IMAGES_AVAILABLE,
    OrderStatus.PRELIMINARY_REPORT,
    OrderStatus.FINAL_REPORT,
)
_CHANNELS = {
    Channel.IN_APP: "in the application",
    Channel.SMS: "by SMS",
    Channel.EMAIL: "by e-mail",
    Channel.VOICE: "by telephone",
}


class KnownOrder(Contract):
    """What reports need of an order, as its owner last said it."""

    id: UUID
    version: int
    status: OrderStatus
    priority: Priority
    workflow_order_id: str | None
    has_images: bool
    exam: ReportedExam


def know_order(order: OrderUpdated) -> KnownOrder:
    """Return what is kept of an order's snapshot."""
    details, appointment = order.details, order.appointment
    return KnownOrder(
        id=order.id,
        version=order.version,
        status=order.status,
        priority=details.priority,
        workflow_order_id=details.workflow_order_id,
        has_images=order.status in _WITH_IMAGES or order.received_instances > 0,
        exam=ReportedExam(
            order_number=order.order_number,
            accession_number=order.accession_number,
            patient=details.patient,
            modality=details.modality,
            study_type=details.study_type,
            body_part=details.body_part,
            laterality=details.laterality,
            performed_at=order.images_captured_at
            or order.started_at
            or (appointment.starts_at if appointment else None),
            ordering_provider_id=details.ordering_provider_id,
            ordering_provider_name=details.ordering_provider_name,
            clinical_indication=details.clinical_indication,
        ),
    )


def newest_orders(orders: Iterable[OrderUpdated]) -> list[KnownOrder]:
    """Return what is kept of some snapshots: of several of one order, only the newest."""
    newest: dict[UUID, OrderUpdated] = {}
    for order in orders:
        known = newest.get(order.id)
        if known is None or order.version > known.version:
            newest[order.id] = order
    return [know_order(order) for order in newest.values()]


def report_id(order_id: UUID) -> UUID:
    """Return the id of an order's report: an order has one."""
    return uuid5(NAMESPACE_URL, f"radiology:report:{order_id}")


def report_number(id_: UUID, now: datetime, zone: ZoneInfo, attempt: int) -> str:
    """Return a number of the day on which the report was begun; another for each attempt."""
    digest = hashlib.sha256(f"{id_}/{attempt}".encode()).digest()
    suffix = base64.b32encode(digest).decode()[: 5 + min(attempt, 2)]
    return f"RAD-{now.astimezone(zone):%Y%m%d}-{suffix}"


def draft_version(
    report: ReportUpdated | None, order: KnownOrder, drafted: ReportDrafted, now: datetime
) -> ReportVersion:
    """Return the draft that takes the place of the last one, or refuse it."""
    _require_reportable(order, drafted.radiologist)
    if report and report.status in SIGNED:
        raise ReportAlreadyFinal(current_version=report.version)
    _require_current(report, drafted.expected_version)
    number = _next_number(report)
    return ReportVersion(
        id=_version_id(order.id, number),
        number=number,
        status=ReportStatus.PRELIMINARY,
        content=drafted.content,
        exam=order.exam,
        radiologist=drafted.radiologist,
        created_at=now,
    )


def version_to_sign(
    report: ReportUpdated | None,
    order: KnownOrder,
    finalized: ReportFinalized,
    *,
    asked_at: datetime,
    now: datetime,
) -> ReportVersion:
    """Return the version that the signature will be put under, or refuse it.

    Parameters
    ----------
    asked_at : when the signer asked, by the gateway's clock, as the re-authentication.
    """
    _require_reportable(order, finalized.radiologist)
    _require_fresh_authentication(finalized, asked_at)
    amends = last_signed(report)
    if amends and not finalized.amendment_reason:
        raise ReportAlreadyFinal(current_version=report.version if report else None)
    if finalized.amendment_reason and not amends:
        raise AmendmentWithoutFinal(current_version=report.version if report else None)
    _require_current(report, finalized.expected_version)
    number = _next_number(report)
    return ReportVersion(
        id=_version_id(order.id, number),
        number=number,
        status=ReportStatus.AMENDED if amends else ReportStatus.FINAL,
        content=finalized.content,
        exam=order.exam,
        radiologist=finalized.radiologist,
        created_at=now,
        amended_from=amends.id if amends else None,
        amendment_reason=finalized.amendment_reason,
    )


def with_version(
    report: ReportUpdated | None,
    order: KnownOrder,
    version: ReportVersion,
    *,
    number: str,
    alert_ids: Iterable[UUID] = (),
    now: datetime,
) -> ReportUpdated:
    """Return the report with its new current version, and the alerts that it raises."""
    changed = ReportUpdated(
        id=report_id(order.id),
        version=report.version + 1 if report else 1,
        content_version=report.version + 1 if report else 1,
        report_number=number,
        order_id=order.id,
        status=version.status,
        versions=(*signed_versions(report), version),
        critical_alert_ids=(*(report.critical_alert_ids if report else ()), *alert_ids),
        critical_findings_notified_at=report.critical_findings_notified_at if report else None,
        communications=report.communications if report else (),
        workflow_notified_at=report.workflow_notified_at if report else None,
        created_at=report.created_at if report else now,
        updated_at=now,
    )
    if len(changed.to_json()) > SNAPSHOT_LIMIT_BYTES:
        raise ReportTooLong
    return changed


def signed(version: ReportVersion, signature: Signature) -> ReportVersion:
    """Return the version with the signature under it."""
    return version.model_copy(update={"signature": signature})


def signed_versions(report: ReportUpdated | None) -> tuple[ReportVersion, ...]:
    """Return the signed chain, oldest first."""
    return tuple(v for v in report.versions if v.status in SIGNED) if report else ()


def last_signed(report: ReportUpdated | None) -> ReportVersion | None:
    """Return the version that an amendment would correct."""
    chain = signed_versions(report)
    return chain[-1] if chain else None


def with_alert(report: ReportUpdated, alert: AlertUpdated, now: datetime) -> ReportUpdated | None:
    """Let the report follow an alert that it raised; None when that changes nothing.

    The first acknowledgement dates the notification. When the alert closes, the six facts that the
    ACR asks to document become an addendum; and so again when it closes once more, since its
    finding was changed after the read-back.
    """
    if alert.id not in report.critical_alert_ids:
        return None
    changes: dict[str, object] = {}
    if alert.acknowledgement and report.critical_findings_notified_at is None:
        changes["critical_findings_notified_at"] = alert.acknowledgement.at
    if alert.status is AlertStatus.CLOSED:
        addendum = _addendum(alert, now)
        if all(_facts(known) != _facts(addendum) for known in report.communications):
            changes["communications"] = (*report.communications, addendum)
    return _changed(report, now, **changes) if changes else None


def documented_alerts(report: ReportUpdated | None) -> set[UUID]:
    """Return the alerts whose read-back the report documents."""
    return {addendum.alert_id for addendum in report.communications} if report else set()


def with_document(
    report: ReportUpdated, version_number: int, document: StoredObject, now: datetime
) -> ReportUpdated:
    """Return the report with the PDF of one of its versions."""
    versions = tuple(
        version.model_copy(update={"document": document})
        if version.number == version_number
        else version
        for version in report.versions
    )
    return _changed(report, now, versions=versions)


def with_workflow_notified(report: ReportUpdated, now: datetime) -> ReportUpdated:
    """Return the report of which the workflow service was told."""
    return _changed(report, now, workflow_notified_at=now)


def version_numbered(report: ReportUpdated, number: int) -> ReportVersion | None:
    """Return one of the versions that others may know; None for a draft that was replaced."""
    return next((version for version in report.versions if version.number == number), None)


def _require_reportable(order: KnownOrder, radiologist: Actor) -> None:
    if radiologist.role not in _REPORTERS:
        raise NotARadiologist
    if order.status is OrderStatus.CANCELLED:
        raise OrderCancelled
    if not order.has_images:
        raise NoImagesYet


def _require_current(report: ReportUpdated | None, expected: int) -> None:
    """Refuse an editor who has not seen the last text.

    A document or a notification also raises the version, but changes no text: an editor who saw
    any version from `content_version` on has seen it all.
    """
    current = report.version if report else 0
    content = report.content_version if report else 0
    if not content <= expected <= current:
        raise ReportVersionStale(current_version=current)


def _require_fresh_authentication(finalized: ReportFinalized, asked_at: datetime) -> None:
    if abs(asked_at - finalized.signature.authenticated_at) > AUTHENTICATION_MAX_AGE:
        raise AuthenticationTooOld


def _next_number(report: ReportUpdated | None) -> int:
    return report.versions[-1].number + 1 if report else 1


def _version_id(order_id: UUID, number: int) -> UUID:
    return uuid5(report_id(order_id), str(number))


def _addendum(alert: AlertUpdated, now: datetime) -> CommunicationAddendum:
    finding, acknowledgement = alert.finding, alert.acknowledgement
    how = _how(acknowledgement) if acknowledgement else ""
    words = alert.read_back_text[:ADDENDUM_CHARACTERS]
    read_back = f'read back as "{words}"' if words else ""
    return CommunicationAddendum(
        alert_id=alert.id,
        finding=f"{finding.finding_title}: {finding.text[:ADDENDUM_CHARACTERS]}",
        found_at=finding.found_at,
        found_by=finding.found_by,
        told=acknowledgement.person_name if acknowledgement else alert.responsible_name,
        received_at=acknowledgement.at if acknowledgement else None,
        how=", ".join(part for part in (how, read_back) if part),
        added_at=now,
    )


def _how(acknowledgement: Acknowledgement) -> str:
    if acknowledgement.told_by:
        return f"by word of mouth from {acknowledgement.told_by}"
    return _CHANNELS[acknowledgement.channel]


def _facts(addendum: CommunicationAddendum) -> dict[str, object]:
    return addendum.model_dump(exclude={"added_at"})


def _changed(report: ReportUpdated, now: datetime, **changes: object) -> ReportUpdated:
    return report.model_copy(update={**changes, "version": report.version + 1, "updated_at": now})
