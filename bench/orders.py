"""From the POST of an order to its 201 with an appointment: closed loops of clients.

The client is a light one: it runs on the same two cores, and what it takes is not ours.
"""

import asyncio
import time
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp

from bench.figures import Result, percentile
from bench.memory import cpu_seconds
from tests.harness.case import House

MODALITIES = {"CT": "CHEST", "MRI": "BRAIN", "XRAY": "CHEST", "USG": "ABDOMEN"}
_ROOMS_EACH = 5
_WORKING = ("gateway", "order_consumer", "report_consumer", "ingest_worker", "kafka", "postgres")
_WARM_UP = 40


async def measure_orders(house: House, *, clients: int, orders: int) -> list[Result]:
    """Let clients order one after the other; return p50, p99 and rate."""
    seconds: list[float] = []
    numbers = iter(range(orders))
    async with aiohttp.ClientSession(house.system.url("gateway")) as client:
        await _loop(client, house, iter(range(_WARM_UP)), [])
        before, began = cpu_seconds(house.system), time.perf_counter()
        await asyncio.gather(*(_loop(client, house, numbers, seconds) for _ in range(clients)))
        took = time.perf_counter() - began
        worked = {name: at - before[name] for name, at in cpu_seconds(house.system).items()}
    aims = {1: ("< 15 ms", ""), 16: ("< 50 ms", "< 150 ms")}.get(clients, ("", ""))
    name = f"order POST to 201 with appointment, {clients} client{'s' * (clients > 1)}"
    return [
        Result("pipeline", f"{name}, p50", percentile(seconds, 50) * 1000, "ms", aims[0]),
        Result("pipeline", f"{name}, p99", percentile(seconds, 99) * 1000, "ms", aims[1]),
        Result("pipeline", f"{name}, rate", len(seconds) / took, "orders/s"),
        *(
            Result("pipeline", f"{name}, CPU of {who}", worked[who] / orders * 1000, "ms/order")
            for who in _WORKING
        ),
    ]


async def _loop(
    client: aiohttp.ClientSession, house: House, numbers: Any, seconds: list[float]
) -> None:
    credential = house.system.environment_of("gateway")["GATEWAY_WORKFLOW_CREDENTIAL"]
    headers = {"authorization": f"Bearer {credential}"}
    for number in numbers:
        body = order_body(number, str(house.smith.person.id))
        began = time.perf_counter()
        status, order = await _ask(client, "POST", "/api/radiology/orders", headers, body)
        while status == 202:  # later than the gateway waits: the clock goes on
            await asyncio.sleep(0.02)
            status, order = await _ask_again(client, order, headers)
        took = time.perf_counter() - began
        if status not in (200, 201) or order["appointment"] is None:
            raise RuntimeError(f"no appointment: {status} {order}")
        seconds.append(took)


async def _ask(
    client: aiohttp.ClientSession, method: str, path: str, headers: dict[str, str], body: Any = None
) -> tuple[int, dict[str, Any]]:
    async with client.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def _ask_again(
    client: aiohttp.ClientSession, accepted: dict[str, Any], headers: dict[str, str]
) -> tuple[int, dict[str, Any]]:
    """Return the order if its outcome is known by now, else that it is not."""
    path = f"/api/radiology/requests/{accepted['id']}"
    _, state = await _ask(client, "GET", path, headers)
    if state["state"] != "DONE":
        return 202, accepted
    return await _ask(client, "GET", state["resourceUrl"], headers)


_patients = count(1)
_PRIORITIES = ("STAT",) + ("URGENT",) * 6 + ("ROUTINE",) * 26
"""As in the demo department: three in a hundred, eighteen, seventy-nine."""


def order_body(number: int, provider_id: str, **changes: Any) -> dict[str, Any]:
    """Return an order of a patient of its own; modalities take turns."""
    modality = list(MODALITIES)[number % len(MODALITIES)]
    patient = {"id": str(uuid4()), "mrn": f"B-{next(_patients):08}", "name": "Bench^Ben"}
    return {
        "workflowOrderId": str(uuid4()),
        "patient": {**patient, "birthDate": "1980-05-17", "sex": "M"},
        "encounterId": str(uuid4()),
        "orderingProviderId": provider_id,
        "modality": modality,
        "studyType": f"{modality} of the {MODALITIES[modality].lower()}",
        "bodyPart": MODALITIES[modality],
        "clinicalIndication": "Bench",
        "priority": _PRIORITIES[number % len(_PRIORITIES)],
        **changes,
    }


async def open_department(house: House) -> None:
    """Open a department as a hospital has it: some rooms of each kind, always open."""
    always = [{"weekday": day, "opens": "00:00", "closes": "00:00"} for day in range(7)]
    for modality in MODALITIES:
        for number in range(1, _ROOMS_EACH + 1):
            room = {"name": f"{modality} B{number}", "room": f"B{number}", "modality": modality}
            await house.diaz.post("/api/radiology/equipment", {**room, "openingHours": always})
