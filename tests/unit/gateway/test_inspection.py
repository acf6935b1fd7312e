"""Objects that no index describes are looked into beside us, whatever they are made to do."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pydicom
import pytest
import pytest_asyncio
from PIL import Image

from gateway import inspection
from gateway.inspection import Inspection
from gateway.object_cache import ObjectCache
from services.dicom.errors import UnreadableInstance
from services.errors import ObjectMissing
from services.object_storage import PIECE_BYTES
from tests.harness.dicom import TestPatient, build_instance

_REPORT = Path(pydicom.__file__).parent / "data" / "test_files" / "reportsi.dcm"


class Objects:
    """A store in memory, as far as it is read here."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def size(self, _bucket: str, key: str) -> int:
        if key not in self.held:
            raise ObjectMissing
        return len(self.held[key])

    async def pieces(self, _bucket: str, key: str) -> AsyncIterator[bytes]:
        content = self.held[key]
        for start in range(0, len(content), PIECE_BYTES):
            yield content[start : start + PIECE_BYTES]


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest_asyncio.fixture
async def inspected(objects: Objects, tmp_path: Path) -> AsyncIterator[Inspection]:
    cache = ObjectCache(tmp_path, objects, limit_bytes=1 << 30)  # type: ignore[arg-type]
    opened = Inspection(cache)
    yield opened
    await opened.close()


async def test_header_says_whose_image_it_is(objects: Objects, inspected: Inspection) -> None:
    one = build_instance(patient=TestPatient(patient_id="MRN-7"), rows=64, columns=48)
    objects.held["key"] = one.content

    told = await inspected.header("key")

    assert (told["patient_id"], told["sop_instance_uid"]) == ("MRN-7", one.sop_instance_uid)
    assert (told["rows"], told["columns"], told["study_date"]) == (64, 48, "2025-11-11")


async def test_picture_is_as_small_as_that_of_a_series(
    objects: Objects, inspected: Inspection
) -> None:
    objects.held["key"] = build_instance(kind="CR", rows=1024, columns=512).content

    picture = await inspected.thumbnail("key")

    assert Image.open(io.BytesIO(picture)).size == (128, 256)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no DICOM at all, but bytes that were stored all the same" * 9, "DICOM"),
        (_REPORT.read_bytes(), "no image"),
        (build_instance(rows=64, columns=64).content[:-500], "ends inside"),
    ],
    ids=["no DICOM", "a report", "cut off"],
)
async def test_what_cannot_be_drawn_is_told_in_a_sentence(
    objects: Objects, inspected: Inspection, content: bytes, reason: str
) -> None:
    objects.held["key"] = content

    with pytest.raises(UnreadableInstance, match=reason):
        await inspected.thumbnail("key")


async def test_object_larger_than_the_disk_shall_hold_is_refused(
    objects: Objects, inspected: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "MOST_BYTES", 1000)
    objects.held["key"] = build_instance().content

    with pytest.raises(UnreadableInstance, match="too large"):
        await inspected.thumbnail("key")


async def test_object_that_ends_who_reads_it_is_told_from_a_process_that_was_ended(
    objects: Objects, inspected: Inspection, tmp_path: Path
) -> None:
    """It would end every process that is started for it: nobody should try again."""
    objects.held["key"] = build_instance().content
    ends_at_once = tmp_path / "gateway" / "inspection_process.py"
    ends_at_once.parent.mkdir()
    ends_at_once.with_name("__init__.py").touch()
    ends_at_once.touch()
    inspected._process.folder = tmp_path

    with pytest.raises(UnreadableInstance, match="breaks the program"):
        await inspected.header("key")


async def test_object_that_is_lost_is_missing(inspected: Inspection) -> None:
    with pytest.raises(ObjectMissing):
        await inspected.header("key")
