"""Who is asking, and may they? Dependencies that every route names one of.

What must stay true: identity comes from a session of ours or from the workflow service's
credential, never from a header that the caller can choose; and what changes something comes from
our own pages.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from contracts.enumerations import Role
from contracts.people import Actor
from gateway.context import gateway_of
from gateway.cookies import CSRF_COOKIE, CSRF_HEADER, csrf_token_is_ours, session_cookie_of
from gateway.errors import BadCredential, ForeignPage, NotAllowed, NotSignedIn
from gateway.idempotency import Ask, ask_of
from gateway.permissions import Action, Grant, grant_of
from gateway.sessions import Session
from gateway.settings import GatewaySettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BACKGROUND_HEADER = "x-background"
WORKFLOW_SERVICE = "workflow-service"


@dataclass(frozen=True)
class Person:
    """Whoever asks; `session` is None for the workflow service."""

    id: str
    name: str
    roles: tuple[Role, ...]
    session: Session | None = None

    @property
    def caller(self) -> str:
        """Whose keys and requests these are: a person's own; a service's, whomever it acts for."""
        return self.id if self.session else WORKFLOW_SERVICE


@dataclass(frozen=True)
class Permit:
    """A person who may do this."""

    person: Person
    action: Action
    grant: Grant
    role: Role

    @property
    def actor(self) -> Actor:
        """The person as events name whoever acts."""
        return Actor(id=self.person.id, name=self.person.name, role=self.role)

    @property
    def only_of(self) -> str | None:
        """Id of the person to whose own cases this is limited; None: no limit."""
        return self.person.id if self.grant is Grant.OWN else None


async def identify(connection: HTTPConnection, *, touch: bool = True) -> Person:
    """Return who is asking.

    Raises
    ------
    NotSignedIn, BadCredential : nobody we know.
    """
    gateway = gateway_of(connection)
    credential = connection.headers.get("authorization")
    if credential is not None:
        return _workflow_service(connection, credential, gateway.settings)
    session_id = session_cookie_of(connection, gateway.settings)
    touch = touch and not _is_by_itself(connection)
    session = await gateway.sessions.find(session_id, touch=touch) if session_id else None
    if session is None:
        raise NotSignedIn
    return Person(session.person_id, session.name, session.roles, session)


def _is_by_itself(connection: HTTPConnection) -> bool:
    """Tell whether a page asks by itself, which does not show that somebody is there.

    It says so in a header. The picture elements of a page can send none; a browser says that it is
    one of them who asks (Fetch Metadata). Whoever acts sends other requests beside theirs.
    """
    is_picture = connection.headers.get("sec-fetch-dest") == "image"
    return is_picture or BACKGROUND_HEADER in connection.headers


def _workflow_service(
    connection: HTTPConnection, credential: str, settings: GatewaySettings
) -> Person:
    kind, _, token = credential.partition(" ")
    expected = settings.workflow_credential.get_secret_value()
    right = hmac.compare_digest(token.strip().encode(), expected.encode())
    if kind.lower() != "bearer" or not expected or not right:
        raise BadCredential(headers={"WWW-Authenticate": "Bearer"})
    role = connection.headers.get("x-user-role", Role.CLINICAL_WORKFLOW.value)
    if role != Role.CLINICAL_WORKFLOW.value:
        raise NotAllowed("This credential acts in the role CLINICAL_WORKFLOW only.")
    user = connection.headers.get("x-user-id", WORKFLOW_SERVICE)[:255]
    return Person(user, "Clinical workflow service", (Role.CLINICAL_WORKFLOW,))


def check_origin(connection: HTTPConnection, settings: GatewaySettings) -> None:
    """Refuse what another site's page sends in our person's name."""
    if connection.headers.get("origin") not in settings.origins:
        raise ForeignPage


def _check_page(request: Request, settings: GatewaySettings) -> None:
    check_origin(request, settings)
    sent, kept = request.headers.get(CSRF_HEADER, ""), request.cookies.get(CSRF_COOKIE, "")
    if not hmac.compare_digest(sent.encode(), kept.encode()):
        raise ForeignPage
    if not csrf_token_is_ours(sent, settings.session_secret):
        raise ForeignPage


class May:
    """Dependency: the caller may do this action; gives the `Permit`."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request) -> Permit:
        """Identify the caller, and check."""
        person = await identify(request)
        if person.session is not None and request.method not in SAFE_METHODS:
            _check_page(request, gateway_of(request).settings)
        return permit(request, person, self.action)


def permit(connection: HTTPConnection, person: Person, action: Action) -> Permit:
    """Return the permit of a person for an action, and keep it for the audit log."""
    connection.state.attempt = (person, action)
    found = grant_of(person.roles, action)
    if found is None:
        raise NotAllowed
    granted = Permit(person, action, *found)
    connection.state.permit = granted
    return granted


class Asks(May):
    """Dependency of a write: the permit, and the id under which it can be repeated safely."""

    async def __call__(  # type: ignore[override]  # FastAPI reads the parameters it finds
        self,
        request: Request,
        idempotency_key: Annotated[
            str | None,
            Header(
                min_length=1,
                max_length=255,
                description="Makes a repetition harmless: the same key gives the same answer",
            ),
        ] = None,
    ) -> "AskedBy":
        """Identify the caller, check, and read the intent."""
        granted = await super().__call__(request)
        person = granted.person
        secret = gateway_of(request).settings.session_secret
        ask = await ask_of(
            request, person.caller, idempotency_key, acts_as=person.id, secret=secret
        )
        return AskedBy(granted, ask)


@dataclass(frozen=True)
class AskedBy:
    """A write that a person may ask for."""

    permit: Permit
    ask: Ask

    @property
    def actor(self) -> Actor:
        """The person as events name whoever acts."""
        return self.permit.actor

    @property
    def only_of(self) -> str | None:
        """See `Permit.only_of`."""
        return self.permit.only_of


class Public:
    """Dependency of a route that anybody may call; says why that is right."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Let pass."""


def may(action: Action) -> Any:
    """Return the dependency of a read, for `Annotated[Permit, may(...)]`."""
    return Depends(May(action))


def asks(action: Action) -> Any:
    """Return the dependency of a write, for `Annotated[AskedBy, asks(...)]`."""
    return Depends(Asks(action))


def public(reason: str) -> Any:
    """Return the dependency of an open route."""
    return Depends(Public(reason))
