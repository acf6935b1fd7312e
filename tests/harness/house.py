"""The running house for a story in a browser: its people do at the API what the story is not about.

A browser's test is not asynchronous and our clients are, so they live in a thread of their own.

To use a system that runs already (started by `RADIOLOGY_PORTS=900 ./radiology up`; where it has a
`RADIOLOGY_STATE` of its own, the tests are told it, too):

    RADIOLOGY_TEST_PORTALS=900 .venv/bin/pytest tests/browser
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, TypeVar
from uuid import uuid4

import psutil

from deploy.demo import plan
from deploy.demo.department import Staff, pin_of, staff
from deploy.demo.people import load_people
from deploy.demo.session import DemoFailed, Session
from deploy.local.installation import Installation
from deploy.local.ports import Ports
from tests.harness.dicom import TestPatient, TestStudy, write_study
from tests.harness.system import running_system

Result = TypeVar("Result")

_API = "/api/radiology"
_PATIENCE_SECONDS = 180


EMBOLISM: dict[str, Any] = {
    "findings": "Filling defects in both lower lobar arteries.",
    "impression": "Acute pulmonary embolism.",
    "hasCriticalFindings": True,
    "criticalFindingCode": "pulmonary_embolism",
    "criticalCategory": "RED",
    "criticalFindingsText": "Embolism in both lower lobes.",
}
"""What a report says of a critical finding."""


@dataclass(frozen=True)
class House:
    """The system with its portals, and the staff behind them."""

    installation: Installation
    staff: Staff
    loop: asyncio.AbstractEventLoop

    @property
    def ports(self) -> Ports:
        """Ports of all listeners."""
        return self.installation.ports

    @property
    def radiology(self) -> str:
        """Where radiologists, technologists and managers work."""
        return f"http://localhost:{self.ports.radiology_portal}"

    @property
    def provider(self) -> str:
        """Where referring doctors work."""
        return f"http://localhost:{self.ports.provider_portal}"

    def do(self, act: Coroutine[Any, Any, Result]) -> Result:
        """Wait for what somebody does."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(_PATIENCE_SECONDS)

    @contextmanager
    def standing_still(self, part: str) -> Iterator[None]:
        """Have a process, named as its port is, do and answer nothing for a while."""
        process = _listens_at(getattr(self.ports, part))
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def order(self, by: Session | None = None, **changes: Any) -> dict[str, Any]:
        """Dr. Smith, or another, orders a chest CT for a patient nobody knows yet."""
        return self.do(self._order(by or self.staff.providers[0], changes))

    def start(self, order: dict[str, Any]) -> None:
        """The technologist checks the patient in, screens, and starts the exam."""
        self.do(self._start(order))

    def examine(self, order: dict[str, Any], **images: Any) -> None:
        """The exam takes place, and its images arrive."""
        self.do(self._start(order))
        self.do(self._images(order, images))

    def more_images(self, order: dict[str, Any], *, instances: int) -> None:
        """The scanner sends the exam again, with more images than before."""
        self.do(self._images(order, {"instances": instances}))

    def report(self, order: dict[str, Any], *, status: str = "FINAL", **text: Any) -> Any:
        """Dr. Adams reports."""
        return self.do(self._report(order, status, text))

    def clear(self, order: dict[str, Any]) -> None:
        """Dr. Adams signs what still waits, so that the next story finds a short worklist."""
        self.do(self._clear(order))

    def amend(self, report: dict[str, Any], reason: str, **text: Any) -> Any:
        """Dr. Adams corrects a signed report."""
        reader = self.staff.readers[0]
        body = {
            **{name: report[name] for name in ("technique", "comparison", "findings")},
            "impression": report["impression"],
            "amendmentReason": reason,
            "signature": {"pin": pin_of(reader)},
            "expectedVersion": report["version"],
            **text,
        }
        return self.do(reader.post(f"{_API}/reports/{report['id']}/amend", body))

    def answer_alerts(self) -> None:
        """Dr. Smith reads back whatever is open, so that the next story begins without it."""
        self.do(self._answer_alerts())

    async def _answer_alerts(self) -> None:
        smith = self.staff.providers[0]
        found = await smith.get(f"{_API}/alerts", status=["OPEN", "ACKNOWLEDGED"], mine=True)
        for alert in found["items"]:
            held = alert["acknowledgement"]
            if held is None or held["personId"] == str(smith.person.id):
                path = f"{_API}/alerts/{alert['id']}/acknowledge"
                await smith.post(path, {"readBack": "Understood, answered after the story"})

    async def _order(self, orderer: Session, changes: dict[str, Any]) -> dict[str, Any]:
        body = {
            "patient": new_patient(),
            "encounterId": str(uuid4()),
            "modality": "CT",
            "studyType": "CT Chest",
            "bodyPart": "CHEST",
            "clinicalIndication": "Cough for six weeks.",
            **changes,
        }
        order: dict[str, Any] = await orderer.post(f"{_API}/orders", body)
        return order

    async def _start(self, order: dict[str, Any]) -> None:
        tech, path = self.staff.technologist, f"{_API}/orders/{order['id']}"
        await tech.until(path, lambda found: found["id"] == order["id"])
        await tech.post(f"{path}/check-in", {"identityVerified": True})
        if "contrast" in order["screeningRequired"]:
            stated = (order["statedSafety"] or {}).get("contrast") or {}
            allergic = stated.get("allergyToContrast") == "yes"
            answers = {"allergyToContrast": allergic, "premedicated": allergic, "egfrMlPerMin": 84}
            await tech.post(f"{path}/screening", {"contrast": answers})
        await tech.post(f"{path}/start")

    async def _images(self, order: dict[str, Any], images: dict[str, Any]) -> None:
        tech, path = self.staff.technologist, f"{_API}/orders/{order['id']}"
        with TemporaryDirectory() as folder:
            small = {"rows": 64, "columns": 64, **images}
            study = replace(study_of(order), kind=small.pop("kind", "CT"))
            files = write_study(Path(folder), study, **small)
            await tech.store(files)
        await tech.until(path, lambda found: found["receivedInstances"] >= len(files))
        await self._indexed(study)
        await tech.post(f"{path}/complete", {"expectedInstances": len(files)})

    async def _indexed(self, study: TestStudy) -> None:
        """Wait until viewers are told of all images: the series' documents follow the index."""
        tech, uid = self.staff.technologist, study.study_instance_uid
        for series in (await tech.get(f"{_API}/studies/{uid}"))["series"]:
            path = f"/dicom-web/studies/{uid}/series/{series['seriesInstanceUid']}/metadata"
            await tech.until(path, partial(_is_whole, series["numberOfInstances"]))

    async def _clear(self, order: dict[str, Any]) -> None:
        reader, path = self.staff.readers[0], f"{_API}/orders/{order['id']}"
        if (await reader.get(path))["status"] in ("IMAGES_AVAILABLE", "PRELIMINARY_REPORT"):
            draft = await reader.get(f"{path}/report")
            version = draft["version"] if draft else 0
            try:
                await self._report(order, "FINAL", {"expectedVersion": version})
            except DemoFailed as refused:
                # Signed by the story's last click, and the lists do not show it yet.
                if "report_already_final" not in str(refused):
                    raise

    async def _report(self, order: dict[str, Any], status: str, text: dict[str, Any]) -> Any:
        reader, path = self.staff.readers[0], f"{_API}/orders/{order['id']}/report"
        body = {
            "technique": "CT of the chest.",
            "comparison": "None.",
            "findings": "No nodule. No effusion.",
            "impression": "Normal chest.",
            "status": status,
            "expectedVersion": 0,
            **text,
        }
        if status == "FINAL":
            body["signature"] = {"pin": pin_of(reader)}
        return await reader.post(path, body)


def _is_whole(instances: int, metadata: list[Any]) -> bool:
    return len(metadata) >= instances


def new_patient() -> dict[str, str]:
    """Return a patient whom no other test knows."""
    mrn = f"T{uuid4().hex[:8].upper()}"
    return {
        "id": str(uuid4()),
        "mrn": mrn,
        "name": f"Story^{mrn}",
        "birthDate": "1980-05-17",
        "sex": "F",
    }


def _listens_at(port: int) -> psutil.Process:
    [pid] = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }
    return psutil.Process(pid)


def study_of(order: dict[str, Any]) -> TestStudy:
    """Return the images that a scanner makes for an order."""
    who = order["patient"]
    born = date.fromisoformat(who["birthDate"])
    patient = TestPatient(who["mrn"], who["name"], born, who["sex"])
    return TestStudy(seed=order["id"], patient=patient, accession_number=order["accessionNumber"])


def name_of(username: str) -> str:
    """Return how a person of the demo is called."""
    person = load_people().with_username(username)
    assert person is not None
    return person.name


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Start everything with its portals, or take what runs; the rooms are open."""
    with _thread_of_a_loop() as loop:
        opened = _opened(folder)

        def wait(act: Coroutine[Any, Any, Result]) -> Result:
            return asyncio.run_coroutine_threadsafe(act, loop).result(20 * 60)

        installation, everybody = wait(opened.__aenter__())
        try:
            yield House(installation, everybody, loop)
        finally:
            wait(opened.__aexit__(None, None, None))


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[tuple[Installation, Staff]]:
    async with _installation(folder) as installation:
        ports = installation.ports
        urls = [f"http://localhost:{p}" for p in (ports.radiology_portal, ports.provider_portal)]
        async with staff(*urls) as everybody:
            for room in plan.rooms():
                await everybody.manager.post(
                    f"{_API}/equipment", room, key=f"demo-room/{room['name']}"
                )
            yield installation, everybody


@asynccontextmanager
async def _installation(folder: Path) -> AsyncIterator[Installation]:
    running = os.environ.get("RADIOLOGY_TEST_PORTALS")
    if running is not None:
        yield replace(Installation.from_environment(), ports=Ports.shifted(int(running)))
        return
    async with running_system(folder, portals=True) as system:
        yield system.installation


@contextmanager
def _thread_of_a_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="house", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
