"""Reports: list, search, read, draft, sign, amend, and their PDF."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from contracts.api.reports import (
    AmendReport,
    OpenedReport,
    OpenedReports,
    Report,
    ReportFilter,
    ReportPage,
    ReportSearch,
    ReportSummary,
    ShownReport,
    SignatureInput,
    WriteReport,
    content_of,
)
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportDrafted
from contracts.events.report_finalized import ReportFinalized, SignatureIntent
from contracts.events.report_opened import ReportOpened
from contracts.events.report_updated import ReportUpdated, ReportVersion
from contracts.topics import REPORT_DRAFTED, REPORT_FINALIZED, REPORT_OPENED, REPORT_UPDATED
from gateway.access import AskedBy, Permit, asks, may, permit
from gateway.answers import READ, SEARCH, WRITE, later, problems, state
from gateway.context import Gateway, TheGateway
from gateway.errors import DocumentNotReady, NotFound, PreconditionRequired
from gateway.filters import moments_of, one_or_none, or_none, words
from gateway.permissions import Action
from gateway.preconditions import SeenVersion, one_of, required
from gateway.read_model.reader import WithOrder, parse
from gateway.routes.orders import visible_order
from gateway.routes.parameters import OrderId, ReportId
from gateway.routes.router import new_router
from gateway.writes import Pending, Result
from services.clock import utc_now

router = new_router("reports")

_WRITE_TEXT = WRITE | problems(413, 428, 429)
"""A stale version is a conflict of two texts (409), which the writer must resolve."""
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "The signed document"}
}


@router.get("/reports", operation_id="listReports", responses=READ)
async def list_reports(
    wanted: Annotated[ReportFilter, Query()],
    permitted: Annotated[Permit, may(Action.READ_REPORT)],
    gateway: TheGateway,
) -> ReportPage:
    """List reports, last changed first; a referring provider's own patients'."""
    return await _list(gateway, permitted, wanted, patient="", text="")


@router.post("/reports/search", operation_id="searchReports", responses=SEARCH)
async def search_reports(
    wanted: ReportSearch,
    permitted: Annotated[Permit, may(Action.READ_REPORT)],
    gateway: TheGateway,
) -> ReportPage:
    """List reports by patient or by words of their text as well."""
    return await _list(gateway, permitted, wanted, patient=wanted.patient, text=wanted.text)


async def _list(
    gateway: Gateway, permitted: Permit, wanted: ReportFilter, *, patient: str, text: str
) -> ReportPage:
    zone = gateway.settings.hospital.zone
    found = await gateway.reader.reports(
        permitted.only_of,
        or_none(wanted.status),
        or_none(wanted.modality),
        str(wanted.radiologist_id) if wanted.radiologist_id else None,
        wanted.patient_id,
        wanted.critical,
        *moments_of(wanted.signed_from, wanted.signed_to, zone),
        permitted.person.id if wanted.mine else None,
        words(patient),
        one_or_none(text),
        permitted.person.id,
        wanted.unread,
        wanted.images_changed,
        wanted.page_size,
        wanted.skipped,
    )
    items = tuple(
        ReportSummary.of(
            parse(ReportUpdated, row["report"]),
            parse(OrderUpdated, row["of_order"]),
            unread=row["unread"],
        )
        for row in found.rows
    )
    return ReportPage.of(items, found.total, wanted)


@router.get("/reports/{id}", operation_id="getReport", response_model=Report, responses=READ)
async def get_report(
    report_id: ReportId,
    permitted: Annotated[Permit, may(Action.READ_REPORT)],
    gateway: TheGateway,
) -> Response:
    """Get a report with its chain of versions."""
    return _state((await _visible(gateway, report_id, permitted)).thing)


@router.post("/reports/{id}/opened", operation_id="openedReport", status_code=204, responses=WRITE)
async def opened(
    report_id: ReportId,
    body: ShownReport,
    asked: Annotated[AskedBy, asks(Action.READ_REPORT)],
    gateway: TheGateway,
) -> None:
    """Say that the page shows this version of the report to the person: it is unread no more.

    Opening a report decides nothing, so no worker is asked. The edge publishes it as a snapshot of
    the reader's own; from there it comes into the read model as all else does.
    """
    shown = OpenedReport(report_id=report_id, version=body.version)
    await _tell_opened(gateway, asked, (shown,))


@router.post("/reports/opened", operation_id="openedReports", status_code=204, responses=WRITE)
async def opened_together(
    body: OpenedReports,
    asked: Annotated[AskedBy, asks(Action.READ_REPORT)],
    gateway: TheGateway,
) -> None:
    """Say of several reports what `openedReport` says of one; of all, or of none."""
    await _tell_opened(gateway, asked, body.items)


async def _tell_opened(gateway: Gateway, asked: AskedBy, items: Sequence[OpenedReport]) -> None:
    person_id = asked.permit.person.id
    reports = [(await _visible(gateway, shown.report_id, asked.permit)).thing for shown in items]
    for shown, report in zip(items, reports, strict=True):
        event = ReportOpened(
            report_id=report.id,
            person_id=person_id,
            # A version to come cannot have been read.
            version=min(shown.version, report.version),
            opened_at=utc_now(),
        )
        await gateway.writes.tell(
            REPORT_OPENED,
            event,
            key=f"{person_id}/{report.id}",
            event_id=asked.ask.derived_id(str(report.id)),
        )


@router.get(
    "/orders/{id}/report",
    operation_id="getOrderReport",
    response_model=Report,
    responses=READ | {204: {"description": "The order has no report yet"}},
)
async def get_report_of_order(
    order_id: OrderId,
    permitted: Annotated[Permit, may(Action.READ_REPORT)],
    gateway: TheGateway,
) -> Response:
    """Get the report of an order; 204 while there is none, since the order is there."""
    found = await gateway.reader.report_of_order(order_id, permitted.only_of)
    if found is None:
        await visible_order(gateway, order_id, permitted.only_of)
        return Response(status_code=204)
    return _state(found.thing)


@router.post(
    "/orders/{id}/report",
    operation_id="writeReport",
    status_code=201,
    response_model=Report,
    responses=_WRITE_TEXT
    | {200: {"model": Report, "description": "A later version of a report that was there"}},
)
async def write_report(
    order_id: OrderId,
    body: WriteReport,
    asked: Annotated[AskedBy, asks(Action.DRAFT_REPORT)],
    seen: SeenVersion,
    request: Request,
    gateway: TheGateway,
) -> Response:
    """Save a draft (PRELIMINARY), or sign (FINAL) with the signing PIN."""
    await visible_order(gateway, order_id, asked.only_of)
    version = await _edited_version(gateway, asked, order_id, one_of(seen, body.expected_version))
    if body.status == "FINAL" and body.signature:
        permit(request, asked.permit.person, Action.SIGN_REPORT)
        signed = ReportFinalized(
            order_id=order_id,
            content=content_of(body),
            radiologist=asked.actor,
            signature=await _signature(gateway, asked, body.signature),
            expected_version=version,
            content_sha256=body.content_sha256,
        )
        result = await gateway.writes.send(
            asked.ask, REPORT_FINALIZED, signed, key=order_id, answer=REPORT_UPDATED
        )
        return _answer(result)
    drafted = ReportDrafted(
        order_id=order_id,
        content=content_of(body),
        radiologist=asked.actor,
        expected_version=version,
        raise_critical_now=body.raise_critical_now,
    )
    result = await gateway.writes.send(
        asked.ask, REPORT_DRAFTED, drafted, key=order_id, answer=REPORT_UPDATED
    )
    return _answer(result)


@router.post(
    "/reports/{id}/amend",
    operation_id="amendReport",
    response_model=Report,
    responses=_WRITE_TEXT,
)
async def amend_report(
    report_id: ReportId,
    body: AmendReport,
    asked: Annotated[AskedBy, asks(Action.SIGN_REPORT)],
    seen: SeenVersion,
    gateway: TheGateway,
) -> Response:
    """Sign a new version of a final report, with the reason."""
    found = await _visible(gateway, report_id, asked.permit)
    order_id = found.thing.order_id
    version = required(one_of(seen, body.expected_version))
    amended = ReportFinalized(
        order_id=order_id,
        content=content_of(body),
        radiologist=asked.actor,
        signature=await _signature(gateway, asked, body.signature),
        expected_version=version,
        amendment_reason=body.amendment_reason,
        content_sha256=body.content_sha256,
    )
    result = await gateway.writes.send(
        asked.ask, REPORT_FINALIZED, amended, key=order_id, answer=REPORT_UPDATED
    )
    return _answer(result, created=200)


@router.get(
    "/reports/{id}/pdf",
    operation_id="getReportPdf",
    response_class=Response,
    responses=_PDF | problems(401, 403, 404, 503),
)
async def get_pdf(
    report_id: ReportId,
    permitted: Annotated[Permit, may(Action.READ_REPORT)],
    gateway: TheGateway,
    version: Annotated[UUID | None, Query(description="Of an older version; its id")] = None,
    download: Annotated[bool, Query(description="As a file, not in the page")] = False,
) -> Response:
    """Get the document of the current version, or of an older one."""
    report: ReportUpdated = (await _visible(gateway, report_id, permitted)).thing
    chosen = (
        next((v for v in report.versions if v.id == version), None) if version else report.current
    )
    if chosen is None:
        raise NotFound
    return await _document(gateway, report, chosen, download=download)


async def _document(
    gateway: Gateway, report: ReportUpdated, chosen: ReportVersion, *, download: bool
) -> Response:
    if chosen.document is None:
        raise DocumentNotReady(headers={"Retry-After": "2"})
    pdf = await gateway.storage.get(chosen.document.bucket, chosen.document.key)
    kind = "attachment" if download else "inline"
    name = f"{report.report_number}-v{chosen.number}.pdf"
    headers = {"Content-Disposition": f'{kind}; filename="{name}"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _visible(gateway: Gateway, report_id: UUID, permitted: Permit) -> WithOrder:
    found = await gateway.reader.report(report_id, permitted.only_of)
    if found is None:
        raise NotFound
    return found


async def _edited_version(
    gateway: Gateway, asked: AskedBy, order_id: UUID, named: int | None
) -> int:
    """Return the version that the editor saw; the first draft need not name one.

    Nor need its repetition: the report that is there now may be its own.
    """
    if named is not None:
        return named
    there = await gateway.reader.report_of_order(order_id) is not None
    if there and not await gateway.writes.is_repeated(asked.ask):
        raise PreconditionRequired
    return 0


async def _signature(
    gateway: Gateway, asked: AskedBy, signature: SignatureInput
) -> SignatureIntent:
    await gateway.pins.check(asked.permit.person.id, signature.pin)
    return SignatureIntent(method="PIN", authenticated_at=utc_now(), meaning=signature.meaning)


def _answer(result: Result, *, created: int = 201) -> Response:
    if isinstance(result, Pending):
        return later(result)
    return _state(result.snapshot, status=created if result.version == 1 else 200)


def _state(report: ReportUpdated, *, status: int = 200) -> Response:
    return state(Report.of(report), report.version, status=status)
