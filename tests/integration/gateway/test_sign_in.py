"""People sign in at the identity provider, each portal by itself, and out again."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest_asyncio
from pydantic import SecretStr

from contracts.enumerations import Role
from gateway.cookies import PROVIDER, RADIOLOGY
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorageSettings
from tests.harness.gateway import TestGateway, running_gateway
from tests.harness.standins import free_port, running_stand_in

ADAMS = "00000000-0000-4000-8000-000000000001"
SMITH = "00000000-0000-4000-8000-000000000005"
BEHIND_THE_PROXY = "https://radiology.hospital.example"


@pytest_asyncio.fixture(scope="module")
async def hospital(
    database_url: SecretStr,
    empty_kafka: KafkaSettings,
    object_storage_settings: ObjectStorageSettings,
    folder: Path,
) -> AsyncIterator[TestGateway]:
    """A gateway beside the identity stand-in."""
    ports = {
        "port": free_port(),
        "radiology_portal_port": free_port(),
        "provider_portal_port": free_port(),
    }
    origins = ",".join(f"http://127.0.0.1:{port}" for port in ports.values())
    async with (
        running_stand_in("identity", {"CLIENT_ORIGINS": origins}) as issuer,
        running_gateway(
            database_url=database_url,
            kafka=empty_kafka,
            storage=object_storage_settings,
            folder=folder,
            issuer=issuer,
            radiology_portal_url=BEHIND_THE_PROXY,
            trusted_proxies=("127.0.0.8/29",),
            **ports,
        ) as running,
    ):
        yield running


def browser() -> httpx.AsyncClient:
    return httpx.AsyncClient(follow_redirects=True, timeout=20)


async def sign_in(
    client: httpx.AsyncClient, portal_url: str, person: str, *, back: str = "/worklist", **more: str
) -> httpx.Response:
    """Click through the stand-in's page."""
    page = await client.get(f"{portal_url}/auth/login", params={"returnTo": back, **more})
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket is not None, page.text
    form = {"ticket": ticket[1], "person": person, "password": "demo"}
    return await client.post(str(page.url.join("/sign-in")), data=form)


async def test_person_signs_in_and_comes_back_to_the_page(hospital: TestGateway) -> None:
    async with browser() as client:
        landed = await sign_in(client, hospital.url(), ADAMS)
        me = await client.get(f"{hospital.url()}/api/radiology/me")

    assert str(landed.url) == f"{hospital.url()}/worklist"
    assert me.status_code == 200
    assert me.json()["name"] == "Dr. Ruth Adams"
    assert me.json()["roles"] == ["RADIOLOGIST"]
    assert me.json()["permissions"]["report.sign"] == "any"


async def test_who_cannot_be_signed_in_without_a_question_comes_back_to_the_whole_address(
    hospital: TestGateway,
) -> None:
    back = "/worklist?modality=CT&priority=STAT"
    async with browser() as client:
        landed = await sign_in(client, hospital.url(), ADAMS, back=back, prompt="none")

    assert str(landed.url) == hospital.url() + back


async def test_session_cookie_is_out_of_reach_for_scripts(hospital: TestGateway) -> None:
    async with browser() as client:
        landed = await sign_in(client, hospital.url(), ADAMS)

    cookies = [
        header.lower()
        for response in landed.history
        for header in response.headers.get_list("set-cookie")
    ]
    session = next(cookie for cookie in cookies if cookie.startswith("radiology_session="))
    csrf = next(cookie for cookie in cookies if cookie.startswith("csrf="))
    assert "httponly" in session
    assert "samesite=lax" in session
    assert "httponly" not in csrf


async def test_two_portals_in_one_browser_keep_two_people(hospital: TestGateway) -> None:
    """Portals on one host share a cookie jar; signing in at one must not sign out the other."""
    radiology, provider = hospital.url(RADIOLOGY), hospital.url(PROVIDER)
    async with browser() as client:
        await sign_in(client, radiology, ADAMS)
        client.cookies.delete("identity_standin_session")
        await sign_in(client, provider, SMITH)

        names = [
            (await client.get(f"{url}/api/radiology/me")).json()["name"]
            for url in (radiology, provider)
        ]
        csrf = {"x-csrf-token": client.cookies["csrf"]}
        writes = [
            await client.post(
                f"{url}/api/radiology/orders/search", json={}, headers={"origin": url, **csrf}
            )
            for url in (radiology, provider)
        ]

    assert names == ["Dr. Ruth Adams", "Dr. John Smith"]
    assert [response.status_code for response in writes] == [200, 200]


async def test_signing_out_ends_the_session_everywhere(hospital: TestGateway) -> None:
    async with browser() as client:
        await sign_in(client, hospital.url(), ADAMS)
        stolen = client.cookies["radiology_session"]

        response = await client.post(
            f"{hospital.url()}/auth/logout", headers={"origin": hospital.url()}
        )

    assert "/end_session?" in response.json()["url"]
    async with httpx.AsyncClient(cookies={"radiology_session": stolen}) as thief:
        answer = await thief.get(f"{hospital.url()}/api/radiology/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_session_renews_without_a_question(hospital: TestGateway) -> None:
    async with browser() as client:
        await sign_in(client, hospital.url(), ADAMS)
        client.cookies.delete("radiology_session")

        landed = await client.get(
            f"{hospital.url()}/auth/login", params={"prompt": "none", "returnTo": "/signed-in"}
        )
        me = await client.get(f"{hospital.url()}/api/radiology/me")

    assert str(landed.url) == f"{hospital.url()}/signed-in"
    assert me.status_code == 200


async def test_nobody_is_sent_to_a_stranger_after_signing_in(hospital: TestGateway) -> None:
    async with browser() as client:
        landed = await sign_in(client, hospital.url(), ADAMS, back="https://stranger.example/steal")

    assert str(landed.url) == f"{hospital.url()}/"


async def test_answer_that_was_not_asked_for_signs_nobody_in(hospital: TestGateway) -> None:
    """An attacker's code and state in a victim's browser: there is no cookie that began it."""
    async with httpx.AsyncClient() as attacker:
        begun = await attacker.get(f"{hospital.url()}/auth/login")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]

    async with httpx.AsyncClient() as victim:
        answer = await victim.get(
            f"{hospital.url()}/auth/callback", params={"code": "x", "state": state}
        )

    assert (answer.status_code, answer.json()["code"]) == (400, "sign_in_failed")
    assert "set-cookie" not in answer.headers


async def test_person_whose_sign_in_failed_reads_why_and_finds_the_way_back(
    hospital: TestGateway,
) -> None:
    """A browser goes there by itself: nobody would read problem details."""
    async with httpx.AsyncClient(headers={"Accept": "text/html,*/*;q=0.8"}) as browser_of_its_own:
        answer = await browser_of_its_own.get(
            f"{hospital.url()}/auth/callback", params={"code": "x", "state": "<b>old</b>"}
        )

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "This sign-in was not begun here, or took too long." in answer.text
    assert '<a href="/">' in answer.text
    assert "<b>" not in answer.text


async def test_sign_in_at_a_foreign_host_name_is_refused(hospital: TestGateway) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            f"{hospital.url()}/auth/login", headers={"host": "evil.example:80"}
        )

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def through_a_proxy(address: str) -> httpx.AsyncClient:
    """Speak as a proxy that ends TLS, from an address of its own."""
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(local_address=address),
        headers={"host": urlsplit(BEHIND_THE_PROXY).netloc, "x-forwarded-proto": "https"},
    )


async def test_trusted_proxy_says_that_the_browser_came_by_tls(hospital: TestGateway) -> None:
    async with through_a_proxy("127.0.0.9") as proxy:
        answer = await proxy.get(f"{hospital.url()}/auth/login")

    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{BEHIND_THE_PROXY}/auth/callback"]
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_anybody_else_is_not_believed_to_have_come_by_tls(hospital: TestGateway) -> None:
    async with through_a_proxy("127.0.0.77") as stranger:
        answer = await stranger.get(f"{hospital.url()}/auth/login")

    assert answer.status_code == 400


async def test_who_signs_in_is_found_in_the_list_of_people(hospital: TestGateway) -> None:
    async with browser() as client:
        await sign_in(client, hospital.url(), ADAMS)
        people = await client.get(
            f"{hospital.url()}/api/radiology/people", params={"role": Role.RADIOLOGIST.value}
        )

    assert [person["id"] for person in people.json()["items"]] == [ADAMS]
