"""Signing in and out: the browser's way to the identity provider and back."""

from collections.abc import Callable, Coroutine
from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from contracts.api.people import SignedOut
from gateway.access import check_origin, public
from gateway.context import Gateway, TheGateway, gateway_of
from gateway.cookies import (
    SIGN_IN_COOKIE,
    SIGN_IN_SECONDS,
    clear_session_cookie,
    portal_of,
    seal,
    session_cookie_of,
    set_session_cookies,
    unseal,
)
from gateway.errors import BadRequest, ProblemError, SignInFailed
from gateway.identity import IdentityProviderUnavailable, SignInAttempt
from gateway.pages import page
from gateway.problems import RETRY_AFTER_SECONDS
from services.errors import TransientError


class _BrowsersRoute(APIRoute):
    """A way that a browser goes by itself: what fails is told on a page, with a way back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except (ProblemError, TransientError) as error:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                return _not_signed_in(request, error)

        return told


router = APIRouter(prefix="/auth", tags=["sign-in"], route_class=_BrowsersRoute)

_REASON = "whoever is not signed in yet"
_CALLBACK = "/auth/callback"
_UNAVAILABLE = SignInFailed(
    "Nobody can sign in just now. Try again in a moment; whoever is signed in can go on.",
    status=503,
    headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
)


@router.get(
    "/login", operation_id="signIn", include_in_schema=False, dependencies=[public(_REASON)]
)
async def login(
    request: Request,
    gateway: TheGateway,
    return_to: Annotated[str, Query(alias="returnTo", max_length=500)] = "/",
    prompt: Annotated[str, Query(pattern="^(none|login|select_account)?$")] = "",
) -> Response:
    """Send the browser to the identity provider; `prompt=none` renews without a question."""
    origin = _origin_of(request, gateway)
    attempt = SignInAttempt()
    url = await gateway.identity.authorization_url(attempt, origin + _CALLBACK, prompt=prompt)
    response = RedirectResponse(url, status_code=303)
    kept = {
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "return_to": _local(return_to),
        "portal": portal_of(request, gateway.settings),
    }
    response.set_cookie(
        _sign_in_cookie(request, gateway),
        seal(kept, gateway.settings.session_secret),
        max_age=SIGN_IN_SECONDS,
        path="/auth",
        httponly=True,
        samesite="lax",
        secure=_secure(request),
    )
    return response


@router.get(
    "/callback",
    operation_id="finishSignIn",
    include_in_schema=False,
    dependencies=[public(_REASON)],
)
async def callback(
    request: Request,
    gateway: TheGateway,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Take the provider's answer, and open a session."""
    sealed = request.cookies.get(_sign_in_cookie(request, gateway), "")
    kept = unseal(sealed, gateway.settings.session_secret) if sealed else None
    if kept is None or not state or kept["state"] != state:
        raise SignInFailed("This sign-in was not begun here, or took too long. Please try again.")
    gateway.identity.check_issuer(iss)
    if error in ("login_required", "interaction_required"):
        back = urlencode({"returnTo": kept["return_to"]})
        return RedirectResponse(f"/auth/login?{back}", status_code=303)
    if error or not code:
        raise SignInFailed
    attempt = SignInAttempt(kept["state"], kept["nonce"], kept["verifier"])
    redirect_uri = _origin_of(request, gateway) + _CALLBACK
    person = await gateway.identity.exchange(code, attempt, redirect_uri)
    await _end_present_session(request, gateway)
    session_id = await gateway.sessions.open(
        portal=kept["portal"],
        person_id=person.person_id,
        name=person.name,
        roles=person.roles,
        id_token=person.id_token,
    )
    response = RedirectResponse(kept["return_to"], status_code=303)
    set_session_cookies(
        response,
        portal=kept["portal"],
        session_id=session_id,
        settings=gateway.settings,
        secure=_secure(request),
    )
    response.delete_cookie(_sign_in_cookie(request, gateway), path="/auth")
    return response


@router.post("/logout", operation_id="signOut", dependencies=[public(_REASON)])
async def logout(request: Request, response: Response, gateway: TheGateway) -> SignedOut:
    """End the session here; `url` ends the one at the identity provider, too."""
    check_origin(request, gateway.settings)
    id_token = await _end_present_session(request, gateway)
    clear_session_cookie(
        response, portal=portal_of(request, gateway.settings), secure=_secure(request)
    )
    return SignedOut(url=await _goodbye(gateway, id_token, _origin_of(request, gateway)))


def _not_signed_in(request: Request, error: ProblemError | TransientError) -> Response:
    problem = error if isinstance(error, ProblemError) else _UNAVAILABLE
    body = (
        f"<h1>{escape(problem.title)}</h1><p>{escape(problem.message)}</p>"
        '<p><a href="/">To the portal</a></p>'
    )
    response = page(gateway_of(request).settings.hospital.name, body, status=problem.http_status)
    response.headers.update({"Cache-Control": "no-store", **problem.headers})
    return response


async def _goodbye(gateway: Gateway, id_token: str | None, origin: str) -> str:
    if not id_token:
        return "/"
    try:
        return await gateway.identity.end_session_url(id_token, origin + "/") or "/"
    except IdentityProviderUnavailable:
        return "/"  # signed out here; the provider's own session ends by itself


async def _end_present_session(request: Request, gateway: Gateway) -> str | None:
    present = session_cookie_of(request, gateway.settings)
    return await gateway.sessions.end(present) if present else None


def _origin_of(request: Request, gateway: Gateway) -> str:
    """Return the origin that the browser is at; one that is not ours is refused."""
    origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if origin not in gateway.settings.origins:
        raise BadRequest("Open the portal at the address that your hospital gave you.")
    return origin


def _local(return_to: str) -> str:
    """Return a path of ours; anything else would send people to strangers."""
    parts = urlsplit(return_to)
    strange = parts.scheme or parts.netloc or "\\" in return_to or return_to.startswith("//")
    plain = return_to.isprintable() and return_to.startswith("/")
    return "/" if strange or not plain else return_to


def _sign_in_cookie(request: Request, gateway: Gateway) -> str:
    return f"{portal_of(request, gateway.settings)}_{SIGN_IN_COOKIE}"


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
