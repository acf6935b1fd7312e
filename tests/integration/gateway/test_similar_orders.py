"""Before an order is sent: is this exam ordered already, by whomever?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.enumerations import Modality, OrderStatus, Role
from contracts.events.order_updated import OrderUpdated
from contracts.people import Patient
from contracts.topics import ALERT_UPDATED, ORDER_UPDATED
from services.clock import utc_now
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details, patient
from tests.harness.snapshots import alert_snapshot, order_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_audit import rows

SIMILAR = "/api/radiology/orders/similar"
LONG_AGO = utc_now() - timedelta(days=60)


def wanted(who: Patient, **changes: Any) -> dict[str, Any]:
    return {"mrn": who.mrn, "modality": "CT", "bodyPart": "CHEST", **changes}


async def ordered(gateway: TestGateway, owner: Owner, who: Patient, **changes: Any) -> OrderUpdated:
    """An order of the patient, which the gateway knows."""
    exam = {key: changes.pop(key) for key in list(changes) if key not in OrderUpdated.model_fields}
    times = {"created_at": utc_now(), **changes}
    order = order_snapshot(details=details(patient=who, **exam), **times)
    await owner.publish(ORDER_UPDATED, order, order.id)
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await eventually(lambda: _is_there(reader, order.id))
    return order


async def _is_there(reader: SignedIn, order_id: UUID) -> bool:
    return (await reader.get(f"/api/radiology/orders/{order_id}")).status_code == 200


async def found(person: SignedIn, body: dict[str, Any]) -> list[dict[str, Any]]:
    response = await person.post(SIMILAR, json=body)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def test_order_of_another_doctor_is_told_without_its_doctor(
    gateway: TestGateway, owner: Owner
) -> None:
    """Exam, status and date keep the patient from a second dose; the rest is not this doctor's."""
    who = patient()
    order = await ordered(gateway, owner, who, ordering_provider_name="Dr. Emily Jones")
    smith = await gateway.sign_in(Role.PROVIDER)

    (item,) = await found(smith, wanted(who))

    assert item == {
        "id": str(order.id),
        "modality": "CT",
        "studyType": "CT Chest",
        "bodyPart": "CHEST",
        "laterality": None,
        "status": "SCHEDULED",
        "startsAt": "2026-11-25T09:00:00Z",
        "createdAt": item["createdAt"],
        "completedAt": None,
        "mayOpen": False,
    }
    assert (await smith.get(f"/api/radiology/orders/{order.id}")).status_code == 404


async def test_own_order_and_one_whose_finding_was_told_may_be_opened(
    gateway: TestGateway, owner: Owner
) -> None:
    who, smith = patient(), await gateway.sign_in(Role.PROVIDER)
    told = await ordered(gateway, owner, who)
    alert = alert_snapshot(told, notified_person_ids=(smith.person_id,))
    await owner.publish(ALERT_UPDATED, alert, alert.id)
    own = await ordered(gateway, owner, who, ordering_provider_id=smith.person_id)

    items = await found(smith, wanted(who))

    assert {item["id"]: item["mayOpen"] for item in items} == {
        str(told.id): True,
        str(own.id): True,
    }


async def test_who_may_read_every_order_may_open_each(gateway: TestGateway, owner: Owner) -> None:
    who = patient()
    await ordered(gateway, owner, who)
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    assert [item["mayOpen"] for item in await found(manager, wanted(who))] == [True]


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 1),
        ({"status": OrderStatus.FINAL_REPORT}, 1),
        ({"created_at": LONG_AGO}, 1),
        ({"created_at": LONG_AGO, "status": OrderStatus.FINAL_REPORT}, 0),
        (
            {
                "created_at": LONG_AGO,
                "completed_at": utc_now(),
                "status": OrderStatus.FINAL_REPORT,
            },
            1,
        ),
        ({"status": OrderStatus.CANCELLED}, 0),
        ({"body_part": "Chest"}, 1),
        ({"body_part": "THORAX"}, 1),
        ({"body_part": "THORAX", "study_type": "CT Thorax"}, 0),
        ({"modality": Modality.XRAY}, 0),
    ],
    ids=[
        "open",
        "reported this week",
        "open, however old",
        "ordered and reported long ago",
        "ordered long ago, done this week",
        "cancelled",
        "the region in other letters",
        "the same exam under another region",
        "another exam of another region",
        "another modality",
    ],
)
async def test_double(
    gateway: TestGateway, owner: Owner, change: dict[str, Any], count: int
) -> None:
    who, smith = patient(), await gateway.sign_in(Role.PROVIDER)
    await ordered(gateway, owner, who, **change)

    assert len(await found(smith, wanted(who, studyType="CT Chest"))) == count


async def test_days_can_be_asked_for(gateway: TestGateway, owner: Owner) -> None:
    who, smith = patient(), await gateway.sign_in(Role.PROVIDER)
    await ordered(gateway, owner, who, created_at=LONG_AGO, status=OrderStatus.FINAL_REPORT)

    assert len(await found(smith, wanted(who, withinDays=90))) == 1


async def test_same_number_of_another_issuer_is_another_patient(
    gateway: TestGateway, owner: Owner
) -> None:
    who, smith = patient(issuer_of_patient_id="HOSPITAL"), await gateway.sign_in(Role.PROVIDER)
    await ordered(gateway, owner, who)

    counts = [
        len(await found(smith, wanted(who, issuerOfPatientId=issuer)))
        for issuer in ("HOSPITAL", "", "ELSEWHERE")
    ]

    assert counts == [1, 1, 0]


async def test_part_of_a_number_finds_nobody(gateway: TestGateway, owner: Owner) -> None:
    """It answers on a patient whom one knows; it is no search for patients."""
    who, smith = patient(), await gateway.sign_in(Role.PROVIDER)
    await ordered(gateway, owner, who)

    assert await found(smith, wanted(who, mrn=who.mrn[:-1])) == []


async def test_audit_names_the_orders_that_were_told(gateway: TestGateway, owner: Owner) -> None:
    who, smith = patient(), await gateway.sign_in(Role.PROVIDER)
    order = await ordered(gateway, owner, who)

    await found(smith, wanted(who))

    (row,) = await rows(gateway, smith.person_id)
    assert (row["action"], row["route"], row["resource"], row["outcome"]) == (
        "order.find_similar",
        f"POST {SIMILAR}",
        str(order.id),
        200,
    )
