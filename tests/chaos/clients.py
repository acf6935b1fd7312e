"""Clients that go on through every outage: they repeat what was not answered, under the same key.

What must stay true: something is entered in the ledger when, and only when, it was acknowledged.
"""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage  # type: ignore[attr-defined]  # made at run time

from contracts.enumerations import Priority, Role
from contracts.events.order_created import OrderCreated, OrderDetails
from contracts.people import Actor
from contracts.topics import ORDER_CREATED
from deploy.demo.session import Session
from services.clock import utc_now
from services.errors import BrokerUnavailable
from services.events import new_event
from services.kafka import Publisher
from tests.chaos.ledger import Ledger, Stored, pixels_sha256
from tests.harness.case import CRITICAL, REPORT, SIGNATURE, House, Person, path_of, study_of
from tests.harness.dicom import TestInstance
from tests.harness.stow import RELATED, related

_AGAIN = {202, 425, 429, 500, 502, 503, 504}
_PAUSE_SECONDS = (0.1, 0.6)


class Refused(AssertionError):
    """The system said no to something that is right: a failure of the run."""


class Stopped(Exception):
    """The run is over; what is under way is given up, acknowledged or not."""


@dataclass
class Clients:
    """Everybody who wants something of the system."""

    house: House
    publisher: Publisher
    ledger: Ledger
    chance: random.Random
    pace_seconds: float = 0.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    cases: int = 0

    async def work(self) -> None:
        """One case after the other until the run is over."""
        while not self.stopping.is_set():
            self.cases += 1
            try:
                await self._case(self.cases)
            except Stopped:
                return
            await asyncio.sleep(self.pace_seconds)

    async def _case(self, number: int) -> None:
        patient = Person()
        # Every doctor has a phone that must not be called more often than a person bears.
        doctor = (self.house.smith, self.house.jones)[number % 2]
        if number % 4 == 0:
            await self._publish_order(patient, doctor)
            return
        order = await self._order(patient, doctor)
        await self._examine(order)
        await self._store(patient, order, self.chance.randrange(1, 6))
        critical = number % 3 == 0
        await self._sign(order, critical=critical)
        if critical and number % 2 == 0:
            await self._confirm(order, doctor)

    async def _order(self, patient: Person, doctor: Session) -> dict[str, Any]:
        body = {
            "workflowOrderId": str(uuid4()),
            "patient": patient.body,
            "encounterId": str(uuid4()),
            "orderingProviderId": str(doctor.person.id),
            "orderingProviderName": doctor.person.name,
            "modality": "CT",
            "studyType": "CT Chest",
            "bodyPart": "CHEST",
            "clinicalIndication": "Dyspnoea",
            "priority": self.chance.choice(("STAT", "URGENT", "ROUTINE")),
        }
        credential = self._credential("GATEWAY_WORKFLOW_CREDENTIAL")
        order = await self._ask(
            self.house.anybody, "POST", "/api/radiology/orders", body, headers=credential
        )
        self.ledger.orders[order["id"]] = order["orderNumber"]
        return order

    async def _publish_order(self, patient: Person, doctor: Session) -> None:
        workflow_order_id = str(uuid4())
        created = OrderCreated(
            order_id=uuid4(),
            details=OrderDetails.model_validate(
                {
                    "workflow_order_id": workflow_order_id,
                    "patient": patient.body,
                    "encounter_id": uuid4(),
                    "ordering_provider_id": doctor.person.id,
                    "modality": "CT",
                    "study_type": "CT Chest",
                    "body_part": "CHEST",
                    "clinical_indication": "Dyspnoea",
                    "priority": Priority.ROUTINE,
                }
            ),
            created_by=Actor(id="workflow", role=Role.CLINICAL_WORKFLOW),
            created_at=utc_now(),
        )
        event = new_event(
            ORDER_CREATED, created, subject=created.order_id, source="/chaos", at=utc_now()
        )
        while True:
            try:
                await self.publisher.publish(event)
            except BrokerUnavailable:
                await self._pause()
            else:
                self.ledger.published[workflow_order_id] = str(created.order_id)
                return

    async def _examine(self, order: dict[str, Any]) -> None:
        path, tech = path_of(order), self.house.cole
        await self._ask(tech, "POST", f"{path}/check-in", {"identityVerified": True})
        await self._ask(tech, "POST", f"{path}/start", None)

    async def _store(self, patient: Person, order: dict[str, Any], count: int) -> None:
        study = study_of(patient, order, instances=count, rows=16, columns=16)
        send = self.chance.choice((self._store_over_the_web, self._store_from_a_modality))
        await send(study)
        for one in study:
            self.ledger.objects[one.sop_instance_uid] = _stored(one, order)

    async def _store_from_a_modality(self, study: list[TestInstance]) -> None:
        """C-STORE; what was not answered with success is sent again."""
        port = self.house.system.ports.dimse
        while not await asyncio.to_thread(_c_store, port, study):
            await self._pause()

    async def _store_over_the_web(self, study: list[TestInstance]) -> None:
        headers = self._credential("GATEWAY_UPLOADER_CREDENTIAL") | {"content-type": RELATED}
        content = related([one.content for one in study])
        while True:
            try:
                answer = await self.house.anybody.post(
                    "/dicom-web/studies", content=content, headers=headers
                )
            except httpx.HTTPError:
                await self._pause()
                continue
            if answer.status_code == 200:
                return
            if answer.status_code not in _AGAIN:
                raise Refused(f"STOW-RS: {answer.status_code} {answer.text[:300]}")
            await self._pause()

    async def _sign(self, order: dict[str, Any], *, critical: bool) -> None:
        """Sign once the images are there; until then the owner refuses, and rightly so."""
        path, reader = path_of(order), self.house.adams
        while (await self._read(reader, path))["status"] != "IMAGES_AVAILABLE":
            await self._pause()
        impression = f"Impression of {order['orderNumber']}."
        body = {**REPORT, **SIGNATURE, "impression": impression, "expectedVersion": 0}
        # The order says that it has images a moment before the owner of reports has heard of it.
        await self._ask(
            reader,
            "POST",
            f"{path}/report",
            {**body, **(CRITICAL if critical else {})},
            wait_for={"order_unknown", "no_images_yet"},
        )
        self.ledger.reports[order["id"]] = impression
        if critical:
            self.ledger.critical.add(order["id"])

    async def _confirm(self, order: dict[str, Any], doctor: Session) -> None:
        query = f"/api/radiology/alerts?orderId={order['id']}"
        while not (page := await self._read(doctor, query))["items"]:
            await self._pause()
        alert = page["items"][0]
        await self._ask(
            doctor,
            "POST",
            f"/api/radiology/alerts/{alert['id']}/acknowledge",
            {"readBack": "Understood; I am on my way."},
        )
        self.ledger.confirmed.add(alert["id"])

    async def _ask(
        self,
        who: Session | httpx.AsyncClient,
        method: str,
        path: str,
        body: Any,
        *,
        headers: dict[str, str] | None = None,
        wait_for: set[str] | None = None,
    ) -> dict[str, Any]:
        """Ask until there is an answer. A repetition has the same key, so it is the same act.

        Parameters
        ----------
        wait_for : codes of refusals that pass by themselves; asked again as a new act.
        """
        client = who if isinstance(who, httpx.AsyncClient) else who._client
        key = str(uuid4())
        while True:
            try:
                answer = await client.request(
                    method, path, json=body, headers={"Idempotency-Key": key, **(headers or {})}
                )
            except httpx.HTTPError:
                await self._pause()
                continue
            if answer.status_code in (200, 201):
                found: dict[str, Any] = answer.json()
                return found
            if answer.status_code not in _AGAIN:
                if answer.json().get("code") not in (wait_for or ()):
                    raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
                key = str(uuid4())
            await self._pause()

    async def _read(self, who: Session, path: str) -> dict[str, Any]:
        while True:
            try:
                answer = await who._client.get(path)
            except httpx.HTTPError:
                await self._pause()
                continue
            if answer.status_code == 200:
                found: dict[str, Any] = answer.json()
                return found
            if answer.status_code not in _AGAIN:
                raise Refused(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            await self._pause()

    async def _pause(self) -> None:
        if self.stopping.is_set():
            raise Stopped
        await asyncio.sleep(self.chance.uniform(*_PAUSE_SECONDS))

    def _credential(self, setting: str) -> dict[str, str]:
        credential = self.house.system.environment_of("gateway")[setting]
        return {"authorization": f"Bearer {credential}"}


def _stored(one: TestInstance, order: dict[str, Any]) -> Stored:
    return Stored(
        study=one.study_instance_uid,
        series=one.series_instance_uid,
        sop=one.sop_instance_uid,
        pixels_sha256=pixels_sha256(one.content),
        order_id=order["id"],
    )


def _c_store(port: int, study: list[TestInstance]) -> bool:
    """Tell whether all of a study was taken."""
    modality = AE(ae_title="CHAOS")
    modality.add_requested_context(CTImageStorage)
    modality.connection_timeout = 5
    association = modality.associate("127.0.0.1", port, ae_title="RADIOLOGY")
    if not association.is_established:
        return False
    try:
        answers = [association.send_c_store(dcmread(DicomBytesIO(one.content))) for one in study]
    except RuntimeError:
        return False  # the association has ended meanwhile
    finally:
        if association.is_established:
            association.release()
    return all("Status" in answer and answer.Status == 0x0000 for answer in answers)
