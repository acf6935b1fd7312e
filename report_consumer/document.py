"""A report version as PDF: tagged, PDF/A-2a and PDF/UA-1, in the layout of the specification.

What must stay true: the bytes follow from the report alone. Made again they are the same, so a
repeated attempt cannot contradict an earlier one, and the SHA-256 that was recorded stays good.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import typst

from contracts.catalogue.critical_findings import critical_findings, named_in
from contracts.enumerations import CriticalCategory, ReportStatus, Sex
from contracts.events.report_updated import (
    CommunicationAddendum,
    ReportedExam,
    ReportUpdated,
    ReportVersion,
)
from report_consumer.errors import DocumentInvalid

STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]
_FONTS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
Content: TypeAlias = "Mapping[str, Any]"
"""What the template reads: texts, and lists and objects of texts."""

_PASSES = 3
_NO_GLYPH = re.compile(r'the (?:text|codepoint) `?"(.+?)"`?')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_BEYOND_LATIN = re.compile("[^\u0000-\u00ff]")
# Bidirectional controls show a text in another order than it is stored: what is read would not be
# what was signed. Of symbols beyond the first plane typst does not say when their glyph is missing.
_SPELT_OUT = re.compile("[\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\U0001f000-\U0010ffff]")
_SEXES = {Sex.MALE: "male", Sex.FEMALE: "female", Sex.OTHER: "other", Sex.UNKNOWN: "sex not stated"}
_CATEGORIES = {
    CriticalCategory.RED: "ACR red: within minutes",
    CriticalCategory.ORANGE: "ACR orange: within hours",
    CriticalCategory.YELLOW: "ACR yellow: within days",
}


@dataclass(frozen=True)
class DocumentMaker:
    """Makes PDFs for one hospital."""

    hospital: str
    zone: ZoneInfo
    font_dir: Path | None = None

    def pdf(self, report: ReportUpdated, version: ReportVersion, *, addenda: int) -> bytes:
        """Return the PDF of one version with the first so many addenda of the report.

        Takes some ten milliseconds of a processor: call it in a thread.

        Raises
        ------
        DocumentInvalid : the template is faulty; no text of a report can cause it.
        """
        content = self._content(report, version, report.communications[:addenda])
        for _ in range(_PASSES):
            try:
                return self._compile(content, version.created_at)
            except typst.TypstError as error:
                missing = _without_glyph(str(error.diagnostic))
                if missing is None:
                    raise DocumentInvalid("the template does not compile") from None
                content = _spelt_out(content, missing)
        return self._compile(_spelt_out(content, _BEYOND_LATIN), version.created_at)

    def _compile(self, content: Content, at: datetime) -> bytes:
        compiler = typst.Compiler(  # type: ignore[misc] # its stub leaves the kind of input open
            self._template,
            font_paths=[str(self.font_dir)] if self.font_dir else [],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(content)},
        )
        pdf = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=int(at.timestamp()))
        assert isinstance(pdf, bytes)  # noqa: S101 - a list comes only for images of pages
        return pdf

    @cached_property
    def _template(self) -> bytes:
        return files(__package__).joinpath("report.typ").read_bytes()

    @cached_property
    def _font_families(self) -> list[str]:
        if self.font_dir is None:
            return list(_FONTS)
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(self.font_dir)])
        return [*_FONTS, *(family for family in fonts.families() if family not in _FONTS)]

    def _content(
        self,
        report: ReportUpdated,
        version: ReportVersion,
        communications: Sequence[CommunicationAddendum],
    ) -> Content:
        content, draft = version.content, version.status is ReportStatus.PRELIMINARY
        exam = version.exam
        sections = [
            ("Technique", content.technique or "Not stated."),
            ("Comparison", content.comparison or "Not stated."),
            ("Findings", content.findings),
            ("Impression", content.impression),
        ]
        shown = {
            "title": f"Radiology report {report.report_number}",
            "hospital": self.hospital,
            "number": report.report_number,
            "status": f"{version.status} · version {version.number}",
            "footer": f"Order {exam.order_number} · accession {exam.accession_number}"
            if exam
            else "",
            "author": version.radiologist.name,
            "keywords": [report.report_number, version.status.value],
            "fonts": self._font_families,
            "watermark": version.status.value if draft else "",
            "draft": draft,
            "amendment": self._amendment(report, version),
            "facts": self._facts(version.exam, version),
            "sections": [{"title": title, "text": text} for title, text in sections],
            "critical": _critical(version),
            "communications": [self._communication(c) for c in communications],
            "signature": self._signature(report, version),
            "saved": f"Saved {self._moment(version.created_at)}.",
        }
        return _spelt_out(shown, _SPELT_OUT)

    def _facts(self, exam: ReportedExam | None, version: ReportVersion) -> Sequence[Sequence[str]]:
        if exam is None:
            return [("Date", self._moment(version.created_at))]
        patient = exam.patient
        performed = exam.performed_at or version.created_at
        born = _born(patient.birth_date, performed.astimezone(self.zone).date())
        side = f", {exam.laterality.value.lower()}" if exam.laterality else ""
        return [
            ("Patient", f"{person_name(patient.name)}, {born}, {_SEXES[patient.sex]}"),
            ("MRN", patient.mrn),
            ("Exam", f"{exam.modality} - {exam.body_part}{side}: {exam.study_type}"),
            ("Date", self._moment(performed)),
            ("Ordering provider", exam.ordering_provider_name or "Not stated"),
            ("Indication", exam.clinical_indication),
        ]

    def _amendment(self, report: ReportUpdated, version: ReportVersion) -> Mapping[str, str]:
        if version.status is not ReportStatus.AMENDED:
            return {}
        amended = next(v for v in report.versions if v.id == version.amended_from)
        what = f"It replaces version {amended.number} of {self._moment(amended.created_at)}."
        return {"what": what, "reason": version.amendment_reason}

    def _communication(self, addendum: CommunicationAddendum) -> Sequence[Sequence[str]]:
        received = addendum.received_at
        return [
            ("Finding", addendum.finding),
            ("Found", self._moment(addendum.found_at)),
            ("Found by", addendum.found_by.name),
            ("Told", addendum.told or "Nobody"),
            ("Received", self._moment(received) if received else "Not confirmed"),
            ("How", addendum.how or "Not stated"),
        ]

    def _signature(self, report: ReportUpdated, version: ReportVersion) -> Mapping[str, str]:
        signature = version.signature
        if signature is None:
            return {}
        digest = signature.content_sha256
        return {
            "name": signature.signed_by.name,
            "statement": f"Electronically signed {self._moment(signature.signed_at)}",
            "meaning": signature.meaning,
            "fingerprint": " ".join(digest[i : i + 8] for i in range(0, len(digest), 8)),
            "key": signature.key_id,
            "command": f"radiology report verify {report.report_number}",
        }

    def _moment(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"


def person_name(name: str) -> str:
    """Return a DICOM person name (PS3.5 section 6.2.1.1) as it is read: Dr John Q Doe Jr."""
    alphabetic = name.partition("=")[0].split("^")
    family, given, middle, prefix, suffix = (*alphabetic, "", "", "", "", "")[:5]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)


def _born(born: date | None, exam_on: date) -> str:
    """Return the birth date, as the portals write it, with the age at the exam."""
    if born is None:
        return "age not stated"
    return f"born {born.day} {born:%b %Y}, {_age(born, exam_on)}"


def _age(born: date, on: date) -> str:
    """Return the age in years; in months below two years, in days below two months."""
    if born > on:
        return "age not stated"
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return f"{months // 12} years"
    return f"{months} months" if months >= 2 else f"{(on - born).days} days"


def _critical(version: ReportVersion) -> Mapping[str, str]:
    content = version.content
    if not content.has_critical_findings:
        return {}
    catalogue = critical_findings()
    kind = catalogue.get(content.critical_finding_code) or named_in(content.critical_findings_text)
    return {
        "title": kind.title,
        "category": _CATEGORIES[content.critical_category or kind.category],
        "text": content.critical_findings_text,
    }


def _without_glyph(diagnostic: str) -> re.Pattern[str] | None:
    """Return the characters that no font has, as typst names them; None for another fault.

    It names them as Rust writes a string, and sometimes with the space before: ASCII is not meant.
    """
    quoted = "".join(_NO_GLYPH.findall(diagnostic))
    named = _RUST_ESCAPE.sub(lambda match: chr(int(match[1], 16)), quoted)
    characters = "".join(character for character in named if not character.isascii())
    if not quoted:
        return None
    return re.compile(f"[{re.escape(characters)}]") if characters else _BEYOND_LATIN


def _spelt_out(content: Content, characters: re.Pattern[str]) -> Content:
    """Replace characters by their codes: a gap could hide a word."""
    return _with_texts(content, lambda text: characters.sub(_code_point, text))


def _with_texts(content: Content, change: Callable[[str], str]) -> Content:
    return {name: _changed(value, change) for name, value in content.items()}


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return _with_texts(value, change)
    if isinstance(value, list | tuple):
        return [_changed(item, change) for item in value]
    return value


def _code_point(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"
