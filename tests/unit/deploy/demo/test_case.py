"""What hinders the demo's case is one sentence, not a traceback."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rich.console import Console

from deploy.demo.case import Case, Places
from deploy.demo.session import DemoFailed
from deploy.demo.timeline import Timeline


def without_a_slot(_: httpx.Request) -> httpx.Response:
    item = {"state": "DISPATCHED", "imagingOrderId": str(uuid4()), "appointment": None}
    return httpx.Response(201, json={"items": [item]})


async def test_department_without_rooms_is_told_how_to_get_some(tmp_path: Path) -> None:
    """The order is taken and waits for a slot: that is no fault of the system."""
    provider = SimpleNamespace(person=SimpleNamespace(id=uuid4(), name="Dr. John Smith"))
    staff: Any = SimpleNamespace(providers=[provider])
    sources: Any = None
    places = Places("", "", "http://workflow.test", "", "", 1, tmp_path)
    timeline = Timeline(Console(file=io.StringIO()))
    async with httpx.AsyncClient(transport=httpx.MockTransport(without_a_slot)) as outside:
        case = Case(places, staff, sources, tmp_path, timeline, outside, {})

        with pytest.raises(DemoFailed, match="opens the demo's rooms"):
            await case.place_order()
