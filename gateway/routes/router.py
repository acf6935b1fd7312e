"""The router that every resource begins with: its requests are written to the audit log."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from gateway.access import Person
from gateway.audit import AuditEntry
from gateway.context import gateway_of
from gateway.errors import ProblemError, UnsupportedMediaType
from gateway.idempotency import route_template
from gateway.permissions import Action
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
                await _write(request, _status(error))
                raise
            await _write(request, response.status_code)
            return response

        return audited


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json"


async def _write(request: Request, outcome: int) -> None:
    attempt: tuple[Person, Action] | None = getattr(request.state, "attempt", None)
    if attempt is None or attempt[1] in UNAUDITED:
        return
    person, action = attempt
    granted = getattr(request.state, "permit", None)
    entry = AuditEntry(
        actor_id=person.id,
        actor_role=(granted.role if granted else person.roles[0]).value,
        action=action.value,
        route=f"{request.method} {route_template(request)}",
        resource="/".join(str(value) for value in request.path_params.values()),
        outcome=outcome,
        request_id=str(getattr(request.state, "request_id", "")),
    )
    await gateway_of(request).audit.write(entry)


def _status(error: Exception) -> int:
    if isinstance(error, ProblemError):
        return error.http_status
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 422
    return 503 if isinstance(error, TransientError) else 500


def new_router(tag: str, *, prefix: str = "/api/radiology") -> APIRouter:
    """Return an empty router."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=AuditedRoute)
