"""The catalogue of critical findings: complete, and careful with what a text says."""

import pytest

from contracts.catalogue.critical_findings import OTHER, critical_findings, named_in
from contracts.enumerations import CriticalCategory

STAT_FINDINGS = {
    "pulmonary_embolism",
    "pneumothorax",
    "acute_stroke",
    "major_fracture",
    "acute_hemorrhage",
    "bowel_perforation",
}
CHEST_FINDINGS = {
    "pneumothorax",
    "large_pleural_effusion",
    "pneumonia",
    "pulmonary_edema",
    "misplaced_tube_or_line",
}


def test_the_stat_findings_are_those_of_the_specification() -> None:
    """They get a phone call; one more or less changes whom the hospital wakes."""
    stat = {kind.code for kind in critical_findings().values() if kind.stat}

    assert stat == STAT_FINDINGS


def test_a_stat_finding_is_red() -> None:
    categories = {critical_findings()[code].category for code in STAT_FINDINGS}

    assert categories == {CriticalCategory.RED}


def test_the_chest_list_of_the_specification_is_complete() -> None:
    assert set(critical_findings()) >= CHEST_FINDINGS


def test_no_two_kinds_share_a_word() -> None:
    """Else the kind that a text names would depend on the order of the file."""
    words = [word for kind in critical_findings().values() for word in kind.synonyms]

    assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Acute saddle embolus, right heart strain", "pulmonary_embolism"),
        ("Large left PNEUMOTHORAX with shift", "pneumothorax"),
        ("subdural\nhematoma, 12 mm", "acute_hemorrhage"),
        ("Pneumonia, and free air below the diaphragm", "bowel_perforation"),
        ("Filling defects in the left main pulmonary artery", "pulmonary_embolism"),
        ("Filling defect, not in a pulmonary artery", OTHER),
        ("Ruptured abdominal aortic aneurysm", "ruptured_aneurysm"),
        ("Acute left MCA territory infarct", "acute_stroke"),
        ("Bilateral pulmonary artery emboli", "pulmonary_embolism"),
        ("Active contrast extravasation", "acute_hemorrhage"),
        ("Stanford type A dissection", "aortic_dissection"),
        ("Displaced femoral neck fracture", "fracture"),
        ("Non-displaced fracture of the distal radius", OTHER),
        ("Free-airway", OTHER),
        ("Something that no list foresaw", OTHER),
        ("", OTHER),
    ],
)
def test_a_text_names_its_most_urgent_kind(text: str, code: str) -> None:
    assert named_in(text).code == code
