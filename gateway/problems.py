"""One mapping from what was raised to what is answered: problem details (RFC 9457), always.

What must stay true: no answer quotes its input, and nothing of a driver's message leaves the house.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.api.problems import PROBLEM_TYPE, TYPE_PREFIX, FieldProblem, Problem
from gateway.errors import NotFound, ProblemError
from services.errors import ObjectMissing, TransientError

RETRY_AFTER_SECONDS = 5

log = structlog.get_logger()

_CODES = {
    400: ("bad_request", "The request was not understood."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "None of the accepted types can be given."),
    408: ("request_timeout", "The request took too long to arrive."),
    413: ("body_too_large", "The body is too large for this address."),
    415: ("unsupported_media_type", "The type of the body is not supported here."),
    422: ("invalid_request", "Something in the request is not right."),
    500: ("internal_error", "Something went wrong here. It has been logged."),
    503: ("not_available", "The system is not ready for this just now. Try again in a moment."),
}


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error as problem details."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(TransientError, _on_transient)
    app.add_exception_handler(ObjectMissing, _on_missing_object)
    app.add_exception_handler(Exception, _on_bug)


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    title: str = "",
    request_id: str = "",
    errors: tuple[FieldProblem, ...] = (),
    current_version: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer."""
    problem = problem_of(status, code, detail, title=title).model_copy(
        update={
            "request_id": request_id,
            "errors": errors,
            "current_version": current_version,
        }
    )
    return Response(
        problem.model_dump_json(by_alias=True, exclude_defaults=True),
        status_code=status,
        media_type=PROBLEM_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def problem_of(status: int, code: str, detail: str, *, title: str = "") -> Problem:
    """Build the body."""
    return Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
    )


def plain_problem(status: int, *, request_id: str = "") -> Response:
    """Build the answer for a bare status."""
    code, detail = _CODES.get(status, (f"http_{status}", HTTPStatus(status).phrase + "."))
    return problem_response(status, code, detail, request_id=request_id)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for this class
    return problem_response(
        error.http_status,
        error.http_code,
        error.message,
        title=error.title,
        request_id=_id(request),
        current_version=error.current_version,
        headers=error.headers,
    )


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if status_of_invalid(error) == NotFound.status:
        return await _on_problem(request, NotFound())
    code, detail = _CODES[422]
    return problem_response(
        422, code, detail, request_id=_id(request), errors=field_problems(error)
    )


def status_of_invalid(error: RequestValidationError) -> int:
    """Return 422, but of an address in which an id can be none: nothing is there, which is 404."""
    is_address = any(problem["loc"][0] == "path" for problem in error.errors())
    return NotFound.status if is_address else 422


def field_problems(error: RequestValidationError | ValidationError) -> tuple[FieldProblem, ...]:
    """Say which fields are wrong and why, without any value."""
    return tuple(
        FieldProblem(field=_path(problem), message=_message(problem))
        for problem in list(error.errors())[:20]
    )


def _path(problem: Any) -> str:
    parts = [str(part) for part in problem["loc"]]
    if parts and parts[0] in ("body", "query", "path", "header"):
        parts = parts[1:]
    return ".".join(parts)


def _message(problem: Any) -> str:
    most = problem.get("ctx", {}).get("max_length")
    if most and _is_text_too_long(problem):
        return f"At most {most:,} characters."
    # pydantic's own messages name constraints, not values; a ValueError of ours is a sentence.
    return str(problem["msg"]).removeprefix("Value error, ")[:300]


def _is_text_too_long(problem: Any) -> bool:
    # Of a text that we have looked at before its length, pydantic speaks as of a value's items.
    kind, of_what = problem["type"], problem["ctx"].get("field_type")
    return kind == "string_too_long" or bool(kind == "too_long" and of_what == "Value")


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    response = plain_problem(error.status_code, request_id=_id(request))
    response.headers.update(error.headers or {})
    return response


async def _on_transient(request: Request, error: Exception) -> Response:
    assert isinstance(error, TransientError)  # noqa: S101 - registered for this class
    log.warning("request_postponed", reason=error.code)
    _, detail = _CODES[503]
    return problem_response(
        503,
        error.code,
        detail,
        request_id=_id(request),
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


async def _on_missing_object(request: Request, _error: Exception) -> Response:
    return plain_problem(404, request_id=_id(request))


async def _on_bug(request: Request, error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    return plain_problem(500, request_id=_id(request))


def _id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
