"""The HTTP application: every route, one way of saying no, and what OpenAPI tells of both."""

from typing import Any

from fastapi import FastAPI

from contracts.api.problems import PROBLEM_TYPE, Problem
from gateway.problems import install_problem_handlers
from gateway.routes import (
    acknowledge,
    alerts,
    auth,
    catalogue,
    dashboard,
    dicomweb,
    equipment,
    health,
    live,
    operations,
    orders,
    people,
    quarantine,
    reports,
    studies,
    telephony,
    uploads,
)

ROUTERS = tuple(
    module.router
    for module in (
        people,
        dashboard,
        orders,
        uploads,
        reports,
        catalogue,
        studies,
        quarantine,
        alerts,
        equipment,
        operations,
        live,
        dicomweb,
        auth,
        acknowledge,
        telephony,
        health,
    )
)

_DESCRIPTION = """Orders, images, reports and critical alerts of a radiology department.

Times are ISO 8601 with a zone. Errors are problem details (RFC 9457) with a stable `code`. A write
waits for its outcome for two seconds and answers 202 with a `Location` after that; with an
`Idempotency-Key` it can be repeated safely, and the repetition is told what the first was. What two
can edit has an `ETag`: send it back as `If-Match`, and a stale one is refused. Where a whole thing
is replaced it must be sent (428).

People sign in at `/auth/login`; their session is a cookie, and what changes something carries the
cookie `csrf` as header `X-CSRF-Token`. The workflow service sends its credential as `Authorization:
Bearer`, and `x-user-id` and `x-user-role: CLINICAL_WORKFLOW`.
"""


def new_app() -> FastAPI:
    """Return the application without what it works with (`app.state.gateway`, `.imaging`)."""
    app = FastAPI(
        title="Radiology Portal",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    install_problem_handlers(app)
    return app


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return OpenAPI 3.1 as it is committed: validation errors are problems like all others."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(
        by_alias=True, ref_template="#/components/schemas/{model}", mode="serialization"
    )
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for path in document["paths"].values():
        for operation in path.values():
            _replace_validation_error(operation["responses"])
    return document


def _replace_validation_error(responses: dict[str, Any]) -> None:
    content = responses.get("422", {}).get("content", {})
    if "application/json" in content:
        responses["422"] = {
            "description": "Something in the request is not right",
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
