"""A study to take along: a zip of its DICOM files with a DICOMDIR (PS3.10 section 8).

What must stay true: one instance is in memory at a time, whatever the size of the study; and an
archive that is not complete ends without its directory, so that nobody takes it for a whole one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import BytesIO, RawIOBase
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile

import structlog
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.fileset import DSPathType, FileInstance, FileSet
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from typing_extensions import Buffer

from gateway.imaging import Imaging, imaging_of
from services.dicom.series_documents import StoredFrames
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, frames_key, series_prefix

# What directory records are made of (PS3.3 annex F), for images and for the documents beside them.
_OF_RECORDS = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "PatientID",
    "PatientName",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "StudyInstanceUID",
    "AccessionNumber",
    "Modality",
    "SeriesInstanceUID",
    "SeriesNumber",
    "InstanceNumber",
    "ContentDate",
    "ContentTime",
    "CompletionFlag",
    "VerificationFlag",
    "VerifyingObserverSequence",
    "ConceptNameCodeSequence",
    "ContentSequence",
    "PresentationCreationDate",
    "PresentationCreationTime",
    "ContentLabel",
    "ContentDescription",
    "ContentCreatorName",
    "ReferencedSeriesSequence",
    "BlendingSequence",
    "DocumentTitle",
    "HL7InstanceIdentifier",
    "MIMETypeOfEncapsulatedDocument",
    "DoseSummationType",
    "StructureSetLabel",
    "StructureSetDate",
    "StructureSetTime",
    "RTPlanLabel",
    "RTPlanDate",
    "RTPlanTime",
)
_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "InstanceCreationDate")

log = structlog.get_logger()


async def study_archive(request: Request, study: str) -> Response:
    """Return a study as a zip, file by file while it is read."""
    imaging = imaging_of(request)
    stored = [frames async for frames in _instances(imaging, study)]
    if not stored:
        raise ObjectMissing("nothing of this study is stored")
    return StreamingResponse(
        _archive(imaging, stored),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="study-{study}.zip"',
            "Cache-Control": "no-store",
        },
    )


async def _instances(imaging: Imaging, study: str) -> AsyncIterator[StoredFrames]:
    """Yield what is indexed of a study, series by series."""
    suffix = frames_key(study, "").rpartition("/")[2]
    async for key in imaging.storage.keys(IMAGES_BUCKET, series_prefix(study)):
        if key.endswith(f"/{suffix}"):
            series = PurePath(key).parent.name
            for frames in (await imaging.series.instances(study, series)).values():
                yield frames


async def _archive(imaging: Imaging, stored: list[StoredFrames]) -> AsyncIterator[bytes]:
    sink, directory = _Sink(), _Directory()
    with ZipFile(cast("IO[bytes]", sink), "w", ZIP_STORED) as archive:
        for instance in stored:
            body = await imaging.cache.read_whole(instance.key)
            archive.writestr(await asyncio.to_thread(directory.add, body), body)
            yield sink.take()
        archive.writestr("DICOMDIR", await asyncio.to_thread(directory.write))
    yield sink.take()


class _Sink(RawIOBase):
    """What zipfile writes into; it is emptied after each file, and cannot be sought."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Buffer, /) -> int:
        """Keep bytes until they are taken."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data


class _FileSet(FileSet):
    """A file-set of instances that are known to differ, as those of our index are.

    pydicom compares each new one with all before it, which takes minutes for 1,500.
    """

    _is_adding = False

    def add(self, ds_or_path: DSPathType) -> FileInstance:
        """Add an instance that is not there yet."""
        self._is_adding = True
        try:
            return super().add(ds_or_path)
        finally:
            self._is_adding = False

    def __iter__(self) -> Iterator[FileInstance]:
        """Yield the instances; none while one is added, so that there is nothing to compare."""
        return iter(()) if self._is_adding else super().__iter__()


class _Directory:
    """The DICOMDIR as it grows: it needs each file's header, never its pixels."""

    def __init__(self) -> None:
        self._files = _FileSet()
        self._added = 0

    def add(self, body: bytes) -> str:
        """Note a file, and return its name in the archive (File ID, PS3.10 section 8.2)."""
        self._added += 1
        try:
            return self._files.add(self._header(body)).FileID
        except (ValueError, AttributeError, InvalidDicomError) as error:
            # Whoever imports the folder still finds the file; only the directory does not name it.
            log.warning("not_in_dicomdir", reason=type(error).__name__)
            return f"OTHER/IM{self._added:06}"

    def _header(self, body: bytes) -> Dataset:
        whole = dcmread(BytesIO(body), stop_before_pixels=True)
        header = Dataset()
        for keyword in _OF_RECORDS:
            if keyword in whole:
                header[keyword] = whole[keyword]
        header.file_meta = whole.file_meta
        # A directory must have a value where an image need not (PS3.3 tables F.5-1 to F.5-4).
        date = next((whole.get(name) for name in _DATES if whole.get(name)), "")
        for keyword, value in (
            ("PatientID", "UNKNOWN"),
            ("StudyDate", date),
            ("StudyTime", "000000"),
            ("StudyID", whole.get("AccessionNumber") or "1"),
            ("SeriesNumber", 0),
            ("InstanceNumber", self._added),
        ):
            if not str(header.get(keyword) or ""):
                setattr(header, keyword, value)
        return header

    def write(self) -> bytes:
        """Return the DICOMDIR."""
        with TemporaryDirectory() as folder:
            self._files.write(folder)
            return (Path(folder) / "DICOMDIR").read_bytes()
