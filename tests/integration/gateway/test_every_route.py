"""Every route, asked by every role, for own and for foreign cases.

The table below is written by hand and does not look at `gateway.permissions`: it says what the spec
and issue say, and a slip in either shows as a difference.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from contracts.base import Contract
from contracts.enumerations import Role
from contracts.events.study_updated import QuarantinedInstance
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_UPDATED,
    REPORT_UPDATED,
    STUDY_UPDATED,
)
from gateway.api import ROUTERS
from gateway.dicomweb import media
from services.kafka import Publisher
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details
from tests.harness.snapshots import (
    STARTS,
    alert_snapshot,
    equipment_snapshot,
    order_snapshot,
    report_snapshot,
    study_snapshot,
)
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner

# R radiologist, T technician, M manager, P provider on own and foreign cases, p provider on own
# cases only, W workflow service. Not named: refused.
EXPECTED = {
    "getMe": "RTMP",
    "changeSigningPin": "RM",
    "listPeople": "RTMP",
    "getDashboard": "RTM",
    "createOrder": "MPW",
    "listOrders": "RTMPW",
    "searchOrders": "RTMPW",
    "findSimilarOrders": "MPW",
    "getSchedule": "RTM",
    "getWorklist": "RM",
    "getOrder": "RTMpW",
    "rescheduleOrder": "TM",
    "cancelOrder": "TMpW",
    "checkIn": "TM",
    "screen": "RTM",
    "startExam": "TM",
    "completeExam": "TM",
    "assignOrder": "M",
    "claimOrder": "RM",
    "releaseOrder": "RM",
    "uploadImages": "TM",
    "uploadUnassigned": "TM",
    "listReports": "RMP",
    "searchReports": "RMP",
    "getReport": "RMp",
    "openedReport": "RMp",
    "openedReports": "RMp",
    "getOrderReport": "RMp",
    "writeReport": "RM",
    "amendReport": "RM",
    "getReportPdf": "RMp",
    "listTemplates": "RM",
    "listCriticalFindings": "RM",
    "getViewerData": "RMp",
    "getPriorStudies": "RMP",
    "notePriorStudy": "RM",
    "getMeasurements": "RMp",
    "saveMeasurements": "RM",
    "listStudies": "RTMP",
    "listUnmatched": "TM",
    "listQuarantine": "TM",
    "compareQuarantined": "TM",
    "getQuarantinePicture": "TM",
    "getStudy": "RTMp",
    "matchStudy": "TM",
    "unmatchStudy": "TM",
    "keepStudyWithoutOrder": "TM",
    "completeStudy": "TM",
    "decideQuarantine": "TM",
    "reopenQuarantine": "TM",
    "listAlerts": "RMP",
    "getAlert": "RMp",
    "acknowledgeAlert": "RMp",
    "sawAlert": "RMp",
    "readBackAlert": "RMp",
    "handOverAlert": "RMp",
    "escalateAlert": "RM",
    "listEquipment": "RTM",
    "getEquipment": "RTM",
    "addEquipment": "M",
    "saveEquipment": "M",
    "blockEquipment": "M",
    "unblockEquipment": "M",
    "getRequest": "",  # tried by itself in test_writes: only who asked may ask again
    "listDeadLetters": "M",
    "getDeadLetter": "M",
    "replayDeadLetter": "M",
    "settleDeadLetter": "M",
    "reopenDeadLetter": "M",
    "getSystemHealth": "M",
    "storeInstances": "TM",
    "storeInstancesOfStudy": "TM",
    "seriesMetadata": "RTMp",
    "seriesThumbnail": "RTMp",
    "instanceFrames": "RTMp",
    "wholeInstance": "RTMp",
    "wholeSeries": "RTMp",
    "pictureOfSeries": "RTMp",
    "studyArchive": "RTMp",
}
PUBLIC = {"getConfiguration", "signIn", "finishSignIn", "signOut"}
OUTSIDE = {"showAcknowledgePage", "acknowledgeByLink", "answerCall", "takeReceipt", "takeSms"}
LETTERS = {
    Role.RADIOLOGIST: "R",
    Role.RADIOLOGY_TECH: "T",
    Role.RADIOLOGY_MANAGER: "M",
    Role.PROVIDER: "P",
    Role.CLINICAL_WORKFLOW: "W",
}
ROUTES = {
    route.operation_id: route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.operation_id
}
REFUSALS = {"not_signed_in", "not_allowed", "not_found", "foreign_page", "bad_credential"}


@dataclass(frozen=True)
class Case:
    """A patient's whole case: the ids that routes are asked with."""

    order: str
    patient: str
    study: str
    report: str
    alert: str
    quarantine: str
    provider: str


@dataclass(frozen=True)
class House:
    """A provider's own case, somebody else's, and what belongs to nobody."""

    own: Case
    foreign: Case
    equipment: str
    block: str
    reader: str


@pytest_asyncio.fixture(scope="module")
async def house(serving_gateway: TestGateway) -> AsyncIterator[House]:
    reader = await serving_gateway.sign_in(Role.RADIOLOGIST)
    room = equipment_snapshot()
    async with Publisher(serving_gateway.settings.kafka, client_id="tests") as publisher:
        owner = Owner(publisher)
        own, foreign = [await _publish_case(owner, str(uuid4())) for _ in range(2)]
        await owner.publish(EQUIPMENT_UPDATED, room, room.id)
    manager = await serving_gateway.sign_in(Role.RADIOLOGY_MANAGER)
    for path in (f"alerts/{foreign.alert}", f"studies/{foreign.study}", f"equipment/{room.id}"):
        await eventually(partial(_is_there, manager, path))
    yield House(own, foreign, str(room.id), str(uuid4()), reader.person_id)


async def _publish_case(owner: Owner, provider: str) -> Case:
    order = order_snapshot(details=details(ordering_provider_id=provider))
    held = QuarantinedInstance(
        id=uuid4(), sop_instance_uid="2.25.7", received_at=STARTS, size_bytes=9, reason="bytes"
    )
    study = study_snapshot(order, quarantined=(held,))
    report, alert = report_snapshot(order), alert_snapshot(order)
    things: list[tuple[Any, Contract, object]] = [
        (ORDER_UPDATED, order, order.id),
        (STUDY_UPDATED, study, study.study_instance_uid),
        (REPORT_UPDATED, report, order.id),
        (ALERT_UPDATED, alert, alert.id),
    ]
    for topic, snapshot, key in things:
        await owner.publish(topic, snapshot, key)
    return Case(
        order=str(order.id),
        patient=str(order.details.patient.id),
        study=study.study_instance_uid,
        report=str(report.id),
        alert=str(alert.id),
        quarantine=str(held.id),
        provider=provider,
    )


async def _is_there(client: httpx.AsyncClient, path: str) -> bool:
    return (await client.get(f"/api/radiology/{path}")).status_code == 200


def test_the_table_names_every_route() -> None:
    assert set(EXPECTED) | PUBLIC | OUTSIDE == set(ROUTES)


@pytest.mark.parametrize("operation", EXPECTED)
async def test_who_is_not_signed_in_is_refused(
    operation: str, gateway: TestGateway, house: House
) -> None:
    client = gateway.anonymous(**{"origin": gateway.url(), "x-user-role": "RADIOLOGY_MANAGER"})

    response = await _ask(client, operation, house.own, house)

    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


async def test_what_changes_something_is_refused_to_another_sites_page(
    gateway: TestGateway, house: House
) -> None:
    """Its requests carry the person's cookies, and our token never."""
    client = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    client.headers["x-csrf-token"] = ""
    unsafe = [name for name in EXPECTED if (ROUTES[name].methods or set()) - {"GET"}]

    codes = {}
    for operation in unsafe:
        response = await _ask(client, operation, house.own, house)
        codes[operation] = response.json().get("code") if response.content else None

    assert codes == dict.fromkeys(unsafe, "foreign_page")


@pytest.mark.parametrize("role", LETTERS)
async def test_role_may_do_what_the_table_says(
    role: Role, gateway: TestGateway, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.impatient()
    monkeypatch.setattr(media, "_FILING_TRIES", 0)
    differences = []
    client = await _client_of(gateway, role, house.own.provider)
    for operation, letters in EXPECTED.items():
        for case in (house.own, house.foreign):
            if operation == "getRequest":
                continue
            response = await _ask(client, operation, case, house)
            whose = "own" if case is house.own else "foreign"
            problem = _difference(response, role, letters, is_own=case is house.own)
            if problem:
                differences.append(f"{operation}, {whose} case: {problem}")

    assert not differences, "\n".join(differences)


def _difference(response: httpx.Response, role: Role, letters: str, *, is_own: bool) -> str:
    letter = LETTERS[role]
    is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
    code = response.json()["code"] if is_problem else ""
    if response.status_code >= 500 and code != "images_not_ready":
        return f"answered {response.status_code}"
    if letter in letters or (letter.lower() in letters and is_own):
        # "not_found" or "images_not_ready" of an image that is in no store is as good: the
        # guard has let pass.
        return f"refused with {code}" if code in REFUSALS - {"not_found"} else ""
    if letter.lower() in letters:
        expected = (404, "not_found")
    elif role is Role.CLINICAL_WORKFLOW:
        return "" if code in {"not_allowed", "bad_credential"} else f"answered {code or 'yes'}"
    else:
        expected = (403, "not_allowed")
    got = (response.status_code, code)
    return "" if got == expected else f"expected {expected}, got {got}"


async def _client_of(gateway: TestGateway, role: Role, provider: str) -> httpx.AsyncClient:
    if role is Role.CLINICAL_WORKFLOW:
        return gateway.workflow_service()
    client: SignedIn = await gateway.sign_in(
        role, person_id=provider if role is Role.PROVIDER else None
    )
    return client


async def _ask(
    client: httpx.AsyncClient, operation: str, case: Case, house: House
) -> httpx.Response:
    route = ROUTES[operation]
    method = next(iter(route.methods or {"GET"}))
    body = _body(operation, case, house)
    path = _path(route, case, house)
    if operation in ("uploadImages", "uploadUnassigned"):
        files = {"image": ("empty.dcm", b"no DICOM", "application/dicom")}
        return await client.request(method, path, files=files)
    if operation in ("storeInstances", "storeInstancesOfStudy"):
        kind = 'multipart/related; type="application/dicom"; boundary=x'
        return await client.request(
            method, path, content=b"--x--\r\n", headers={"content-type": kind}
        )
    return await client.request(method, path, json=body)


def _path(route: APIRoute, case: Case, house: House) -> str:
    values = {
        "{uid}": case.study,
        "{study}": case.study,
        "{priorUid}": house.foreign.study,
        "{series}": "2.25.1",
        "{sop}": "2.25.2",
        "{frames}": "1",
        "{which}": "received",
        "{blockId}": house.block,
        "{order_id}": case.order,
        "{id:path}": "order.created.dead/0/999999",
    }
    things = {
        "orders": case.order,
        "reports": case.report,
        "alerts": case.alert,
        "patients": case.patient,
        "quarantine": case.quarantine,
        "equipment": house.equipment,
    }
    path = route.path
    for name, value in values.items():
        path = path.replace(name, value)
    for thing, id_ in things.items():
        path = path.replace(f"/{thing}/{{id}}", f"/{thing}/{id_}")
    return path


def _body(operation: str, case: Case, house: House) -> dict[str, Any] | None:
    order = details(ordering_provider_id=case.provider).model_dump(mode="json", by_alias=True)
    order["orderingProviderId"] = None if operation == "createOrder" else case.provider
    sections = {"findings": "Normal.", "impression": "Normal."}
    signature = {"pin": "0000"}
    bodies: dict[str, dict[str, Any]] = {
        "createOrder": order,
        "searchOrders": {},
        "findSimilarOrders": {"mrn": "M1", "modality": "CT", "bodyPart": "CHEST"},
        "searchReports": {},
        "openedReport": {"version": 1},
        "openedReports": {"items": [{"reportId": case.report, "version": 1}]},
        "changeSigningPin": {"newPin": "1234", "currentPin": "1234"},
        "rescheduleOrder": {},
        "cancelOrder": {"reason": "Declined"},
        "checkIn": {"identityVerified": True},
        "screen": {},
        "completeExam": {},
        "assignOrder": {"radiologistId": house.reader},
        "writeReport": sections | {"status": "PRELIMINARY", "expectedVersion": 1},
        "amendReport": sections
        | {"amendmentReason": "Typo", "signature": signature, "expectedVersion": 1},
        "notePriorStudy": {"comparisonNotes": "Unchanged.", "expectedVersion": 0},
        "saveMeasurements": {
            "studyInstanceUid": case.study,
            "annotations": [],
            "expectedVersion": 0,
        },
        "matchStudy": {"orderId": case.order, "reason": "Same patient"},
        "unmatchStudy": {"reason": "Wrong"},
        "keepStudyWithoutOrder": {"reason": "Disc from elsewhere"},
        "completeStudy": {"reason": "All here"},
        "decideQuarantine": {"decision": "DISCARD", "reason": "Copy"},
        "reopenQuarantine": {"reason": "Wrong one"},
        "settleDeadLetter": {"reason": "Sent anew"},
        "reopenDeadLetter": {"reason": "Still missing"},
        "acknowledgeAlert": {},
        "readBackAlert": {"text": "Pneumothorax left"},
        "handOverAlert": {"toPersonId": house.reader, "reason": "On call"},
        "escalateAlert": {},
        "addEquipment": {"name": "CT 2", "room": "R2", "modality": "CT"},
        "saveEquipment": {"name": "CT 2", "room": "R2", "modality": "CT"},
        "blockEquipment": {
            "startsAt": "2026-12-01T08:00:00Z",
            "endsAt": "2026-12-01T09:00:00Z",
            "reason": "Service",
        },
    }
    return bodies.get(operation)


async def test_provider_cannot_order_in_anothers_name(gateway: TestGateway) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    body = details().model_dump(mode="json", by_alias=True)

    response = await provider.post("/api/radiology/orders", json=body)

    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


async def test_lists_hold_own_cases_only(gateway: TestGateway, house: House) -> None:
    provider = await gateway.sign_in(Role.PROVIDER, person_id=house.own.provider)

    async def ids(path: str, key: str = "id") -> set[str]:
        response = await provider.get(f"/api/radiology/{path}")
        return {item[key] for item in response.json()["items"]}

    assert await ids("orders") == {house.own.order}
    assert await ids("reports") == {house.own.report}
    assert await ids("alerts") == {house.own.alert}
    assert await ids("studies", "studyInstanceUid") == {house.own.study}
    priors = f"patients/{house.foreign.patient}/prior-studies"
    assert await ids(priors, "studyInstanceUid") == set()


async def test_who_was_told_of_a_finding_may_read_the_case(
    gateway: TestGateway, house: House
) -> None:
    """An on-call doctor who is told must see images and report to act; lists hold the case, too."""
    on_call = await gateway.sign_in(Role.PROVIDER)
    order = order_snapshot()
    study, report = study_snapshot(order), report_snapshot(order)
    alert = alert_snapshot(order, notified_person_ids=(on_call.person_id,))
    async with Publisher(gateway.settings.kafka, client_id="tests") as publisher:
        owner = Owner(publisher)
        await owner.publish(ORDER_UPDATED, order, order.id)
        await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
        await owner.publish(REPORT_UPDATED, report, order.id)
        await owner.publish(ALERT_UPDATED, alert, alert.id)
    uid, patient = study.study_instance_uid, order.details.patient.id
    single = [
        f"alerts/{alert.id}",
        f"orders/{order.id}",
        f"orders/{order.id}/viewer-data",
        f"studies/{uid}",
        f"reports/{report.id}",
    ]
    for path in single:
        await eventually(partial(_is_there, on_call, path))
    lists = {
        "orders": str(order.id),
        "orders?mine=true": str(order.id),
        "studies": uid,
        f"patients/{patient}/prior-studies": uid,
        "reports": str(report.id),
        "reports?unread=true&mine=true": str(report.id),
    }

    answers = [await on_call.get(f"/api/radiology/{path}") for path in lists]

    assert [len(answer.json()["items"]) for answer in answers] == [1] * len(lists)
    assert all(id_ in answer.text for id_, answer in zip(lists.values(), answers, strict=True))


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic d29ya2Zsb3c6eA=="},
        {"authorization": "Bearer"},
    ],
)
async def test_wrong_credential_is_refused(gateway: TestGateway, headers: dict[str, str]) -> None:
    client = gateway.anonymous("api", **headers, **{"x-user-role": "CLINICAL_WORKFLOW"})

    response = await client.get("/api/radiology/orders")

    assert (response.status_code, response.json()["code"]) == (401, "bad_credential")


async def test_credential_of_the_workflow_service_opens_no_other_role(
    gateway: TestGateway,
) -> None:
    client = gateway.workflow_service()

    response = await client.get(
        "/api/radiology/orders", headers={"x-user-role": "RADIOLOGY_MANAGER"}
    )

    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"origin": "https://evil.example"}, "another site's page"),
        ({"origin": ""}, "no page at all"),
        ({"x-csrf-token": "made-up.token"}, "a token that is not the cookie's"),
        ({"x-csrf-token": ""}, "no token"),
    ],
)
async def test_write_that_does_not_come_from_our_page_is_refused(
    gateway: TestGateway, change: dict[str, str], why: str
) -> None:
    client = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await client.post("/api/radiology/orders/search", json={}, headers=change)

    assert (response.status_code, response.json()["code"]) == (403, "foreign_page"), why


async def test_csrf_token_that_we_did_not_sign_is_refused(gateway: TestGateway) -> None:
    """Whoever can plant a cookie from a neighbouring host still cannot forge the token."""
    client = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    client.cookies.set("csrf", "planted.value")

    response = await client.post(
        "/api/radiology/orders/search", json={}, headers={"x-csrf-token": "planted.value"}
    )

    assert (response.status_code, response.json()["code"]) == (403, "foreign_page")
