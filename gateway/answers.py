"""How a route answers: a state with its ETag, or 202 with the address to ask later."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from contracts.api.operations import RequestState
from contracts.api.problems import PROBLEM_TYPE
from contracts.base import Contract
from gateway.writes import Pending, Result
from services.clock import utc_now


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of a route's errors."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


_MEANINGS = {
    400: "The request was not understood",
    401: "Not signed in",
    403: "The role does not allow this",
    404: "Not there, or not for you",
    409: "The owner refuses: the code says why",
    412: "Changed since the version that was named",
    413: "The body is too large",
    415: "The type of the body is not supported",
    422: "Something in the request is not right",
    428: "The version that was edited must be named",
    429: "Too many tries",
    503: "Not ready just now; Retry-After says when",
}

READ: dict[int | str, dict[str, Any]] = problems(401, 403, 404, 422, 503)
SEARCH: dict[int | str, dict[str, Any]] = READ | problems(400, 415)
"""Of a read whose question is a body."""
WRITE: dict[int | str, dict[str, Any]] = problems(400, 401, 403, 404, 409, 415, 422, 503) | {
    202: {
        "model": RequestState,
        "description": "Accepted; the outcome is not known yet. Location says where to ask",
    }
}
WRITE_OF_SEEN = WRITE | problems(412)
"""Of a write that takes the version that was seen."""


def state(view: Contract, version: int, *, status: int = 200) -> Response:
    """Answer with a thing that has a version."""
    return _json(view, status, {"ETag": f'"{version}"'})


def shown(view: Contract, *, status: int = 200) -> Response:
    """Answer with something that has none."""
    return _json(view, status, {})


def outcome(result: Result, view: Callable[[Any], Contract], *, status: int = 200) -> Response:
    """Answer a write: with the new state as the API shows it, or with where to ask later."""
    if isinstance(result, Pending):
        return later(result)
    return state(view(result.snapshot), result.version, status=status)


def later(pending: Pending) -> Response:
    """Answer that it was accepted, and where its outcome will be."""
    request = RequestState(id=pending.request_id, state="PENDING", asked_at=utc_now())
    location = f"/api/radiology/requests/{pending.request_id}"
    return _json(request, 202, {"Location": location, "Retry-After": "1"})


def _json(view: Contract, status: int, headers: dict[str, str]) -> Response:
    return Response(
        view.to_json(), status_code=status, media_type="application/json", headers=headers
    )
