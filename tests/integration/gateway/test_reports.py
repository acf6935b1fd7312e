"""Reports: drafts need the version that was edited, signatures need the PIN."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.base import Contract
from contracts.enumerations import ReportStatus, Role
from contracts.events.images_ingested import StoredObject
from contracts.events.report_drafted import ReportDrafted
from contracts.events.report_finalized import ReportFinalized
from contracts.events.report_updated import ReportUpdated, Signature
from contracts.topics import ORDER_UPDATED, REPORT_UPDATED, STUDY_UPDATED, Topic
from services.events import Event
from services.object_storage import DOCUMENTS_BUCKET, ObjectStorage
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import actor
from tests.harness.snapshots import order_snapshot, report_snapshot, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner

SECTIONS = {"findings": "No acute disease.", "impression": "Normal chest."}


@pytest.fixture
def reports(owner: Owner) -> Owner:
    """An owner that takes every draft and every signature."""
    known: dict[object, ReportUpdated] = {}

    def answer(event: Event[Any]) -> tuple[Topic[Any], Contract, object] | None:
        if not isinstance(event.data, ReportDrafted | ReportFinalized):
            return owner.accept(event)
        before = known.get(event.data.order_id)
        order = order_snapshot(id=event.data.order_id)
        signed = isinstance(event.data, ReportFinalized)
        report = report_snapshot(
            order,
            by=event.data.radiologist,
            version=before.version + 1 if before else 1,
            status=ReportStatus.FINAL if signed else ReportStatus.PRELIMINARY,
            **({"id": before.id} if before else {}),
        )
        known[event.data.order_id] = report
        return REPORT_UPDATED, report, event.data.order_id

    owner.answer = answer
    return owner


async def _about_to_sign(gateway: TestGateway, owner: Owner) -> tuple[SignedIn, str]:
    """Return a radiologist whose PIN is 4711, and the path of an order."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await gateway.gateway.pins.set(reader.person_id, "4711")
    return reader, await _ordered(owner, reader)


async def _ordered(owner: Owner, person: SignedIn) -> str:
    await owner.publish(ORDER_UPDATED, order := order_snapshot(), order.id)
    path = f"/api/radiology/orders/{order.id}"

    async def there() -> bool:
        return (await person.get(path)).status_code == 200

    await eventually(there)
    return path


async def test_first_draft_is_a_new_report(gateway: TestGateway, reports: Owner) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST, name="Dr. Ruth Adams")
    order = await _ordered(reports, reader)

    response = await reader.post(f"{order}/report", json=SECTIONS)

    assert response.status_code == 201
    assert response.headers["etag"] == '"1"'
    report = response.json()
    assert (report["status"], report["radiologistName"]) == ("PRELIMINARY", "Dr. Ruth Adams")
    assert (await reader.get(f"{order}/report")).json() == report
    assert (await reader.get(f"/api/radiology/reports/{report['id']}")).json() == report


async def test_order_without_a_report_answers_that_there_is_none_yet(
    gateway: TestGateway, reports: Owner
) -> None:
    """Every case is opened like that; a browser writes each 404 into its log as an error."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = await _ordered(reports, reader)

    response = await reader.get(f"{order}/report")

    assert (response.status_code, response.content) == (204, b"")


async def test_report_of_an_order_that_is_not_there_or_not_ones_own_is_not_found(
    gateway: TestGateway, reports: Owner
) -> None:
    reader, other = [await gateway.sign_in(role) for role in (Role.RADIOLOGIST, Role.PROVIDER)]
    order = await _ordered(reports, reader)

    unknown = await reader.get(f"/api/radiology/orders/{uuid4()}/report")
    foreign = await other.get(f"{order}/report")

    assert [unknown.status_code, foreign.status_code] == [404, 404]


async def test_later_draft_must_name_the_version_that_was_edited(
    gateway: TestGateway, reports: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = await _ordered(reports, reader)
    await reader.post(f"{order}/report", json=SECTIONS)

    unnamed = await reader.post(f"{order}/report", json=SECTIONS)
    by_header = await reader.post(f"{order}/report", json=SECTIONS, headers={"If-Match": '"1"'})
    by_field = await reader.post(f"{order}/report", json=SECTIONS | {"expectedVersion": 2})

    assert (unnamed.status_code, unnamed.json()["code"]) == (428, "version_required")
    assert (by_header.status_code, by_field.status_code) == (200, 200)
    assert [event.data.expected_version for event in reports.asked] == [0, 1, 2]


async def test_first_draft_sent_again_gets_the_first_answer(
    gateway: TestGateway, reports: Owner
) -> None:
    """Its own first delivery made the report: that is no later draft, which must name a version."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = await _ordered(reports, reader)
    key = {"Idempotency-Key": "draft-1"}

    first = await reader.post(f"{order}/report", json=SECTIONS, headers=key)
    again = await reader.post(f"{order}/report", json=SECTIONS, headers=key)
    other = await reader.post(f"{order}/report", json=SECTIONS | {"findings": "?"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again.headers["etag"]) == (first.json(), '"1"')
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(reports.asked) == 1


async def test_signature_sent_again_is_told_what_it_made(
    gateway: TestGateway, reports: Owner
) -> None:
    """Meanwhile the report has gone on: its document was made, its doctor was told."""
    reader, order = await _about_to_sign(gateway, reports)
    body = SECTIONS | {"status": "FINAL", "signature": {"pin": "4711"}}
    key = {"Idempotency-Key": "signature-1"}

    first = await reader.post(f"{order}/report", json=body, headers=key)
    snapshot = reports.answer(reports.asked[0])
    assert isinstance(snapshot, tuple)
    await reports.publish(*snapshot)
    await eventually(lambda: _has_version(reader, f"{order}/report", 2))
    again = await reader.post(f"{order}/report", json=body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert len(reports.asked) == 1


async def test_signature_needs_the_right_pin(gateway: TestGateway, reports: Owner) -> None:
    reader, order = await _about_to_sign(gateway, reports)
    body = SECTIONS | {"status": "FINAL"}

    unsigned = await reader.post(f"{order}/report", json=body)
    wrong = await reader.post(f"{order}/report", json=body | {"signature": {"pin": "1234"}})
    right = await reader.post(f"{order}/report", json=body | {"signature": {"pin": "4711"}})

    assert unsigned.status_code == 422
    assert (wrong.status_code, wrong.json()["code"]) == (403, "pin_wrong")
    assert (right.status_code, right.json()["status"]) == (201, "FINAL")
    (signed,) = reports.asked
    assert signed.data.signature.method == "PIN"
    assert signed.data.radiologist.id == reader.person_id
    assert b"4711" not in signed.data.to_json()


async def test_pin_cannot_be_guessed_from_what_is_kept_of_a_request(
    gateway: TestGateway, reports: Owner
) -> None:
    """Whoever reads the database knows the rest of the body, and 10,000 PINs are soon tried."""
    reader, order = await _about_to_sign(gateway, reports)
    signed = await reader.post(
        f"{order}/report", json=SECTIONS | {"status": "FINAL", "signature": {"pin": "4711"}}
    )
    asked = signed.request
    known = f"POST {asked.url.path} {reader.person_id}\n".encode() + asked.content

    async with gateway.gateway.database.connection() as connection:
        kept = await connection.fetch("select body_sha256 from requests")

    assert hashlib.sha256(known).digest() not in [row["body_sha256"] for row in kept]


async def test_pin_is_locked_after_five_wrong_ones(gateway: TestGateway, reports: Owner) -> None:
    reader, order = await _about_to_sign(gateway, reports)
    body = SECTIONS | {"status": "FINAL"}

    tries = [
        (await reader.post(f"{order}/report", json=body | {"signature": {"pin": pin}})).json()
        for pin in ("0", "1", "2", "3", "4", "4711")
    ]

    assert [answer["code"] for answer in tries] == ["pin_wrong"] * 5 + ["pin_locked"]
    assert reports.asked == []


async def test_who_has_no_pin_is_told_to_set_one(gateway: TestGateway, reports: Owner) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = await _ordered(reports, reader)
    body = SECTIONS | {"status": "FINAL", "signature": {"pin": "4711"}}

    before = await reader.post(f"{order}/report", json=body)
    await reader.put("/api/radiology/me/signing-pin", json={"newPin": "4711"})
    after = await reader.post(f"{order}/report", json=body)

    assert (before.status_code, before.json()["code"]) == (409, "pin_not_set")
    assert after.status_code == 201


async def test_new_pin_needs_the_old_one(gateway: TestGateway) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await gateway.gateway.pins.set(reader.person_id, "4711")

    wrong = await reader.put(
        "/api/radiology/me/signing-pin", json={"newPin": "8888", "currentPin": "1111"}
    )
    right = await reader.put(
        "/api/radiology/me/signing-pin", json={"newPin": "8888", "currentPin": "4711"}
    )

    assert (wrong.status_code, wrong.json()["code"]) == (403, "pin_wrong")
    assert right.status_code == 204


async def test_amendment_carries_its_reason(gateway: TestGateway, reports: Owner) -> None:
    reader, order = await _about_to_sign(gateway, reports)
    signature = {"signature": {"pin": "4711"}}
    final = await reader.post(f"{order}/report", json=SECTIONS | signature | {"status": "FINAL"})

    response = await reader.post(
        f"/api/radiology/reports/{final.json()['id']}/amend",
        json=SECTIONS | signature | {"amendmentReason": "Left was meant", "expectedVersion": 1},
    )

    assert response.status_code == 200
    assert reports.asked[-1].data.amendment_reason == "Left was meant"


async def test_pdf_is_given_once_it_is_made(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    report = report_snapshot(order)
    await owner.publish(ORDER_UPDATED, order, order.id)
    await owner.publish(REPORT_UPDATED, report, order.id)
    path = f"/api/radiology/reports/{report.id}"
    await eventually(lambda: _answers(reader, path))
    early = await reader.get(f"{path}/pdf")

    key, pdf = f"reports/{uuid4()}.pdf", b"%PDF-1.7 test"
    await object_storage.put(DOCUMENTS_BUCKET, key, pdf, content_type="application/pdf")
    stored = StoredObject(bucket=DOCUMENTS_BUCKET, key=key, size_bytes=len(pdf), sha256="0" * 64)
    made = report.model_copy(
        update={
            "version": 2,
            "versions": (report.current.model_copy(update={"document": stored}),),
        }
    )
    await owner.publish(REPORT_UPDATED, made, order.id)

    async def given() -> bytes | None:
        response = await reader.get(f"{path}/pdf")
        return response.content if response.status_code == 200 else None

    assert (early.status_code, early.json()["code"]) == (404, "document_not_ready")
    assert await eventually(given) == pdf
    unknown = await reader.get(f"{path}/pdf", params={"version": str(uuid4())})
    assert unknown.json()["code"] == "not_found"


async def test_reports_are_found_by_words_and_patient(gateway: TestGateway, owner: Owner) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    report = report_snapshot(order)
    content = report.current.content.model_copy(update={"findings": "Large saddle embolus."})
    report = report.model_copy(
        update={"versions": (report.current.model_copy(update={"content": content}),)}
    )
    await owner.publish(ORDER_UPDATED, order, order.id)
    await owner.publish(REPORT_UPDATED, report, order.id)
    await eventually(lambda: _answers(reader, f"/api/radiology/reports/{report.id}"))

    async def found(**query: str) -> list[str]:
        response = await reader.post("/api/radiology/reports/search", json=query)
        return [item["id"] for item in response.json()["items"]]

    assert await found(text='"saddle embolus"') == [str(report.id)]
    assert await found(patient=order.details.patient.mrn) == [str(report.id)]
    assert await found(text="saddle aneurysm") == []


@pytest.mark.parametrize("came", ["more images", "a second study"])
async def test_signed_reports_whose_images_changed_since_are_found(
    gateway: TestGateway, owner: Owner, came: str
) -> None:
    """Nobody reads what came after the signature, unless somebody is told."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    signed_at = order.created_at
    signature = Signature(
        signed_by=actor(Role.RADIOLOGIST),
        signed_at=signed_at,
        meaning="read",
        method="PIN",
        content_sha256="0" * 64,
        jws="x",
        key_id="k",
    )
    report = report_snapshot(order, status=ReportStatus.FINAL)
    report = report.model_copy(
        update={"versions": (report.current.model_copy(update={"signature": signature}),)}
    )
    study = study_snapshot(order, revision=2, revision_opened_at=signed_at - timedelta(minutes=1))
    await owner.publish(ORDER_UPDATED, order, order.id)
    await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
    await owner.publish(REPORT_UPDATED, report, order.id)
    await eventually(lambda: _answers(reader, f"/api/radiology/reports/{report.id}"))

    async def found(*, images_changed: bool) -> bool:
        query = {"imagesChanged": images_changed, "patientId": str(order.details.patient.id)}
        response = await reader.get("/api/radiology/reports", params=query)
        return [item["id"] for item in response.json()["items"]] == [str(report.id)]

    assert await found(images_changed=False)
    assert not await found(images_changed=True)

    after = signed_at + timedelta(minutes=1)
    if came == "more images":
        later = study.model_copy(update={"version": 2, "revision": 3, "revision_opened_at": after})
    else:
        later = study_snapshot(order, revision=1, revision_opened_at=after)
    await owner.publish(STUDY_UPDATED, later, later.study_instance_uid)

    assert await eventually(lambda: found(images_changed=True))
    assert not await found(images_changed=False)


async def test_templates_suggest_one_for_the_exam(gateway: TestGateway) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)

    answer = await reader.get(
        "/api/radiology/report-templates",
        params={"modality": "CT", "bodyPart": "CHEST", "studyType": "CT Chest PE protocol"},
    )

    assert answer.json()["suggested"] == "ct-chest-pe"
    assert len(answer.json()["items"]) >= 18


async def _answers(person: SignedIn, path: str) -> bool:
    return (await person.get(path)).status_code == 200


async def _has_version(person: SignedIn, path: str, version: int) -> bool:
    return (await person.get(path)).headers.get("etag") == f'"{version}"'
