"""The router that every resource begins with: its requests are written to the audit log."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from contracts.enumerations import Role
from gateway.access import Person
from gateway.audit import AuditEntry
from gateway.context import gateway_of
from gateway.errors import MalformedJson, ProblemError, UnsupportedMediaType
from gateway.idempotency import route_template
from gateway.permissions import Action
from gateway.problems import status_of_invalid
from services.errors import TransientError

UNAUDITED = frozenset(
    {
        Action.READ_SELF,
        Action.READ_PEOPLE,
        Action.READ_DASHBOARD,
        Action.READ_TEMPLATES,
        Action.READ_EQUIPMENT,
        Action.READ_REQUEST,
        Action.READ_HEALTH,
    }
)
"""Actions that show no patient and change nothing."""


SYSTEM = "SYSTEM"
"""In the place of a role: a system that proved itself by a credential."""

POLLED = frozenset({Action.READ_ALERT})
"""Reads that a page repeats by itself, twice a minute."""
UNCHANGED_SECONDS = 600.0
"""So long a list that has not changed is not written down again for who has seen it."""
_REMEMBERED = 2_000
_NO_BODY = ("missing", ("body",))


class _Shown:
    """What persons were shown a moment ago, by its digest: asked again it tells them nothing new.

    What a caller says of itself does not count here, or anybody could read unseen.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def holds(self, request: Request, response: Response) -> bool:
        """Tell whether this person was shown exactly this a moment ago, and it was written down."""
        key = _digest(request, response)
        return key is not None and self._until.get(key, 0.0) > time.monotonic()

    def remember(self, request: Request, response: Response) -> None:
        """Note what was written down."""
        key = _digest(request, response)
        if key is not None:
            self._until[key] = time.monotonic() + UNCHANGED_SECONDS
            self._until.move_to_end(key)
            if len(self._until) > _REMEMBERED:
                self._until.popitem(last=False)


_SHOWN = _Shown()


def _digest(request: Request, response: Response) -> bytes | None:
    attempt: tuple[Person, Action] | None = getattr(request.state, "attempt", None)
    if attempt is None or attempt[1] not in POLLED or response.status_code != 200:
        return None
    person, _ = attempt
    told = (person.id, str(request.url.path), str(request.url.query), bytes(response.body))
    return hashlib.sha256(repr(told).encode()).digest()


class AuditedRoute(APIRoute):
    """Takes JSON only, and writes who did what to the audit log before the answer leaves."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handler = super().get_route_handler()
        takes_json = self.body_field is not None

        async def audited(request: Request) -> Response:
            if takes_json and not _is_json(request):
                raise UnsupportedMediaType
            try:
                response = await handler(request)
            except Exception as error:
                told = MalformedJson() if takes_json and _is_no_json_error(error) else error
                await _write(request, _status(told))
                if told is error:
                    raise
                raise told from error
            if not _SHOWN.holds(request, response):
                await _write(request, response.status_code)
                _SHOWN.remember(request, response)
            return response

        return audited


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json"


def _is_no_json_error(error: Exception) -> bool:
    """Tell whether it says that the body is no JSON, which FastAPI says in three ways."""
    if isinstance(error, RequestValidationError):
        told = [(problem["type"], tuple(problem["loc"])) for problem in error.errors()]
        return any(kind == "json_invalid" or (kind, at) == _NO_BODY for kind, at in told)
    return isinstance(error, HTTPException) and error.status_code == 400


async def _write(request: Request, outcome: int) -> None:
    attempt: tuple[Person, Action] | None = getattr(request.state, "attempt", None)
    if attempt is None or attempt[1] in UNAUDITED:
        return
    person, action = attempt
    granted = getattr(request.state, "permit", None)
    entry = AuditEntry(
        actor_id=person.id,
        actor_role=_role(granted.role if granted else next(iter(person.roles), None)),
        action=action.value,
        route=f"{request.method} {route_template(request)}",
        resource=_resource(request),
        outcome=outcome,
        request_id=str(getattr(request.state, "request_id", "")),
    )
    await gateway_of(request).audit.write(entry)


def shows(request: Request, *ids: object) -> None:
    """Note what an answer is about for the audit log, where the path does not say it."""
    request.state.shown = ids


def _resource(request: Request) -> str:
    shown = getattr(request.state, "shown", None) or request.path_params.values()
    return "/".join(str(value) for value in shown)


def _role(role: Role | None) -> str:
    """Return a role as the log names it; a system with a credential of its own has none."""
    return role.value if role else SYSTEM


def _status(error: Exception) -> int:
    if isinstance(error, ProblemError):
        return error.http_status
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return status_of_invalid(error)
    return 503 if isinstance(error, TransientError) else 500


def new_router(tag: str, *, prefix: str = "/api/radiology") -> APIRouter:
    """Return an empty router."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=AuditedRoute)
