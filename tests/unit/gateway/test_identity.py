"""Only a token that the hospital's provider signed for us, for this sign-in, lets anybody in."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from contracts.enumerations import Role
from gateway.errors import SignInFailed
from gateway.identity import (
    KEYS_MOST_ASKED,
    KEYS_WINDOW_SECONDS,
    IdentityProvider,
    IdentityProviderUnavailable,
    SignInAttempt,
    person_id,
)
from gateway.settings import OidcSettings

ISSUER = "https://id.hospital.example"
ADAMS = "00000000-0000-4000-8000-00000000000a"
ATTEMPT = SignInAttempt()
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """An identity provider that answers with whatever token it is given."""

    def __init__(self) -> None:
        self.token: Any = None
        self.asked: list[str] = []
        self.connections: set[str] = set()
        self.token_status = 200
        self.issuer = ISSUER
        self.keys = {"k1": KEY}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        self.connections.add(request.headers["connection"])
        if request.url.path == "/.well-known/openid-configuration":
            paths = {"authorization": "authorize", "token": "token", "end_session": "end"}
            answer = {f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in paths.items()}
            return httpx.Response(
                200, json=answer | {"issuer": self.issuer, "jwks_uri": f"{ISSUER}/jwks"}
            )
        if request.url.path == "/jwks":
            keys = [
                jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
                | {"kid": kid, "alg": "RS256"}
                for kid, key in self.keys.items()
            ]
            return httpx.Response(200, json={"keys": keys})
        return httpx.Response(self.token_status, json={"id_token": self.token})

    def change_key(self) -> None:
        """Sign with another key from now on, and publish no other."""
        self.keys = {"k2": OTHER_KEY}
        self.token = signed(OTHER_KEY, kid="k2")


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def identity(provider: Provider) -> IdentityProvider:
    return identity_of(provider)


def identity_of(provider: Provider, **changes: Any) -> IdentityProvider:
    settings = OidcSettings(issuer=ISSUER, client_id="us", client_secret=SecretStr("s"), **changes)
    client = httpx.AsyncClient(transport=httpx.MockTransport(provider))
    return IdentityProvider(settings, client)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    values = {
        "iss": ISSUER,
        "aud": "us",
        "sub": ADAMS,
        "name": "Dr. Ruth Adams",
        "roles": ["RADIOLOGIST"],
        "nonce": ATTEMPT.nonce,
        "iat": now,
        "exp": now + 300,
    } | changes
    return {name: value for name, value in values.items() if value is not None}


def signed(key: Any = KEY, algorithm: str = "RS256", kid: str = "k1", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid})


async def exchange(identity: IdentityProvider) -> Any:
    return await identity.exchange("code", ATTEMPT, "https://us.example/auth/callback")


async def test_right_token_says_who_it_is(identity: IdentityProvider, provider: Provider) -> None:
    provider.token = signed()

    person = await exchange(identity)

    assert (person.person_id, person.name) == (ADAMS, "Dr. Ruth Adams")
    assert person.roles == (Role.RADIOLOGIST,)


@pytest.mark.parametrize("subject", ["00u1abcd", "auth0|5f7c8ec7c33c6c004bbafe82", "ruth.adams"])
async def test_person_without_a_uuid_gets_one_that_stays(
    identity: IdentityProvider, provider: Provider, subject: str
) -> None:
    """Orders, claims and ladders name people by UUID; most providers do not."""
    provider.token = signed(sub=subject)

    first, again = await exchange(identity), await exchange(identity)
    provider.token = signed(sub="somebody-else")
    other = await exchange(identity)

    assert str(UUID(first.person_id)) == first.person_id
    assert first == again
    assert other.person_id != first.person_id


def test_same_name_at_another_provider_is_another_person() -> None:
    assert person_id(ISSUER, "00u1abcd") != person_id("https://other.example", "00u1abcd")
    assert person_id(ISSUER, "00u1abcd") == person_id(f"{ISSUER}/", "00u1abcd")


def test_uuid_is_taken_as_it_is_however_it_is_written() -> None:
    assert person_id(ISSUER, ADAMS.upper()) == ADAMS


async def test_id_comes_from_the_claim_that_the_hospital_names(provider: Provider) -> None:
    identity = identity_of(provider, person_id_claim="oid")
    provider.token = signed(sub="pairwise-and-opaque", oid=ADAMS)

    assert (await exchange(identity)).person_id == ADAMS


@pytest.mark.parametrize("value", [None, "", ["a", "b"], True])
async def test_nobody_signs_in_without_the_claim_that_says_who_it_is(
    provider: Provider, value: Any
) -> None:
    identity = identity_of(provider, person_id_claim="oid")
    provider.token = signed(oid=value)

    with pytest.raises(SignInFailed, match="does not say who you are"):
        await exchange(identity)


async def test_no_connection_is_kept_that_the_provider_may_close_just_as_it_is_used(
    identity: IdentityProvider, provider: Provider
) -> None:
    provider.token = signed()

    await exchange(identity)

    assert provider.connections == {"close"}


PUBLIC_PEM = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def hmac_with_the_public_key() -> str:
    """The classic confusion: our public key as the secret of an HMAC."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    text = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(claims())}"
    digest = hmac.digest(PUBLIC_PEM, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


HOSTILE = {
    "signed by a stranger": signed(OTHER_KEY),
    "not signed at all": jwt.encode(claims(), "", algorithm="none", headers={"kid": "k1"}),
    "HMAC with the public key": hmac_with_the_public_key(),
    "of another issuer": signed(iss="https://evil.example"),
    "for another client": signed(aud="them"),
    "for several clients, and not for us alone": signed(aud=["us", "them"], azp="them"),
    "of another sign-in": signed(nonce="another"),
    "without a nonce": signed(nonce=None),
    "expired": signed(exp=int(time.time()) - 120),
    "from the future": signed(nbf=int(time.time()) + 600),
    "without an end": signed(exp=None),
    "about nobody": signed(sub=None),
    "with an unknown key": signed(kid="unknown"),
    "with a path as its key": signed(kid="../../etc/passwd"),
    "no token": "no token",
    "empty": "",
    "a number": 17,
    "nothing": None,
    "without a role": signed(roles=[]),
    "with a role that only a service has": signed(roles=["CLINICAL_WORKFLOW"]),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_token_signs_nobody_in(
    kind: str, identity: IdentityProvider, provider: Provider
) -> None:
    provider.token = HOSTILE[kind]

    with pytest.raises(SignInFailed):
        await exchange(identity)


async def test_key_that_was_changed_a_moment_ago_signs_people_in(
    identity: IdentityProvider, provider: Provider
) -> None:
    """Nobody is locked out for a minute because somebody signed in just before."""
    provider.token = signed()
    await exchange(identity)

    provider.change_key()

    assert (await exchange(identity)).person_id == ADAMS


async def test_key_that_was_taken_back_signs_nobody_in(
    identity: IdentityProvider, provider: Provider
) -> None:
    provider.token = signed()
    await exchange(identity)
    provider.change_key()
    await exchange(identity)

    provider.token = signed()

    with pytest.raises(SignInFailed):
        await exchange(identity)


async def test_sign_ins_at_once_with_a_new_key_ask_once(
    identity: IdentityProvider, provider: Provider
) -> None:
    provider.token = signed()

    await asyncio.gather(*(exchange(identity) for _ in range(20)))

    assert provider.asked.count("/jwks") == 1


async def test_flood_of_unknown_keys_is_no_flood_of_questions(
    identity: IdentityProvider, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.token = signed()
    await exchange(identity)

    for number in range(50):
        provider.token = signed(kid=f"unknown-{number}")
        with pytest.raises(SignInFailed):
            await exchange(identity)

    assert provider.asked.count("/jwks") == KEYS_MOST_ASKED
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.change_key()
    later = time.monotonic() + KEYS_WINDOW_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert (await exchange(identity)).person_id == ADAMS


async def test_provider_that_is_away_is_no_wrong_password(
    identity: IdentityProvider, provider: Provider
) -> None:
    provider.token, provider.token_status = signed(), 502

    with pytest.raises(IdentityProviderUnavailable):
        await exchange(identity)


async def test_refused_code_signs_nobody_in(identity: IdentityProvider, provider: Provider) -> None:
    provider.token, provider.token_status = signed(), 400

    with pytest.raises(SignInFailed):
        await exchange(identity)


async def test_document_of_another_issuer_is_not_believed(
    identity: IdentityProvider, provider: Provider
) -> None:
    provider.issuer = "https://evil.example"

    with pytest.raises(IdentityProviderUnavailable):
        await exchange(identity)


async def test_browser_is_sent_with_pkce_and_nonce(identity: IdentityProvider) -> None:
    url = httpx.URL(await identity.authorization_url(ATTEMPT, "https://us.example/auth/callback"))

    assert url.params["code_challenge_method"] == "S256"
    assert url.params["code_challenge"] == ATTEMPT.challenge
    assert url.params["nonce"] == ATTEMPT.nonce
    assert ATTEMPT.verifier not in str(url)


def test_answer_in_anothers_name_is_refused(identity: IdentityProvider) -> None:
    identity.check_issuer(ISSUER)
    identity.check_issuer(None)  # a provider that does not say it (RFC 9207 is optional)

    with pytest.raises(SignInFailed):
        identity.check_issuer("https://evil.example")
