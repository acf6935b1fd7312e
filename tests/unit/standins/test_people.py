"""The demo people: what other parts rely on."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.enumerations import Role
from deploy.demo.people import PEOPLE_FILE, load_people


def test_there_is_somebody_for_every_role_that_signs_in() -> None:
    people = load_people()

    roles = {role for person in people.people for role in person.roles}

    assert roles == set(Role) - {Role.CLINICAL_WORKFLOW}


def test_whoever_may_sign_a_report_has_a_pin_and_nobody_else() -> None:
    signers = {Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER}

    for person in load_people().people:
        assert bool(person.signing_pin) == bool(signers & set(person.roles)), person.username


def test_somebody_is_on_call() -> None:
    assert [person.username for person in load_people().people if person.on_call] == ["dr.shah"]


def test_phones_and_addresses_can_reach_nobody_real() -> None:
    for person in load_people().people:
        assert person.phone.startswith("+1202555010")
        assert person.email.endswith(".example")


def test_two_people_cannot_share_a_phone(tmp_path: Path) -> None:
    text = PEOPLE_FILE.read_text(encoding="utf-8").replace("+12025550102", "+12025550101")
    (tmp_path / "people.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ValidationError, match="share the same phone"):
        load_people(tmp_path / "people.yaml")
