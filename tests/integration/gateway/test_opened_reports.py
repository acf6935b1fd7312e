"""Which results a person has not opened is kept by the server: for each person, on every device."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.enumerations import OrderStatus, ReportStatus, Role
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.topics import ORDER_UPDATED, REPORT_UPDATED
from gateway.read_model.rebuild import rebuild
from services.clock import utc_now
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details
from tests.harness.snapshots import order_snapshot, report_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_live import Listener, listening

REPORTS = "/api/radiology/reports"
NOON, HOUR = datetime(2026, 3, 2, 12, tzinfo=UTC), timedelta(hours=1)


async def reported(owner: Owner, doctor: SignedIn) -> tuple[OrderUpdated, ReportUpdated]:
    """A result of this doctor's order, which the gateway knows."""
    order = order_snapshot(details=details(ordering_provider_id=doctor.person_id))
    report = report_snapshot(order, updated_at=utc_now())
    await owner.publish(ORDER_UPDATED, order, order.id)
    await tell(owner, doctor, report)
    return order, report


async def tell(owner: Owner, doctor: SignedIn, report: ReportUpdated) -> None:
    await owner.publish(REPORT_UPDATED, report, report.order_id)

    async def is_there() -> bool:
        response = await doctor.get(f"{REPORTS}/{report.id}")
        return response.status_code == 200 and response.json()["version"] == report.version

    await eventually(is_there)


async def opens(doctor: SignedIn, report: ReportUpdated) -> None:
    response = await doctor.post(f"{REPORTS}/{report.id}/opened", json={"version": report.version})
    assert response.status_code == 204, response.text


async def unread(doctor: SignedIn, *, is_unread: bool = True) -> list[str]:
    response = await doctor.get(REPORTS, params={"unread": is_unread})
    items: list[dict[str, Any]] = response.json()["items"]
    assert all(item["unread"] is is_unread for item in items)
    return [item["id"] for item in items]


async def read_by(doctor: SignedIn, report: ReportUpdated) -> None:
    async def is_read() -> bool:
        return str(report.id) in await unread(doctor, is_unread=False)

    await eventually(is_read)


async def passed_until(page: Listener, type_: str) -> list[dict[str, Any]]:
    """What comes over a live connection, up to the first message of a type."""
    messages = [await page.next()]
    while messages[-1]["type"] != type_:
        messages.append(await page.next())
    return messages


async def listed(doctor: SignedIn, page: int) -> list[str]:
    wanted = {"mine": True, "sort": "unread", "pageSize": 2, "page": page}
    response = await doctor.get("/api/radiology/orders", params=wanted)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def test_unread_results_stand_on_the_first_page_of_ones_orders(
    gateway: TestGateway, owner: Owner
) -> None:
    """However old the order is; a page knows only its own rows, so the server sorts."""
    doctor = await gateway.sign_in(Role.PROVIDER)
    (early, result), (middle, opened) = [await reported(owner, doctor) for _ in range(2)]
    own = details(ordering_provider_id=doctor.person_id)
    cancelled, late = [
        order_snapshot(details=own, status=status)
        for status in (OrderStatus.CANCELLED, OrderStatus.SCHEDULED)
    ]
    newest_last = [early, middle, late, cancelled]
    for hours, order in enumerate(newest_last):
        changed = order.model_copy(
            update={"created_at": NOON + hours * HOUR, "version": order.version + 1}
        )
        await owner.publish(ORDER_UPDATED, changed, order.id)
    await opens(doctor, opened)
    await read_by(doctor, opened)

    async def is_sorted() -> bool:
        pages = [await listed(doctor, page) for page in (1, 2)]
        return pages == [[str(early.id), str(late.id)], [str(middle.id), str(cancelled.id)]]

    await eventually(is_sorted)
    await opens(doctor, result)
    await read_by(doctor, result)
    assert await listed(doctor, 1) == [str(late.id), str(middle.id)]


async def test_result_is_unread_until_it_is_opened(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    assert await unread(doctor) == [str(report.id)]

    await opens(doctor, report)

    await read_by(doctor, report)
    assert await unread(doctor) == []


async def test_same_person_on_another_device_has_opened_it_too(
    gateway: TestGateway, owner: Owner
) -> None:
    at_work = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, at_work)
    await opens(at_work, report)
    await read_by(at_work, report)

    on_the_phone = await gateway.sign_in(Role.PROVIDER, person_id=at_work.person_id)

    assert await unread(on_the_phone) == []


async def test_what_one_opens_another_has_not(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    radiologist = await gateway.sign_in(Role.RADIOLOGIST)
    _, report = await reported(owner, doctor)

    await opens(radiologist, report)

    await read_by(radiologist, report)
    assert await unread(doctor) == [str(report.id)]


async def test_several_are_marked_as_seen_at_once(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    reports = [(await reported(owner, doctor))[1] for _ in range(2)]

    items = [{"reportId": str(report.id), "version": report.version} for report in reports]
    response = await doctor.post(f"{REPORTS}/opened", json={"items": items})

    assert response.status_code == 204, response.text
    for report in reports:
        await read_by(doctor, report)
    assert await unread(doctor) == []


async def test_of_several_none_is_marked_when_one_is_not_there(
    gateway: TestGateway, owner: Owner
) -> None:
    doctor, other = [await gateway.sign_in(Role.PROVIDER) for _ in range(2)]
    _, mine = await reported(owner, doctor)
    _, theirs = await reported(owner, other)

    items = [{"reportId": str(report.id), "version": 1} for report in (mine, theirs)]
    response = await doctor.post(f"{REPORTS}/opened", json={"items": items})

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert await unread(doctor) == [str(mine.id)]


async def test_amended_report_is_unread_again(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    await opens(doctor, report)
    await read_by(doctor, report)

    changes = {"version": 2, "content_version": 2, "status": ReportStatus.AMENDED}
    await tell(owner, doctor, report.model_copy(update=changes))

    assert await unread(doctor) == [str(report.id)]


async def test_report_whose_text_stays_is_not_unread_again(
    gateway: TestGateway, owner: Owner
) -> None:
    """Its document was made, or it was noted how a finding reached its doctor."""
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    await opens(doctor, report)
    await read_by(doctor, report)

    await tell(owner, doctor, report.model_copy(update={"version": 2}))

    assert await unread(doctor) == []


async def test_page_that_shows_the_older_text_has_not_opened_the_newer(
    gateway: TestGateway, owner: Owner
) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    amended = report.model_copy(update={"version": 2, "content_version": 2})
    await tell(owner, doctor, amended)

    async with listening(gateway, doctor) as page:
        await passed_until(page, "hello")
        await opens(doctor, report)
        await passed_until(page, "report.opened")

    assert await unread(doctor) == [str(report.id)]


async def test_version_to_come_cannot_be_opened(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    await doctor.post(f"{REPORTS}/{report.id}/opened", json={"version": 99})
    await read_by(doctor, report)

    await tell(owner, doctor, report.model_copy(update={"version": 2, "content_version": 2}))

    assert await unread(doctor) == [str(report.id)]


async def test_other_pages_of_the_person_are_told_and_nobody_else(
    gateway: TestGateway, owner: Owner
) -> None:
    """A radiologist may read every report, and yet not who has opened it."""
    doctor = await gateway.sign_in(Role.PROVIDER)
    radiologist = await gateway.sign_in(Role.RADIOLOGIST)
    order, report = await reported(owner, doctor)

    async with listening(gateway, doctor) as page, listening(gateway, radiologist) as other:
        for listener in (page, other):
            await passed_until(listener, "hello")
        await opens(doctor, report)
        told = (await passed_until(page, "report.opened"))[-1]
        await owner.publish(ORDER_UPDATED, order.model_copy(update={"version": 2}), order.id)
        passed = await passed_until(other, "order.updated")

    assert told["data"] == {"reportId": str(report.id), "version": report.version}
    assert "report.opened" not in {message["type"] for message in passed}


async def test_what_was_opened_survives_a_rebuild(gateway: TestGateway, owner: Owner) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    _, report = await reported(owner, doctor)
    await opens(doctor, report)
    await read_by(doctor, report)

    rebuilt = await rebuild(gateway.gateway.database, gateway.settings.kafka)

    assert rebuilt.identical
    assert await unread(doctor) == []


async def test_result_of_another_doctor_is_not_there(gateway: TestGateway, owner: Owner) -> None:
    doctor, other = [await gateway.sign_in(Role.PROVIDER) for _ in range(2)]
    _, report = await reported(owner, doctor)

    response = await other.post(f"{REPORTS}/{report.id}/opened", json={"version": 1})

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
