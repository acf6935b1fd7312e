"""Checks a report's chain of signatures: `radiology report verify <report number or file>`.

What must stay true: a verdict of *genuine* rests on the trusted keys alone, never on what the
report or the database says of itself. A report as JSON, as the API gives it, is checked without a
database. A PDF is looked up by its SHA-256, which the database holds of each one that was made.
"""

import argparse
import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from contracts.enumerations import ReportStatus
from contracts.events.report_updated import ReportUpdated, ReportVersion
from report_consumer import signature
from report_consumer.domain import signed_versions
from report_consumer.repository import MadeDocument, ReportRepository
from report_consumer.settings import SigningSettings
from report_consumer.signature import Place, PublicKey, SignatureBroken, trusted_keys
from services.database import open_database
from services.errors import PermanentError, TransientError
from services.object_storage import (
    DOCUMENTS_BUCKET,
    ObjectStorage,
    ObjectStorageSettings,
    open_object_storage,
)
from services.settings import read_settings

_NUMBER = re.compile(r"RAD-[0-9]{8}-[0-9A-Z]{5,7}")
_PDF = b"%PDF-"


class VerifySettings(SigningSettings):
    """What the command needs of the worker's settings."""

    model_config = SettingsConfigDict(env_prefix="REPORT_CONSUMER_")

    database_url: SecretStr = Field(description="As the worker has it")
    object_storage: ObjectStorageSettings = Field(default_factory=ObjectStorageSettings)


class NothingToVerify(PermanentError):
    """There is no such report, or the file is none; the message says which."""

    code = "nothing_to_verify"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `fault` says what is wrong with it."""

    what: str
    fault: str = ""


@dataclass(frozen=True)
class Verdict:
    """All that was looked at in one report."""

    report_number: str
    checks: Sequence[Check] = field(default_factory=tuple)

    @property
    def genuine(self) -> bool:
        """Whether something is signed, and nothing is wrong."""
        return bool(self.checks) and not any(check.fault for check in self.checks)

    def text(self) -> str:
        """Return the verdict as a person reads it, the last line first in weight."""
        lines = [
            f"  {'FAULT' if check.fault else 'ok   '}  {check.what}"
            + (f": {check.fault}" if check.fault else "")
            for check in self.checks
        ]
        if not self.checks:
            end = "NOT SIGNED: this report is a draft."
        elif self.genuine:
            end = "GENUINE: this is what was signed, and nothing in between is missing."
        else:
            end = "TAMPERED: do not rely on this report."
        return "\n".join([f"Report {self.report_number}", *lines, end])


def verify_report(report: ReportUpdated, trusted: Mapping[str, PublicKey]) -> Verdict:
    """Check the chain that a report shows: each signature, and its place after the one before."""
    checks, previous = [], None
    for version in signed_versions(report):
        checks.append(_check_version(report, version, previous, trusted))
        previous = version
    if not checks and report.status is not ReportStatus.PRELIMINARY:
        checks.append(Check("signed versions", "the report is called signed, and none is there"))
    if previous and report.status is not previous.status:
        checks.append(Check("status", f"it is called {report.status}, not {previous.status}"))
    return Verdict(report.report_number, tuple(checks))


def compare_ledger(report: ReportUpdated, ledger: Sequence[ReportVersion]) -> list[Check]:
    """Compare what is shown of a report with the ledger of all versions that were saved."""
    kept = {v.number: v for v in ledger if v.status is not ReportStatus.PRELIMINARY}
    shown = {v.number: v.model_copy(update={"document": None}) for v in signed_versions(report)}
    checks = [
        Check(
            f"version {number} in the ledger", "" if kept.get(number) == version else "it differs"
        )
        for number, version in shown.items()
    ]
    checks += [
        Check(f"version {number} of the ledger", "the report does not show it")
        for number in kept
        if number not in shown
    ]
    return checks


async def compare_documents(
    storage: ObjectStorage, documents: Sequence[MadeDocument]
) -> list[Check]:
    """Compare the PDFs in the object store with the SHA-256 that was recorded of each."""
    checks = []
    for document in documents:
        what = f"PDF of version {document.version_number}"
        if document.addenda:
            what += f" with {document.addenda} addenda"
        try:
            pdf = await storage.get(DOCUMENTS_BUCKET, document.object_key)
        except PermanentError:
            checks.append(Check(what, "it is gone"))
            continue
        same = hashlib.sha256(pdf).hexdigest() == document.sha256
        checks.append(Check(what, "" if same else "it was changed"))
    return checks


async def verify_number(report_number: str, settings: VerifySettings) -> Verdict:
    """Check a report with its ledger and its PDFs.

    Raises
    ------
    NothingToVerify : there is no report with this number.
    """
    trusted = trusted_keys(settings.signing_key_file)
    async with _repository(settings) as reports:
        report = await reports.report_by_number(report_number)
        if report is None:
            raise NothingToVerify(f"There is no report {report_number}.")
        ledger = await reports.versions_of_report(report.id)
        documents = await reports.documents_of_report(report.id)
    verdict = verify_report(report, trusted)
    async with open_object_storage(settings.object_storage) as storage:
        pdfs = await compare_documents(storage, documents)
    signed_pdfs = pdfs if verdict.checks else []  # of a draft nothing is promised
    checks = (*verdict.checks, *compare_ledger(report, ledger), *signed_pdfs)
    return Verdict(report_number, checks)


async def verify_file(content: bytes, settings: VerifySettings | None = None) -> Verdict:
    """Check a file: a report as JSON by itself, a PDF by what the database knows of it.

    Raises
    ------
    NothingToVerify : it is neither, or no report has this PDF.
    """
    if content.startswith(_PDF):
        return await _verify_pdf(content, settings or read_settings(VerifySettings))
    try:
        report = ReportUpdated.model_validate_json(content)
    except ValidationError:
        raise NothingToVerify("The file is neither a PDF nor a report as JSON.") from None
    signing = settings or read_settings(SigningSettings)
    return verify_report(report, trusted_keys(signing.signing_key_file))


@asynccontextmanager
async def _repository(settings: VerifySettings) -> AsyncIterator[ReportRepository]:
    async with (
        open_database(settings.database_url, application="report-verify") as database,
        database.connection() as connection,
    ):
        yield ReportRepository(connection)


async def _verify_pdf(content: bytes, settings: VerifySettings) -> Verdict:
    digest = hashlib.sha256(content).hexdigest()
    async with _repository(settings) as reports:
        found = await reports.document_by_sha256(digest)
    if found is None:
        raise NothingToVerify("This PDF is none that was made here, or it was changed since.")
    report_number, version_number = found
    verdict = await verify_number(report_number, settings)
    return Verdict(
        report_number, (Check(f"this file is the PDF of version {version_number}"), *verdict.checks)
    )


def _check_version(
    report: ReportUpdated,
    version: ReportVersion,
    previous: ReportVersion | None,
    trusted: Mapping[str, PublicKey],
) -> Check:
    what = f"version {version.number} {version.status}"
    if signed := version.signature:
        what += f", signed {signed.signed_at:%Y-%m-%d %H:%M:%S} UTC by {signed.signed_by.name}"
    fault = _misplaced(version, previous)
    if fault:
        return Check(what, fault)
    before = previous.signature.content_sha256 if previous and previous.signature else ""
    place = Place(report.id, report.report_number, report.order_id, before)
    try:
        signature.verify(version, place, trusted)
    except SignatureBroken as broken:
        return Check(what, str(broken))
    return Check(what)


def _misplaced(version: ReportVersion, previous: ReportVersion | None) -> str:
    if previous is None:
        return "" if version.status is ReportStatus.FINAL else "the version before it is missing"
    if version.status is not ReportStatus.AMENDED or version.amended_from != previous.id:
        return "it does not follow the version before it"
    return ""


async def verify(subject: str) -> int:
    """Print the verdict over a report number or a file.

    Returns
    -------
    The exit code: 0 genuine, 1 tampered or not signed, 2 nothing to verify.
    """
    try:
        verdict = await _verify_subject(subject)
    except (PermanentError, TransientError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks to its terminal
        return 2
    print(verdict.text())  # noqa: T201 - a command speaks to its terminal
    return 0 if verdict.genuine else 1


async def _verify_subject(subject: str) -> Verdict:
    if _NUMBER.fullmatch(subject):
        return await verify_number(subject, read_settings(VerifySettings))
    try:
        content = await asyncio.to_thread(Path(subject).read_bytes)
    except OSError:
        raise NothingToVerify(f"{subject} is neither a report number nor a file.") from None
    return await verify_file(content)


def _main() -> int:
    parser = argparse.ArgumentParser(
        prog="radiology report verify",
        description="Checks the signatures of a report.",
        epilog="Example: radiology report verify RAD-20251111-ABCD1",
    )
    parser.add_argument("subject", help="report number, or a file: a report as JSON or its PDF")
    return asyncio.run(verify(parser.parse_args().subject))


if __name__ == "__main__":
    sys.exit(_main())
