"""Report templates: one for each study of the specification, and one for every order."""

import pytest

from contracts.catalogue.report_templates import (
    report_templates,
    suggest_template,
    templates_for,
)
from contracts.enumerations import Modality

SPECIFIED = {
    Modality.USG: {
        "Abdominal USG",
        "Pelvic USG",
        "Obstetric USG",
        "Vascular USG (Doppler)",
        "Thyroid USG",
        "Breast USG",
    },
    Modality.XRAY: {"CXR"},
    Modality.CT: {
        "CT Head (stroke protocol)",
        "CT Chest (PE protocol)",
        "CT Abdomen/Pelvis",
        "CT Angiography (CTA)",
        "CT Spine",
    },
    Modality.MRI: {
        "MRI Brain",
        "MRI Spine",
        "MRI Joint",
        "Abdominal MRI",
        "MR Angiography (MRA)",
    },
    None: {"Custom"},
}


OTHERS = {"CT Chest"}
"""Where the nearest specified one would say what was not done."""


@pytest.mark.parametrize("modality", SPECIFIED)
def test_every_specified_study_has_a_template(modality: Modality | None) -> None:
    titles = {t.title for t in report_templates().values() if t.modality == modality}

    assert titles - OTHERS == SPECIFIED[modality]


def test_the_chest_checklist_is_the_one_of_the_specification() -> None:
    labels = [item.label for item in report_templates()["cxr"].checklist]

    assert labels == [
        "Heart size",
        "Lung fields (infiltrates, masses, consolidation)",
        "Pleural spaces (effusion, pneumothorax)",
        "Mediastinum",
        "Bones (ribs, clavicles, spine)",
        "Lines and tubes (if present)",
    ]


def test_every_mri_checklist_asks_for_the_contraindications() -> None:
    wanted = {
        "pacemaker",
        "metallic_implants",
        "cochlear_implants",
        "aneurysm_clips",
        "claustrophobia",
    }

    for template in report_templates().values():
        if template.modality == Modality.MRI:
            assert {item.id for item in template.checklist} >= wanted, template.id


def test_a_template_with_sections_says_how_the_exam_was_done() -> None:
    silent = [t.id for t in report_templates().values() if t.findings and not t.technique]

    assert silent == []


@pytest.mark.parametrize(
    ("modality", "body_part", "study_type", "template"),
    [
        ("CT", "CHEST", "CT Chest with contrast (PE protocol)", "ct-chest-pe"),
        ("CT", "CHEST", "CT Chest with Contrast", "ct-chest"),
        ("CT", "CHEST", "CT without contrast", "ct-chest"),
        ("CT", "CHEST", "Pulmonary embolism?", "ct-chest-pe"),
        ("CT", "ABDOMEN", "CT Abdomen/Pelvis with Contrast", "ct-abdomen-pelvis"),
        ("CT", "HEAD", "CTA Head and Neck", "ct-angiography"),
        ("CT", "HEAD", "CT without contrast", "ct-head-stroke"),
        ("XRAY", "CHEST", "Chest X-Ray PA and lateral", "cxr"),
        ("XRAY", "HAND", "X-Ray Hand", "custom"),
        ("MRI", "head", "MRI brain, tumor follow-up", "mri-brain"),
        ("MRI", "KNEE", "MRI left knee", "mri-joint"),
        ("USG", "ABDOMEN", "Obstetric USG", "usg-obstetric"),
        ("USG", "LEG", "Venous Doppler of the leg", "usg-vascular-doppler"),
        ("USG", "", "", "custom"),
    ],
)
def test_an_order_finds_its_template(
    modality: str, body_part: str, study_type: str, template: str
) -> None:
    found = suggest_template(
        modality=Modality(modality), body_part=body_part, study_type=study_type
    )

    assert found.id == template


def _technique(template: str, study_type: str) -> list[str]:
    (found,) = [t for t in templates_for(study_type) if t.id == template]
    return found.technique.splitlines()


@pytest.mark.parametrize(
    ("study_type", "views"),
    [
        ("Chest X-Ray PA and Lateral", "Views: PA, lateral"),
        ("Chest X-Ray (PA & lateral)", "Views: PA, lateral"),
        ("Chest X-Ray AP portable", "Views: AP, portable"),
        ("Chest X-Ray, bedside", "Views: portable"),
        ("Chest X-Ray PA", "Views: PA"),
        ("CXR lateral", "Views: lateral"),
        ("Chest X-Ray", "Views:"),
        ("Apical chest film", "Views:"),
    ],
)
def test_a_chest_film_has_the_views_that_were_ordered(study_type: str, views: str) -> None:
    """A film at the bedside has no lateral view, and its heart is no measure."""
    assert _technique("cxr", study_type) == ["Chest radiograph.", views]


@pytest.mark.parametrize(
    ("study_type", "contrast"),
    [
        ("CT Head without Contrast", "Contrast: none"),
        ("CT Head w/o contrast", "Contrast: none"),
        ("Non-contrast CT Head", "Contrast: none"),
        ("CT Head with Contrast", "Contrast: IV"),
        ("CT Head w/ contrast", "Contrast: IV"),
        ("Contrast-enhanced CT Head", "Contrast: IV"),
        ("CT Head with IV contrast", "Contrast: IV"),
        ("CT Head with IV, without oral contrast", "Contrast:"),
        ("CT Head with and without contrast", "Contrast: before and after IV contrast"),
        ("CT Head w/wo contrast", "Contrast: before and after IV contrast"),
        ("CT Head (with or without contrast)", "Contrast:"),
        ("CT Head (stroke protocol)", "Contrast:"),
    ],
)
def test_contrast_is_stated_as_it_was_ordered(study_type: str, contrast: str) -> None:
    assert _technique("ct-head-stroke", study_type)[-1] == contrast


def test_the_approach_is_stated_as_it_was_ordered() -> None:
    assert _technique("usg-pelvic", "Pelvic USG, transvaginal")[-1] == "Approach: transvaginal"
    assert _technique("usg-pelvic", "Pelvic USG")[-1] == "Approach:"


def test_no_technique_speaks_of_what_was_not_ordered() -> None:
    """A sentence that says "where stated" says nothing, and stands in a signed report."""
    always_with_contrast = {"ct-chest-pe", "ct-angiography"}

    for template in templates_for(""):
        assert "{" not in template.technique, template.id
        assert "where stated" not in template.technique, template.id
        if template.id not in always_with_contrast:
            assert "contrast" not in template.technique.replace("Contrast:", ""), template.id
