"""Report templates: one for each study of the specification, and one for every order."""

import pytest

from contracts.catalogue.report_templates import report_templates, suggest_template
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


def test_the_findings_text_holds_headings_and_claims_nothing() -> None:
    """A normal finding that nobody looked at must not come out of a template."""
    text = report_templates()["cxr"].findings_text

    assert text.splitlines()[0] == "Heart size:"
    assert "normal" not in text


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
