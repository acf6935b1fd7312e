"""What a process without a web page says of itself."""

import httpx
import pytest

from services.health import HealthServer


@pytest.mark.parametrize(("works", "status"), [(True, 200), (False, 503)])
async def test_plain_health_answers_as_ready_does(works: bool, status: int) -> None:
    """Operators try it first; that it lives says less than that it can work."""

    async def ready() -> dict[str, bool]:
        return {"database": True, "consumers": works}

    server = HealthServer("127.0.0.1", 1, ready)
    transport = httpx.ASGITransport(app=server.config.app)  # type: ignore[arg-type]  # it is one
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        plain, named = [await client.get(path) for path in ("/health", "/health/ready")]

    assert (plain.status_code, plain.json()) == (status, {"database": True, "consumers": works})
    assert (named.status_code, named.json()) == (plain.status_code, plain.json())
