"""What the demo department looks like: reads `department.yaml`, and decides nothing by chance.

The same file gives the same patients, orders and times of day, so that loading it again changes
nothing.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml

from deploy.demo.images import StudyKind

PLAN_FILE = Path(__file__).with_name("department.yaml")
_SEED = 4711
_OPEN = ("07:00", "20:00")
_ALWAYS = ("00:00", "00:00")


class Progress(IntEnum):
    """How far an order has come; each step includes those before."""

    CANCELLED = -1
    SCHEDULED = 0
    CHECKED_IN = 1
    IN_PROGRESS = 2
    READY = 3
    PRELIMINARY = 4
    FINAL = 5
    CRITICAL = 6


@dataclass(frozen=True)
class DemoPatient:
    """Somebody who does not exist."""

    mrn: str
    name: str
    birth_date: date
    sex: str

    @property
    def id(self) -> UUID:
        """Id that follows from the number."""
        return uuid5(NAMESPACE_URL, f"demo-patient/{self.mrn}")

    @property
    def body(self) -> dict[str, str]:
        """As the API takes it."""
        return {
            "id": str(self.id),
            "mrn": self.mrn,
            "name": self.name,
            "birthDate": self.birth_date.isoformat(),
            "sex": self.sex,
        }


@dataclass(frozen=True)
class DemoImages:
    """Which images a patient has."""

    kind: StudyKind
    body: int
    priors: int


@dataclass(frozen=True)
class DemoCase:
    """One order of the day, and how far it has come."""

    number: int
    patient: DemoPatient
    exam: dict[str, Any]
    progress: Progress
    start: timedelta
    """Of the exam, from now; negative: it has begun."""
    images: DemoImages | None = None
    report: dict[str, Any] | None = None
    is_mistyped: bool = False
    """Its images come under a wrong accession number, so a person must say whose they are."""

    @property
    def key(self) -> str:
        """Names the case in idempotency keys."""
        return f"demo-department/{self.number}"


def rooms() -> Iterator[dict[str, Any]]:
    """Yield the rooms as the API takes them."""
    for room in _plan()["rooms"]:
        opens, closes = _ALWAYS if room.get("always") else _OPEN
        yield {
            "name": room["name"],
            "room": room["room"],
            "modality": room["modality"],
            "aeTitle": room["aeTitle"],
            "openingHours": [
                {"weekday": day, "opens": opens, "closes": closes} for day in range(7)
            ],
        }


def cases() -> list[DemoCase]:
    """Return the cases, those with images first."""
    plan = _plan()
    imaged = [_imaged(number, entry) for number, entry in enumerate(plan["imaged"])]
    others = list(_others(len(imaged), plan["others"]))
    return imaged + _with_one_mistyped(others, plan["mistyped"])


def _plan() -> dict[str, Any]:
    plan: dict[str, Any] = yaml.safe_load(PLAN_FILE.read_text(encoding="utf-8"))
    return plan


def _imaged(number: int, entry: dict[str, Any]) -> DemoCase:
    patient = entry["patient"]
    progress = Progress[entry["state"]]
    return DemoCase(
        number=number,
        patient=DemoPatient(patient["mrn"], patient["name"], patient["birthDate"], patient["sex"]),
        exam=entry["order"],
        progress=progress,
        start=-timedelta(minutes=40 * (number + 1)),
        images=DemoImages(StudyKind[entry["kind"]], entry["body"], entry["priors"]),
        report=_report(entry, progress),
    )


def _report(entry: dict[str, Any], progress: Progress) -> dict[str, Any] | None:
    if progress < Progress.PRELIMINARY:
        return None
    report = {
        "technique": entry["technique"],
        "comparison": "Prior study of the same region." if entry["priors"] else "None.",
        "findings": entry["findings"],
        "impression": entry["impression"],
    }
    if progress is Progress.CRITICAL:
        report |= {
            "hasCriticalFindings": True,
            "criticalFindingCode": entry["critical"],
            "criticalCategory": "RED",
            "criticalFindingsText": entry["criticalText"],
        }
    return report


def _others(first: int, plan: dict[str, Any]) -> Iterator[DemoCase]:
    chance = random.Random(_SEED)  # noqa: S311 - the same department each time, no secret
    states = [Progress[name] for name, count in plan["states"].items() for _ in range(count)]
    names = {sex: chance.sample(_full_names(plan, sex), len(states)) for sex in plan["given"]}
    for number, progress in enumerate(states, start=first):
        exam = dict(plan["exams"][number % len(plan["exams"])])
        patient = exam.pop("patient", {})
        sex = patient.get("sex") or chance.choice(("F", "M"))
        name = names[sex].pop()
        since, until = patient.get("born", (1935, 2015))
        born = date(since, 1, 1) + timedelta(days=chance.randrange((until - since) * 365))
        priority = chance.choices(("ROUTINE", "URGENT", "STAT"), (80, 17, 3))[0]
        yield DemoCase(
            number=number,
            patient=DemoPatient(f"MRN-{200_000 + number}", name, born, sex),
            exam={"priority": priority, **exam},
            progress=progress,
            start=_start(progress, chance),
        )


def _full_names(plan: dict[str, Any], sex: str) -> list[str]:
    return [f"{family}^{given}" for family in plan["families"] for given in plan["given"][sex]]


def _with_one_mistyped(cases: list[DemoCase], entry: dict[str, Any]) -> list[DemoCase]:
    images = DemoImages(StudyKind[entry["kind"]], entry["body"], priors=0)
    at = next(
        at
        for at, case in enumerate(cases)
        if case.progress is Progress.IN_PROGRESS and case.exam["studyType"] == entry["studyType"]
    )
    return [*cases[:at], replace(cases[at], images=images, is_mistyped=True), *cases[at + 1 :]]


def _start(progress: Progress, chance: random.Random) -> timedelta:
    if progress in (Progress.IN_PROGRESS, Progress.CHECKED_IN):
        return timedelta(minutes=chance.randrange(-25, -5))
    if progress is Progress.CANCELLED:
        return timedelta(minutes=chance.randrange(-300, 300))
    return timedelta(minutes=chance.randrange(20, 480))
