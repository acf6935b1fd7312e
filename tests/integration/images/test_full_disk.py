"""A full disk below the spool: every sender is told to come again, and nothing half stays behind.

The disk is `/dev/full`: it can be opened, and refuses the first byte with ENOSPC.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from gateway.imaging import Imaging
from gateway.imaging_settings import ImagingSettings
from gateway.object_cache import ObjectCache
from gateway.spool import Spool, SpoolFull
from services.object_storage import IMAGES_BUCKET, ObjectStorage
from tests.harness.dicom import build_instance
from tests.harness.stow import related
from tests.integration.images.test_dimse import send
from tests.integration.images.test_stow import post
from tests.unit.services.dicom.test_secondary_capture import CONTEXT


class FullDisk:
    """Stands where the folder of incoming files is; each file in it is on a full disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __truediv__(self, name: str) -> Path:
        file = self._folder / name
        file.symlink_to("/dev/full")
        return file


class FullForDrafts(FullDisk):
    """Has room for nothing new; what is there can be looked for."""

    def __truediv__(self, name: str) -> Path:
        return super().__truediv__(name) if name.startswith(".draft-") else self._folder / name


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


@pytest.fixture
def spool(imaging: Imaging, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spool]:
    """A spool whose disk is full; after the test nothing of what came in may be left."""
    incoming = imaging.spool.folder / "incoming"
    monkeypatch.setattr(imaging.spool, "_incoming", FullDisk(incoming))
    yield imaging.spool
    assert is_empty(incoming)
    assert is_empty(imaging.spool.folder / "waiting")


async def test_a_scanner_is_told_to_send_later(
    spool: Spool, imaging_settings: ImagingSettings
) -> None:
    statuses = await asyncio.to_thread(send, imaging_settings, build_instance(seed="full-c-store"))

    assert statuses == [0xA700]


async def test_a_sender_by_stow_is_told_to_send_later(web: httpx.AsyncClient, spool: Spool) -> None:
    answer = await post(web, related([build_instance(seed="full-stow").content] * 2))

    assert answer.status_code == 503
    assert answer.json()["code"] == "spool_full"
    assert answer.headers["retry-after"]


async def test_bytes_that_cannot_be_written_are_forgotten(spool: Spool) -> None:
    """As a member of a zip or a picture, which the gateway itself writes."""
    with pytest.raises(SpoolFull):
        spool.file_of([b"\0" * 100_000])


async def test_a_capture_that_cannot_be_written_is_refused_as_any_other_file(
    imaging: Imaging, tmp_path: Path
) -> None:
    """The process that decodes pictures writes it."""
    (tmp_path / "capture").symlink_to("/dev/full")
    with (tmp_path / "picture").open("w+b") as picture, (tmp_path / "capture").open("wb") as into:
        Image.new("L", (40, 30)).save(picture, "PNG")

        with pytest.raises(SpoolFull):
            await imaging.pictures.capture(picture, CONTEXT, into)


async def test_bytes_that_wait_in_a_buffer_are_refused_when_they_are_due(spool: Spool) -> None:
    file = spool.new_file()
    file.write(b"few")

    with pytest.raises(SpoolFull):
        await asyncio.to_thread(spool.accept, file, received_by="UPLOAD", received_from="tester")


async def test_a_disk_that_fails_to_sync_leaves_no_promise(
    imaging: Imaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.spool._fsync_folder", refuse)
    file = imaging.spool.file_of([build_instance(seed="full-sync").content])

    with pytest.raises(SpoolFull):
        await asyncio.to_thread(
            imaging.spool.accept, file, received_by="UPLOAD", received_from="tester"
        )

    assert is_empty(imaging.spool.folder / "waiting")


async def test_an_object_is_read_though_its_copy_cannot_be_kept(
    object_storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await object_storage.put(IMAGES_BUCKET, "full/read", b"pixels", content_type="text/plain")
    cache = ObjectCache(tmp_path, object_storage, limit_bytes=1000)
    monkeypatch.setattr(cache, "_folder", FullForDrafts(tmp_path))

    assert await cache.read("full/read", 1, 4) == b"ixel"
    assert await cache.read_whole("full/read") == b"pixels"
    assert is_empty(tmp_path)


def test_copies_go_before_the_spool_has_no_room(
    object_storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in range(4):
        (tmp_path / f"copy-{age}").write_bytes(b"\0" * 100)
    cache = ObjectCache(tmp_path, object_storage, limit_bytes=1000, leave_bytes=250)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=50))

    cache.sweep()

    assert len(list(tmp_path.iterdir())) == 2
