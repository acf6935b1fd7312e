"""A write that takes long is answered by the thing itself in the end, or by its refusal."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from deploy.demo.session import DemoFailed, Session

_WRITTEN = "/api/radiology/orders"
_REQUEST = "/api/radiology/requests/7"
_ORDER = {"id": "42", "status": "SCHEDULED"}


def session(outcome: dict[str, Any]) -> Session:
    """Return a person at a gateway that answers 202 first, and is waited for once."""
    asked: list[str] = []
    answers: dict[str, Callable[[], httpx.Response]] = {
        _WRITTEN: lambda: httpx.Response(202, headers={"location": _REQUEST}),
        "/api/radiology/orders/42": lambda: httpx.Response(200, json=_ORDER),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != _REQUEST:
            return answers[request.url.path]()
        asked.append(_REQUEST)
        state = {"state": "PENDING"} if len(asked) == 1 else outcome
        return httpx.Response(200, json={"id": "7", **state})

    client = httpx.AsyncClient(
        transport=httpx.MockTransport(answer), base_url="http://gateway.test"
    )
    person: Any = SimpleNamespace(name="Dr. John Smith")
    return Session(client, person)


async def test_slow_write_returns_what_was_made() -> None:
    smith = session({"state": "DONE", "resourceUrl": "/api/radiology/orders/42"})

    assert await smith.post(_WRITTEN, {}) == _ORDER


async def test_slow_write_that_was_refused_says_why() -> None:
    refused = {"code": "report_already_final", "detail": "This report is signed."}
    smith = session({"state": "REJECTED", "problem": refused})

    with pytest.raises(DemoFailed, match="report_already_final"):
        await smith.post(_WRITTEN, {})
