"""The ladder file: a mistake is named with file, line and what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alert_worker.errors import LadderInvalid
from alert_worker.ladder import load_ladders
from contracts.enumerations import Channel, CriticalCategory
from deploy.demo.people import load_people
from tests.harness.alerts import SHAH, SMITH, finding

DEMO = Path(__file__).parents[3] / "deploy" / "demo" / "on_call.yaml"
Change = Callable[[str], str]


def test_ladder_of_the_demo_is_valid_and_names_people_of_the_demo() -> None:
    ladders = load_ladders(DEMO)
    people = load_people()

    for person in ladders.persons.values():
        known = next(p for p in people.people if str(p.id) == person.id)
        assert (known.name, known.phone, known.email) == (person.name, person.phone, person.email)


def test_whoever_has_neither_phone_nor_mail_is_named() -> None:
    ladders = load_ladders(DEMO)
    cut_off = SMITH.model_copy(update={"phone": "", "email": ""})
    by_mail = SHAH.model_copy(update={"phone": ""})

    persons = ladders.persons | {cut_off.id: cut_off, by_mail.id: by_mail}

    assert ladders.unreachable == []
    assert replace(ladders, persons=persons).unreachable == [cut_off]


def test_stat_channels_are_added_for_stat_findings_only() -> None:
    ladders = load_ladders(DEMO)

    stat, _ = ladders.freeze(finding(stat=True))
    other, _ = ladders.freeze(finding(stat=False))

    assert Channel.VOICE in stat[0].channels
    assert Channel.VOICE not in other[0].channels
    assert [step.person.name for step in stat][:2] == [SMITH.name, SHAH.name]


def test_red_is_told_within_minutes_and_yellow_within_days() -> None:
    categories = load_ladders(DEMO).categories

    assert categories[CriticalCategory.RED].acknowledge_within <= timedelta(hours=1)
    assert categories[CriticalCategory.YELLOW].acknowledge_within >= timedelta(days=1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("who: manager_diaz", "who: nobody", "'nobody' is unknown; choose one of"),
        ("onCall: dr_shah", "onCall: dr_who", "line 34, onCall: 'dr_who' is not among the persons"),
        ('phone: "+12025550107"', "", "dr_shah has no phone"),
        ('phone: "+12025550107"', "phone: 555-0107", "persons.dr_shah.phone"),
        ("email: priya.shah@hospital.example", "", "dr_shah has no email"),
        ("000000000006", "000000000005", "is the id of dr_smith too"),
        ("channels: [IN_APP, EMAIL]", "channels: [PIGEON]", "channels.0: Input should be"),
        ("afterMinutes: 5", "afterMinutes: -5", "afterMinutes"),
        ("repeatAfterMinutes: 10", "repeatAfterMinutes: 0", "repeatAfterMinutes"),
        ("YELLOW:", "PURPLE:", "categories.PURPLE"),
        ("categories:", "categories: [", "is no YAML: line"),
        ("dr_jones:", "on_call:", "this name has a meaning of its own"),
        ("- who: on_call", "- whom: on_call", "who: Field required"),
    ],
)
def test_mistake_is_named_with_its_place(old: str, new: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "on_call.yaml"
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(LadderInvalid) as caught:
        load_ladders(file)

    assert str(file) in str(caught.value)
    assert "line " in str(caught.value)
    assert said in str(caught.value)


def test_ladder_of_the_ordering_provider_alone_is_refused(tmp_path: Path) -> None:
    """Such an alert would reach nobody when the provider is unknown."""
    file = tmp_path / "on_call.yaml"
    text = DEMO.read_text(encoding="utf-8")
    for who in ("on_call", "manager_diaz"):
        text = text.replace(f"who: {who}", "who: ordering_provider")
    file.write_text(text, encoding="utf-8")

    with pytest.raises(LadderInvalid, match="needs a step besides the ordering provider"):
        load_ladders(file)


def test_missing_file_is_named() -> None:
    with pytest.raises(LadderInvalid, match=r"nowhere\.yaml: No such file"):
        load_ladders(Path("nowhere.yaml"))
