"""A DICOMDIR in the making (PS3.10 section 8), by pydicom.

A module of its own, because what it stands on is loaded only in the process that needs it.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.fileset import DSPathType, FileInstance, FileSet

from gateway.dicomweb.directory_process import UNNAMED

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


class Directory:
    """The DICOMDIR as it grows: it needs each file's header, never its pixels."""

    def __init__(self) -> None:
        self._files = _FileSet()
        self._added = 0

    def add(self, header: bytes) -> str:
        """Note a file by its header; return its name in the archive (File ID, PS3.10 8.2)."""
        self._added += 1
        try:
            return self._files.add(self._records_of(header)).FileID
        except (ValueError, AttributeError, InvalidDicomError):
            # Whoever imports the folder still finds the file; only the directory does not name it.
            return f"{UNNAMED}IM{self._added:06}"

    def _records_of(self, header: bytes) -> Dataset:
        whole = dcmread(BytesIO(header), stop_before_pixels=True)
        kept = Dataset()
        for keyword in _OF_RECORDS:
            if keyword in whole:
                kept[keyword] = whole[keyword]
        kept.file_meta = whole.file_meta
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
            if not str(kept.get(keyword) or ""):
                setattr(kept, keyword, value)
        return kept

    def write(self) -> bytes:
        """Return the DICOMDIR."""
        with TemporaryDirectory() as folder:
            self._files.write(folder)
            return (Path(folder) / "DICOMDIR").read_bytes()
