"""What two can change names the version that was seen: a room must, an order may."""

from typing import Any
from uuid import uuid4

import pytest

from contracts.enumerations import Role
from contracts.topics import EQUIPMENT_UPDATED, ORDER_UPDATED, STUDY_UPDATED
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.snapshots import equipment_snapshot, order_snapshot, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner

ROOM = {"name": "CT 2", "room": "R2", "modality": "CT"}


@pytest.fixture
async def manager(gateway: TestGateway) -> SignedIn:
    return await gateway.sign_in(Role.RADIOLOGY_MANAGER)


async def _room(owner: Owner, manager: SignedIn) -> str:
    room = equipment_snapshot()
    later = room.model_copy(update={"version": room.version + 1})
    owner.answer = lambda _: (EQUIPMENT_UPDATED, later, room.id)
    await owner.publish(EQUIPMENT_UPDATED, room, room.id)
    path = f"/api/radiology/equipment/{room.id}"
    await eventually(lambda: _is_there(manager, path))
    return path


async def _is_there(manager: SignedIn, path: str) -> bool:
    return (await manager.get(path)).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
async def test_room_is_not_replaced_by_who_names_no_version(
    headers: dict[str, str], owner: Owner, manager: SignedIn
) -> None:
    """Two managers at once: the second would undo what the first has just set, and not know it."""
    path = await _room(owner, manager)

    response = await manager.put(path, json=ROOM, headers=headers)

    assert (response.status_code, response.json()["code"]) == (428, "version_required")
    assert owner.asked == []


async def test_version_of_a_room_is_told_to_its_owner(owner: Owner, manager: SignedIn) -> None:
    path = await _room(owner, manager)

    seen = (await manager.get(path)).headers["etag"]
    response = await manager.put(path, json=ROOM, headers={"If-Match": seen})

    assert (response.status_code, response.headers["etag"]) == (200, '"2"')
    assert owner.asked[0].data.expected_version == 1


async def test_room_saved_again_with_the_same_key_is_told_the_same(
    owner: Owner, manager: SignedIn
) -> None:
    """The version that it names is stale by then: it was its own first delivery."""
    path = await _room(owner, manager)
    headers = {"If-Match": '"1"', "Idempotency-Key": "room-1"}

    first = await manager.put(path, json=ROOM, headers=headers)
    again = await manager.put(path, json=ROOM, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again.headers["etag"]) == (first.json(), '"2"')
    assert len(owner.asked) == 1


async def test_version_that_is_no_etag_of_ours_is_not_understood(
    owner: Owner, manager: SignedIn
) -> None:
    path = await _room(owner, manager)

    response = await manager.put(path, json=ROOM, headers={"If-Match": "latest"})

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_two_versions_in_one_request_are_not_understood(
    gateway: TestGateway, owner: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await owner.publish(ORDER_UPDATED, order := order_snapshot(), order.id)
    path = f"/api/radiology/orders/{order.id}"
    await eventually(lambda: _is_there(reader, path))
    body = {"findings": "Normal.", "impression": "Normal.", "expectedVersion": 1}

    response = await reader.post(f"{path}/report", json=body, headers={"If-Match": '"2"'})

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_notes_on_a_prior_name_the_version_that_was_read(
    gateway: TestGateway, owner: Owner
) -> None:
    """Two readers at once: the second would overwrite what the first has just written."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    study = study_snapshot()
    noted = study.model_copy(update={"version": study.version + 1})
    owner.answer = lambda _: (STUDY_UPDATED, noted, study.study_instance_uid)
    await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
    there = f"/api/radiology/studies/{study.study_instance_uid}"
    await eventually(lambda: _is_there(reader, there))
    path = f"{there}/priors/1.2.3"
    notes = {"comparisonNotes": "Larger by 3 mm."}

    unnamed = await reader.put(path, json=notes)
    await reader.put(path, json=notes | {"expectedVersion": 2})

    assert (unnamed.status_code, unnamed.json()["code"]) == (428, "version_required")
    assert [event.data.request.expected_version for event in owner.asked] == [2]


async def test_step_of_an_order_needs_no_version(owner: Owner, manager: SignedIn) -> None:
    """Its status guards it: the same step is refused when it was made already."""
    asked = {"orderingProviderId": str(uuid4())} | _order()
    order = (await manager.post("/api/radiology/orders", json=asked)).json()
    cancel = f"/api/radiology/orders/{order['id']}/cancel"

    response = await manager.post(cancel, json={"reason": "Patient declined"})

    assert response.status_code == 200
    assert owner.asked[-1].data.expected_version is None


def _order() -> dict[str, Any]:
    return {
        "patient": {"id": str(uuid4()), "mrn": "MRN-1", "name": "Doe^Jane"},
        "encounterId": str(uuid4()),
        "modality": "CT",
        "studyType": "CT Head",
        "bodyPart": "HEAD",
        "clinicalIndication": "Fall",
    }
