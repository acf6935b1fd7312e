"""A report that is archived can be opened in thirty years, and be read aloud: veraPDF says so."""

from pathlib import Path

from contracts.enumerations import ReportStatus
from contracts.events.report_updated import ReportUpdated
from report_consumer.signature import Signer, load_or_make_key
from tests.harness.reports import CRITICAL
from tests.harness.verapdf import broken_rules
from tests.unit.report_consumer.test_report_document import (
    MAKER,
    TOLD,
    report,
    version,
    with_signature,
)


def reports(signer: Signer) -> dict[str, tuple[ReportUpdated, int]]:
    """Return a report of every kind, with the number of its addenda."""
    final = with_signature(version(ReportStatus.FINAL, **CRITICAL), signer)
    amended = with_signature(
        version(ReportStatus.AMENDED).model_copy(
            update={"number": 4, "amended_from": final.id, "amendment_reason": "Side corrected"}
        ),
        signer,
    )
    strange = (
        "Größe 5 µm² ≤ 3·10⁻³, Ångström, Łódź; αβγ, кость; 胸部 صدر 🫁 \u0301\u200d\ufffe\n\n- one"
    )
    return {
        "preliminary": (report(version()), 0),
        "critical": (report(final, communications=(TOLD,)), 1),
        "amended": (report(final, amended), 0),
        "long": (report(version(findings="A nodule of 6 mm. " * 900)), 0),
        "strange": (report(version(findings=strange, impression=strange)), 0),
    }


async def test_every_kind_of_report_is_pdf_a_2a_and_pdf_ua_1(tmp_path: Path) -> None:
    signer = Signer(load_or_make_key(tmp_path / "signing.pem"))
    documents = []
    for name, (shown, addenda) in reports(signer).items():
        document = tmp_path / f"{name}.pdf"
        document.write_bytes(MAKER.pdf(shown, shown.current, addenda=addenda))
        documents.append(document)

    assert await broken_rules(documents) == []


async def test_the_validator_sees_what_is_wrong(tmp_path: Path) -> None:
    """It would be no proof otherwise."""
    shown = report(version())
    pdf = MAKER.pdf(shown, shown.current, addenda=0)
    document = tmp_path / "wrong.pdf"
    document.write_bytes(pdf.replace(b"<pdfaid:part>2<", b"<pdfaid:part>3<"))

    assert any(rule.startswith("2a 6.6.4") for rule in await broken_rules([document]))
