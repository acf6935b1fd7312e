"""The edge itself: problems, limits, headers, CORS, and the portals' files."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.enumerations import Role
from gateway.cookies import PROVIDER
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorageSettings
from tests.harness.gateway import TestGateway, running_gateway

ORDERS = "/api/radiology/orders"


@pytest_asyncio.fixture(scope="module")
async def serving_gateway(
    database_url: SecretStr,
    empty_kafka: KafkaSettings,
    object_storage_settings: ObjectStorageSettings,
    folder: Path,
) -> AsyncIterator[TestGateway]:
    """A gateway with front ends, and little patience for large bodies."""
    dist = folder / "dist"
    for name in ("radiology", "provider", "assets"):
        (dist / name).mkdir(parents=True)
    (dist / "radiology" / "index.html").write_text("<title>Radiology</title>")
    (dist / "provider" / "index.html").write_text("<title>Provider</title>")
    (dist / "assets" / "main-abc123.js").write_text("1")
    (folder / "secret.txt").write_text("not for you")
    async with running_gateway(
        database_url=database_url,
        kafka=empty_kafka,
        storage=object_storage_settings,
        folder=folder,
        portals_dir=dist,
        max_body_bytes=4096,
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/radiology/nothing", 404, "not_found"),
        ("GET", "/api/radiology/orders/no-uuid", 404, "not_found"),
        ("GET", "/api/radiology/orders/no-uuid/viewer-data", 404, "not_found"),
        ("GET", "/api/radiology/reports/no-uuid", 404, "not_found"),
        ("GET", "/api/radiology/studies/no-uid", 404, "not_found"),
        ("GET", "/api/radiology/patients/no-uuid/prior-studies", 404, "not_found"),
        ("GET", "/dicom-web/studies/no-uid/series/1.2/metadata", 404, "not_found"),
        ("GET", "/api/radiology/orders/%00", 400, "bad_request"),
        ("GET", "/api/radiology/report-templates?bodyPart=%00", 400, "bad_request"),
        ("POST", "/acknowledge/%00", 400, "bad_request"),
        ("PATCH", "/api/radiology/orders", 405, "method_not_allowed"),
        ("GET", "/api/radiology/orders?status=LOST", 422, "invalid_request"),
        ("GET", "/api/radiology/orders?colour=red", 422, "invalid_request"),
        ("GET", "/api/radiology/orders?pageSize=100000", 422, "invalid_request"),
        (
            "GET",
            "/api/radiology/orders?dateFrom=2026-02-02&dateTo=2026-01-01",
            422,
            "invalid_request",
        ),
        ("GET", f"/api/radiology/orders/{uuid4()}", 404, "not_found"),
    ],
)
async def test_every_error_is_a_problem_with_a_stable_code(
    gateway: TestGateway, method: str, path: str, status: int, code: str
) -> None:
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await person.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:radiology:problem:{code}"
    assert problem["requestId"] == response.headers["x-request-id"]


async def test_body_of_another_type_is_refused(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await person.post(
        f"/api/radiology/orders/{uuid4()}/cancel",
        content="reason=x",
        headers={"content-type": "text/plain"},
    )

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"reason",
        b'{"reason": "x",}',
        b'{"reason": "\xe9"}',
        b"\xff\xfe\xfa",
        b"[" * 4_000,
    ],
    ids=["empty", "cut off", "a word", "a comma", "latin-1", "no text", "too deep"],
)
async def test_body_that_is_no_json_is_one_problem(gateway: TestGateway, body: bytes) -> None:
    """However it fails to be JSON, the caller has one thing to mend, and it is no field."""
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await person.post(
        f"/api/radiology/orders/{uuid4()}/cancel",
        content=body,
        headers={"content-type": "application/json"},
    )

    assert (response.status_code, response.json()["code"]) == (400, "malformed_json")
    assert response.headers["content-type"] == "application/problem+json"
    assert "errors" not in response.json()


@pytest.mark.parametrize("told", [True, False])
async def test_body_that_is_too_large_is_refused(gateway: TestGateway, told: bool) -> None:
    """Whether its length is told before or not."""
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"patient": "' + b"x" * 6000 + b'"}'

    body = b"".join([piece async for piece in pieces()]) if told else pieces()
    response = await person.post(
        "/api/radiology/orders/search", content=body, headers={"content-type": "application/json"}
    )

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_problem_never_quotes_what_was_sent(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    response = await person.post(
        "/api/radiology/orders", json={"patient": {"name": "ZEBRA^MARK", "id": "ZEBRA"}}
    )

    assert response.status_code == 422
    assert "ZEBRA" not in response.text
    assert {problem["field"] for problem in response.json()["errors"]} >= {"patient.id", "modality"}


async def test_answers_are_never_kept_by_a_cache(gateway: TestGateway) -> None:
    person = await gateway.sign_in(Role.RADIOLOGIST)

    response = await person.get("/api/radiology/orders")

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_each_socket_serves_its_own_portal(gateway: TestGateway) -> None:
    async with httpx.AsyncClient() as client:
        pages = [
            (await client.get(f"{gateway.url(portal)}/worklist/some-case")).text
            for portal in ("radiology", "provider")
        ]
        at_api = await client.get(f"{gateway.url('api')}/worklist")

    assert pages == ["<title>Radiology</title>", "<title>Provider</title>"]
    assert at_api.status_code == 404


async def test_pages_run_our_own_scripts_only(gateway: TestGateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url()) as client:
        page, asset = await client.get("/"), await client.get("/assets/main-abc123.js")

    policy = page.headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "'unsafe-eval'" not in policy
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in asset.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/assets/missing.js",
        "/provider/index.html",
    ],
)
async def test_no_file_but_the_portals_is_served(gateway: TestGateway, path: str) -> None:
    url = httpx.URL(gateway.url()).copy_with(raw_path=path.encode())
    async with httpx.AsyncClient() as client:
        response = await client.get(url)

    assert "not for you" not in response.text
    assert "<title>Provider" not in response.text


async def test_portals_may_call_the_api_port_and_nobody_else(gateway: TestGateway) -> None:
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-csrf-token",
    }
    async with httpx.AsyncClient(base_url=gateway.url("api")) as client:
        answers = {
            origin: await client.options(
                "/api/radiology/orders", headers={"origin": origin} | preflight
            )
            for origin in (gateway.url(), gateway.url(PROVIDER), "https://evil.example")
        }

    allowed = {
        origin: answer.headers.get("access-control-allow-origin")
        for origin, answer in answers.items()
    }
    assert allowed == {
        gateway.url(): gateway.url(),
        gateway.url(PROVIDER): gateway.url(PROVIDER),
        "https://evil.example": None,
    }


async def test_health_and_figures_are_there_for_operators(gateway: TestGateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url("api")) as client:
        ready = await client.get("/health/ready")
        plain = await client.get("/health")
        figures = (await client.get("/metrics")).text

    assert ready.json() == {"database": True, "read_model": True, "following": True}
    assert (plain.status_code, plain.json()) == (200, ready.json())
    assert 'radiology_http_requests_total{route="/health/ready",status="200"}' in figures


async def test_neither_log_nor_figures_hold_a_path(
    gateway: TestGateway, capfd: pytest.CaptureFixture[str]
) -> None:
    """Paths hold identifiers; the route's template says enough."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    mark = "2.25.123456789123456789"

    await person.get(f"/api/radiology/studies/{mark}")
    async with httpx.AsyncClient(base_url=gateway.url("api")) as client:
        figures = (await client.get("/metrics")).text

    assert mark not in figures
    assert mark not in capfd.readouterr().out
    assert "/api/radiology/studies/{uid}" in figures


async def test_configuration_tells_the_hospitals_zone(gateway: TestGateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url()) as client:
        house = (await client.get("/api/radiology/config")).json()

    assert house["timeZone"] == "Europe/Berlin"
    assert house["hospitalName"] == "Test Hospital"
    assert house["now"][-6:] in ("+01:00", "+02:00")
