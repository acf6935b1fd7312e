"""Cookies: one session cookie per portal, since portals on one host share a cookie jar.

The CSRF token is a random value that only we can sign; cookie and header must agree on it. It is
one for both portals, so that signing in at one does not break the other.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from pydantic import SecretStr
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.settings import GatewaySettings

CSRF_COOKIE = "csrf"
CSRF_HEADER = "x-csrf-token"
SIGN_IN_COOKIE = "sign_in"
SIGN_IN_SECONDS = 600

RADIOLOGY = "radiology"
PROVIDER = "provider"


def portal_of(connection: HTTPConnection, settings: GatewaySettings) -> str:
    """Return which portal a connection belongs to: by its socket, at the API's by its page."""
    port = (connection.scope.get("server") or ("", 0))[1]
    if port == settings.provider_portal_port:
        return PROVIDER
    if port == settings.radiology_portal_port:
        return RADIOLOGY
    provider = connection.headers.get("origin") in settings.provider_origins
    return PROVIDER if provider else RADIOLOGY


def session_cookie_name(portal: str) -> str:
    """Return the name of a portal's session cookie."""
    return f"{portal}_session"


def session_cookie_of(connection: HTTPConnection, settings: GatewaySettings) -> str | None:
    """Return the session id that the browser sent, or None."""
    return connection.cookies.get(session_cookie_name(portal_of(connection, settings)))


def set_session_cookies(
    response: Response, *, portal: str, session_id: str, settings: GatewaySettings, secure: bool
) -> None:
    """Sign the browser in."""
    response.set_cookie(
        session_cookie_name(portal),
        session_id,
        max_age=settings.session_absolute_seconds,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    set_csrf_cookie(response, settings=settings, secure=secure)


def set_csrf_cookie(response: Response, *, settings: GatewaySettings, secure: bool) -> None:
    """Give the page a token that it must send back with every change."""
    response.set_cookie(
        CSRF_COOKIE,
        new_csrf_token(settings.session_secret),
        max_age=settings.session_absolute_seconds,
        httponly=False,  # the page reads it
        samesite="lax",
        secure=secure,
    )


def clear_session_cookie(response: Response, *, portal: str, secure: bool) -> None:
    """Sign the browser out."""
    response.delete_cookie(
        session_cookie_name(portal), httponly=True, samesite="lax", secure=secure
    )


def new_csrf_token(secret: SecretStr) -> str:
    """Return a random token with our signature."""
    value = secrets.token_urlsafe(18)
    return f"{value}.{_sign(secret, 'csrf', value)}"


def csrf_token_is_ours(token: str, secret: SecretStr) -> bool:
    """Tell whether we signed this token."""
    value, _, signature = token.partition(".")
    return hmac.compare_digest(signature.encode(), _sign(secret, "csrf", value).encode())


def seal(content: dict[str, Any], secret: SecretStr) -> str:
    """Return a value for a cookie that the browser keeps and cannot change."""
    body = json.dumps(content | {"until": int(time.time()) + SIGN_IN_SECONDS})
    value = base64.urlsafe_b64encode(body.encode()).decode()
    return f"{value}.{_sign(secret, 'sign-in', value)}"


def unseal(sealed: str, secret: SecretStr) -> dict[str, Any] | None:
    """Return what was sealed, or None when it is not ours or too old."""
    value, _, signature = sealed.partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(secret, "sign-in", value).encode()):
        return None
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(value))
    return content if content["until"] > time.time() else None


def _sign(secret: SecretStr, purpose: str, value: str) -> str:
    key = hashlib.sha256(f"{purpose}:{secret.get_secret_value()}".encode()).digest()
    digest = hmac.digest(key, value.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
