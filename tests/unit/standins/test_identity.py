"""Rules of the identity stand-in that need no server."""

from pathlib import Path

import jwt
import pytest

from deploy.standins.identity.keys import SigningKeys
from deploy.standins.identity.protocol import (
    AuthorizationRequest,
    needs_sign_in,
    verifier_fits,
    with_query,
)
from deploy.standins.identity.settings import IdentitySettings
from deploy.standins.identity.store import Expiring

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_verifier_of_the_standards_example_fits() -> None:
    assert verifier_fits(VERIFIER, CHALLENGE)
    assert not verifier_fits(VERIFIER[:-1] + "j", CHALLENGE)
    assert not verifier_fits("short", CHALLENGE)


@pytest.mark.parametrize(
    ("request_", "auth_time", "expected"),
    [
        (AuthorizationRequest(), None, True),
        (AuthorizationRequest(), 100, False),
        (AuthorizationRequest(prompt="login"), 1000, True),
        (AuthorizationRequest(prompt="consent"), 1000, False),
        (AuthorizationRequest(max_age=60), 1000, False),
        (AuthorizationRequest(max_age=60), 939, True),
        (AuthorizationRequest(max_age=0), 999, True),
    ],
)
def test_who_must_sign_in_again(
    request_: AuthorizationRequest, auth_time: int | None, expected: bool
) -> None:
    assert needs_sign_in(request_, auth_time=auth_time, now=1000) is expected


def test_values_are_added_to_an_address_and_change_nothing_else() -> None:
    uri = with_query("http://h/p?a=1#f", state="x&y", code=None)

    assert uri == "http://h/p?a=1&state=x%26y#f"


def test_a_token_of_another_key_or_for_another_audience_is_refused() -> None:
    ours, foreign = SigningKeys(), SigningKeys()
    claims = {"iss": "i", "aud": "a", "sub": "s", "iat": 1, "exp": 4_000_000_000}

    assert ours.verify(ours.sign(claims), audience="a", issuer="i")["sub"] == "s"
    for token, audience in ((foreign.sign(claims), "a"), (ours.sign(claims), "b")):
        with pytest.raises(jwt.InvalidTokenError):
            ours.verify(token, audience=audience, issuer="i")


def test_private_parts_of_a_key_are_never_published(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path / "keys.json")
    for _ in range(4):
        keys.rotate()

    published = keys.published()["keys"]

    assert len(published) == 3
    assert all(set(key) == {"kty", "n", "e", "kid", "use", "alg"} for key in published)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_a_value_is_taken_once_and_not_after_its_time() -> None:
    lasting, over = Expiring[str](60), Expiring[str](0)

    name, late = lasting.add("value"), over.add("value")

    assert (lasting.take(name), lasting.take(name)) == ("value", None)
    assert over.take(late) is None


def test_origins_come_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_STANDIN_CLIENT_ORIGINS", "http://a:1/, http://b:2")

    assert IdentitySettings().redirect_uris == {
        "http://a:1/auth/callback",
        "http://b:2/auth/callback",
    }
