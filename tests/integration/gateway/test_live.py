"""Live updates: each sees what the role may see, and after a lost connection what was missed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from contracts.enumerations import Role
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_UPDATED,
    REPORT_UPDATED,
    STUDY_UPDATED,
)
from gateway import live, positions
from gateway.routes.live import NOT_ALLOWED, SIGNED_OUT, TRY_AGAIN
from services.kafka import Publisher
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details
from tests.harness.snapshots import (
    alert_snapshot,
    equipment_snapshot,
    order_snapshot,
    report_snapshot,
    study_snapshot,
)
from tests.integration.gateway.owner import Owner


class Listener:
    """A page with an open live connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.position = ""

    async def next(self, seconds: float = 20) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            message: dict[str, Any] = json.loads(await self._socket.recv())
        self.position = message["position"]
        return message

    async def say(self, message: str | bytes) -> None:
        await self._socket.send(message)

    async def until(self, type_: str, id_: object) -> dict[str, Any]:
        """Return the next message of a type, about a thing; others pass by."""
        while True:
            message = await self.next()
            if message["type"] == type_ and message["data"]["id"] == str(id_):
                return message

    async def until_quiet(self) -> list[dict[str, Any]]:
        """Return what comes before a heartbeat says that nothing else is there."""
        messages = []
        while (message := await self.next())["type"] != "heartbeat":
            messages.append(message)
        return messages

    async def closed(self) -> int:
        """Take what still comes, and return the code with which the connection is closed."""
        async with asyncio.timeout(20):
            with suppress(ConnectionClosed):
                while True:
                    await self._socket.recv()
        return self._socket.close_code or 0


@asynccontextmanager
async def busy_house(owners: Owner) -> AsyncIterator[None]:
    """Orders of other doctors change without a pause."""

    async def publish() -> None:
        while True:
            await owners.publish(ORDER_UPDATED, order := order_snapshot(), order.id)

    publishing = asyncio.create_task(publish())
    try:
        yield
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)


@asynccontextmanager
async def listening(
    gateway: TestGateway, person: SignedIn, position: str = "", **changes: Any
) -> AsyncIterator[Listener]:
    origin = str(person.base_url).rstrip("/")
    url = origin.replace("http", "ws", 1) + "/api/radiology/live"
    if position:
        url = f"{url}?position={position}"
    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    options = {"origin": origin, "additional_headers": {"cookie": cookie}} | changes
    async with connect(url, proxy=None, **options) as socket:
        yield Listener(socket)


@pytest_asyncio.fixture
async def owners(gateway: TestGateway) -> AsyncIterator[Owner]:
    """Publishes snapshots, and answers nothing."""
    async with Publisher(gateway.settings.kafka, client_id="tests") as publisher:
        yield Owner(publisher)


async def test_what_a_page_says_is_of_no_interest(gateway: TestGateway) -> None:
    """A frame of bytes ended the connection, as an error of ours."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page:
        await page.say("garbage")
        await page.say(b"\0\xff")

        heard = [(await page.next())["type"] for _ in range(2)]

    assert heard == ["hello", "heartbeat"]


async def test_change_arrives_as_the_api_shows_it(gateway: TestGateway, owners: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    async with listening(gateway, person) as page:
        hello = await page.next()
        await owners.publish(ORDER_UPDATED, order, order.id)
        message = await page.until("order.updated", order.id)

    assert hello["type"] == "hello"
    assert hello["heartbeatSeconds"] == gateway.settings.heartbeat_seconds
    assert message["data"] == (await person.get(f"/api/radiology/orders/{order.id}")).json()


async def test_reconnected_page_gets_what_it_missed(gateway: TestGateway, owners: Owner) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    orders = [order_snapshot() for _ in range(12)]
    async with listening(gateway, person) as page:
        await page.next()
        await owners.publish(ORDER_UPDATED, orders[0], orders[0].id)
        await page.until("order.updated", orders[0].id)
        position = page.position

    for order in orders[1:]:
        await owners.publish(ORDER_UPDATED, order, order.id)
        newer = order.model_copy(update={"version": 2})
        await owners.publish(ORDER_UPDATED, newer, order.id)
    await _until_stored(person, orders[-1].id, version=2)

    async with listening(gateway, person, position) as page:
        assert (await page.next())["type"] == "hello"
        missed = []
        while (message := await page.next())["type"] != "caught_up":
            missed.append(message)

    newest = {m["data"]["id"]: m["data"]["version"] for m in missed}
    assert newest == {str(order.id): 2 for order in orders[1:]}


async def test_page_that_connects_late_misses_nothing_since_it_began(
    gateway: TestGateway, owners: Owner
) -> None:
    """A portal asks who is signed in before anything else, and connects while it asks the rest."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    begun = (await person.get("/api/radiology/me")).json()["livePosition"]
    order = order_snapshot()
    await owners.publish(ORDER_UPDATED, order, order.id)
    await _until_stored(person, order.id, version=1)

    async with listening(gateway, person, begun) as page:
        assert (await page.next())["type"] == "hello"
        assert (await page.next())["data"]["id"] == str(order.id)


async def test_nothing_is_lost_between_catching_up_and_following(
    gateway: TestGateway, owners: Owner
) -> None:
    """Changes that are committed while a page resumes come once or again, but never not at all."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page:
        position = (await page.next())["position"]
    orders = [order_snapshot() for _ in range(40)]
    publishing = asyncio.create_task(_publish_all(owners, orders))

    seen: set[str] = set()
    while len(seen) < len(orders):
        async with listening(gateway, person, position) as page:
            for _ in range(7):
                message = await page.next()
                if message["type"] == "order.updated":
                    seen.add(message["data"]["id"])
            position = page.position

    await publishing
    assert {str(order.id) for order in orders} <= seen


async def test_provider_hears_of_own_cases_only(gateway: TestGateway, owners: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    own = order_snapshot(details=details(ordering_provider_id=provider.person_id))
    foreign, room = order_snapshot(), equipment_snapshot()
    async with listening(gateway, provider) as page:
        await page.next()
        for order in (foreign, own):
            await owners.publish(ORDER_UPDATED, order, order.id)
        await owners.publish(EQUIPMENT_UPDATED, room, room.id)
        heard = [await page.until("order.updated", own.id)]
        for order in (foreign, own):
            await owners.publish(STUDY_UPDATED, study := study_snapshot(order), study.id)
            await owners.publish(REPORT_UPDATED, report_snapshot(order), order.id)
            await owners.publish(ALERT_UPDATED, alert := alert_snapshot(order), alert.id)
        heard += await _hear(page, {"study.updated", "report.updated", "alert.updated"})

    assert {message["type"] for message in heard} == {
        "order.updated",
        "study.updated",
        "report.updated",
        "alert.updated",
    }
    assert str(foreign.id) not in json.dumps(heard)


async def test_who_was_told_of_a_finding_hears_what_becomes_of_the_case(
    gateway: TestGateway, owners: Owner
) -> None:
    on_call = await gateway.sign_in(Role.PROVIDER)
    order = order_snapshot()
    alert = alert_snapshot(order, notified_person_ids=(on_call.person_id,))
    async with listening(gateway, on_call) as page:
        await page.next()
        await owners.publish(ALERT_UPDATED, alert, alert.id)
        await page.until("alert.updated", alert.id)
        await owners.publish(ORDER_UPDATED, order, order.id)
        await page.until("order.updated", order.id)
        await owners.publish(STUDY_UPDATED, study := study_snapshot(order), study.id)
        await owners.publish(REPORT_UPDATED, report_snapshot(order), order.id)

        heard = await _hear(page, {"study.updated", "report.updated"})

    assert {message["type"] for message in heard} == {"study.updated", "report.updated"}


async def test_missed_changes_are_cut_to_the_role_too(gateway: TestGateway, owners: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, provider) as page:
        position = (await page.next())["position"]
    foreign = order_snapshot()
    await owners.publish(ORDER_UPDATED, foreign, foreign.id)
    await _until_stored(reader, foreign.id, version=1)

    async with listening(gateway, provider, position) as page:
        messages = [await page.next(), await page.next()]

    assert [message["type"] for message in messages] == ["hello", "caught_up"]


async def test_technologist_hears_neither_reports_nor_alerts(
    gateway: TestGateway, owners: Owner
) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    order, after = order_snapshot(), order_snapshot()
    async with listening(gateway, technologist) as page:
        await page.next()
        await owners.publish(ORDER_UPDATED, order, order.id)
        await owners.publish(REPORT_UPDATED, report_snapshot(order), order.id)
        await owners.publish(ALERT_UPDATED, alert := alert_snapshot(order), alert.id)
        await page.until("order.updated", order.id)
        messages = await page.until_quiet()
        await owners.publish(ORDER_UPDATED, after, after.id)
        messages.append(await page.until("order.updated", after.id))

    assert {message["type"] for message in messages} == {"order.updated"}


async def test_heartbeat_moves_the_position_past_what_one_may_not_see(
    gateway: TestGateway, owners: Owner
) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    foreign = order_snapshot()
    async with listening(gateway, provider) as page:
        before = (await page.next())["position"]
        await owners.publish(ORDER_UPDATED, foreign, foreign.id)
        await _until_stored(reader, foreign.id, version=1)
        async with asyncio.timeout(20):
            while (beat := await page.next())["position"] == before:
                assert beat["type"] == "heartbeat"

    assert sum((positions.decode(beat["position"]) or {}).values()) > sum(
        (positions.decode(before) or {}).values()
    )


@pytest.mark.parametrize("position", ["nonsense", "AAAA", "%00"])
async def test_position_that_cannot_be_read_asks_for_everything_again(
    gateway: TestGateway, position: str
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    async with listening(gateway, person, position) as page:
        types = [(await page.next())["type"], (await page.next())["type"]]

    assert types == ["hello", "resync"]


async def test_position_of_another_log_asks_for_everything_again(gateway: TestGateway) -> None:
    """The topics were made anew: offsets ahead of what is there mean nothing."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    ahead = positions.encode({("order.updated", 0): 10**12})

    async with listening(gateway, person, ahead) as page:
        types = [(await page.next())["type"], (await page.next())["type"]]

    assert types == ["hello", "resync"]


async def test_too_much_that_was_missed_is_not_sent_one_by_one(
    gateway: TestGateway, owners: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page:
        position = (await page.next())["position"]
    orders = [order_snapshot() for _ in range(5)]
    await _publish_all(owners, orders)
    for order in orders:
        await _until_stored(person, order.id, version=1)
    monkeypatch.setattr(live, "RESUME_LIMIT", 3)

    async with listening(gateway, person, position) as page:
        types = [(await page.next())["type"], (await page.next())["type"]]

    assert types == ["hello", "resync"]


async def test_page_that_cannot_keep_up_is_closed_and_resumes(
    gateway: TestGateway, owners: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page:
        await page.next()
        (connection,) = [
            c for c in gateway.gateway.hub.connections if c.person_id == person.person_id
        ]
        connection.too_slow = True
        await owners.publish(ORDER_UPDATED, order := order_snapshot(), order.id)

        assert await page.closed() == TRY_AGAIN


async def test_nobody_hears_anything_without_a_session(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    async with listening(gateway, person, additional_headers={}) as page:
        assert await page.closed() == SIGNED_OUT


async def test_another_sites_page_hears_nothing(gateway: TestGateway) -> None:
    """A WebSocket sends cookies to whatever page opened it: only its Origin tells which."""
    person = await gateway.sign_in(Role.RADIOLOGIST)

    async with listening(gateway, person, origin="https://evil.example") as page:
        assert await page.closed() == NOT_ALLOWED


async def test_signing_out_ends_the_connection(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page:
        await page.next()
        await gateway.gateway.sessions.end(person.cookies["radiology_session"])

        assert await page.closed() == SIGNED_OUT


async def test_signing_out_ends_the_connection_in_a_busy_house_too(
    gateway: TestGateway, owners: Owner
) -> None:
    """The session was looked at only when nothing had happened for a while."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, person) as page, busy_house(owners):
        await page.next()
        await gateway.gateway.sessions.end(person.cookies["radiology_session"])

        assert await page.closed() == SIGNED_OUT


async def test_who_sees_nothing_of_a_busy_house_gets_heartbeats(
    gateway: TestGateway, owners: Owner
) -> None:
    """A page takes a connection on which nothing comes for a dead one."""
    provider = await gateway.sign_in(Role.PROVIDER)
    async with listening(gateway, provider) as page, busy_house(owners):
        hello = await page.next()

        beat = await page.next(seconds=2.5 * hello["heartbeatSeconds"])

    assert beat["type"] == "heartbeat"


async def _publish_all(owners: Owner, orders: list[Any]) -> None:
    for order in orders:
        await owners.publish(ORDER_UPDATED, order, order.id)


async def _hear(page: Listener, types: set[str]) -> list[dict[str, Any]]:
    """Return messages until each of these types has come."""
    heard: list[dict[str, Any]] = []
    while types - {message["type"] for message in heard}:
        message = await page.next()
        if message["type"] in types:
            heard.append(message)
    return heard


async def _until_stored(person: SignedIn, order_id: object, *, version: int) -> None:
    async with asyncio.timeout(20):
        while True:
            response = await person.get(f"/api/radiology/orders/{order_id}")
            if response.status_code == 200 and response.json()["version"] == version:
                return
            await asyncio.sleep(0.02)


def test_position_says_nothing_but_offsets() -> None:
    offsets = {("order.updated", 3): 17, ("alert.updated", 0): uuid4().int % 10**9}

    decoded = positions.decode(positions.encode(offsets)) or {}

    assert {place: offset for place, offset in decoded.items() if offset} == offsets
