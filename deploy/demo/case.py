"""Plays one case from the order to the acknowledged alert, and prints its timeline.

Everybody acts by the way that is theirs: the workflow service by its own API, the scanner by
C-STORE, an older study by STOW-RS, a scanned referral by upload, people at the portals' API, the
doctor by a key of the telephone. Nothing is told to the system behind its back.
"""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from PIL import Image, ImageDraw
from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage  # type: ignore[attr-defined]  # made at run time

from deploy.demo.department import Staff, keep_prior, pin_of, staff
from deploy.demo.images import ImagedPatient, Sources, StudyKind, build_study, open_sources
from deploy.demo.plan import DemoPatient
from deploy.demo.session import DemoFailed, Session
from deploy.demo.timeline import Timeline, settle
from services.clock import utc_now

_PATIENCE_SECONDS = 30
_LONGEST_CALL_SECONDS = 120
_PATIENT = DemoPatient("MRN-300001", "Doe^John", date(1980, 11, 12), "M")
_DOCTORS_PHONE = "+12025550105"
_DOCTORS_MAIL = "john.smith@hospital.example"
_PRIOR_AGE = timedelta(days=200)

_REPORT = {
    "technique": "CT of the pulmonary arteries, 80 ml of iodinated contrast, 5 mm slices.",
    "comparison": "Chest CT of last year.",
    "findings": "PULMONARY ARTERIES: Filling defects in both lower lobar arteries.\n"
    "HEART: Right ventricle wider than the left.\nLUNGS: Mass in the left lung, slightly larger.\n"
    "PLEURA: No effusion, no pneumothorax.",
    "impression": "1. Acute pulmonary embolism on both sides with signs of right heart strain.\n"
    "2. Mass in the left lung, slightly larger than before.",
}
_CRITICAL = {
    "hasCriticalFindings": True,
    "criticalFindingCode": "pulmonary_embolism",
    "criticalCategory": "RED",
    "criticalFindingsText": "Acute pulmonary embolism on both sides with right heart strain.",
}


@dataclass(frozen=True)
class Places:
    """Where everything is; told by the runner."""

    radiology: str
    provider: str
    workflow: str
    telephony: str
    mail: str
    dimse_port: int
    cache: Path

    @classmethod
    def from_environment(cls) -> "Places":
        """Read the environment; `KeyError` names what is missing."""
        get = os.environ.__getitem__
        return cls(
            radiology=get("DEMO_RADIOLOGY_PORTAL_URL"),
            provider=get("DEMO_PROVIDER_PORTAL_URL"),
            workflow=get("DEMO_WORKFLOW_URL"),
            telephony=get("DEMO_TELEPHONY_URL"),
            mail=get("DEMO_MAIL_URL"),
            dimse_port=int(get("DEMO_DIMSE_PORT")),
            cache=Path(get("DEMO_CACHE_DIR")),
        )


@dataclass
class Case:
    """The case while it is played."""

    places: Places
    staff: Staff
    sources: Sources
    folder: Path
    timeline: Timeline
    outside: httpx.AsyncClient
    order: dict[str, Any]

    @property
    def path(self) -> str:
        """The order at the API."""
        return f"/api/radiology/orders/{self.order['id']}"

    async def play(self) -> None:
        """Play everything, one act after the other."""
        await self.place_order()
        await self.prepare_patient()
        await self.make_images()
        await self.read_and_sign()
        alert = await self.reach_the_doctor()
        await self.close_alert(alert)
        await self.see_workflow_told()
        await settle()
        self.timeline.summary(self.artefacts(alert))

    async def place_order(self) -> None:
        """The workflow service publishes the provider's order."""
        body = {
            "patient": _PATIENT.body,
            "encounterId": str(uuid4()),
            "orderingProviderId": str(self.staff.providers[0].person.id),
            "orderingProviderName": self.staff.providers[0].person.name,
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
                }
            ],
        }
        async with self.timeline.act("workflow service", "orders a CT, STAT"):
            answer = await self.outside.post(
                f"{self.places.workflow}/api/workflow/orders/unified", json=body
            )
        if answer.status_code != 201 or answer.json()["items"][0]["state"] != "DISPATCHED":
            raise DemoFailed(f"the order was not taken: {answer.text[:300]}")
        placed = answer.json()["items"][0]
        slot = placed["appointment"]
        if slot is None:
            raise DemoFailed(
                "no CT room is free for it. ./radiology up opens the demo's rooms, unless told "
                "--no-demo: see Equipment in the radiology portal"
            )
        self.timeline.note(
            "order_consumer",
            f"{placed['imagingOrderNumber']}: {slot['equipmentName']} at "
            f"{slot['scheduledTime'][:5]}, {slot['appointmentDuration']} minutes",
        )
        id_ = placed["imagingOrderId"]
        self.order = await self.staff.technologist.get(f"/api/radiology/orders/{id_}")

    async def prepare_patient(self) -> None:
        """The technologist checks in, screens, and starts."""
        tech = self.staff.technologist
        async with self.timeline.act("Tom Cole", "compares two identifiers, checks in"):
            await tech.post(f"{self.path}/check-in", {"identityVerified": True})
        answers = {"contrast": {"allergyToContrast": False, "egfrMlPerMin": 84}}
        async with self.timeline.act("Tom Cole", "answers the safety screening: passed"):
            await tech.post(f"{self.path}/screening", answers)
        async with self.timeline.act("Tom Cole", "starts the exam"):
            await tech.post(f"{self.path}/start")

    async def make_images(self) -> None:
        """A scanner, an older study from elsewhere, and a scanned referral."""
        tech = self.staff.technologist
        prior = await self._build("EXT300001", prior=1)
        async with self.timeline.act("STOW-RS", f"an older CT arrives: {len(prior)} instances"):
            await keep_prior(tech, prior)
        files = await self._build(self.order["accessionNumber"], prior=0)
        async with self.timeline.act("CT01, C-STORE", f"sends {len(files)} instances"):
            await asyncio.to_thread(_c_store, files, self.places.dimse_port)
        async with self.timeline.act("Tom Cole", "uploads the scanned referral (PNG)"):
            await tech.upload(self.path + "/images", "referral.png", _referral())
        expected = len(files) + 1
        async with self.timeline.act("ingest_worker", "indexed all, matched to the order"):
            await tech.until(self.path, lambda o: o["receivedInstances"] >= expected)
        async with self.timeline.act("Tom Cole", "completes the exam: ready for read"):
            await tech.post(f"{self.path}/complete", {"expectedInstances": expected})

    async def _build(self, accession_number: str, *, prior: int) -> list[Path]:
        config = await self.staff.technologist.get("/api/radiology/config")
        when = (utc_now() - prior * _PRIOR_AGE).astimezone(ZoneInfo(config["timeZone"]))
        folder = self.folder / accession_number
        folder.mkdir()
        return await asyncio.to_thread(
            build_study,
            StudyKind.CT_CHEST,
            sources=self.sources,
            patient=ImagedPatient(_PATIENT.mrn, _PATIENT.name, _PATIENT.birth_date, _PATIENT.sex),
            accession_number=accession_number,
            study_date=when.date(),
            study_time=when.time().replace(microsecond=0, tzinfo=None),
            prior=prior,
            folder=folder,
        )

    async def read_and_sign(self) -> None:
        """The radiologist claims, saves a preliminary report, and signs with the PIN."""
        reader = self.staff.readers[0]
        name = reader.person.name
        async with self.timeline.act(name, "claims the case"):
            await reader.post(f"{self.path}/claim")
        viewer = await reader.get(f"{self.path}/viewer-data")
        self.timeline.note(
            name, f"opens {len(viewer['series'])} series, {len(viewer['instances'])} instances"
        )
        body = {**_REPORT, "status": "PRELIMINARY", "expectedVersion": 0}
        async with self.timeline.act(name, "saves a preliminary report"):
            draft = await reader.post(f"{self.path}/report", body)
        signed = {
            **_REPORT,
            **_CRITICAL,
            "status": "FINAL",
            "expectedVersion": draft["version"],
            "signature": {"pin": pin_of(reader)},
        }
        async with self.timeline.act(name, "signs, with a critical finding"):
            self.order["report"] = await reader.post(f"{self.path}/report", signed)

    async def reach_the_doctor(self) -> dict[str, Any]:
        """In the app, by SMS, by e-mail and by phone; the doctor presses 1."""
        doctor = self.staff.providers[0]
        query = f"/api/radiology/alerts?orderId={self.order['id']}"
        async with self.timeline.act("alert_worker", "in-app alert for Dr. John Smith"):
            found = await doctor.until(query, lambda page: page["items"])
        alert: dict[str, Any] = found["items"][0]
        opened = alert["openedAt"]
        async with self.timeline.act("SMS", "on the doctor's phone"):
            await self._until(
                "SMS",
                lambda s: [m for m in s["messages"] if _is(m, opened, _DOCTORS_PHONE)],
            )
        async with self.timeline.act("E-mail", "in the doctor's mailbox"):
            await self._mailed(opened)
        async with self.timeline.act("Phone", "rings, is answered, and asks"):
            [call, *_] = await self._until(
                "call",
                lambda s: [
                    c for c in s["calls"] if _is(c, opened, _DOCTORS_PHONE) and c["listening"]
                ],
                # He may still listen to an older alert: a person has one call at a time.
                seconds=_LONGEST_CALL_SECONDS,
            )
        async with self.timeline.act("Dr. John Smith", "presses 1: takes responsibility"):
            await self.outside.post(
                f"{self.places.telephony}/control/calls/{call['sid']}/keys", json={"keys": "1"}
            )
            path = f"/api/radiology/alerts/{alert['id']}"
            return await doctor.until(path, lambda a: a["status"] != "OPEN")  # type: ignore[no-any-return]

    async def _until(
        self, what: str, found: Any, *, seconds: int = _PATIENCE_SECONDS
    ) -> list[dict[str, Any]]:
        for _ in range(10 * seconds):
            state = (await self.outside.get(f"{self.places.telephony}/control/state")).json()
            if things := found(state):
                return list(things)
            await asyncio.sleep(0.1)
        raise DemoFailed(f"no {what} came to the doctor's phone within {seconds} s")

    async def _mailed(self, since: str) -> None:
        url = f"{self.places.mail}/api/messages?to={_DOCTORS_MAIL}"
        for _ in range(10 * _PATIENCE_SECONDS):
            mails = (await self.outside.get(url)).json()["messages"]
            if any(mail["receivedAt"] >= since for mail in mails):
                return
            await asyncio.sleep(0.1)
        raise DemoFailed(f"no e-mail came within {_PATIENCE_SECONDS} s")

    async def close_alert(self, alert: dict[str, Any]) -> None:
        """Only the read-back closes an alert."""
        doctor = self.staff.providers[0]
        async with self.timeline.act("Dr. John Smith", "reads the finding back: alert closed"):
            await doctor.post(
                f"/api/radiology/alerts/{alert['id']}/read-back",
                {"text": "Pulmonary embolism on both sides; anticoagulation is started."},
            )

    async def see_workflow_told(self) -> None:
        """The workflow service hears that the order is completed."""
        url = f"{self.places.workflow}/api/workflow/callbacks/radiology"
        async with self.timeline.act("report_consumer", "told the workflow service: COMPLETED"):
            for _ in range(10 * _PATIENCE_SECONDS):
                told = (await self.outside.get(url)).text
                if self.order["id"] in told:
                    return
                await asyncio.sleep(0.1)
            raise DemoFailed(f"the workflow service was not told within {_PATIENCE_SECONDS} s")

    def artefacts(self, alert: dict[str, Any]) -> list[tuple[str, str]]:
        """Where each thing can be opened."""
        report, order = self.order["report"], self.order
        return [
            ("Order", f"{self.places.radiology}/orders/{order['id']}"),
            ("Images and report", f"{self.places.radiology}/read/{order['id']}"),
            ("PDF", f"{self.places.radiology}/api/radiology/reports/{report['id']}/pdf"),
            ("Alert with evidence", f"{self.places.radiology}/critical/{alert['id']}"),
            ("What the doctor sees", f"{self.places.provider}/orders/{order['id']}"),
            ("SMS and call log", self.places.telephony),
            ("Mail", self.places.mail),
            ("Workflow service", self.places.workflow),
        ]


def _is(thing: dict[str, Any], since: str, number: str) -> bool:
    return bool(thing["to"] == number and thing["createdAt"] >= since)


def _referral() -> bytes:
    """A scanned sheet of paper."""
    page = Image.new("L", (620, 877), 245)
    draw = ImageDraw.Draw(page)
    draw.text((60, 80), "REFERRAL", fill=20)
    for line in range(14):
        draw.line((60, 140 + 40 * line, 560 - 30 * (line % 3), 140 + 40 * line), fill=90, width=2)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def _c_store(files: list[Path], port: int) -> None:
    """Send as a scanner does."""
    ae = AE(ae_title="CT01")
    ae.add_requested_context(CTImageStorage)
    association = ae.associate("127.0.0.1", port, ae_title="RADIOLOGY")
    if not association.is_established:
        raise DemoFailed("the scanner was not let in")
    try:
        for path in files:
            status = association.send_c_store(dcmread(path))
            if not status or status.Status != 0x0000:
                raise DemoFailed("the scanner was refused an instance")
    finally:
        association.release()


@asynccontextmanager
async def _listening(manager: Session, timeline: Timeline) -> AsyncIterator[None]:
    """Write what the manager's live view shows meanwhile."""

    async def listen() -> None:
        heard: dict[str, str] = {}
        async for message in manager.live():
            what, subject = _told(message), message["type"] + str(message.get("data", {}).get("id"))
            # Sixty images make sixty snapshots; what a reader wants to see is what changed.
            if what and heard.get(subject) != what:
                heard[subject] = what
                timeline.heard(message, what)

    task = asyncio.create_task(listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _told(message: dict[str, Any]) -> str:
    data = message.get("data", {})
    if message["type"] == "order.updated":
        images = f", {data['receivedInstances']} images" if data["readyForReadAt"] else ""
        return f"{data['orderNumber']} {data['status']}{images}"
    if message["type"] == "study.updated":
        return f"{data['match']['state']}, {data['completeness']}"
    if message["type"] == "report.updated":
        return f"{data['reportNumber']} {data['status']}"
    if message["type"] == "alert.updated":
        sent = sum(a["state"] in ("SENT", "DELIVERED") for a in data["attempts"])
        return f"{data['status']}, {sent} of {len(data['attempts'])} attempts sent"
    return ""


async def play_case(places: Places) -> None:
    """Play the case in the running system."""
    timeline = Timeline()
    sources = await asyncio.to_thread(open_sources, places.cache)
    with TemporaryDirectory(prefix="radiology-demo-") as folder:
        async with (
            staff(places.radiology, places.provider) as everybody,
            httpx.AsyncClient(timeout=30) as outside,
            _listening(everybody.manager, timeline),
        ):
            await outside.post(
                f"{places.telephony}/control/standing",
                json={"channel": "call", "number": _DOCTORS_PHONE, "answerAfterSeconds": 1},
            )
            case = Case(places, everybody, sources, Path(folder), timeline, outside, {})
            await case.play()


def play() -> None:
    """Play the case, and say in one sentence what went wrong if it did."""
    try:
        asyncio.run(play_case(Places.from_environment()))
    except DemoFailed as error:
        sys.exit(f"The case could not be played: {error}")


if __name__ == "__main__":
    play()
