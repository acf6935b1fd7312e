"""From a signature with a critical finding to the first request at the telephone company."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench.figures import Result, percentile
from deploy.demo.session import DemoFailed, Session
from services.kafka import KafkaSettings, Publisher
from tests.harness.case import (
    CRITICAL,
    REPORT,
    SIGNATURE,
    House,
    Person,
    path_of,
    study_of,
)
from tests.harness.reports import finalized
from tests.harness.stow import RELATED, related

_REFERENCE = re.compile(r"\(([0-9A-Z-]+)-\d+\)")
_WAIT_SECONDS = 180.0
_CRITICAL: dict[str, Any] = {
    "has_critical_findings": True,
    "critical_finding_code": "pulmonary_embolism",
    "critical_findings_text": "Acute central pulmonary embolism.",
}


async def measure_criticals(house: House, *, at_once: int) -> list[Result]:
    """Sign so many cases at once: twice as the gateway hands them on, then by radiologists' clicks.

    A click has its PIN checked first (scrypt, one after the other for one person), which takes most
    of the time when three radiologists sign fifty reports in the same moment.
    """
    await house.diaz.put("/api/radiology/me/signing-pin", {"newPin": "4711"})
    results = []
    for title, sign in (
        ("signature, first burst since the start,", _hand_on),
        ("signature", _hand_on),
        ("click on sign", _click),
    ):
        orders = await _cases(house, at_once)
        signed_at = await sign(house, orders)
        told_at = await _told(house, set(signed_at))
        seconds = [(told_at[id_] - at).total_seconds() for id_, at in signed_at.items()]
        name = f"{title} to first provider request, {at_once} critical at once"
        aim = "< 1 s" if title == "signature" else ""
        results += [
            Result("pipeline", f"{name}, p50", percentile(seconds, 50), "s"),
            Result("pipeline", f"{name}, p99", percentile(seconds, 99), "s", aim),
        ]
    return results


async def _cases(house: House, count: int) -> list[dict[str, Any]]:
    # Three of them: no phone is called more than sixty times a minute, whatever happens.
    doctors = (house.smith, house.jones, house.shah)
    orders = [await _ready(house, doctors[n % 3]) for n in range(count)]
    for order in orders:
        await house.adams.until(path_of(order), _has_images, seconds=_WAIT_SECONDS)
    return orders


async def _hand_on(house: House, orders: list[dict[str, Any]]) -> dict[str, datetime]:
    """Publish all signatures in one go, as the gateway does after the PINs were right."""
    bootstrap = house.system.environment_of("gateway")["KAFKA_BOOTSTRAP_SERVERS"]
    async with Publisher(KafkaSettings(bootstrap_servers=bootstrap), client_id="bench") as to:
        events = [finalized(UUID(order["id"]), **_CRITICAL) for order in orders]
        at = datetime.now(UTC)
        await to.publish(*events)
    return {order["id"]: at for order in orders}


async def _click(house: House, orders: list[dict[str, Any]]) -> dict[str, datetime]:
    """Three radiologists sign; the clock starts when the request leaves the browser."""
    signers = (house.adams, house.baker, house.diaz)

    async def sign(number: int, order: dict[str, Any]) -> tuple[str, datetime]:
        body = {**REPORT, **SIGNATURE, **CRITICAL, "expectedVersion": 0}
        at = datetime.now(UTC)
        await signers[number % 3].post(f"{path_of(order)}/report", body)
        return order["id"], at

    return dict(await asyncio.gather(*(sign(n, order) for n, order in enumerate(orders))))


def _has_images(order: dict[str, Any]) -> bool:
    return bool(order["status"] == "IMAGES_AVAILABLE")


async def _ready(house: House, doctor: Session) -> dict[str, Any]:
    patient = Person()
    body = {
        "patient": patient.body,
        "encounterId": patient.id,
        "modality": "CT",
        "studyType": "CT Chest",
        "bodyPart": "CHEST",
        "clinicalIndication": "Bench",
        "priority": "STAT",
    }
    order: dict[str, Any] = await doctor.post("/api/radiology/orders", body)
    await house.cole.post(f"{path_of(order)}/check-in", {"identityVerified": True})
    await house.cole.post(f"{path_of(order)}/start")
    study = study_of(patient, order, instances=1, rows=16, columns=16)
    credential = house.system.environment_of("gateway")["GATEWAY_UPLOADER_CREDENTIAL"]
    stored = await house.anybody.post(
        "/dicom-web/studies",
        content=related([study[0].content]),
        headers={"content-type": RELATED, "authorization": f"Bearer {credential}"},
    )
    stored.raise_for_status()
    return order


async def _told(house: House, order_ids: set[str]) -> dict[str, datetime]:
    """Return when the first SMS or call of each order's alert reached the telephone company."""
    async with asyncio.timeout(_WAIT_SECONDS):
        while len(found := await _first_requests(house, order_ids)) < len(order_ids):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(0.5)
    return found


async def _first_requests(house: House, order_ids: set[str]) -> dict[str, datetime]:
    state = (await house.phones.get("/control/state")).json()
    came = {call["sid"]: _moment(call) for call in state["calls"]}
    texts = {
        reference: _moment(message)
        for message in state["messages"]
        for reference in _REFERENCE.findall(message["body"])
    }
    first: dict[str, datetime] = {}
    for alert in await _alerts(house):
        order_id = alert["finding"]["orderId"]
        if order_id not in order_ids:
            continue
        sids = {one["providerId"] for one in alert["attempts"]}
        moments = [at for sid, at in came.items() if sid in sids]
        moments += [at for reference, at in texts.items() if reference == alert["reference"]]
        if moments:
            first[order_id] = min(moments)
    return first


async def _alerts(house: House) -> list[dict[str, Any]]:
    try:
        page = await house.adams.get("/api/radiology/alerts?pageSize=500")
    except DemoFailed as error:
        raise RuntimeError(f"no alerts: {error}") from error
    items: list[dict[str, Any]] = page["items"]
    return items


def _moment(thing: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(thing["createdAt"])
