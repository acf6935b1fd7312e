"""A session ends by itself, and only a person's own acts keep it open."""

import pytest

from contracts.enumerations import Role
from tests.harness.gateway import SignedIn, TestGateway
from tests.integration.gateway.test_live import listening


async def _age(gateway: TestGateway, person: SignedIn, *, seen: str, opened: str = "0") -> None:
    """Let time pass for one session."""
    async with gateway.gateway.database.transaction() as connection:
        await connection.execute(
            "update sessions set last_seen_at = last_seen_at - $2::text::interval,"
            " expires_at = expires_at - $3::text::interval where person_id = $1",
            person.person_id,
            seen,
            opened,
        )


async def _status(person: SignedIn, **headers: str) -> int:
    response = await person.get("/api/radiology/me", headers=headers)
    return response.status_code


async def test_session_ends_when_nobody_is_there(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    await _age(gateway, person, seen="31 minutes")

    assert await _status(person) == 401


async def test_every_request_keeps_it_open(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    for _ in range(3):
        await _age(gateway, person, seen="20 minutes")
        assert await _status(person) == 200


@pytest.mark.parametrize(
    ("address", "mark"),
    [
        ("/api/radiology/me", {"x-background": "1"}),
        ("/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4/frames/1", {"x-background": "1"}),
        # The element that shows a thumbnail sends no header of ours; browsers say what asks.
        ("/dicom-web/studies/1.2/series/1.2.3/thumbnail", {"sec-fetch-dest": "image"}),
    ],
)
async def test_what_a_page_asks_by_itself_does_not(
    gateway: TestGateway, address: str, mark: dict[str, str]
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    await _age(gateway, person, seen="20 minutes")
    asked = await person.get(address, headers=mark)
    await _age(gateway, person, seen="20 minutes")

    assert asked.status_code != 401
    assert await _status(person) == 401


async def test_live_connection_that_comes_back_by_itself_does_not(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    await _age(gateway, person, seen="20 minutes")
    async with listening(gateway, person) as page:
        await page.next()
    await _age(gateway, person, seen="20 minutes")

    assert await _status(person) == 401


async def test_session_ends_after_a_shift_whatever_one_does(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    await _age(gateway, person, seen="0", opened="12 hours")

    assert await _status(person) == 401


async def test_stolen_table_lets_nobody_in(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    async with gateway.gateway.database.connection() as connection:
        digest = await connection.fetchval(
            "select id_sha256 from sessions where person_id = $1", person.person_id
        )

    thief = gateway.anonymous()
    thief.cookies.set("radiology_session", digest.hex())

    assert (await thief.get("/api/radiology/me")).status_code == 401


async def test_session_of_one_portal_opens_no_other(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    at_provider = gateway.anonymous("provider")
    at_provider.cookies.update(person.cookies)

    assert (await at_provider.get("/api/radiology/me")).status_code == 401


async def test_ended_sessions_are_forgotten(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)
    await _age(gateway, person, seen="31 minutes")

    await gateway.gateway.sessions.forget_ended()

    async with gateway.gateway.database.connection() as connection:
        left = await connection.fetchval(
            "select count(*) from sessions where person_id = $1", person.person_id
        )
    assert left == 0
