"""A whole hospital around a running system: people at their portals, scanners, phones, mailboxes.

Everybody acts by the way that is theirs, so that a test reads as the story of a case. What has to
happen in the system meanwhile is waited for, with a deadline.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage  # type: ignore[attr-defined]  # made at run time

from deploy.demo.session import DemoFailed, Session, signed_in
from deploy.local.ports import HOST
from tests.harness.dicom import TestInstance, TestPatient, build_study
from tests.harness.standins import eventually
from tests.harness.system import System

SECONDS = 30.0
"""How long anything may take; on a quiet machine it takes a hundredth of it."""

REPORT = {
    "technique": "CT of the pulmonary arteries with intravenous contrast.",
    "comparison": "None.",
    "findings": "Filling defects in both main pulmonary arteries.",
    "impression": "Acute pulmonary embolism.",
}
CRITICAL = {
    "hasCriticalFindings": True,
    "criticalFindingCode": "pulmonary_embolism",
    "criticalFindingsText": "Acute central pulmonary embolism on both sides.",
}
SIGNATURE = {"status": "FINAL", "signature": {"pin": "4711"}}
SAFE = {"contrast": {"allergyToContrast": False, "egfrMlPerMin": 88}}


@dataclass(frozen=True)
class Person:
    """A patient as the workflow service knows one; each is new."""

    id: str = field(default_factory=lambda: str(uuid4()))
    mrn: str = field(default_factory=lambda: f"MRN-{uuid4().hex[:10].upper()}")
    name: str = "Doe^John"
    birth_date: str = "1980-11-12"
    sex: str = "M"

    @property
    def body(self) -> dict[str, str]:
        """As the API takes it."""
        return {
            "id": self.id,
            "mrn": self.mrn,
            "name": self.name,
            "birthDate": self.birth_date,
            "sex": self.sex,
        }


@dataclass
class House:
    """What a test does and sees."""

    system: System
    workflow: httpx.AsyncClient
    phones: httpx.AsyncClient
    mailboxes: httpx.AsyncClient
    anybody: httpx.AsyncClient
    smith: Session
    jones: Session
    shah: Session
    adams: Session
    baker: Session
    cole: Session
    diaz: Session

    # ------------------------------------------------------------------------------------- orders
    async def unified_order(
        self, patient: Person, *, via: str = "http", **item: Any
    ) -> dict[str, Any]:
        """The workflow service takes Dr. Smith's order of a CT and sends it here."""
        body = {
            "patient": patient.body,
            "encounterId": str(uuid4()),
            "orderingProviderId": str(self.smith.person.id),
            "orderingProviderName": self.smith.person.name,
            "priority": "STAT",
            "items": [
                {
                    "itemType": "RADIOLOGY",
                    "modality": "CT",
                    "studyType": "CT Chest (PE protocol)",
                    "bodyPart": "CHEST",
                    "clinicalIndication": "Sudden dyspnoea. Pulmonary embolism?",
                    "contrastRequired": True,
                    "contrastType": "IODINE",
                    **item,
                }
            ],
        }
        answer = await self.workflow.post(
            "/api/workflow/orders/unified", params={"via": via}, json=body
        )
        assert answer.status_code == 201, answer.text
        unified: dict[str, Any] = answer.json()
        return unified

    async def order(self, patient: Person, **item: Any) -> dict[str, Any]:
        """Order as `unified_order`; return radiology's own order."""
        unified = await self.unified_order(patient, **item)
        [placed] = unified["items"]
        assert placed["state"] == "DISPATCHED", placed
        order: dict[str, Any] = await self.cole.get(path_of({"id": placed["imagingOrderId"]}))
        return order

    async def begin_exam(self, order: dict[str, Any]) -> dict[str, Any]:
        """The technologist checks in, screens, and starts."""
        path = path_of(order)
        await self.cole.post(f"{path}/check-in", {"identityVerified": True})
        await self.cole.post(f"{path}/screening", SAFE)
        started: dict[str, Any] = await self.cole.post(f"{path}/start")
        return started

    async def images_arrived(self, order: dict[str, Any], count: int) -> dict[str, Any]:
        """Wait until so many instances are with the order; return it."""
        found: dict[str, Any] = await self.cole.until(
            path_of(order), lambda now: now["receivedInstances"] >= count, seconds=SECONDS
        )
        return found

    # ------------------------------------------------------------------------------------- images
    async def scan(self, instances: Sequence[TestInstance]) -> list[int]:
        """A CT sends by C-STORE; return the statuses."""
        return await asyncio.to_thread(_c_store, self.system.ports.dimse, instances)

    # ------------------------------------------------------------------------------------ reports
    async def ready_case(self, patient: Person | None = None, **item: Any) -> dict[str, Any]:
        """Order, exam and images; return the order, ready for read."""
        patient = patient or Person()
        order = await self.begin_exam(await self.order(patient, **item))
        study = study_of(patient, order, instances=2)
        assert set(await self.scan(study)) == {0}
        await self.images_arrived(order, 2)
        ready: dict[str, Any] = await self.cole.post(
            f"{path_of(order)}/complete", {"expectedInstances": 2}
        )
        return ready

    async def sign(self, order: dict[str, Any], **content: Any) -> dict[str, Any]:
        """Dr. Adams signs a report; return it."""
        body = {**REPORT, **SIGNATURE, "expectedVersion": 0, **content}
        report: dict[str, Any] = await self.adams.post(f"{path_of(order)}/report", body)
        return report

    async def critical_case(self, patient: Person | None = None, **item: Any) -> "CriticalCase":
        """A case that is signed with a critical finding; return its alert as Dr. Smith sees it."""
        order = await self.ready_case(patient, **item)
        await self.sign(order, **CRITICAL)
        return CriticalCase(self, order, await self.alert_of(order))

    async def alert_of(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the alert of an order, once Dr. Smith sees it."""
        query = f"/api/radiology/alerts?orderId={order['id']}"
        page = await self.smith.until(query, lambda found: found["items"], seconds=SECONDS)
        alert: dict[str, Any] = page["items"][0]
        return alert

    # ----------------------------------------------------------------------------------- workflow
    async def callbacks_of(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what the workflow service was told of an order."""
        answer = await self.workflow.get("/api/workflow/callbacks/radiology")
        return [c for c in answer.json()["callbacks"] if c["data"].get("orderId") == order["id"]]

    async def phone_rule(self, **rule: Any) -> None:
        """Say how phones behave from now on."""
        (await self.phones.post("/control/standing", json=rule)).raise_for_status()


@dataclass
class CriticalCase:
    """A case with an alert, and what has come of it outside."""

    house: House
    order: dict[str, Any]
    alert: dict[str, Any]

    @property
    def path(self) -> str:
        """The alert at the API."""
        return f"/api/radiology/alerts/{self.alert['id']}"

    async def now(self) -> dict[str, Any]:
        """Return the alert as it is."""
        self.alert = await self.house.smith.get(self.path)
        return self.alert

    async def until(self, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait until something holds of the alert."""
        try:
            self.alert = await self.house.smith.until(self.path, holds, seconds=SECONDS)
        except DemoFailed:
            alert = await self.now()
            raise AssertionError((alert["status"], alert["attempts"], alert["evidence"])) from None
        return self.alert

    async def sms(self) -> dict[str, Any]:
        """Return the SMS that the alert sent first, from the phone's side."""
        return await self._outside("messages", "SMS")

    async def call(self) -> dict[str, Any]:
        """Return the call that the alert made first, from the phone's side."""
        return await self._outside("calls", "VOICE")

    async def _outside(self, kind: str, channel: str) -> dict[str, Any]:
        await self.until(lambda alert: attempts(alert, channel)[0]["providerId"])
        sid = attempts(self.alert, channel)[0]["providerId"]
        state = (await self.house.phones.get("/control/state")).json()
        [found] = [thing for thing in state[kind] if thing["sid"] == sid]
        return dict(found)

    async def mail(self) -> dict[str, Any]:
        """Return the e-mail of the alert."""

        async def find() -> dict[str, Any] | None:
            address = self.house.smith.person.email
            answer = await self.house.mailboxes.get("/api/messages", params={"to": address})
            mails: list[dict[str, Any]] = answer.json()["messages"]
            mark = self.alert["reference"]
            return next((mail for mail in mails if mark in mail["subject"]), None)

        return await eventually(find, seconds=SECONDS)


def path_of(order: dict[str, Any]) -> str:
    """Return an order's address at the API."""
    return f"/api/radiology/orders/{order['id']}"


def attempts(alert: dict[str, Any], channel: str) -> list[dict[str, Any]]:
    """Return the attempts of an alert by one channel, oldest first."""
    return [one for one in alert["attempts"] if one["channel"] == channel]


def link_in(text: str) -> str:
    """Return the confirmation link in an SMS or e-mail."""
    found = re.search(r"https?://\S+/acknowledge/\S+", text)
    assert found, "no link"
    return found[0]


def reply_code_in(text: str) -> str:
    """Return the code that an SMS asks to reply with."""
    found = re.search(r"reply (\d{6})", text)
    assert found, "no code"
    return found[1]


def study_of(patient: Person, order: dict[str, Any], **changes: Any) -> list[TestInstance]:
    """Return a CT of a patient, made for an order."""
    on_images = TestPatient(
        patient_id=patient.mrn,
        name=patient.name,
        birth_date=date.fromisoformat(patient.birth_date),
        sex=patient.sex,
    )
    values = {"seed": uuid4().hex, "accession_number": order["accessionNumber"], **changes}
    return build_study(patient=on_images, **values)


def _c_store(port: int, instances: Sequence[TestInstance]) -> list[int]:
    ae = AE(ae_title="CT01")
    ae.add_requested_context(CTImageStorage)
    association = ae.associate(HOST, port, ae_title="RADIOLOGY")
    assert association.is_established, "the scanner was not let in"
    try:
        return [
            int(association.send_c_store(dcmread(DicomBytesIO(one.content))).Status)
            for one in instances
        ]
    finally:
        association.release()


@asynccontextmanager
async def hospital(system: System) -> AsyncIterator[House]:
    """Open the rooms and sign everybody in."""
    radiology = f"http://localhost:{system.ports.radiology_portal}"
    provider = f"http://localhost:{system.ports.provider_portal}"
    async with AsyncExitStack() as stack:

        async def person(origin: str, name: str) -> Session:
            return await stack.enter_async_context(signed_in(origin, name))

        async def client(part: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(
                httpx.AsyncClient(base_url=system.url(part), timeout=30)
            )

        house = House(
            system=system,
            workflow=await client("workflow"),
            phones=await client("telephony"),
            mailboxes=await client("mail"),
            anybody=await client("gateway"),
            smith=await person(provider, "dr.smith"),
            jones=await person(provider, "dr.jones"),
            shah=await person(provider, "dr.shah"),
            adams=await person(radiology, "dr.adams"),
            baker=await person(radiology, "dr.baker"),
            cole=await person(radiology, "tech.cole"),
            diaz=await person(radiology, "manager.diaz"),
        )
        for signer in (house.adams, house.baker):
            if not (await signer.get("/api/radiology/me"))["canSign"]:
                await signer.put("/api/radiology/me/signing-pin", {"newPin": "4711"})
        await open_rooms(house.diaz)
        yield house


async def open_rooms(manager: Session, count: int = 3) -> None:
    """Rooms with a CT that are always open."""
    always = [{"weekday": day, "opens": "00:00", "closes": "00:00"} for day in range(7)]
    for number in range(1, count + 1):
        await manager.post(
            "/api/radiology/equipment",
            {
                "name": f"CT {number}",
                "room": f"R{number}",
                "modality": "CT",
                "aeTitle": f"CT{number:02}",
                "openingHours": always,
            },
        )


@asynccontextmanager
async def watching(person: Session) -> AsyncIterator[list[dict[str, Any]]]:
    """Collect what a person's live view shows while the block runs."""
    seen: list[dict[str, Any]] = []
    greeted = asyncio.Event()

    async def watch() -> None:
        async for message in person.live():
            seen.append(message)
            greeted.set()

    task = asyncio.create_task(watch())
    try:
        await asyncio.wait_for(greeted.wait(), SECONDS)
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def seen_live(
    messages: list[dict[str, Any]], kind: str, holds: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """Wait for a live message."""

    async def find() -> dict[str, Any] | None:
        fitting = (m["data"] for m in messages if m["type"] == kind)
        return next((data for data in fitting if holds(data)), None)

    return await eventually(find, seconds=SECONDS)
