"""The read model holds what the owners last said, and can be thrown away and read again."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from contracts.enumerations import OrderStatus, Role
from contracts.events.request_rejected import RequestRejected
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_CREATED,
    ORDER_UPDATED,
    REPORT_UPDATED,
    REQUEST_REJECTED,
    STUDY_UPDATED,
)
from gateway.audit import verify
from gateway.read_model.batch import Batch
from gateway.read_model.projector import Projector
from gateway.read_model.rebuild import hash_content, rebuild
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details, patient
from tests.harness.snapshots import (
    alert_snapshot,
    equipment_snapshot,
    order_snapshot,
    report_snapshot,
    study_snapshot,
)
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner


async def _stored(person: SignedIn, order_id: object, version: int) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        response = await person.get(f"/api/radiology/orders/{order_id}")
        order: dict[str, Any] = response.json()
        return order if response.status_code == 200 and order["version"] == version else None

    return await eventually(there, seconds=20)


async def test_older_snapshot_changes_nothing(gateway: TestGateway, owner: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    newer = order_snapshot(version=3, status=OrderStatus.IN_PROGRESS)
    older = newer.model_copy(update={"version": 2, "status": OrderStatus.SCHEDULED})

    await owner.publish(ORDER_UPDATED, newer, newer.id)
    await _stored(person, newer.id, 3)
    await owner.publish(ORDER_UPDATED, older, older.id)
    await owner.publish(ORDER_UPDATED, after := order_snapshot(), after.id)
    await _stored(person, after.id, 1)

    assert (await _stored(person, newer.id, 3))["status"] == "IN_PROGRESS"


async def test_rebuilt_model_is_identical(gateway: TestGateway, owner: Owner) -> None:
    """With the gateway running beside it, which begins anew as well."""
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)
    for _ in range(20):
        order = order_snapshot()
        study = study_snapshot(order)
        alert, room = alert_snapshot(order), equipment_snapshot()
        await owner.publish(ORDER_UPDATED, order, order.id)
        await owner.publish(ORDER_UPDATED, order.model_copy(update={"version": 2}), order.id)
        await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
        await owner.publish(REPORT_UPDATED, report_snapshot(order), order.id)
        await owner.publish(ALERT_UPDATED, alert, alert.id)
        await owner.publish(EQUIPMENT_UPDATED, room, room.id)
    await _stored(person, order.id, 2)
    await eventually(lambda: _answers(person, f"alerts/{alert.id}"))
    await eventually(lambda: _answers(person, f"equipment/{room.id}"))

    rebuilt = await rebuild(gateway.gateway.database, gateway.settings.kafka)

    assert rebuilt.records >= 120
    assert rebuilt.before == rebuilt.after
    assert rebuilt.identical
    # The running gateway goes on from there.
    await owner.publish(ORDER_UPDATED, after := order_snapshot(), after.id)
    await _stored(person, after.id, 1)
    assert await hash_content(gateway.gateway.database) != rebuilt.after


async def test_what_no_topic_could_bring_back_survives_a_rebuild(
    gateway: TestGateway, owner: Owner
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    await gateway.gateway.pins.set(person.person_id, "4711")
    await person.get("/api/radiology/orders")
    before = await verify(gateway.gateway.database)

    await rebuild(gateway.gateway.database, gateway.settings.kafka)

    me = (await person.get("/api/radiology/me")).json()
    assert me["canSign"] is True
    after = await verify(gateway.gateway.database)
    assert after.holds
    assert after.rows >= before.rows > 0


async def test_poisoned_record_does_not_stop_the_others(gateway: TestGateway, owner: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    producer = AIOKafkaProducer(**gateway.settings.kafka.client_options())
    await producer.start()
    try:
        key = str(order.id).encode()
        for value in (b"{", b"\xff\xfe", None, b'{"id": "no order"}'):
            await producer.send_and_wait(ORDER_UPDATED.name, value, key=key)
    finally:
        await producer.stop()

    await owner.publish(ORDER_UPDATED, order, order.id)

    assert await _stored(person, order.id, 1)


async def test_text_that_the_tables_cannot_hold_does_not_stop_the_others(
    gateway: TestGateway, owner: Owner
) -> None:
    """PostgreSQL has no NUL in text; a snapshot's plain fields may carry one."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    study = study_snapshot(study_description="CT\x00 \\u0000 chest")

    await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)

    path = f"/api/radiology/studies/{study.study_instance_uid}"
    await eventually(lambda: _answers(person, path.removeprefix("/api/radiology/")))
    assert (await person.get(path)).json()["studyDescription"] == "CT \\u0000 chest"


async def test_refusal_that_the_tables_cannot_hold_does_not_stop_the_others(
    gateway: TestGateway, owner: Owner
) -> None:
    """An earlier release has copied the key of a record into it, with all that was in the key."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    refusal = RequestRejected(
        code="could_not_be_handled", message="No.", subject="a\0key", topic=ORDER_CREATED.name
    )
    cause = await owner.publish(ORDER_UPDATED, first := order_snapshot(), first.id)

    await owner.publish(REQUEST_REJECTED, refusal, cause.id, cause)

    await owner.publish(ORDER_UPDATED, after := order_snapshot(), after.id)
    assert await _stored(person, after.id, 1)


async def test_snapshot_that_the_tables_cannot_hold_is_passed_over(
    gateway: TestGateway, owner: Owner
) -> None:
    """By the running gateway, and by a rebuild; what came with it is stored."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    cause = await owner.publish(ORDER_UPDATED, before := order_snapshot(), before.id)
    too_large = order_snapshot(version=2**31)

    await owner.publish(ORDER_UPDATED, too_large, too_large.id, cause)
    await owner.publish(ORDER_UPDATED, after := order_snapshot(), after.id, cause)

    assert await _stored(person, after.id, 1)
    rebuilt = await rebuild(gateway.gateway.database, gateway.settings.kafka)
    assert rebuilt.identical
    assert await _stored(person, after.id, 1)
    assert not await _answers(person, f"orders/{too_large.id}")


async def test_two_replicas_answer_the_same(gateway: TestGateway, owner: Owner) -> None:
    """Both store everything; versions and the order of rows keep them from each other's way."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    told: list[int] = []
    other = Projector(
        gateway.gateway.database,
        gateway.settings.kafka,
        lambda batch: told.append(len(batch.changes)),
    )
    running = asyncio.create_task(other.run())
    try:
        await other.caught_up.wait()
        orders = [order_snapshot() for _ in range(50)]
        for order in orders:
            await owner.publish(ORDER_UPDATED, order, order.id)
        for order in orders:
            await _stored(person, order.id, 1)
        await eventually(lambda: _reached(told, 50))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_dashboard_counts_what_is_there(gateway: TestGateway, owner: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    before = (await person.get("/api/radiology/dashboard")).json()
    ready = order_snapshot(
        status=OrderStatus.IMAGES_AVAILABLE, ready_for_read_at="2026-11-25T08:00:00Z"
    )
    arriving = order_snapshot(status=OrderStatus.IMAGES_AVAILABLE)
    unscheduled = order_snapshot(appointment=None)
    alert = alert_snapshot(ready)
    await owner.publish(ORDER_UPDATED, ready, ready.id)
    await owner.publish(ORDER_UPDATED, arriving, arriving.id)
    await owner.publish(ORDER_UPDATED, unscheduled, unscheduled.id)
    await owner.publish(ALERT_UPDATED, alert, alert.id)
    await eventually(lambda: _answers(person, f"alerts/{alert.id}"))
    await _stored(person, arriving.id, 1)
    await _stored(person, unscheduled.id, 1)
    await _stored(person, ready.id, 1)

    after = (await person.get("/api/radiology/dashboard")).json()

    def grown(card: str, figure: str) -> int:
        return int(after[card][figure]) - int(before[card][figure])

    assert grown("readyForRead", "total") == 1
    assert grown("scheduledToday", "withoutSlot") == 1
    assert grown("criticalOpen", "total") == 1


async def test_patient_is_found_by_name_and_number_in_any_case(
    gateway: TestGateway, owner: Owner
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    mine = order_snapshot(details=details(patient=patient(name="Müller^Änne", mrn="Q-77 100%")))
    await owner.publish(ORDER_UPDATED, mine, mine.id)
    await _stored(person, mine.id, 1)

    async def found(text: str) -> list[str]:
        response = await person.post("/api/radiology/orders/search", json={"patient": text})
        return [order["id"] for order in response.json()["items"]]

    assert await found("änne MÜLLER") == [str(mine.id)]
    assert await found("Müller^Änne") == [str(mine.id)]
    assert await found("q-77 100%") == [str(mine.id)]
    assert await found(mine.order_number.lower()) == [str(mine.id)]
    assert await found("müller 99%") == []
    assert await found("%") == [str(mine.id)]  # a percent sign is a letter like any other


async def test_worklist_is_sorted_by_time_left(gateway: TestGateway, owner: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    ready = {
        name: order_snapshot(
            status=OrderStatus.IMAGES_AVAILABLE,
            ready_for_read_at="2026-11-25T08:00:00Z",
            due_at=f"2026-11-25T{hour:02d}:00:00Z",
        )
        for name, hour in (("late", 18), ("soon", 9), ("next", 12))
    }
    for order in ready.values():
        await owner.publish(ORDER_UPDATED, order, order.id)
    for order in ready.values():
        await _stored(person, order.id, 1)

    page = (await person.get("/api/radiology/orders/ready-for-read")).json()

    names = {str(order.id): name for name, order in ready.items()}
    assert [names[o["id"]] for o in page["items"] if o["id"] in names] == ["soon", "next", "late"]


async def test_case_whose_images_still_arrive_stands_behind_those_that_can_be_read(
    gateway: TestGateway, owner: Owner
) -> None:
    """It is not lost, and nobody reads half an exam because it stands first."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    arriving = order_snapshot(
        status=OrderStatus.IMAGES_AVAILABLE, due_at="2026-11-25T08:00:00Z"
    )  # a due time of orders before readiness had one
    ready = order_snapshot(
        status=OrderStatus.IMAGES_AVAILABLE,
        ready_for_read_at="2026-11-25T08:00:00Z",
        due_at="2026-11-25T09:00:00Z",
    )
    for order in (arriving, ready):
        await owner.publish(ORDER_UPDATED, order, order.id)
    for order in (arriving, ready):
        await _stored(person, order.id, 1)

    page = (await person.get("/api/radiology/orders/ready-for-read")).json()

    ours = [o["id"] for o in page["items"] if o["id"] in (str(arriving.id), str(ready.id))]
    assert ours == [str(ready.id), str(arriving.id)]


async def test_lists_come_in_pages(gateway: TestGateway, owner: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    orders = [
        order_snapshot(details=details(ordering_provider_id=provider.person_id)) for _ in range(5)
    ]
    for order in orders:
        await owner.publish(ORDER_UPDATED, order, order.id)
    for order in orders:
        await _stored(provider, order.id, 1)

    pages = [
        (await provider.get("/api/radiology/orders", params={"page": n, "pageSize": 2})).json()
        for n in (1, 2, 3)
    ]

    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {page["total"] for page in pages} == {5}
    ids = [order["id"] for page in pages for order in page["items"]]
    assert sorted(ids) == sorted(str(order.id) for order in orders)


async def _answers(person: SignedIn, path: str) -> bool:
    return (await person.get(f"/api/radiology/{path}")).status_code == 200


async def _reached(counts: list[int], total: int) -> bool:
    return sum(counts) >= total


async def test_restarted_projector_reads_on_where_it_was(
    gateway: TestGateway, owner: Owner
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    await owner.publish(ORDER_UPDATED, order := order_snapshot(), order.id)
    await _stored(person, order.id, 1)
    told: list[Batch] = []

    other = Projector(gateway.gateway.database, gateway.settings.kafka, told.append)
    running = asyncio.create_task(other.run())
    await other.caught_up.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert told == []
