"""Report templates: one YAML file per study that the specification lists, and the custom one.

What must stay true: every order finds a template. Where none fits, it is `custom`. The technique is
what was ordered; what the order does not say is left to fill.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import Field

from contracts.base import Contract
from contracts.catalogue.critical_findings import critical_findings
from contracts.catalogue.technique import said_by_order
from contracts.enumerations import Modality

CUSTOM = "custom"


class FindingsSection(Contract):
    """One organ or region to describe; nothing normal is written unless a person inserts it."""

    heading: str = Field(min_length=1, max_length=80)
    prompt: str = Field(default="", description="What to look at")
    normal: str = Field(default="", description="Text to insert when all of it is normal")


class ChecklistItem(Contract):
    """Something to have looked at before signing; ticked in `ReportContent.checklist` by id."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    label: str = Field(min_length=1, max_length=120)


class Matching(Contract):
    """Which orders a template suits."""

    body_parts: tuple[str, ...] = Field(default=(), description="As the order writes them")
    study_words: tuple[str, ...] = Field(default=(), description="Words of the study type")
    method_words: tuple[str, ...] = Field(
        default=(), description="Words that name the method: they count more than any region"
    )


class ReportTemplate(Contract):
    """The text that a report begins with, and what to check on the way."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)
    title: str = Field(min_length=1, max_length=80)
    modality: Modality | None = Field(default=None, description="None: for any")
    matching: Matching = Matching()
    technique: str = ""
    comparison: str = ""
    findings: tuple[FindingsSection, ...] = ()
    impression: str = ""
    checklist: tuple[ChecklistItem, ...] = ()
    critical_findings: tuple[str, ...] = Field(
        default=(), description="Codes offered first with this study"
    )


@cache
def report_templates() -> Mapping[str, ReportTemplate]:
    """Return all templates by id, sorted by modality and title, the custom one last."""
    folder = files(__package__).joinpath("report_templates")
    templates = [
        ReportTemplate.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    ]
    for template in templates:
        _check(template)
    templates.sort(key=lambda t: (t.modality is None, t.modality or "", t.title))
    return {template.id: template for template in templates}


def templates_for(study_type: str) -> tuple[ReportTemplate, ...]:
    """Return all templates, their technique as far as the order of an exam says it."""
    said = said_by_order(study_type)
    return tuple(
        template.model_copy(update={"technique": _filled(template.technique, said)})
        for template in report_templates().values()
    )


def _filled(technique: str, said: Mapping[str, str]) -> str:
    return "\n".join(line.rstrip() for line in technique.format_map(said).splitlines())


def suggest_template(*, modality: Modality, body_part: str, study_type: str) -> ReportTemplate:
    """Return the template that suits an order best.

    Words of the study type count more than the body part, which "CT Chest PE protocol" and
    "CT Angiography Chest" share.
    """
    scores = {
        template.id: _score(template, body_part=body_part, study_type=study_type)
        for template in report_templates().values()
        if template.modality == modality
    }
    best = max(scores, key=lambda id_: scores[id_], default=CUSTOM)
    return report_templates()[best if scores.get(best) else CUSTOM]


def _score(template: ReportTemplate, *, body_part: str, study_type: str) -> int:
    matching, study = template.matching, f" {_plain(study_type)} "
    methods = sum(f" {_plain(word)} " in study for word in matching.method_words)
    words = sum(f" {_plain(word)} " in study for word in matching.study_words)
    part = _plain(body_part) in {_plain(part) for part in matching.body_parts}
    return 10 * methods + 2 * words + part


def _plain(text: str) -> str:
    """Return the words of a text, in lower case, with one space between."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _check(template: ReportTemplate) -> None:
    ids = [item.id for item in template.checklist]
    if len(set(ids)) != len(ids):
        raise ValueError(f"template {template.id}: a checklist id stands twice")
    _filled(template.technique, said_by_order(""))
    unknown = set(template.critical_findings) - set(critical_findings())
    if unknown:
        raise ValueError(f"template {template.id}: no such critical findings: {sorted(unknown)}")
