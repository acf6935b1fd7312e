"""The rules of the authorization request and of the code's exchange. Pure: no state, no network.

OpenID Connect Core 1.0 section 3.1.2, RFC 6749 section 4.1, RFC 7636. Until client and redirect
URI are known to be right, an error is shown here; after that it is sent to the client.
"""

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field

from deploy.standins.identity.keys import base64url

SCOPES = ("openid", "profile", "email")


class AuthorizationRequest(BaseModel):
    """What a client asks for; all of it comes from the browser and none of it is trusted."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    client_id: str = Field(default="", max_length=255)
    redirect_uri: str = Field(default="", max_length=2000)
    response_type: str = Field(default="", max_length=255)
    response_mode: str = Field(default="query", max_length=255)
    scope: str = Field(default="", max_length=1000)
    state: str | None = Field(default=None, max_length=4000)
    nonce: str | None = Field(default=None, max_length=4000)
    code_challenge: str = Field(default="", max_length=255)
    code_challenge_method: str = Field(default="", max_length=255)
    prompt: str = Field(default="", max_length=255)
    max_age: int | None = Field(default=None, ge=0)
    login_hint: str = Field(default="", max_length=255)
    request: str | None = None
    request_uri: str | None = None

    @property
    def prompts(self) -> frozenset[str]:
        """The words of `prompt`."""
        return frozenset(self.prompt.split())


class ShownHere(Exception):
    """The request cannot be answered to its client, for the client or its address is not known."""


class SentToClient(Exception):
    """The request is refused, and its client is told so."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def check_client(
    request: AuthorizationRequest, *, client_id: str, redirect_uris: frozenset[str]
) -> None:
    """Refuse a request whose client or redirect URI is not registered, letter by letter."""
    if request.client_id != client_id:
        raise ShownHere("The application that sent you here is not registered.")
    if request.redirect_uri not in redirect_uris:
        raise ShownHere("The application asked to return to an address that is not registered.")


def check_request(request: AuthorizationRequest) -> None:
    """Refuse what this provider does not do. PKCE with S256 is demanded of everybody."""
    if request.request is not None:
        raise SentToClient("request_not_supported", "request objects are not supported")
    if request.request_uri is not None:
        raise SentToClient("request_uri_not_supported", "request objects are not supported")
    if request.response_type != "code" or request.response_mode != "query":
        raise SentToClient("unsupported_response_type", "only response_type=code in the query")
    if "openid" not in request.scope.split():
        raise SentToClient("invalid_scope", "scope must contain openid")
    if request.code_challenge_method != "S256" or not _is_challenge(request.code_challenge):
        raise SentToClient("invalid_request", "PKCE with code_challenge_method=S256 is required")
    if "none" in request.prompts and len(request.prompts) > 1:
        raise SentToClient("invalid_request", "prompt=none stands alone")


def needs_sign_in(request: AuthorizationRequest, *, auth_time: int | None, now: int) -> bool:
    """Return whether the person must prove again who they are."""
    if auth_time is None or request.prompts & {"login", "select_account"}:
        return True
    return request.max_age is not None and now - auth_time > request.max_age


def verifier_fits(verifier: str, challenge: str) -> bool:
    """Return whether a PKCE verifier is the one behind a challenge (RFC 7636 section 4.6)."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        return False
    return base64url(hashlib.sha256(verifier.encode()).digest()) == challenge


def half_hash(value: str) -> str:
    """Return the left half of the SHA-256, as `at_hash` wants it (Core section 3.1.3.6)."""
    return base64url(hashlib.sha256(value.encode()).digest()[:16])


def with_query(uri: str, **values: str | None) -> str:
    """Return the URI with further query values; those that are None are left out."""
    scheme, host, path, query, fragment = urlsplit(uri)
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs += [(name, value) for name, value in values.items() if value is not None]
    return urlunsplit((scheme, host, path, urlencode(pairs), fragment))


def origin_of(uri: str) -> str:
    """Return scheme, host and port of a URI."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _is_challenge(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{43}", text))
