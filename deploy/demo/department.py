"""Loads the demo department: rooms, some sixty orders in all states, images, reports, open alerts.

Everything is done by the demo's people at the public API, each act under a key of its own and by
the clock of when loading began, so that going on after an interruption repeats nothing.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from pydicom import dcmread

from deploy.demo import plan
from deploy.demo.images import ImagedPatient, Sources, build_study, open_sources
from deploy.demo.plan import DemoCase, Progress
from deploy.demo.session import DemoFailed, Session, signed_in

_PROVIDERS = ("dr.smith", "dr.jones")
_READERS = ("dr.adams", "dr.baker")
_PRIOR_AGE = timedelta(days=170)
_ON_GRID = 5
_CASES_AT_ONCE = 4


@dataclass(frozen=True)
class Staff:
    """Everybody who does something."""

    providers: tuple[Session, ...]
    technologist: Session
    readers: tuple[Session, ...]
    manager: Session


@asynccontextmanager
async def staff(radiology_url: str, provider_url: str) -> AsyncIterator[Staff]:
    """Sign everybody in, and give the signers their PIN."""
    async with (
        signed_in(provider_url, _PROVIDERS[0]) as smith,
        signed_in(provider_url, _PROVIDERS[1]) as jones,
        signed_in(radiology_url, "tech.cole") as cole,
        signed_in(radiology_url, _READERS[0]) as adams,
        signed_in(radiology_url, _READERS[1]) as baker,
        signed_in(radiology_url, "manager.diaz") as diaz,
    ):
        for signer in (adams, baker, diaz):
            await _give_pin(signer)
        yield Staff((smith, jones), cole, (adams, baker), diaz)


async def _give_pin(signer: Session) -> None:
    me = await signer.get("/api/radiology/me")
    if not me["canSign"]:
        await signer.put("/api/radiology/me/signing-pin", {"newPin": pin_of(signer)})


def pin_of(signer: Session) -> str:
    """Return the demo PIN of a person who signs."""
    pin = signer.person.signing_pin
    if pin is None:
        raise DemoFailed(f"{signer.person.username} has no signing PIN")
    return pin.get_secret_value()


@dataclass(frozen=True)
class Department:
    """The department while it is being loaded."""

    staff: Staff
    zone: ZoneInfo
    sources: Sources
    folder: Path
    now: datetime

    async def open_rooms(self) -> None:
        """Rooms come first: orders want a place."""
        for room in plan.rooms():
            await self.staff.manager.post(
                "/api/radiology/equipment", room, key=f"demo-room/{room['name']}"
            )

    async def bring(self, case: DemoCase, order: dict[str, Any]) -> None:
        """Bring the case of an order as far as it shall come."""
        if case.progress is Progress.CANCELLED:
            await self._cancel(case, order)
        if case.progress >= Progress.CHECKED_IN:
            await self._check_in(case, order)
        if case.progress >= Progress.IN_PROGRESS:
            await self._act(case, order, "start", None)
        if case.is_mistyped:
            await self._send_mistyped(case, order)
        if case.images and case.progress >= Progress.READY:
            await self._send_images(case, order)
        if case.report:
            await self._report(case, order)

    async def order(self, case: DemoCase) -> dict[str, Any]:
        """Order the exam of a case."""
        provider = self.staff.providers[case.number % 2]
        exam, start = case.exam, self._start(case)
        body = {
            "patient": case.patient.body,
            "encounterId": str(uuid5(NAMESPACE_URL, case.key)),
            "modality": exam["modality"],
            "studyType": exam["studyType"],
            "bodyPart": exam["bodyPart"],
            "laterality": exam.get("laterality"),
            "clinicalIndication": exam["indication"],
            "contrastRequired": "contrast" in exam,
            "contrastType": exam.get("contrast"),
            "priority": exam["priority"],
            "scheduledDate": start.date().isoformat(),
            "scheduledTime": start.strftime("%H:%M"),
        }
        order: dict[str, Any] = await provider.post("/api/radiology/orders", body, key=case.key)
        return order

    def _start(self, case: DemoCase) -> datetime:
        local = (self.now + case.start).astimezone(self.zone)
        return local.replace(minute=local.minute - local.minute % _ON_GRID, second=0)

    async def _act(self, case: DemoCase, order: dict[str, Any], act: str, body: Any) -> None:
        path = f"/api/radiology/orders/{order['id']}/{act}"
        await self.staff.technologist.post(path, body, key=f"{case.key}/{act}")

    async def _cancel(self, case: DemoCase, order: dict[str, Any]) -> None:
        reason = ("Patient did not come", "Ordered twice", "No longer indicated")[case.number % 3]
        await self._act(case, order, "cancel", {"reason": reason})

    async def _check_in(self, case: DemoCase, order: dict[str, Any]) -> None:
        await self._act(case, order, "check-in", {"identityVerified": True})
        answers: dict[str, Any] = {}
        if "contrast" in order["screeningRequired"]:
            answers["contrast"] = {"allergyToContrast": False, "egfrMlPerMin": 82}
        if "mri" in order["screeningRequired"]:
            names = ("pacemaker", "metallicImplants", "cochlearImplants", "aneurysmClips")
            answers["mri"] = dict.fromkeys((*names, "claustrophobia"), False)
        if answers:
            await self._act(case, order, "screening", answers)

    async def _send_images(self, case: DemoCase, order: dict[str, Any]) -> None:
        assert case.images is not None  # noqa: S101 - the caller has looked
        tech, path = self.staff.technologist, f"/api/radiology/orders/{order['id']}"
        for prior in range(case.images.priors, 0, -1):
            await self._send_prior(case, prior)
        current = await tech.get(path)
        files = await self._build(case, order["accessionNumber"], self._start(case), prior=0)
        if current["receivedInstances"] < len(files):
            await tech.store(files)
        await tech.until(path, lambda found: found["receivedInstances"] >= len(files))
        await self._act(case, order, "complete", {"expectedInstances": len(files)})

    async def _send_mistyped(self, case: DemoCase, order: dict[str, Any]) -> None:
        """Send images under a number that no order has, and one of them again, changed."""
        tech, cut_short = self.staff.technologist, order["accessionNumber"][:-1]
        files = await self._build(case, cut_short, self._start(case), prior=0)
        image = dcmread(files[-1])
        path = f"/api/radiology/studies/{image.StudyInstanceUID}"
        if await tech.find(path) is not None:
            return
        await tech.store(files)
        await tech.until(path, lambda found: found["numberOfInstances"] >= len(files))
        image.SeriesDescription = "Chest lateral, processed again"
        image.save_as(files[-1])
        await tech.store(files[-1:])

    async def _send_prior(self, case: DemoCase, prior: int) -> None:
        """An earlier study from elsewhere: it has no order here, and a person has said so."""
        when = (self.now - prior * _PRIOR_AGE).astimezone(self.zone)
        accession = f"EXT{case.number:04d}{prior:02d}"
        files = await self._build(case, accession, when, prior=prior)
        await keep_prior(self.staff.technologist, files)

    async def _build(
        self, case: DemoCase, accession_number: str, when: datetime, *, prior: int
    ) -> list[Path]:
        assert case.images is not None  # noqa: S101 - the caller has looked
        folder = self.folder / accession_number
        folder.mkdir(exist_ok=True)
        images, patient = case.images, case.patient
        return await asyncio.to_thread(
            build_study,
            images.kind,
            sources=self.sources,
            patient=ImagedPatient(patient.mrn, patient.name, patient.birth_date, patient.sex),
            accession_number=accession_number,
            study_date=when.date(),
            study_time=when.time().replace(second=0, microsecond=0, tzinfo=None),
            description=case.exam["studyType"],
            body=images.body,
            prior=prior,
            folder=folder,
        )

    async def _report(self, case: DemoCase, order: dict[str, Any]) -> None:
        reader = self.staff.readers[case.number % 2]
        path = f"/api/radiology/orders/{order['id']}"
        if (await reader.get(path))["status"] == "FINAL_REPORT":
            return
        body = {**(case.report or {}), "status": "PRELIMINARY", "expectedVersion": 0}
        draft = await reader.post(
            f"{path}/report", _without_critical(body), key=f"{case.key}/draft"
        )
        if case.progress >= Progress.FINAL:
            signed = {
                **body,
                "status": "FINAL",
                "expectedVersion": draft["version"],
                "signature": {"pin": pin_of(reader)},
            }
            await reader.post(f"{path}/report", signed, key=f"{case.key}/sign")


async def keep_prior(technologist: Session, files: Sequence[Path]) -> None:
    """Send a study from elsewhere, and say that it has no order here."""
    await technologist.store(files)
    uid = str(dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    path = f"/api/radiology/studies/{uid}"
    await technologist.until(path, lambda found: found["numberOfInstances"] >= len(files))
    await technologist.post(
        f"{path}/keep-without-order",
        {"reason": "Prior study from another hospital, on a disc"},
        key=f"demo-prior/{uid}",
    )


def _without_critical(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if "ritical" not in name}


async def load_department(
    radiology_url: str, provider_url: str, cache: Path, begun_at: datetime
) -> int:
    """Load everything, or what is missing of it; return how many orders there are."""
    sources = await asyncio.to_thread(open_sources, cache)
    cases = plan.cases()
    with TemporaryDirectory(prefix="radiology-demo-") as folder:
        async with staff(radiology_url, provider_url) as everybody:
            config = await everybody.manager.get("/api/radiology/config")
            department = Department(
                everybody, ZoneInfo(config["timeZone"]), sources, Path(folder), begun_at
            )
            await department.open_rooms()
            await _bring_all(department, cases)
    return len(cases)


async def _bring_all(department: Department, cases: Sequence[DemoCase]) -> None:
    # Orders come one after the other, since each takes a place from the next; what follows waits
    # mostly for others, so some cases go on beside each other.
    places, brought = asyncio.Semaphore(_CASES_AT_ONCE), count(1)

    async def bring(case: DemoCase, order: dict[str, Any]) -> None:
        try:
            await department.bring(case, order)
        finally:
            places.release()
        # The runner draws its progress bar from these lines.
        print(f"{next(brought)} of {len(cases)} orders", flush=True)

    async with asyncio.TaskGroup() as group:
        for case in cases:
            await places.acquire()
            group.create_task(bring(case, await department.order(case)))


def load() -> None:
    """Load the department into the running system; the runner tells where it is."""
    radiology_url = os.environ["DEMO_RADIOLOGY_PORTAL_URL"]
    provider_url = os.environ["DEMO_PROVIDER_PORTAL_URL"]
    cache = Path(os.environ["DEMO_CACHE_DIR"])
    begun_at = datetime.fromisoformat(os.environ["DEMO_BEGUN_AT"])
    try:
        orders = asyncio.run(load_department(radiology_url, provider_url, cache, begun_at))
    except* DemoFailed as group:
        sys.exit(f"The demo department could not be loaded: {_first(group)}")
    print(f"Demo department: {orders} orders.")


def _first(group: BaseExceptionGroup[DemoFailed]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


if __name__ == "__main__":
    load()
