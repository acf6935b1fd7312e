"""When something is away, the caller is told so and nothing is half done."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from contracts.enumerations import Role
from contracts.events.order_created import OrderCreated
from gateway.app import _people
from services.database import Database
from services.dead_letters import set_aside
from services.errors import DatabaseUnavailable, PermanentError
from services.events import Event
from services.kafka import KafkaSettings, Publisher
from services.object_storage import ObjectStorageSettings
from tests.harness.gateway import TestGateway, gateway_settings
from tests.harness.orders import order_created
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_writes import order_body

NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:1")


async def test_write_without_kafka_is_refused_and_can_be_repeated(
    gateway: TestGateway, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    body, headers = order_body(), {"Idempotency-Key": "during-an-outage"}
    async with Publisher(NOWHERE, client_id="tests") as away:
        monkeypatch.setattr(gateway.gateway.writes, "_publisher", away)
        refused = await provider.post("/api/radiology/orders", json=body, headers=headers)
    monkeypatch.undo()

    accepted = await provider.post("/api/radiology/orders", json=body, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (503, "broker_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert accepted.status_code == 201
    assert len(owner.asked) == 1


async def test_nothing_is_answered_that_could_not_be_audited(
    gateway: TestGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is part of the answer: without it, nobody could tell who saw what."""
    person = await gateway.sign_in(Role.RADIOLOGIST)

    async def no_room(_entries: Any) -> None:
        raise DatabaseUnavailable("disk full")

    monkeypatch.setattr(gateway.gateway.audit, "_append", no_room)
    response = await person.get("/api/radiology/orders")

    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert "items" not in response.text


async def test_reading_without_a_database_says_when_to_come_back(
    gateway: TestGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    def away(_self: Database) -> Any:
        raise DatabaseUnavailable("restarting")

    monkeypatch.setattr(Database, "connection", away)
    response = await person.get("/api/radiology/orders")

    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert "retry-after" in response.headers


async def test_health_tells_a_process_that_does_not_answer(gateway: TestGateway) -> None:
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    gateway.gateway.monitor._worker_urls = {"alert_worker": "http://127.0.0.1:1"}

    health = (await manager.get("/api/radiology/operations/health")).json()

    states = {process["name"]: process["state"] for process in health["processes"]}
    assert states == {"gateway": "OK", "alert_worker": "DOWN"}
    assert health["state"] == "DOWN"
    assert "Critical alerts" in health["processes"][1]["sentence"]


LETTERS = "/api/radiology/operations/dead-letters"


async def _set_aside(gateway: TestGateway, poison: Event[OrderCreated], reason: str) -> None:
    class _Record:
        topic, partition, offset, key = "order.created", 3, 17, poison.key.encode()
        value, headers = (
            poison.data.to_json(),
            tuple((name, text.encode()) for name, text in poison.envelope.headers().items()),
        )

    async with Publisher(gateway.settings.kafka, client_id="tests") as publisher:
        await set_aside(publisher, _Record(), PermanentError(reason), worker="order_consumer")


async def _listed(
    manager: httpx.AsyncClient, reason: str, *, settled: bool = False
) -> dict[str, Any] | None:
    query = {"topic": "order.created", "settled": settled}
    items = (await manager.get(LETTERS, params=query)).json()["items"]
    return next((item for item in items if item["reason"] == reason), None)


async def test_manager_reads_a_dead_letter_and_gives_it_back(
    gateway: TestGateway, owner: Owner
) -> None:
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    poison = order_created()
    await _set_aside(gateway, poison, "no such room")

    letter = await eventually(lambda: _listed(manager, "no such room"))
    shown = (await manager.get(f"{LETTERS}/{letter['id']}/content")).json()
    replayed = await manager.post(f"{LETTERS}/{letter['id']}/replay")

    assert letter["worker"] == "order_consumer"
    assert poison.data.details.patient.mrn in shown["value"]
    assert replayed.status_code == 202

    async def came_again() -> bool:
        return any(event.id == poison.id for event in owner.asked)

    await eventually(came_again)


async def test_letter_that_is_dealt_with_leaves_the_list_until_that_is_taken_back(
    gateway: TestGateway,
) -> None:
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    await _set_aside(gateway, order_created(), "no such doctor")
    letter = await eventually(lambda: _listed(manager, "no such doctor"))
    one = f"{LETTERS}/{letter['id']}"

    without_reason = await manager.post(f"{one}/settle", json={"reason": " "})
    settled = await manager.post(f"{one}/settle", json={"reason": "Ordered by phone"})
    again = await manager.post(f"{one}/settle", json={"reason": "Me too"})
    left = await _listed(manager, "no such doctor")
    kept = await _listed(manager, "no such doctor", settled=True)
    reopened = await manager.post(f"{one}/reopen", json={"reason": "It was another one"})
    back = await _listed(manager, "no such doctor")

    assert [without_reason.status_code, settled.status_code] == [422, 204]
    assert (again.status_code, again.json()["code"]) == (409, "dead_letter_decided")
    assert left is None
    assert kept is not None
    assert kept["settled"]["reason"] == "Ordered by phone"
    assert kept["settled"]["by"] == "Dr. Test"
    assert reopened.status_code == 204
    assert back is not None
    assert back["settled"] is None


async def test_wrong_directory_file_is_named(
    tmp_path: Path,
    database_url: SecretStr,
    kafka_settings: KafkaSettings,
    object_storage_settings: ObjectStorageSettings,
) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("people: [{name: Nobody}]")
    settings = gateway_settings(
        database_url=database_url,
        kafka=kafka_settings,
        storage=object_storage_settings,
        directory_file=file,
    )

    with pytest.raises(SystemExit, match="GATEWAY_DIRECTORY_FILE"):
        _people(settings)
