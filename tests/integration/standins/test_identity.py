"""The identity stand-in as a client of OpenID Connect sees it, tokens checked with PyJWT."""

import asyncio
import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from httpx import AsyncClient, Response

from tests.harness.standins import running_stand_in

CALLBACK = "http://localhost:5178/auth/callback"
ADAMS = "00000000-0000-4000-8000-000000000001"
BAKER = "00000000-0000-4000-8000-000000000002"
CREDENTIALS = ("radiology-portal", "radiology-portal-demo")


@dataclass
class Browser:
    """A browser with cookies that does not follow redirects by itself."""

    client: AsyncClient
    verifier: str = "v" * 64

    async def authorize(self, **changes: str) -> Response:
        challenge = urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        query = {
            "client_id": "radiology-portal",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | changes
        return await self.client.get(f"/authorize?{urlencode(query)}")

    async def sign_in(
        self,
        page: Response,
        person: str = ADAMS,
        password: str = "demo",  # noqa: S107
    ) -> Response:
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket, page.text
        form = {"ticket": ticket[1], "person": person, "password": password}
        return await self.client.post("/sign-in", data=form)

    async def exchange(self, code: str, **changes: str) -> Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        } | changes
        return await self.client.post("/token", data=form, auth=CREDENTIALS)


@pytest.fixture
def browser(identity: str) -> Browser:
    return Browser(AsyncClient(base_url=identity))


def sent_back(response: Response) -> dict[str, str]:
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert location.startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def claims_of(identity: str, token: str) -> dict[str, object]:
    async with AsyncClient() as client:
        jwks = (await client.get(f"{identity}/jwks")).json()
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in jwks["keys"] if key["kid"] == kid)
    return jwt.decode(
        token,
        jwt.PyJWK.from_dict(key).key,
        algorithms=["RS256"],
        audience="radiology-portal",
        issuer=identity,
        options={"require": ["exp", "iat", "sub", "auth_time"]},
    )


async def test_discovery_names_only_addresses_of_the_issuer(identity: str) -> None:
    async with AsyncClient() as client:
        found = (await client.get(f"{identity}/.well-known/openid-configuration")).json()

    assert found["issuer"] == identity
    addresses = [value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 5
    assert all(address.startswith(identity + "/") for address in addresses)


async def test_a_person_signs_in_and_the_id_token_tells_who(
    identity: str, browser: Browser
) -> None:
    page = await browser.authorize()
    answer = sent_back(await browser.sign_in(page))
    tokens = (await browser.exchange(answer["code"])).json()
    claims = await claims_of(identity, tokens["id_token"])

    assert answer["state"] == "the-state"
    assert answer["iss"] == identity
    assert claims["sub"] == ADAMS
    assert claims["name"] == "Dr. Ruth Adams"
    assert claims["roles"] == ["RADIOLOGIST"]
    assert claims["nonce"] == "the-nonce"
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == urlsafe_b64encode(digest).rstrip(b"=").decode()


async def test_userinfo_says_the_same_as_the_id_token(identity: str, browser: Browser) -> None:
    answer = sent_back(await browser.sign_in(await browser.authorize()))
    tokens = (await browser.exchange(answer["code"])).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    told = (await browser.client.get("/userinfo", headers=headers)).json()
    refused = await browser.client.get("/userinfo", headers={"Authorization": "Bearer x.y.z"})

    claims = await claims_of(identity, tokens["id_token"])
    assert told == {name: claims[name] for name in told}
    assert refused.status_code == 401


async def test_a_signed_in_browser_is_not_asked_again(browser: Browser) -> None:
    await browser.sign_in(await browser.authorize())

    second = await browser.authorize()

    assert "code" in sent_back(second)


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
async def test_a_client_can_demand_a_fresh_sign_in(
    identity: str, browser: Browser, changes: dict[str, str]
) -> None:
    """Signing a report asks for it: who signs proves it now."""
    await browser.sign_in(await browser.authorize())
    if "max_age" in changes:
        await asyncio.sleep(1.1)  # auth_time is in whole seconds

    page = await browser.authorize(**changes)

    assert page.status_code == 200
    answer = sent_back(await browser.sign_in(page, BAKER))
    tokens = (await browser.exchange(answer["code"])).json()
    assert (await claims_of(identity, tokens["id_token"]))["sub"] == BAKER


async def test_prompt_none_never_shows_a_page(browser: Browser) -> None:
    assert sent_back(await browser.authorize(prompt="none"))["error"] == "login_required"

    await browser.sign_in(await browser.authorize())

    assert "code" in sent_back(await browser.authorize(prompt="none"))


async def test_a_wrong_password_signs_nobody_in_and_five_end_the_attempt(browser: Browser) -> None:
    page = await browser.authorize()

    for _ in range(4):
        refused = await browser.sign_in(page, password="guess")
        assert refused.status_code == 403
        assert "The password is wrong." in refused.text
        assert "set-cookie" not in refused.headers
    last = await browser.sign_in(page, password="guess")
    right_but_late = await browser.sign_in(page)

    assert last.status_code == 400
    assert right_but_late.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://localhost:5178/auth/callback/"},
        {"redirect_uri": "http://localhost:5178/auth/callback?x=1"},
        {"redirect_uri": "http://evil.example/auth/callback"},
        {"client_id": "somebody-else"},
    ],
)
async def test_nothing_is_sent_to_an_address_that_is_not_registered(
    browser: Browser, changes: dict[str, str]
) -> None:
    answer = await browser.authorize(**changes)

    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
    ],
)
async def test_what_is_not_offered_is_refused_to_the_client(
    browser: Browser, changes: dict[str, str], error: str
) -> None:
    assert sent_back(await browser.authorize(**changes))["error"] == error


async def test_a_code_works_once(browser: Browser) -> None:
    code = sent_back(await browser.sign_in(await browser.authorize()))["code"]

    first, second = await browser.exchange(code), await browser.exchange(code)

    assert first.status_code == 200
    assert second.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://localhost:5174/auth/callback"},
    ],
)
async def test_a_stolen_code_is_worth_nothing(browser: Browser, changes: dict[str, str]) -> None:
    code = sent_back(await browser.sign_in(await browser.authorize()))["code"]

    assert (await browser.exchange(code, **changes)).json()["error"] == "invalid_grant"


async def test_only_the_registered_client_gets_tokens(browser: Browser) -> None:
    code = sent_back(await browser.sign_in(await browser.authorize()))["code"]
    form = {"grant_type": "authorization_code", "code": code}

    refused = await browser.client.post("/token", data=form, auth=("radiology-portal", "wrong"))
    malformed = await browser.client.post(
        "/token", data=form, headers={"Authorization": "Basic %%%"}
    )

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert malformed.status_code == 401


async def test_cancelling_tells_the_client(browser: Browser) -> None:
    page = await browser.authorize()
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket

    answer = await browser.client.post("/cancel", data={"ticket": ticket[1]})

    assert sent_back(answer)["error"] == "access_denied"


async def test_signing_out_with_the_id_token_ends_the_session(browser: Browser) -> None:
    answer = sent_back(await browser.sign_in(await browser.authorize()))
    id_token = (await browser.exchange(answer["code"])).json()["id_token"]
    query = {
        "id_token_hint": id_token,
        "post_logout_redirect_uri": "http://localhost:5178/",
        "state": "s",
    }

    ended = await browser.client.get("/end_session", params=query)

    assert ended.headers["location"] == "http://localhost:5178/?state=s"
    assert (await browser.authorize()).status_code == 200


async def test_a_link_alone_signs_nobody_out(browser: Browser) -> None:
    await browser.sign_in(await browser.authorize())

    asked = await browser.client.get("/end_session")

    assert "Sign out?" in asked.text
    assert "code" in sent_back(await browser.authorize())


async def test_signing_out_never_redirects_to_a_foreign_page(browser: Browser) -> None:
    query = {"post_logout_redirect_uri": "http://evil.example/"}

    assert (await browser.client.get("/end_session", params=query)).status_code == 200


async def test_tokens_of_the_old_key_hold_after_a_change_of_key(
    identity: str, browser: Browser
) -> None:
    answer = sent_back(await browser.sign_in(await browser.authorize()))
    old = (await browser.exchange(answer["code"])).json()["id_token"]

    await browser.client.post("/control/keys/rotate")
    answer = sent_back(await browser.authorize())
    new = (await browser.exchange(answer["code"])).json()["id_token"]

    assert (await claims_of(identity, old))["sub"] == (await claims_of(identity, new))["sub"]
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]


async def test_faults_come_as_ordered_and_then_end(browser: Browser) -> None:
    fault = {"endpoint": "jwks", "status": 503, "times": 2}
    await browser.client.post("/control/faults", json=fault)

    statuses = [(await browser.client.get("/jwks")).status_code for _ in range(3)]

    assert statuses == [503, 503, 200]


async def test_a_form_of_a_foreign_page_is_refused(browser: Browser) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}

    refused = await browser.client.post("/sign-everybody-out", headers=foreign)

    assert refused.status_code == 403


async def test_the_sign_in_page_escapes_what_came_with_the_request(browser: Browser) -> None:
    page = await browser.authorize(login_hint='"><script>alert(1)</script>')

    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_signing_key_survives_a_restart(tmp_path: object) -> None:
    settings = {"STATE_DIR": str(tmp_path)}

    keys = []
    for _ in range(2):
        async with (
            running_stand_in("identity", settings) as base_url,
            httpx.AsyncClient() as client,
        ):
            keys.append((await client.get(f"{base_url}/jwks")).json())

    assert keys[0] == keys[1]
    assert "d" not in keys[0]["keys"][0]
