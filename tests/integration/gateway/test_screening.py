"""A safety screening on its way to the owner of orders, and what the order says beforehand.

Who may decide over it is told by the session, never by what somebody types.
"""

from typing import Any
from uuid import UUID

import pytest

from contracts.enumerations import Role
from contracts.events.order_requested import Confirmations
from tests.harness.gateway import SignedIn, TestGateway
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_writes import order_body

CLAUSTROPHOBIC = dict.fromkeys(
    ("pacemaker", "metallicImplants", "cochlearImplants", "aneurysmClips"), False
) | {"claustrophobia": True, "claustrophobiaMeasure": "Open scanner"}
DECISION = {"overrideReason": "MR conditional, 1.5 T"}


async def screening_path(gateway: TestGateway, **changes: Any) -> str:
    provider = await gateway.sign_in(Role.PROVIDER)
    made = await provider.post("/api/radiology/orders", json=order_body(**changes))
    return f"/api/radiology/orders/{made.json()['id']}/screening"


async def decide(person: SignedIn, path: str) -> tuple[int, str]:
    response = await person.post(path, json=DECISION)
    return response.status_code, response.json().get("code", "")


async def test_technologist_answers_and_does_not_decide(gateway: TestGateway, owner: Owner) -> None:
    path = await screening_path(gateway, modality="MRI")
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)

    answered = await technologist.post(path, json={"mri": CLAUSTROPHOBIC})

    assert answered.status_code == 200
    assert owner.asked[-1].data.request.mri.claustrophobia_measure == "Open scanner"
    assert await decide(technologist, path) == (403, "not_allowed")
    assert len(owner.asked) == 2


async def test_what_the_orderer_states_comes_back_with_the_order(
    gateway: TestGateway, owner: Owner
) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    contrast = {"allergyToContrast": "yes", "allergyDetail": "Hives", "creatinineMgPerDl": 3.9}

    made = await provider.post(
        "/api/radiology/orders", json=order_body(statedSafety={"contrast": contrast})
    )
    found = await provider.get(f"/api/radiology/orders/{made.json()['id']}")

    assert made.status_code == 201
    assert found.json()["statedSafety"]["contrast"] == contrast | {"creatinineMeasuredOn": None}


async def test_creatinine_in_another_unit_is_refused_where_it_stands(
    gateway: TestGateway, owner: Owner
) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)

    refused = await provider.post(
        "/api/radiology/orders",
        json=order_body(statedSafety={"contrast": {"creatinineMgPerDl": 90}}),
    )

    assert refused.status_code == 422
    [problem] = refused.json()["errors"]
    assert problem["field"] == "statedSafety.contrast.creatinineMgPerDl"


async def test_word_on_a_contradicted_answer_reaches_the_owner(
    gateway: TestGateway, owner: Owner
) -> None:
    path = await screening_path(gateway, modality="MRI")
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    words = {"claustrophobia": "Herself, today"}

    await technologist.post(path, json={"mri": CLAUSTROPHOBIC, "confirmations": words})

    assert owner.asked[-1].data.request.confirmations == Confirmations(**words)


@pytest.mark.parametrize(
    "roles",
    [
        (Role.RADIOLOGIST,),
        (Role.RADIOLOGY_MANAGER,),
        (Role.RADIOLOGY_TECH, Role.RADIOLOGIST),
    ],
)
async def test_decision_is_the_signed_in_radiologists(
    gateway: TestGateway, owner: Owner, roles: tuple[Role, ...]
) -> None:
    path = await screening_path(gateway, modality="MRI")
    reader = await gateway.sign_in(*roles, name="Dr. Ruth Adams")

    assert await decide(reader, path) == (200, "")

    actor = owner.asked[-1].data.actor
    assert UUID(actor.id) == UUID(reader.person_id)
    assert (actor.name, actor.role) == ("Dr. Ruth Adams", roles[-1])
