"""The hospital's identity provider: OpenID Connect, authorization code with PKCE (RFC 7636).

What must stay true: an ID token counts only when its signature, issuer, audience, nonce and times
are right, its algorithm is one of ours, and its key comes from the provider's own key set. A flood
of unknown key ids does not become a flood of questions to the provider.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import jwt
import structlog

from contracts.enumerations import Role
from gateway.errors import SignInFailed
from gateway.settings import OidcSettings
from services.errors import TransientError

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_SECONDS = 30
METADATA_SECONDS = 3600.0
KEYS_WINDOW_SECONDS = 60.0
KEYS_MOST_ASKED = 4
"""So often within the window an unknown key id makes us ask, at once: a key may be changed just
after we have asked. A flood of forged ones ends there."""
STAFF_ROLES = frozenset(Role) - {Role.CLINICAL_WORKFLOW}

log = structlog.get_logger()


class IdentityProviderUnavailable(TransientError):
    """The identity provider does not answer; nobody can sign in just now."""

    code = "identity_provider_unavailable"


@dataclass(frozen=True)
class SignInAttempt:
    """What must come back with the code, and what proves that it is ours."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """PKCE challenge of the verifier, method S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is."""

    person_id: str
    name: str
    roles: tuple[Role, ...]
    id_token: str


def person_id(issuer: str, value: str) -> str:
    """Return the id of a person whom a provider knows by this value.

    Orders, claims and ladders name people by UUID. A value that is none is made one, always the
    same: a UUIDv5 of issuer and value, so that two providers' people stay apart.
    """
    try:
        return str(UUID(value))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{issuer.rstrip('/')}#{value}"))


class IdentityProvider:
    """Speaks to the provider; its documents are kept for a while."""

    def __init__(self, settings: OidcSettings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: dict[str, jwt.PyJWK] = {}
        self._keys_asked_at: deque[float] = deque(maxlen=KEYS_MOST_ASKED)
        self._asking_for_keys = asyncio.Lock()

    async def authorization_url(
        self, attempt: SignInAttempt, redirect_uri: str, *, prompt: str = ""
    ) -> str:
        """Return where to send the browser."""
        metadata = await self._discover()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        if prompt:
            query["prompt"] = prompt
        return f"{metadata['authorization_endpoint']}?{urlencode(query)}"

    async def end_session_url(self, id_token: str, return_to: str) -> str | None:
        """Return where the browser signs out there, too; None when there is no such page."""
        endpoint = (await self._discover()).get("end_session_endpoint")
        if not endpoint:
            return None
        query = {
            "id_token_hint": id_token,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": return_to,
        }
        return f"{endpoint}?{urlencode(query)}"

    async def exchange(self, code: str, attempt: SignInAttempt, redirect_uri: str) -> Identity:
        """Exchange a code for an ID token, and check it.

        Raises
        ------
        SignInFailed : the provider refuses the code, or its token is not to be trusted.
        IdentityProviderUnavailable : it does not answer.
        """
        metadata = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        secret = self._settings.client_secret.get_secret_value()
        answer = await self._request(
            "POST",
            metadata["token_endpoint"],
            data=form,
            auth=httpx.BasicAuth(self._settings.client_id, secret),
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInFailed
        return self._identity(await self._verify(token, attempt.nonce), token)

    def check_issuer(self, issuer: str | None) -> None:
        """Refuse a callback that says it comes from another provider (RFC 9207)."""
        if issuer is not None and issuer.rstrip("/") != self._settings.issuer:
            raise SignInFailed

    async def _verify(self, token: str, nonce: str) -> Mapping[str, Any]:
        key = await self._key_of(token)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._settings.client_id,
                issuer=(await self._discover())["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            log.warning("id_token_refused", reason=type(error).__name__)
            raise SignInFailed from error
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise SignInFailed
        if isinstance(claims["aud"], list) and claims.get("azp") != self._settings.client_id:
            raise SignInFailed
        return claims

    async def _key_of(self, token: str) -> jwt.PyJWK:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.InvalidTokenError as error:
            raise SignInFailed from error
        if key_id not in self._keys:
            await self._find_key(key_id)
        try:
            return self._keys[key_id]
        except KeyError as error:
            raise SignInFailed from error

    async def _find_key(self, key_id: str) -> None:
        async with self._asking_for_keys:
            # Who waited here may find that the one before has brought the key.
            if key_id not in self._keys and self._may_ask_for_keys():
                self._keys_asked_at.append(time.monotonic())
                await self._read_keys()

    def _may_ask_for_keys(self) -> bool:
        asked = self._keys_asked_at
        often = len(asked) == KEYS_MOST_ASKED
        return not often or time.monotonic() - asked[0] >= KEYS_WINDOW_SECONDS

    async def _read_keys(self) -> None:
        answer = await self._request("GET", (await self._discover())["jwks_uri"])
        try:
            keys = jwt.PyJWKSet.from_dict(answer).keys
        except jwt.PyJWTError as error:
            raise SignInFailed from error
        self._keys = {str(key.key_id or ""): key for key in keys}

    async def _discover(self) -> dict[str, Any]:
        if time.monotonic() < self._metadata_until:
            return self._metadata
        url = f"{self._settings.issuer}/.well-known/openid-configuration"
        metadata = await self._request("GET", url)
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(isinstance(metadata.get(name), str) for name in needed):
            raise IdentityProviderUnavailable("its discovery document is incomplete")
        if metadata["issuer"].rstrip("/") != self._settings.issuer:
            raise IdentityProviderUnavailable("its discovery document names another issuer")
        self._metadata = metadata
        self._metadata_until = time.monotonic() + METADATA_SECONDS
        return metadata

    async def _request(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        # A kept connection may be closed there just as it is used here, and a code is good once.
        alone = {"Connection": "close"}
        try:
            response = await self._client.request(
                method, url, headers=alone, timeout=5.0, **options
            )
        except httpx.HTTPError as error:
            raise IdentityProviderUnavailable(type(error).__name__) from error
        if response.status_code >= 500 or response.status_code == 429:
            raise IdentityProviderUnavailable(f"status {response.status_code}")
        if not response.is_success:
            log.warning("identity_provider_refused", status=response.status_code)
            raise SignInFailed
        try:
            answer = response.json()
        except ValueError as error:
            raise IdentityProviderUnavailable("its answer is not JSON") from error
        if not isinstance(answer, dict):
            raise IdentityProviderUnavailable("its answer is not a JSON object")
        return answer

    def _identity(self, claims: Mapping[str, Any], token: str) -> Identity:
        told = claims.get(self._settings.roles_claim, [])
        names = {str(name) for name in told} if isinstance(told, list) else {str(told)}
        roles = tuple(role for role in Role if role in STAFF_ROLES and role.value in names)
        if not roles:
            raise SignInFailed("Your account has no role in radiology. Ask your administrator.")
        value = claims.get(self._settings.person_id_claim)
        if not isinstance(value, str) or not value:
            log.warning("id_token_refused", reason="no_person_id")
            raise SignInFailed("Your account does not say who you are. Ask your administrator.")
        return Identity(
            person_id=person_id(self._settings.issuer, value),
            name=str(claims.get("name") or claims.get("preferred_username") or value)[:255],
            roles=roles,
            id_token=token,
        )
