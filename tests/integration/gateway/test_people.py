"""Whom one can assign or hand over to is found by name, however many people there are."""

from typing import Any

import httpx
import pytest

from contracts.api.people import Person, PersonFilter
from contracts.enumerations import Role
from gateway.people import Directory
from tests.harness.gateway import TestGateway

NAMES = ["Dr. Emma Young", "Dr. Eric Young", "Dr. Emma Old", "Dr. 100% Test"]


async def found(client: httpx.AsyncClient, **wanted: Any) -> list[str]:
    answer = await client.get("/api/radiology/people", params=wanted)
    assert answer.status_code == 200
    return [person["name"] for person in answer.json()["items"]]


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("young emma", ["Dr. Emma Young"]),
        ("YOU", ["Dr. Emma Young", "Dr. Eric Young"]),
        ("0%", ["Dr. 100% Test"]),
        ("nobody", []),
    ],
)
async def test_every_word_is_part_of_the_name(
    gateway: TestGateway, name: str, names: list[str]
) -> None:
    people = (Person(id=name, name=name, roles=(Role.PROVIDER,)) for name in NAMES)
    await gateway.gateway.directory.save(people)
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    assert await found(manager, staffName=name) == names
    assert await found(manager, staffName=name, role="RADIOLOGIST") == []


async def test_people_are_named_by_their_ids(gateway: TestGateway) -> None:
    """As a list tells who sent its images: people, and machines that nobody knows."""
    people = (Person(id=name, name=name, roles=(Role.PROVIDER,)) for name in NAMES)
    await gateway.gateway.directory.save(people)
    manager = await gateway.sign_in(Role.RADIOLOGY_MANAGER)

    assert await found(manager, id=["Dr. Emma Old", "CT_SCANNER"]) == ["Dr. Emma Old"]


async def test_a_finding_is_handed_to_whom_the_ladder_knows(gateway: TestGateway) -> None:
    people = (Person(id=name, name=name, roles=(Role.PROVIDER,)) for name in NAMES)
    await gateway.gateway.directory.save(people)
    knowing = Directory(gateway.gateway.database, on_ladder=["Dr. Emma Old"])
    wanted = PersonFilter(can_be_told=True, staff_name="Emma")

    assert [p.name for p in (await knowing.list(wanted)).items] == ["Dr. Emma Old"]
    unknowing = await gateway.gateway.directory.list(wanted)
    assert [p.name for p in unknowing.items] == ["Dr. Emma Old", "Dr. Emma Young"]
