"""What a study tells of a patient's other studies stays with those who may read them."""

import json
from uuid import uuid4

import pytest_asyncio

from contracts.enumerations import MatchState, Role
from contracts.events.order_updated import OrderUpdated
from contracts.events.study_updated import (
    MeasurementSet,
    PriorStudy,
    QuarantinedInstance,
    StudyMatch,
    StudyUpdated,
)
from contracts.topics import ORDER_UPDATED, STUDY_UPDATED
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import details, patient
from tests.harness.snapshots import STARTS, order_snapshot, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_live import listening

NOTES = "Smaller than in the other doctor's examination"
MEASURED = "Length 8.0 mm"
REASON = "The label was swapped with that of Jane Roe"


class Case:
    """A doctor's own order and study, beside another doctor's of the same patient."""

    def __init__(self, doctor: SignedIn) -> None:
        person = patient()
        own = details(patient=person, ordering_provider_id=doctor.person_id)
        self.order: OrderUpdated = order_snapshot(details=own)
        self.foreign_order: OrderUpdated = order_snapshot(details=details(patient=person))
        self.foreign: StudyUpdated = study_snapshot(self.foreign_order)
        self.candidate = uuid4()
        prior = PriorStudy(
            study_instance_uid=self.foreign.study_instance_uid,
            order_id=self.foreign_order.id,
            study_description="Foreign examination",
            comparison_notes=NOTES,
        )
        held = QuarantinedInstance(
            id=uuid4(),
            sop_instance_uid="2.25.9",
            received_at=STARTS,
            size_bytes=1,
            reason="other bytes",
        )
        self.match = StudyMatch(
            state=MatchState.MATCHED,
            order_id=self.order.id,
            candidate_order_ids=(self.candidate, self.order.id),
            reason=REASON,
        )
        drawn = (
            {"uid": "own", "text": "Length 12.0 mm"},
            {
                "uid": "foreign",
                "studyInstanceUid": self.foreign.study_instance_uid,
                "text": MEASURED,
            },
        )
        measured = MeasurementSet(reader_id="adams", version=1, annotations=drawn, saved_at=STARTS)
        self.study: StudyUpdated = study_snapshot(
            self.order,
            match=self.match,
            priors=(prior,),
            quarantined=(held,),
            measurements=(measured,),
        )
        self.foreign_things = (
            self.foreign.study_instance_uid,
            str(self.foreign_order.id),
            "Foreign examination",
            NOTES,
            MEASURED,
            str(held.id),
            str(self.candidate),
            REASON,
        )

    def foreign_in(self, told: object) -> list[str]:
        """Return what an answer tells of things that are not the doctor's."""
        text = json.dumps(told)
        return [thing for thing in self.foreign_things if thing in text]


@pytest_asyncio.fixture
async def doctor(gateway: TestGateway) -> SignedIn:
    """A referring doctor."""
    return await gateway.sign_in(Role.PROVIDER)


@pytest_asyncio.fixture
async def case(gateway: TestGateway, owner: Owner, doctor: SignedIn) -> Case:
    """The case, in the read model."""
    case = Case(doctor)
    for order in (case.foreign_order, case.order):
        await owner.publish(ORDER_UPDATED, order, order.id)
    for study in (case.foreign, case.study):
        await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    for study in (case.foreign, case.study):
        url = f"/api/radiology/studies/{study.study_instance_uid}"

        async def is_there(url: str = url) -> bool:
            return (await reader.get(url)).status_code == 200

        await eventually(is_there, seconds=20)
    return case


async def test_own_study_tells_its_doctor_nothing_of_foreign_ones(
    doctor: SignedIn, case: Case
) -> None:
    uid = case.study.study_instance_uid
    ways = (
        f"studies?orderId={case.order.id}",
        f"studies/{uid}",
        f"orders/{case.order.id}/viewer-data",
        f"orders/{case.order.id}/measurements",
    )

    answers = [await doctor.get(f"/api/radiology/{way}") for way in ways]

    assert all(uid in answer.text for answer in answers)
    assert all("Length 12.0 mm" in answer.text for answer in answers)
    assert [case.foreign_in(answer.json()) for answer in answers] == [[], [], [], []]


async def test_live_tells_a_doctor_nothing_of_foreign_studies(
    gateway: TestGateway, owner: Owner, doctor: SignedIn, case: Case
) -> None:
    async with listening(gateway, doctor) as page:
        position = (await page.next())["position"]
        newer = case.study.model_copy(update={"version": 2})
        await owner.publish(STUDY_UPDATED, newer, newer.study_instance_uid)
        followed = await page.until("study.updated", newer.id)
    async with listening(gateway, doctor, position) as page:
        missed = await page.until("study.updated", newer.id)

    assert (case.foreign_in(followed), case.foreign_in(missed)) == ([], [])


async def test_radiologist_is_told_all_of_it(
    gateway: TestGateway, owner: Owner, case: Case
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    async with listening(gateway, reader) as page:
        await page.next()
        newer = case.study.model_copy(update={"version": 2})
        await owner.publish(STUDY_UPDATED, newer, newer.study_instance_uid)
        message = await page.until("study.updated", newer.id)

    read = (await reader.get(f"/api/radiology/studies/{newer.study_instance_uid}")).json()

    assert message["data"] == read
    assert case.foreign_in(read) == list(case.foreign_things)


async def test_technologist_is_told_neither_measurements_nor_notes_on_priors(
    gateway: TestGateway, owner: Owner, case: Case
) -> None:
    """Whoever may not ask for them is not told them beside the images either."""
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    measured = MeasurementSet(reader_id="r1", version=1, annotations=({"mm": 12},), saved_at=STARTS)
    newer = case.study.model_copy(update={"version": 2, "measurements": (measured,)})
    uid = newer.study_instance_uid
    async with listening(gateway, technologist) as page:
        await page.next()
        await owner.publish(STUDY_UPDATED, newer, uid)
        live = (await page.until("study.updated", newer.id))["data"]

    read = (await technologist.get(f"/api/radiology/studies/{uid}")).json()
    listed = (await technologist.get(f"/api/radiology/studies?orderId={case.order.id}")).json()

    told = [live, read, *listed["items"]]
    assert [(study["version"], study["priors"], study["measurements"]) for study in told] == [
        (2, [], [])
    ] * 3
    assert all(study["quarantined"] for study in told)


async def test_notes_on_priors_are_told_with_an_order_that_one_may_read(
    gateway: TestGateway, owner: Owner, doctor: SignedIn, case: Case
) -> None:
    """Ids of foreign orders are told by `/orders/similar`: they must open nothing here."""
    prior = PriorStudy(study_instance_uid=case.study.study_instance_uid, comparison_notes=NOTES)
    noted = case.foreign.model_copy(update={"version": 2, "priors": (prior,)})
    await owner.publish(STUDY_UPDATED, noted, noted.study_instance_uid)
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    person = case.order.details.patient.id
    path = f"/api/radiology/patients/{person}/prior-studies?orderId={case.foreign_order.id}"

    async def is_noted() -> bool:
        return NOTES in (await reader.get(path)).text

    await eventually(is_noted, seconds=20)

    told = await doctor.get(path)

    assert (told.status_code, NOTES in told.text) == (404, False)
