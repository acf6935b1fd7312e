"""The provider as one object: settings, people, keys and memory, and the tokens it issues."""

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.people import People, Person, load_people
from deploy.standins.faults import Faults
from deploy.standins.identity.keys import ALGORITHM, SigningKeys
from deploy.standins.identity.protocol import SCOPES, half_hash
from deploy.standins.identity.settings import IdentitySettings
from deploy.standins.identity.store import Code, Expiring, Store

_SIGN_IN_SECONDS = 600


@dataclass(frozen=True)
class Provider:
    """What the routes work on."""

    settings: IdentitySettings
    people: People
    keys: SigningKeys
    store: Store
    faults: Faults = field(default_factory=Faults)

    def password_is_right(self, password: str) -> bool:
        """Compare in constant time."""
        wanted = self.people.password.get_secret_value()
        return hmac.compare_digest(password.encode(), wanted.encode())

    def client_is(self, client_id: str, secret: str) -> bool:
        """Return whether these are the credentials of the registered client."""
        wanted = self.settings.client_secret.get_secret_value()
        same_id = hmac.compare_digest(client_id.encode(), self.settings.client_id.encode())
        return hmac.compare_digest(secret.encode(), wanted.encode()) and same_id

    def tokens_for(self, code: Code) -> dict[str, Any]:
        """Return the answer of the token endpoint."""
        access_token = self._access_token(code)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.settings.token_seconds,
            "scope": " ".join(s for s in code.request.scope.split() if s in SCOPES),
            "id_token": self._id_token(code, access_token),
        }

    def person_of(self, access_token: str) -> Person | None:
        """Return whom an access token speaks for; raises `jwt.InvalidTokenError`."""
        issuer = self.settings.issuer_url
        claims = self.keys.verify(access_token, audience=f"{issuer}/userinfo", issuer=issuer)
        return next((p for p in self.people.people if str(p.id) == claims["sub"]), None)

    def discovery(self) -> dict[str, Any]:
        """Return the document that clients configure themselves from."""
        issuer = self.settings.issuer_url
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/end_session",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": list(SCOPES),
            "prompt_values_supported": ["none", "login", "select_account"],
            "claims_supported": [
                "sub", "name", "preferred_username", "email", "roles", "auth_time", "sid", "nonce",
            ],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip

    def _id_token(self, code: Code, access_token: str) -> str:
        claims = self._common_claims(code) | person_claims(code.session.person)
        claims |= {
            "aud": self.settings.client_id,
            "azp": self.settings.client_id,
            "auth_time": code.session.auth_time,
            "amr": ["pwd"],
            "sid": code.session.id[:16],
            "at_hash": half_hash(access_token),
        }
        if code.request.nonce is not None:
            claims["nonce"] = code.request.nonce
        return self.keys.sign(claims)

    def _access_token(self, code: Code) -> str:
        claims = self._common_claims(code) | {
            "aud": f"{self.settings.issuer_url}/userinfo",
            "client_id": self.settings.client_id,
            "jti": secrets.token_hex(16),
        }
        return self.keys.sign(claims, kind="at+jwt")

    def _common_claims(self, code: Code) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.settings.issuer_url,
            "sub": str(code.session.person.id),
            "iat": now,
            "exp": now + self.settings.token_seconds,
        }


def person_claims(person: Person) -> dict[str, Any]:
    """Return what the id token and userinfo tell of a person."""
    return {
        "sub": str(person.id),
        "name": person.name,
        "preferred_username": person.username,
        "email": person.email,
        "roles": [role.value for role in person.roles],
    }


def build_provider(settings: IdentitySettings) -> Provider:
    """Read the people and the keys."""
    key_file = settings.state_dir / "identity-keys.json" if settings.state_dir else None
    return Provider(
        settings=settings,
        people=load_people(settings.people_file),
        keys=SigningKeys(key_file),
        store=Store(
            sign_ins=Expiring(_SIGN_IN_SECONDS),
            codes=Expiring(settings.code_seconds),
            sessions=Expiring(settings.session_seconds),
        ),
    )
