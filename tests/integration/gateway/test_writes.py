"""A write is published, waited for, and answered with its outcome; repeated, it changes nothing."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.enumerations import Role
from contracts.topics import ALERT_UPDATED, ORDER_CREATED, ORDER_UPDATED
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details
from tests.harness.snapshots import alert_snapshot, order_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner, refuse


def order_body(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = details().model_dump(mode="json", by_alias=True)
    del body["orderingProviderId"]
    return body | changes


async def test_order_comes_back_with_its_appointment(gateway: TestGateway, owner: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)

    response = await provider.post("/api/radiology/orders", json=order_body())

    assert response.status_code == 201, response.text
    order = response.json()
    assert order["appointment"]["room"] == "R1"
    assert order["scheduledTime"] == "10:00:00"
    assert order["orderingProviderId"] == provider.person_id
    assert response.headers["etag"] == '"1"'


async def test_caller_reads_its_own_write(gateway: TestGateway, owner: Owner) -> None:
    """The answer is sent only after the read model holds the order."""
    provider = await gateway.sign_in(Role.PROVIDER)

    for _ in range(5):
        made = (await provider.post("/api/radiology/orders", json=order_body())).json()
        found = await provider.get(f"/api/radiology/orders/{made['id']}")

        assert found.status_code == 200
        assert found.json() == made


async def test_refusal_carries_the_owners_code_and_sentence(
    gateway: TestGateway, owner: Owner
) -> None:
    owner.answer = refuse("slot_taken", 409)
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await manager.post(
        "/api/radiology/orders", json=order_body(orderingProviderId=str(uuid4()))
    )

    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "slot_taken"
    assert problem["detail"] == "Another patient has this time. Choose another."


async def test_slow_owner_is_answered_with_an_address_to_ask_later(
    gateway: TestGateway, owner: Owner
) -> None:
    held: list[Any] = []
    owner.answer = held.append
    gateway.impatient()
    provider = await gateway.sign_in(Role.PROVIDER)

    response = await provider.post("/api/radiology/orders", json=order_body())

    assert response.status_code == 202
    location = response.headers["location"]
    assert (await provider.get(location)).json()["state"] == "PENDING"

    topic, snapshot, key = owner.accept(held[0]) or pytest.fail("no order came")
    await owner.publish(topic, snapshot, key, held[0])

    async def done() -> dict[str, Any] | None:
        state: dict[str, Any] = (await provider.get(location)).json()
        return state if state["state"] == "DONE" else None

    state = await eventually(done)
    assert (await provider.get(state["resourceUrl"])).status_code == 200


async def test_nobody_else_may_ask_for_the_outcome(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = lambda _: None
    gateway.impatient()
    provider = await gateway.sign_in(Role.PROVIDER)
    response = await provider.post("/api/radiology/orders", json=order_body())

    stranger = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    assert (await stranger.get(response.headers["location"])).status_code == 404


async def test_repeated_key_answers_the_stored_outcome(gateway: TestGateway, owner: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    body, headers = order_body(), {"Idempotency-Key": "order-1"}

    first = await provider.post("/api/radiology/orders", json=body, headers=headers)
    second = await provider.post("/api/radiology/orders", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(owner.asked) == 1


async def test_repeated_key_answers_the_stored_refusal(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = refuse("slot_taken", 409)
    provider = await gateway.sign_in(Role.PROVIDER)
    body, headers = order_body(), {"Idempotency-Key": "order-1"}
    await provider.post("/api/radiology/orders", json=body, headers=headers)

    owner.answer = owner.accept
    again = await provider.post("/api/radiology/orders", json=body, headers=headers)

    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")
    assert len(owner.asked) == 1


async def test_key_of_another_request_is_refused(gateway: TestGateway, owner: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    headers = {"Idempotency-Key": "order-1"}
    await provider.post("/api/radiology/orders", json=order_body(), headers=headers)

    other = await provider.post("/api/radiology/orders", json=order_body(), headers=headers)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_same_key_of_another_person_is_another_request(
    gateway: TestGateway, owner: Owner
) -> None:
    body, headers = order_body(), {"Idempotency-Key": "order-1"}
    people = [await gateway.sign_in(Role.PROVIDER) for _ in range(2)]

    answers = [await p.post("/api/radiology/orders", json=body, headers=headers) for p in people]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_key_of_a_service_is_its_own_whomever_it_acts_for(
    gateway: TestGateway, owner: Owner
) -> None:
    """`x-user-id` is no part of the key: in another name, the same key is another request."""
    one, other = gateway.workflow_service(), gateway.workflow_service()
    body, headers = order_body(orderingProviderId=str(uuid4())), {"Idempotency-Key": str(uuid4())}

    first = await one.post("/api/radiology/orders", json=body, headers=headers)
    again = await one.post("/api/radiology/orders", json=body, headers=headers)
    in_another_name = await other.post("/api/radiology/orders", json=body, headers=headers)

    assert (first.status_code, again.json()) == (201, first.json())
    assert in_another_name.status_code == 422
    assert in_another_name.json()["code"] == "idempotency_key_reused"
    assert len(owner.asked) == 1


async def test_service_asks_for_its_outcome_in_any_name(gateway: TestGateway, owner: Owner) -> None:
    owner.answer = lambda _: None
    gateway.impatient()
    body = order_body(orderingProviderId=str(uuid4()))

    response = await gateway.workflow_service().post("/api/radiology/orders", json=body)
    asked = await gateway.workflow_service().get(response.headers["location"])

    assert (asked.status_code, asked.json()["state"]) == (200, "PENDING")


async def test_repetition_without_an_outcome_is_the_same_event(
    gateway: TestGateway, owner: Owner
) -> None:
    """A caller that timed out asks again: the owner's inbox sees the same event id."""
    owner.answer = lambda _: None
    gateway.impatient()
    workflow = gateway.workflow_service()
    body, headers = order_body(orderingProviderId=str(uuid4())), {"Idempotency-Key": "w-1"}

    await workflow.post("/api/radiology/orders", json=body, headers=headers)
    await workflow.post("/api/radiology/orders", json=body, headers=headers)

    assert len(owner.asked) == 2
    assert owner.asked[0].id == owner.asked[1].id
    assert owner.asked[0].topic == ORDER_CREATED


async def test_stale_if_match_is_told_to_the_owner(gateway: TestGateway, owner: Owner) -> None:
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    body = order_body(orderingProviderId=str(uuid4()))
    made = (await manager.post("/api/radiology/orders", json=body)).json()

    await manager.post(
        f"/api/radiology/orders/{made['id']}/cancel",
        json={"reason": "Patient declined"},
        headers={"If-Match": '"1"'},
    )

    asked = owner.asked[-1].data
    assert asked.expected_version == 1
    assert asked.actor.id == manager.person_id
    assert asked.subject_id == UUID(made["id"])


async def test_answer_is_about_what_was_asked_for(gateway: TestGateway, owner: Owner) -> None:
    """An urgent order moves another one, which is told first."""
    provider = await gateway.sign_in(Role.PROVIDER)
    body, headers = order_body(priority="STAT"), {"Idempotency-Key": "urgent"}

    async def move_another_first(event: Any) -> None:
        moved = order_snapshot(version=2)
        await owner.publish(ORDER_UPDATED, moved, moved.id, event)

    owner.before_answer = move_another_first
    first = await provider.post("/api/radiology/orders", json=body, headers=headers)
    again = await provider.post("/api/radiology/orders", json=body, headers=headers)

    assert first.status_code == 201
    assert first.json()["id"] == str(owner.asked[0].data.order_id)
    assert again.json() == first.json()


async def test_same_key_many_times_at_once_is_one_order(gateway: TestGateway, owner: Owner) -> None:
    """They are recorded together; of one event only the first is new, the others are repeated."""
    provider = await gateway.sign_in(Role.PROVIDER)
    body, headers = order_body(), {"Idempotency-Key": str(uuid4())}

    responses = await asyncio.gather(
        *(provider.post("/api/radiology/orders", json=body, headers=headers) for _ in range(6))
    )

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["id"] for response in responses}) == 1


@pytest.mark.parametrize(
    ("route", "words"), [("acknowledge", {"readBack": "Left."}), ("read-back", {"text": "Left."})]
)
async def test_read_back_names_the_version_of_the_finding_that_was_shown(
    gateway: TestGateway, owner: Owner, route: str, words: dict[str, str]
) -> None:
    """Else the old words would count for a text that was corrected meanwhile."""
    owner.answer = refuse("finding_changed", 409)
    doctor = await gateway.sign_in(Role.PROVIDER)
    alert = alert_snapshot(order_snapshot(), notified_person_ids=(doctor.person_id,))
    await owner.publish(ALERT_UPDATED, alert, alert.id)
    path = f"/api/radiology/alerts/{alert.id}"
    await eventually(lambda: _is_there(doctor, path))

    response = await doctor.post(f"{path}/{route}", json=words | {"reportVersion": 3})

    assert response.json()["code"] == "finding_changed"
    assert owner.asked[-1].data.request.report_version == 3


async def _is_there(caller: SignedIn, path: str) -> bool:
    return (await caller.get(path)).status_code == 200
