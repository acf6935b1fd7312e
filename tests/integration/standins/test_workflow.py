"""The workflow stand-in between a provider portal and a gateway that a test plays."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from aiokafka import AIOKafkaConsumer

from contracts.api.orders import CreateOrder
from contracts.enumerations import Role
from contracts.topics import ORDER_CREATED
from deploy.standins.workflow.callbacks import SIGNATURE_HEADER, sign
from services.events import decode, record_time
from services.kafka import KafkaSettings
from tests.harness.standins import eventually, running_stand_in

SECRET = "a-secret-of-this-test"
CREDENTIAL = "the-credential-of-this-test"
SMITH = "00000000-0000-4000-8000-000000000005"
CALLBACKS = "/api/workflow/callbacks/radiology"


class Gateway:
    """Radiology's side: keeps what came, answers as told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.url = ""

    def order(self) -> dict[str, Any]:
        return {
            "id": str(uuid4()),
            "orderNumber": "IMG-20251111-ABCD1",
            "appointment": {"scheduledDate": "2025-11-12", "scheduledTime": "10:00:00"},
        }

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.json()))
        status, body = self.answers.pop(0) if self.answers else (201, self.order())
        return web.json_response(body, status=status)


@pytest_asyncio.fixture(scope="session")
async def gateway_server() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    app = web.Application()
    app.router.add_post("/api/radiology/orders", gateway.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield gateway
    await runner.cleanup()


@pytest.fixture
def settings(gateway_server: Gateway) -> dict[str, str]:
    return {
        "GATEWAY_URL": gateway_server.url,
        "CREDENTIAL": CREDENTIAL,
        "WEBHOOK_SECRET": SECRET,
        "RETRY_SECONDS": "0.1",
    }


@pytest_asyncio.fixture(scope="session")
async def workflow_process(gateway_server: Gateway) -> AsyncIterator[str]:
    settings = {
        "GATEWAY_URL": gateway_server.url,
        "CREDENTIAL": CREDENTIAL,
        "WEBHOOK_SECRET": SECRET,
        "RETRY_SECONDS": "0.1",
    }
    async with running_stand_in("workflow", settings) as url:
        yield url


@pytest_asyncio.fixture
async def workflow(workflow_process: str, gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=workflow_process) as client:
        (await client.post("/control/reset")).raise_for_status()
        yield client


@pytest.fixture
def gateway(gateway_server: Gateway) -> Gateway:
    gateway_server.requests.clear()
    gateway_server.answers.clear()
    return gateway_server


def unified_order(**changes: Any) -> dict[str, Any]:
    return {
        "patient": {
            "id": "10000000-0000-4000-8000-000000000001",
            "mrn": "MRN-100201",
            "name": "Doe^John",
            "birthDate": "1980-04-12",
            "sex": "M",
        },
        "encounterId": "20000000-0000-4000-8000-000000000001",
        "orderingProviderId": SMITH,
        "orderingProviderName": "Dr. John Smith",
        "priority": "URGENT",
        "items": [
            {
                "itemType": "RADIOLOGY",
                "modality": "CT",
                "studyType": "CT Abdomen/Pelvis with Contrast",
                "bodyPart": "ABDOMEN",
                "clinicalIndication": "Abdominal pain, rule out appendicitis",
                "contrastRequired": True,
                "contrastType": "IODINE",
            }
        ],
    } | changes


def completed(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/report_consumer",
        "type": "radiology.order.completed.v1",
        "time": "2025-11-12T11:00:00Z",
        "data": {
            "workflowOrderId": order["id"],
            "orderId": order["items"][0]["imagingOrderId"],
            "status": "COMPLETED",
        },
    } | changes


async def call_back(
    workflow: httpx.AsyncClient, event: Any, *, secret: str = SECRET, age: int = 0
) -> httpx.Response:
    body = json.dumps(event).encode()
    headers = {SIGNATURE_HEADER: sign(secret, body, timestamp=int(time.time()) - age)}
    return await workflow.post(CALLBACKS, content=body, headers=headers)


async def place(workflow: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await workflow.post("/api/workflow/orders/unified", json=unified_order(**changes))
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def state_of(workflow: httpx.AsyncClient, order: dict[str, Any]) -> str:
    return str((await workflow.get(f"/api/workflow/orders/{order['id']}")).json()["status"])


async def test_a_radiology_item_is_forwarded_as_the_gateway_takes_it(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    order = await place(workflow)

    ((headers, body),) = gateway.requests
    assert headers["Authorization"] == f"Bearer {CREDENTIAL}"
    assert headers["x-user-role"] == "CLINICAL_WORKFLOW"
    assert headers["x-user-id"] == SMITH
    assert headers["Idempotency-Key"] == order["items"][0]["id"]
    taken = CreateOrder.model_validate(body)
    assert taken.workflow_order_id == order["id"]
    assert taken.priority == "URGENT"
    assert taken.patient.mrn == "MRN-100201"
    assert order["status"] == "DISPATCHED"
    assert order["items"][0]["imagingOrderNumber"] == "IMG-20251111-ABCD1"


async def test_items_of_other_departments_are_kept_and_not_forwarded(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    items = [*unified_order()["items"], {"itemType": "LABORATORY", "description": "Creatinine"}]

    order = await place(workflow, items=items)

    assert len(gateway.requests) == 1
    assert [item["state"] for item in order["items"]] == ["DISPATCHED", "ELSEWHERE"]


async def test_the_same_key_makes_the_same_order(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    orders = [
        await workflow.post(
            "/api/workflow/orders/unified",
            json=unified_order(),
            headers={"Idempotency-Key": "key-1"},
        )
        for _ in range(2)
    ]

    assert orders[0].json()["id"] == orders[1].json()["id"]
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"items": []},
        {"items": [{"itemType": "RADIOLOGY", "modality": "PET"}]},
        {"orderingProviderId": "nobody"},
        {"items": [unified_order()["items"][0] | {"contrastRequired": False}]},
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    workflow: httpx.AsyncClient, gateway: Gateway, changes: dict[str, Any]
) -> None:
    body = unified_order(**changes)

    answer = await workflow.post("/api/workflow/orders/unified", json=body)

    assert answer.status_code == 422
    assert gateway.requests == []


async def test_radiology_away_holds_the_order_back_and_it_goes_on_under_the_same_key(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    gateway.answers = [(503, {}), (503, {})]

    order = await place(workflow)
    assert order["status"] == "PENDING"

    async def dispatched() -> bool:
        return await state_of(workflow, order) == "DISPATCHED"

    await eventually(dispatched)
    assert len({headers["Idempotency-Key"] for headers, _ in gateway.requests}) == 1
    assert len(gateway.requests) == 3


async def test_a_refusal_of_radiology_is_kept_with_its_reason(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    gateway.answers = [(422, {"title": "Invalid", "detail": "The patient is unknown."})]

    order = await place(workflow)

    assert order["status"] == "REFUSED"
    assert order["items"][0]["problem"] == "The patient is unknown."


async def test_pending_orders_survive_a_restart(
    settings: dict[str, str], gateway: Gateway, tmp_path: Path
) -> None:
    settings = settings | {"STATE_DIR": str(tmp_path), "RETRY_SECONDS": "30"}
    gateway.answers = [(503, {})]
    async with (
        running_stand_in("workflow", settings) as url,
        httpx.AsyncClient(base_url=url) as workflow,
    ):
        order = await place(workflow)
    settings["RETRY_SECONDS"] = "0.1"
    async with (
        running_stand_in("workflow", settings) as url,
        httpx.AsyncClient(base_url=url) as workflow,
    ):

        async def dispatched() -> bool:
            return await state_of(workflow, order) == "DISPATCHED"

        await eventually(dispatched)

    assert len({headers["Idempotency-Key"] for headers, _ in gateway.requests}) == 1


async def test_a_signed_call_back_completes_the_order_once(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    order = await place(workflow)
    event = completed(order)

    first, second = await call_back(workflow, event), await call_back(workflow, event)

    assert (first.status_code, first.json()["duplicate"]) == (200, False)
    assert (second.status_code, second.json()["duplicate"]) == (200, True)
    assert await state_of(workflow, order) == "COMPLETED"
    (kept,) = (await workflow.get(CALLBACKS)).json()["callbacks"]
    assert kept["deliveries"] == 2


@pytest.mark.parametrize(("secret", "age"), [("another-secret", 0), (SECRET, 310), (SECRET, -400)])
async def test_a_call_back_with_a_wrong_or_old_signature_changes_nothing(
    workflow: httpx.AsyncClient, gateway: Gateway, secret: str, age: int
) -> None:
    order = await place(workflow)

    answer = await call_back(workflow, completed(order), secret=secret, age=age)

    assert answer.status_code == 401
    assert await state_of(workflow, order) == "DISPATCHED"


async def test_a_call_back_changed_on_its_way_is_refused(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    order = await place(workflow)
    body = json.dumps(completed(order)).encode()
    headers = {SIGNATURE_HEADER: sign(SECRET, body, timestamp=int(time.time()))}

    changed = await workflow.post(
        CALLBACKS, content=body.replace(b"COMPLETED", b"CANCELLED"), headers=headers
    )
    unsigned = await workflow.post(CALLBACKS, content=body)

    assert (changed.status_code, unsigned.status_code) == (401, 401)


@pytest.mark.parametrize("event", ["text", {"id": "1"}, {"id": "../x", "type": "t", "data": {}}])
async def test_a_call_back_that_makes_no_sense_is_refused_for_good(
    workflow: httpx.AsyncClient, event: Any
) -> None:
    assert (await call_back(workflow, event)).status_code == 400


async def test_call_backs_fail_as_ordered_before_or_after_they_are_taken(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    event = completed(await place(workflow))
    before = {"endpoint": "callbacks", "status": 500, "times": 2}
    await workflow.post("/control/faults", json=before)
    await workflow.post("/control/faults", json=before | {"handled": True, "times": 1})

    answers = [await call_back(workflow, event) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [500, 500, 500, 200]
    assert answers[-1].json()["duplicate"] is True  # the third was taken, its answer lost


async def test_the_form_places_an_order_and_the_page_shows_it(
    workflow: httpx.AsyncClient, gateway: Gateway
) -> None:
    form = {
        "patient": "10000000-0000-4000-8000-000000000002",
        "orderer": SMITH,
        "exam": "0",
        "priority": "STAT",
        "indication": "<b>Dyspnoea</b>",
        "via": "http",
    }

    placed = await workflow.post("/orders", data=form)
    page = await workflow.get("/")

    assert placed.status_code == 303
    assert gateway.requests[0][1]["clinicalIndication"] == "<b>Dyspnoea</b>"
    assert "Grace Miller" in page.text
    assert "IMG-20251111-ABCD1" in page.text


async def test_an_order_can_be_published_as_a_structured_cloud_event(
    settings: dict[str, str], kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an outside producer would: the workers accept structured mode."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    consumer = AIOKafkaConsumer(
        ORDER_CREATED.name, **kafka.client_options(), auto_offset_reset="earliest"
    )

    async with (
        running_stand_in("workflow", settings) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as workflow,
    ):
        answer = await workflow.post(
            "/api/workflow/orders/unified", params={"via": "kafka"}, json=unified_order()
        )
        await consumer.start()
        record = await consumer.getone()
        await consumer.stop()

    order = answer.json()
    event = decode(
        ORDER_CREATED,
        key=record.key,
        value=record.value,
        headers=record.headers,
        at=record_time(record.timestamp),
    )
    assert order["status"] == "DISPATCHED"
    assert event.data.order_id == event.id == UUID(order["items"][0]["imagingOrderId"])
    assert event.key == str(event.data.order_id)
    assert event.data.created_by.role is Role.CLINICAL_WORKFLOW
    assert event.data.details.workflow_order_id == order["id"]
