"""The main job of the house: from a doctor's order to a doctor who has confirmed a critical result.

Every process runs, on real Kafka, PostgreSQL and S3; people, scanner, phones and mailboxes act at
its outer edges only.
"""

import io
from typing import Any

import pytest
from PIL import Image

from tests.harness.case import (
    CRITICAL,
    REPORT,
    SECONDS,
    SIGNATURE,
    CriticalCase,
    House,
    Person,
    attempts,
    link_in,
    path_of,
    reply_code_in,
    seen_live,
    study_of,
    watching,
)
from tests.harness.standins import eventually
from tests.harness.stow import RELATED, related

pytestmark = pytest.mark.timeout(180)


async def test_an_order_becomes_a_signed_report_and_a_doctor_who_knows(house: House) -> None:
    """The whole case, as the department lives it; a manager watches it live."""
    patient = Person()
    async with watching(house.diaz) as live:
        unified, order = await workflow_service_orders(house, patient)
        await seen_live(live, "order.updated", lambda o: o["id"] == order["id"])
        await exam_takes_place(house, patient, order)
        report = await radiologist_signs_a_critical_finding(house, order)
        case = await doctor_is_told_in_four_ways_and_confirms(house, order)
        await read_back_closes_the_alert(house, case)
        await workflow_service_is_told(house, unified, order)
        await seen_live(
            live,
            "order.updated",
            lambda o: (o["id"], o["status"]) == (order["id"], "FINAL_REPORT"),
        )
        await seen_live(
            live,
            "alert.updated",
            lambda a: (a["id"], a["status"]) == (case.alert["id"], "CLOSED"),
        )
    await document_is_for_the_ordering_doctor_only(house, order, report)


async def workflow_service_orders(house: House, patient: Person) -> tuple[Any, Any]:
    """A slot is found without a conflict. Returns the order there, and the one here."""
    unified = await house.unified_order(patient)
    [placed] = unified["items"]
    assert placed["state"] == "DISPATCHED"
    assert placed["appointment"]["equipmentName"].startswith("CT ")
    order = await house.cole.get(path_of({"id": placed["imagingOrderId"]}))
    assert order["status"] == "SCHEDULED"
    return unified, order


async def exam_takes_place(house: House, patient: Person, order: Any) -> None:
    """The scanner sends by C-STORE; then the case waits on the worklist."""
    await house.begin_exam(order)
    assert set(await house.scan(study_of(patient, order, instances=4))) == {0}
    await house.images_arrived(order, 4)
    ready = await house.cole.post(f"{path_of(order)}/complete", {"expectedInstances": 4})
    assert ready["status"] == "IMAGES_AVAILABLE"
    worklist = await house.adams.until(
        "/api/radiology/orders/ready-for-read",
        lambda page: order["id"] in [item["id"] for item in page["items"]],
    )
    assert worklist["total"] >= 1


async def radiologist_signs_a_critical_finding(house: House, order: Any) -> Any:
    """Preliminary first, then final. Returns the signed report."""
    await house.adams.post(f"{path_of(order)}/claim")
    draft = await house.adams.post(
        f"{path_of(order)}/report", {**REPORT, "status": "PRELIMINARY", "expectedVersion": 0}
    )
    assert draft["status"] == "PRELIMINARY"
    report = await house.sign(order, **CRITICAL, expectedVersion=draft["version"])
    assert report["status"] == "FINAL"
    assert report["electronicSignature"]
    return report


async def doctor_is_told_in_four_ways_and_confirms(house: House, order: Any) -> CriticalCase:
    """By SMS, mail, call and in the portal; he confirms on the phone's keypad."""
    await house.phone_rule(channel="call", number=house.smith.person.phone, outcome="ring")
    case = CriticalCase(house, order, await house.alert_of(order))
    assert case.alert["responsibleName"] in ("", house.smith.person.name)
    assert "critical imaging finding" in (await case.sms())["body"]
    assert "critical imaging finding" in (await case.mail())["text"]
    call = await case.call()
    await answer_and_press(house, call["sid"], "1")
    await case.until(lambda alert: alert["status"] == "ACKNOWLEDGED")
    assert case.alert["acknowledgement"]["channel"] == "VOICE"
    assert case.alert["acknowledgement"]["personName"] == house.smith.person.name
    return case


async def read_back_closes_the_alert(house: House, case: CriticalCase) -> None:
    """Nothing else does; then the report says how its finding reached the doctor."""
    await house.smith.post(f"{case.path}/read-back", {"text": "Embolism; heparin is started."})
    await case.until(lambda alert: alert["status"] == "CLOSED")
    told = await house.adams.until(
        f"{path_of(case.order)}/report", lambda r: r["communications"], seconds=SECONDS
    )
    assert told["communications"][0]["told"] == house.smith.person.name


async def workflow_service_is_told(house: House, unified: Any, order: Any) -> None:
    [callback] = await eventually(lambda: house.callbacks_of(order), seconds=SECONDS)
    assert callback["data"]["status"] == "COMPLETED"
    assert callback["data"]["workflowOrderId"] == unified["id"]


async def document_is_for_the_ordering_doctor_only(house: House, order: Any, report: Any) -> None:
    pdf = f"/api/radiology/reports/{report['id']}/pdf"
    await house.adams.until(f"{path_of(order)}/report", lambda r: r["pdfUrl"], seconds=SECONDS)
    assert (await house.smith.read(pdf)).startswith(b"%PDF-")
    assert await house.jones.read(pdf) == b""


async def test_an_order_published_to_kafka_is_scheduled_and_seen(house: House) -> None:
    """The workflow service may publish instead of asking; the order shows up in the same way."""
    patient = Person()
    async with watching(house.diaz) as live:
        unified = await house.unified_order(patient, via="kafka")

        order = await seen_live(
            live, "order.updated", lambda o: o["workflowOrderId"] == unified["id"]
        )

    assert order["status"] == "SCHEDULED"
    assert order["appointment"]["startsAt"]
    assert order["patient"]["mrn"] == patient.mrn


async def test_images_come_by_three_ways_to_one_order(house: House) -> None:
    """C-STORE, STOW-RS and the browser's form: one study list, nothing twice."""
    patient = Person()
    order = await house.begin_exam(await house.order(patient))
    scanned = study_of(patient, order, instances=2)
    stowed = study_of(patient, order, instances=3)
    uploaded = study_of(patient, order, instances=1)

    assert set(await house.scan(scanned)) == {0}
    answer = await house.anybody.post(
        "/dicom-web/studies",
        content=related([one.content for one in stowed]),
        headers={"content-type": RELATED, "authorization": f"Bearer {uploader_credential(house)}"},
    )
    assert answer.status_code == 200, answer.text
    result = await house.cole.upload(f"{path_of(order)}/images", "a.dcm", uploaded[0].content)
    assert result["stored"] == 1
    picture = await house.cole.upload(f"{path_of(order)}/images", "sheet.png", png())
    assert picture["stored"] == 1
    assert set(await house.scan(scanned)) == {0}  # sent again, as scanners do

    arrived = await house.images_arrived(order, 7)
    assert arrived["receivedInstances"] == 7
    assert {
        scanned[0].study_instance_uid,
        stowed[0].study_instance_uid,
        uploaded[0].study_instance_uid,
    } <= set(arrived["studyInstanceUids"])


async def test_confirmed_by_the_link_and_not_by_whoever_looks_at_it(house: House) -> None:
    """Mail scanners open links: GET must show and POST must confirm."""
    case = await house.critical_case()
    link = link_in((await case.mail())["text"])

    shown = await house.anybody.get(link)
    assert shown.status_code == 200
    assert "I take responsibility" in shown.text
    assert (await case.now())["status"] == "OPEN"
    pressed = await house.anybody.post(
        link, data={"readBack": ""}, headers={"origin": link.split("/acknowledge")[0]}
    )

    assert pressed.status_code == 200, pressed.text
    await case.until(lambda alert: alert["status"] == "ACKNOWLEDGED")
    assert case.alert["acknowledgement"]["channel"] == "EMAIL"


async def test_confirmed_by_a_reply_to_the_sms(house: House) -> None:
    case = await house.critical_case()
    sms = await case.sms()

    answer = await house.phones.post(
        "/control/replies",
        json={"phone": house.smith.person.phone, "body": f"ok {reply_code_in(sms['body'])}"},
    )
    assert answer.status_code == 200

    await case.until(lambda alert: alert["status"] == "ACKNOWLEDGED")
    assert case.alert["acknowledgement"]["channel"] == "SMS"


async def test_confirmed_in_the_portal_and_then_nobody_is_called_any_more(house: House) -> None:
    """The first acknowledgement stops every other way: a phone that rings is not rung again."""
    await house.phone_rule(channel="call", number=house.smith.person.phone, outcome="busy")
    try:
        case = await house.critical_case()
        await case.until(lambda alert: attempts(alert, "VOICE")[0]["providerStatus"] == "busy")

        await house.smith.post(
            f"{case.path}/acknowledge", {"readBack": "Embolism; I am on my way."}
        )

        await case.until(lambda alert: alert["status"] == "CLOSED")
        waiting = {"PENDING", "SENDING", "UNKNOWN"}
        assert not [one for one in case.alert["attempts"] if one["state"] in waiting]
    finally:
        await house.phone_rule(channel="call", number=house.smith.person.phone)


async def test_another_doctor_sees_neither_order_nor_alert(house: House) -> None:
    case = await house.critical_case()

    orders = await house.jones.get("/api/radiology/orders?pageSize=100")
    alerts = await house.jones.get("/api/radiology/alerts?pageSize=100")

    assert case.order["id"] not in [item["id"] for item in orders["items"]]
    assert case.alert["id"] not in [item["id"] for item in alerts["items"]]


async def test_a_late_amendment_is_told_as_well(house: House) -> None:
    """The workflow service hears of each signed version, once."""
    order = await house.ready_case()
    report = await house.sign(order)

    amended = await house.adams.post(
        f"/api/radiology/reports/{report['id']}/amend",
        {
            **REPORT,
            "impression": "No embolism; artefact of breathing.",
            "amendmentReason": "Second reading",
            "signature": SIGNATURE["signature"],
            "expectedVersion": (await house.adams.get(f"{path_of(order)}/report"))["version"],
        },
    )

    assert amended["status"] == "AMENDED"

    async def both() -> list[object] | None:
        callbacks = await house.callbacks_of(order)
        return callbacks if len(callbacks) == 2 else None

    callbacks = await eventually(both, seconds=SECONDS)
    assert {c["data"]["reportStatus"] for c in callbacks} == {"FINAL", "AMENDED"}
    await house.cole.until(path_of(order), lambda o: o["status"] == "FINAL_REPORT", seconds=SECONDS)


async def answer_and_press(house: House, sid: str, keys: str) -> None:
    """The doctor takes the call, listens, and presses."""
    await house.phones.post(f"/control/calls/{sid}/answer")

    async def listening() -> bool:
        state = (await house.phones.get("/control/state")).json()
        return any(call["sid"] == sid and call["listening"] for call in state["calls"])

    await eventually(listening, seconds=SECONDS)
    answer = await house.phones.post(f"/control/calls/{sid}/keys", json={"keys": keys})
    assert answer.status_code == 200, answer.text
    await house.phone_rule(channel="call", number=house.smith.person.phone)


def uploader_credential(house: House) -> str:
    return house.system.environment_of("gateway")["GATEWAY_UPLOADER_CREDENTIAL"]


def png() -> bytes:
    """A small grey picture."""
    buffer = io.BytesIO()
    Image.new("L", (40, 30), 128).save(buffer, "PNG")
    return buffer.getvalue()
