"""Whether this process lives, whether it can be used, its figures, and what it can be asked."""

from pathlib import Path

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import FileResponse, JSONResponse, Response

from gateway.access import public
from gateway.context import TheGateway
from gateway.readiness import readiness

router = APIRouter(include_in_schema=False)

_DESCRIPTION = Path(__file__).resolve().parents[2] / "openapi.json"
_OPERATORS = [public("shows no data; a proxy in front keeps it inside the house")]


@router.get("/health/live", dependencies=_OPERATORS)
async def live() -> JSONResponse:
    """The process runs."""
    return JSONResponse({"status": "live"})


@router.get("/health", dependencies=_OPERATORS)
@router.get("/health/ready", dependencies=_OPERATORS)
async def ready(gateway: TheGateway) -> JSONResponse:
    """The database answers and the read model is up to date; 503 otherwise."""
    checks = await readiness(gateway.database, gateway.projector)
    return JSONResponse(checks, status_code=200 if all(checks.values()) else 503)


@router.get("/metrics", dependencies=_OPERATORS)
async def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/api/radiology/openapi.json", dependencies=[public("describes the API, and holds no data")]
)
async def description() -> FileResponse:
    """The committed description: what is tested against, not what this process would make of it."""
    return FileResponse(_DESCRIPTION, media_type="application/json")
