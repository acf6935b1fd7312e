"""The browser's side: authorization endpoint, sign-in page, sign-out."""

import time
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from deploy.standins.identity.protocol import (
    AuthorizationRequest,
    SentToClient,
    ShownHere,
    check_client,
    check_request,
    needs_sign_in,
    origin_of,
    with_query,
)
from deploy.standins.identity.provider import Provider
from deploy.standins.identity.store import Code, Session, SignIn
from deploy.standins.web import POLICY, page

COOKIE = "identity_standin_session"
_MOST_WRONG_PASSWORDS = 5
_TOO_OLD = "This sign-in page is too old. Go back to the application and try again."

FormText = Annotated[str, Form(max_length=4000)]


def sign_in_routes(provider: Provider) -> APIRouter:
    """Return the routes that a browser visits."""
    routes = APIRouter()
    desk = _Desk(provider)

    @routes.api_route("/authorize", methods=["GET", "POST"])
    async def authorize(request: Request) -> Response:
        return desk.authorize(await _read(request), request.cookies.get(COOKIE))

    @routes.post("/sign-in")
    async def sign_in(
        ticket: FormText, person: Annotated[UUID | None, Form()] = None, password: FormText = ""
    ) -> Response:
        return desk.sign_in(ticket, person, password)

    @routes.post("/cancel")
    async def cancel(ticket: FormText) -> Response:
        return desk.cancel(ticket)

    @routes.api_route("/end_session", methods=["GET", "POST"])
    async def end_session(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        values = dict(request.query_params) | form
        return desk.end_session(values, request.cookies.get(COOKIE))

    return routes


@dataclass(frozen=True)
class _Desk:
    """Where people prove who they are."""

    provider: Provider

    def authorize(self, asked: AuthorizationRequest, cookie: str | None) -> Response:
        settings = self.provider.settings
        check_client(asked, client_id=settings.client_id, redirect_uris=settings.redirect_uris)
        try:
            check_request(asked)
            return self._answer(asked, self.provider.store.sessions.get(cookie))
        except SentToClient as refusal:
            return self._refuse(asked, refusal)

    def sign_in(self, ticket: str, person_id: UUID | None, password: str) -> Response:
        store = self.provider.store
        pending = store.sign_ins.get(ticket)
        if pending is None:
            raise ShownHere(_TOO_OLD)
        person = self.provider.people.with_id(person_id) if person_id else None
        if person is None or not self.provider.password_is_right(password):
            return self._ask_again(ticket, pending, str(person_id or ""))
        store.sign_ins.take(ticket)
        session = store.open_session(person)
        store.note("signed in", person.name)
        return self._with_cookie(self._send_code(pending.request, session), session)

    def cancel(self, ticket: str) -> Response:
        pending = self.provider.store.sign_ins.take(ticket)
        if pending is None:
            raise ShownHere(_TOO_OLD)
        return self._refuse(pending.request, SentToClient("access_denied", "the person cancelled"))

    def end_session(self, values: dict[str, str], cookie: str | None) -> Response:
        store = self.provider.store
        session = store.sessions.get(cookie)
        sure = "sure" in values or self._is_our_token(values.get("id_token_hint", ""))
        if session and not sure:
            # Without a token of ours anybody could sign a person out by a link: ask first.
            return page("identity/end.html", person=session.person, values=values)
        if session:
            store.sessions.take(session.id)
            store.note("signed out", session.person.name)
        return self._signed_out(values)

    def _answer(self, asked: AuthorizationRequest, session: Session | None) -> Response:
        auth_time = session.auth_time if session else None
        if session and not needs_sign_in(asked, auth_time=auth_time, now=int(time.time())):
            return self._send_code(asked, session)
        if "none" in asked.prompts:
            raise SentToClient("login_required", "nobody is signed in")
        ticket = self.provider.store.sign_ins.add(SignIn(asked))
        chosen = self.provider.people.with_username(asked.login_hint)
        return self._sign_in_page(ticket, asked, chosen=str(chosen.id) if chosen else "")

    def _ask_again(self, ticket: str, pending: SignIn, chosen: str) -> Response:
        pending.wrong_passwords += 1
        self.provider.store.note("wrong password", good=False)
        if pending.wrong_passwords >= _MOST_WRONG_PASSWORDS:
            self.provider.store.sign_ins.take(ticket)
            raise ShownHere("Too many wrong passwords. Go back to the application and try again.")
        problem = "The password is wrong." if chosen else "Choose a person."
        return self._sign_in_page(
            ticket, pending.request, chosen=chosen, problem=problem, status=403
        )

    def _sign_in_page(
        self,
        ticket: str,
        asked: AuthorizationRequest,
        *,
        chosen: str,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        response = page(
            "identity/sign_in.html",
            status=status,
            ticket=ticket,
            people=self.provider.people.people,
            chosen=chosen,
            problem=problem,
            client=origin_of(asked.redirect_uri),
        )
        # Browsers apply form-action to all redirects that follow the form: to the client's
        # call-back, and from there to the portal.
        origins = " ".join(self.provider.settings.client_origins)
        policy = POLICY.replace("form-action 'self'", f"form-action 'self' {origins}")
        response.headers["Content-Security-Policy"] = policy
        return response

    def _send_code(self, asked: AuthorizationRequest, session: Session) -> Response:
        code = self.provider.store.codes.add(Code(asked, session))
        return self._send_back(asked, code=code)

    def _refuse(self, asked: AuthorizationRequest, refusal: SentToClient) -> Response:
        self.provider.store.note(f"refused: {refusal.error}", good=False)
        return self._send_back(asked, error=refusal.error, error_description=refusal.description)

    def _send_back(self, asked: AuthorizationRequest, **values: str) -> Response:
        # `iss` lets the client notice an answer of another provider (RFC 9207).
        issuer = self.provider.settings.issuer_url
        return _redirect(with_query(asked.redirect_uri, **values, state=asked.state, iss=issuer))

    def _with_cookie(self, response: Response, session: Session) -> Response:
        settings = self.provider.settings
        response.set_cookie(
            COOKIE,
            session.id,
            max_age=settings.session_seconds,
            httponly=True,
            samesite="lax",
            secure=settings.issuer_url.startswith("https:"),
        )
        return response

    def _is_our_token(self, token: str) -> bool:
        settings = self.provider.settings
        try:
            self.provider.keys.verify(
                token, audience=settings.client_id, issuer=settings.issuer_url, expired_too=True
            )
        except jwt.InvalidTokenError:
            return False
        return True

    def _signed_out(self, values: dict[str, str]) -> Response:
        target = values.get("post_logout_redirect_uri", "")
        if origin_of(target) in self.provider.settings.client_origins:
            response = _redirect(with_query(target, state=values.get("state")))
        else:
            response = page("identity/ended.html")
        response.delete_cookie(COOKIE)
        return response


async def _read(request: Request) -> AuthorizationRequest:
    values = request.query_params if request.method == "GET" else await request.form()
    try:
        return AuthorizationRequest.model_validate(dict(values))
    except ValidationError as error:
        raise ShownHere("The request of the application cannot be understood.") from error


def _redirect(uri: str) -> Response:
    return RedirectResponse(uri, status_code=303)
