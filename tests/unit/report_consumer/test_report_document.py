"""The PDF: the layout of the specification, and nothing that a text could do to it."""

import re
import subprocess
from datetime import date, timedelta
from pathlib import Path
from shutil import which
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.enumerations import Laterality, ReportStatus
from contracts.events.report_finalized import SignatureIntent
from contracts.events.report_updated import (
    CommunicationAddendum,
    ReportUpdated,
    ReportVersion,
)
from report_consumer.document import DocumentMaker, person_name
from report_consumer.domain import know_order
from report_consumer.signature import Place, Signer, load_or_make_key
from tests.harness.orders import NOW, details, patient
from tests.harness.reports import ADAMS, CRITICAL, SMITH, content, order_state

MAKER = DocumentMaker("General Hospital", ZoneInfo("America/New_York"))
NUMBER = "RAD-20261125-ABCDE"
EXAM = know_order(
    order_state(
        details=details(
            patient=patient(name="Doe^John^Q^Dr^Jr", birth_date=date(1981, 11, 26), mrn="M4711"),
            ordering_provider_name=SMITH.name,
            clinical_indication="Dyspnea, rule out embolism",
            laterality=Laterality.LEFT,
        )
    )
).exam
TOLD = CommunicationAddendum(
    alert_id=uuid4(),
    finding="Pulmonary embolism: central",
    found_at=NOW,
    found_by=ADAMS,
    told=SMITH.name,
    received_at=NOW + timedelta(minutes=2),
    how='by telephone, read back as "both sides"',
    added_at=NOW,
)
needs_poppler = pytest.mark.skipif(not which("pdftotext"), reason="poppler-utils is not here")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(load_or_make_key(tmp_path_factory.mktemp("keys") / "signing.pem"))


def version(status: ReportStatus = ReportStatus.PRELIMINARY, **text: object) -> ReportVersion:
    return ReportVersion(
        id=uuid4(),
        number=3,
        status=status,
        content=content(**text),
        exam=EXAM,
        radiologist=ADAMS,
        created_at=NOW,
    )


def report(*versions: ReportVersion, **changes: object) -> ReportUpdated:
    values = {
        "id": uuid4(),
        "version": 1,
        "report_number": NUMBER,
        "order_id": uuid4(),
        "status": versions[-1].status,
        "versions": versions,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ReportUpdated.model_validate(values | changes)


def with_signature(unsigned: ReportVersion, signer: Signer) -> ReportVersion:
    intent = SignatureIntent(method="PIN", authenticated_at=NOW)
    place = Place(uuid4(), NUMBER, uuid4())
    signature = signer.sign(unsigned, place, intent, now=NOW)
    return unsigned.model_copy(update={"signature": signature})


def text_of(shown: ReportUpdated, *, addenda: int = 0) -> str:
    pdf = MAKER.pdf(shown, shown.current, addenda=addenda)
    answer = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return answer.stdout.decode()


@needs_poppler
def test_signed_report_has_the_layout_of_the_specification(signer: Signer) -> None:
    text = text_of(report(with_signature(version(ReportStatus.FINAL), signer)))

    lines = [line.strip() for line in text.splitlines()]
    order = [
        "RADIOLOGY REPORT",
        "TECHNIQUE",
        "COMPARISON",
        "FINDINGS",
        "IMPRESSION",
        "Dr. Ruth Adams",
    ]
    assert [line for line in lines if line in order] == order
    assert "Dr John Q Doe Jr, born 26 Nov 1981, 44 years, male" in text
    assert "CT - CHEST, left: CT Chest" in text
    assert "2026-11-25 04:00 EST" in text
    assert "Dyspnea, rule out embolism" in text
    assert "I have read the images and approve this report" in text
    assert "Electronically signed 2026-11-25 04:00 EST" in text
    assert "General Hospital" in text
    assert "Page 1 of 1" in text
    assert "PRELIMINARY" not in text


@needs_poppler
@pytest.mark.parametrize("section", ["technique", "comparison"])
def test_section_that_was_left_empty_is_not_stated(section: str) -> None:
    """That there is nothing to compare with is a finding of its own: nobody has written it."""
    written = {"technique": "CT.", "comparison": "CT of 2025.", section: ""}

    text = text_of(report(version(**written)))

    assert re.search(rf"{section.upper()}\s+Not stated\.", text)
    assert "None." not in text


@needs_poppler
def test_fingerprint_on_paper_is_the_signed_one(signer: Signer) -> None:
    signed = with_signature(version(ReportStatus.FINAL), signer)

    text = text_of(report(signed)).replace(" ", "")

    assert signed.signature is not None
    assert signed.signature.content_sha256 in text


@needs_poppler
def test_draft_says_on_every_page_that_it_is_one() -> None:
    long = "\n".join(f"Line {number}" for number in range(120))

    text = text_of(report(version(findings=long)))

    pages = text.split("\f")[:-1]
    assert len(pages) > 1
    assert all(f"{NUMBER} · PRELIMINARY" in page for page in pages)
    assert "Not signed." in text


@needs_poppler
def test_amendment_says_what_it_replaces_and_why(signer: Signer) -> None:
    first = with_signature(version(ReportStatus.FINAL), signer)
    amendment = with_signature(
        version(ReportStatus.AMENDED).model_copy(
            update={"number": 4, "amended_from": first.id, "amendment_reason": "Side corrected"}
        ),
        signer,
    )

    text = text_of(report(first, amendment))

    assert "AMENDED REPORT. It replaces version 3 of 2026-11-25 04:00 EST." in text
    assert "Reason: Side corrected" in text


@needs_poppler
def test_communication_is_documented_with_six_facts(signer: Signer) -> None:
    signed = with_signature(version(ReportStatus.FINAL, **CRITICAL), signer)
    shown = report(signed, communications=(TOLD,))

    text = text_of(shown, addenda=1)

    assert "Pulmonary embolism (ACR red: within minutes)" in text
    assert "COMMUNICATION OF CRITICAL FINDINGS" in text
    for fact in ("Found by", "Told", "Received", "2026-11-25 04:02 EST", "both sides"):
        assert fact in text
    assert "COMMUNICATION OF CRITICAL FINDINGS" not in text_of(shown, addenda=0)


@needs_poppler
def test_text_is_never_read_as_markup() -> None:
    hostile = '#read("/etc/passwd") $x^2$ *bold* = Heading <label> @ref \\ // note'

    text = text_of(report(version(findings=hostile, impression="#{ while true {} }")))

    assert hostile in text
    assert "#{ while true {} }" in text


@needs_poppler
def test_character_without_a_glyph_is_spelt_out() -> None:
    """A gap on paper could hide a word; a reordered line could say the opposite."""
    text = text_of(report(version(impression="A \u6f22 B \U0001f600 C \u202e D \ue000 E")))

    assert "A [U+6F22] B [U+1F600] C [U+202E] D [U+E000] E" in text


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_text_prevents_the_pdf(text: str) -> None:
    pdf = MAKER.pdf(report(version(findings=text)), version(findings=text), addenda=0)

    assert pdf.startswith(b"%PDF-")


def test_pdf_is_tagged_and_archivable() -> None:
    shown = report(version())

    pdf = MAKER.pdf(shown, shown.current, addenda=0)

    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def test_pdf_made_again_is_the_same() -> None:
    """A repeated attempt must not contradict the SHA-256 that was recorded."""
    shown = report(version())

    again = DocumentMaker(MAKER.hospital, MAKER.zone)

    assert MAKER.pdf(shown, shown.current, addenda=0) == again.pdf(shown, shown.current, addenda=0)


def test_report_of_an_old_snapshot_without_exam_has_a_pdf_too() -> None:
    old = version().model_copy(update={"exam": None})

    assert MAKER.pdf(report(old), old, addenda=0).startswith(b"%PDF-")


def test_further_fonts_are_used(tmp_path: Path) -> None:
    shown = report(version())

    with_fonts = DocumentMaker(MAKER.hospital, MAKER.zone, font_dir=tmp_path)

    assert with_fonts.pdf(shown, shown.current, addenda=0).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Doe^John", "John Doe"),
        ("Doe^John^Q^Dr^Jr", "Dr John Q Doe Jr"),
        ("Doe", "Doe"),
        ("Yamada^Tarou=\u5c71\u7530^\u592a\u90ce", "Tarou Yamada"),
        ("A^B^C^D^E^F", "D B C A E"),
    ],
)
def test_person_name(name: str, read: str) -> None:
    assert person_name(name) == read


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1981, 11, 25), "born 25 Nov 1981, 45 years"),
        (date(2024, 12, 1), "born 1 Dec 2024, 23 months"),
        (date(2026, 11, 1), "born 1 Nov 2026, 24 days"),
        (date(2027, 1, 1), "born 1 Jan 2027, age not stated"),
        (None, "Doe, age not stated"),
    ],
)
@needs_poppler
def test_birth_date_and_age_at_the_exam(born: date | None, age: str) -> None:
    exam = EXAM.model_copy(update={"patient": patient(birth_date=born)})

    assert age in text_of(report(version().model_copy(update={"exam": exam})))
