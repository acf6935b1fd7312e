"""An instance under other UIDs: in its data set and before it, and nothing else is touched."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from services.dicom.errors import UnreadableInstance
from services.dicom.renaming import rename
from tests.harness.dicom import build_study

NEW = {"study": "1.2.3.4", "series": "1.2.3.45", "sop": "2.25.123456789012345678901234567890"}


def file_in(syntax: str, folder: Path) -> Path:
    ds = dcmread(BytesIO(build_study(seed=1, instances=1)[0].content))
    ds.ReferencedImageSequence = [Dataset()]
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "9.9.9"
    ds.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        ds["PixelData"].value = ds.PixelData[::-1]
    path = folder / "original.dcm"
    dcmwrite(path, ds, enforce_file_format=True, force_encoding=False)
    return path


def renamed(path: Path) -> bytes:
    target = BytesIO()
    rename(path, target, **NEW)
    return target.getvalue()


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
def test_file_names_the_new_uids_and_keeps_the_rest(syntax: str, tmp_path: Path) -> None:
    path = file_in(syntax, tmp_path)
    before = dcmread(path)

    after = dcmread(BytesIO(renamed(path)))

    assert after.file_meta.MediaStorageSOPInstanceUID == NEW["sop"]
    uids = after.StudyInstanceUID, after.SeriesInstanceUID, after.SOPInstanceUID
    assert uids == (NEW["study"], NEW["series"], NEW["sop"])
    changed = {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}
    assert [e for e in after if e.keyword not in changed] == [
        e for e in before if e.keyword not in changed
    ]
    assert after.PixelData == before.PixelData
    assert after.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "9.9.9"


def test_group_length_is_right(tmp_path: Path) -> None:
    """A strict reader finds the data set by it (PS3.10 section 7.1)."""
    content = renamed(file_in(ExplicitVRLittleEndian, tmp_path))

    length = dcmread(BytesIO(content)).file_meta.FileMetaInformationGroupLength

    end_of_meta = 132 + 12 + length
    assert content[end_of_meta : end_of_meta + 2] == b"\x08\x00"


def test_bytes_behind_the_uids_are_the_same(tmp_path: Path) -> None:
    """Whatever a writer did in an odd way stays as odd as it was sent."""
    path = file_in(ExplicitVRLittleEndian, tmp_path)
    original = path.read_bytes()
    pixels = original.index(dcmread(path).PixelData)

    content = renamed(path)

    assert content.endswith(original[pixels - 100 :])


def test_same_file_under_the_same_uids_is_the_same_file(tmp_path: Path) -> None:
    path = file_in(DeflatedExplicitVRLittleEndian, tmp_path)

    assert renamed(path) == renamed(path)


def test_what_is_no_instance_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear colleague, " * 40)

    with pytest.raises(UnreadableInstance):
        renamed(path)
