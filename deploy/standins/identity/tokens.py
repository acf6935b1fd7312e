"""The client's side: discovery, keys, the exchange of a code for tokens, userinfo."""

from base64 import b64decode
from typing import Any
from urllib.parse import unquote_plus

import jwt
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from deploy.standins.identity.protocol import verifier_fits
from deploy.standins.identity.provider import Provider, person_claims
from deploy.standins.identity.store import Code


class TokenRefused(Exception):
    """No tokens: an error of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


def token_routes(provider: Provider) -> APIRouter:
    """Return the routes that a client's server calls."""
    routes = APIRouter()

    @routes.get("/.well-known/openid-configuration")
    async def discovery() -> Response:
        return await provider.faults.strike("discovery") or JSONResponse(provider.discovery())

    @routes.get("/jwks")
    async def jwks() -> Response:
        return await provider.faults.strike("jwks") or JSONResponse(provider.keys.published())

    @routes.post("/token")
    async def token(request: Request) -> Response:
        if fault := await provider.faults.strike("token"):
            return fault
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            code = _exchange(provider, form, request.headers.get("authorization", ""))
        except TokenRefused as refusal:
            return _refusal(provider, refusal)
        provider.store.note("code exchanged for tokens", code.session.person.name)
        return JSONResponse(provider.tokens_for(code))

    @routes.api_route("/userinfo", methods=["GET", "POST"])
    async def userinfo(request: Request) -> Response:
        if fault := await provider.faults.strike("userinfo"):
            return fault
        kind, _, access_token = request.headers.get("authorization", "").partition(" ")
        try:
            person = provider.person_of(access_token) if kind.lower() == "bearer" else None
        except jwt.InvalidTokenError:
            person = None
        if person is None:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return JSONResponse({"error": "invalid_token"}, status_code=401, headers=headers)
        return JSONResponse(person_claims(person))

    return routes


def _exchange(provider: Provider, form: dict[str, str], authorization: str) -> Code:
    _check_client(provider, form, authorization)
    if form.get("grant_type") != "authorization_code":
        raise TokenRefused("unsupported_grant_type", "only authorization_code")
    code = provider.store.codes.take(form.get("code"))
    if code is None:
        raise TokenRefused("invalid_grant", "the code is unknown, used or too old")
    if form.get("redirect_uri") != code.request.redirect_uri:
        raise TokenRefused("invalid_grant", "redirect_uri is not that of the authorization request")
    if not verifier_fits(form.get("code_verifier", ""), code.request.code_challenge):
        raise TokenRefused("invalid_grant", "code_verifier does not fit")
    return code


def _check_client(provider: Provider, form: dict[str, str], authorization: str) -> None:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization:
        client_id, secret = _basic(authorization)
    if not provider.client_is(client_id, secret):
        raise TokenRefused("invalid_client", "client authentication failed", 401)


def _basic(authorization: str) -> tuple[str, str]:
    kind, _, encoded = authorization.partition(" ")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise TokenRefused("invalid_client", "malformed Authorization header", 401) from error
    if kind.lower() != "basic":
        raise TokenRefused("invalid_client", "Basic authentication only", 401)
    # RFC 6749 section 2.3.1: both parts are form-encoded first.
    return unquote_plus(name), unquote_plus(secret)


def _refusal(provider: Provider, refusal: TokenRefused) -> Response:
    provider.store.note(f"token refused: {refusal.error}", good=False)
    body: dict[str, Any] = {"error": refusal.error, "error_description": str(refusal)}
    headers = {"WWW-Authenticate": "Basic"} if refusal.status == 401 else {}
    return JSONResponse(body, status_code=refusal.status, headers=headers)
