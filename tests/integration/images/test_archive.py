"""A study to take along: every file as it was received, and a directory that finds each of them."""

import asyncio
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from fastapi import FastAPI
from pydicom import dcmread
from pydicom.fileset import FileSet
from pydicom.uid import DeflatedExplicitVRLittleEndian

from gateway.dicomweb import media
from gateway.routes.dicomweb import instances_known
from services.dicom.header import parse_header
from services.dicom.series_documents import SeriesInstance, frames_document, instance_frames
from services.object_storage import IMAGES_BUCKET, ObjectStorage, frames_key, instance_key
from tests.harness.dicom import TestInstance, build_study, encode


async def stored(storage: ObjectStorage, instances: list[TestInstance]) -> str:
    """Store a study as it is after it was indexed; return its UID."""
    series = defaultdict(list)
    for number, one in enumerate(instances):
        uids = one.study_instance_uid, one.series_instance_uid
        key = instance_key(*uids, one.sop_instance_uid)
        await storage.put(IMAGES_BUCKET, key, one.content, content_type="application/dicom")
        frames = instance_frames(parse_header(one.content), key=key)
        series[uids].append(SeriesInstance(one.sop_instance_uid, number, None, "{}", frames))
    for uids, known in series.items():
        document = frames_document(known)
        await storage.put(IMAGES_BUCKET, frames_key(*uids), document, content_type="x")
    return instances[0].study_instance_uid


async def archive_of(web: httpx.AsyncClient, study: str) -> ZipFile:
    answer = await web.get(f"/dicom-web/studies/{study}/archive")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    return ZipFile(BytesIO(answer.content))


async def test_archive_holds_every_file_as_received(
    web: httpx.AsyncClient, object_storage: ObjectStorage
) -> None:
    sent = build_study(seed=uuid4().hex, instances=4, series=2)
    study = await stored(object_storage, sent)

    archive = await archive_of(web, study)

    assert archive.testzip() is None
    files = {archive.read(name) for name in archive.namelist() if name != "DICOMDIR"}
    assert files == {instance.content for instance in sent}


async def test_image_that_is_still_filed_is_waited_for(
    app: FastAPI, web: httpx.AsyncClient, object_storage: ObjectStorage
) -> None:
    """The index knows it already; where it lies in its series is written some seconds later."""
    sent = build_study(seed=uuid4().hex, instances=5)
    study = await stored(object_storage, sent[:3])
    app.dependency_overrides[instances_known] = lambda: 5

    asked = asyncio.create_task(archive_of(web, study))
    await asyncio.sleep(0.2)
    await stored(object_storage, sent)

    files = [name for name in (await asked).namelist() if name != "DICOMDIR"]
    assert len(files) == 5


async def test_archive_that_would_lack_an_image_is_none(
    app: FastAPI,
    web: httpx.AsyncClient,
    object_storage: ObjectStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = await stored(object_storage, build_study(seed=uuid4().hex, instances=2))
    app.dependency_overrides[instances_known] = lambda: 3
    monkeypatch.setattr(media, "_FILING_TRIES", 1)

    answer = await web.get(f"/dicom-web/studies/{study}/archive")

    assert (answer.status_code, answer.json()["code"]) == (503, "images_not_ready")
    assert answer.headers["retry-after"] == "10"


async def test_directory_finds_each_file(
    web: httpx.AsyncClient, object_storage: ObjectStorage, tmp_path: Path
) -> None:
    sent = build_study(seed=uuid4().hex, instances=12, series=2)
    study = await stored(object_storage, sent)

    (await archive_of(web, study)).extractall(tmp_path)

    directory = FileSet(tmp_path / "DICOMDIR")
    found = {instance.SOPInstanceUID: dcmread(instance.path) for instance in directory}
    assert set(found) == {instance.sop_instance_uid for instance in sent}
    assert all(uid == ds.SOPInstanceUID for uid, ds in found.items())


async def test_image_without_a_study_id_is_in_the_directory(
    web: httpx.AsyncClient, object_storage: ObjectStorage, tmp_path: Path
) -> None:
    """A directory must have a value where an image may have none."""
    [sent] = build_study(seed=uuid4().hex, instances=1)
    ds = dcmread(BytesIO(sent.content))
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "", None, None
    changed = TestInstance(**vars(sent) | {"content": encode(ds)})
    study = await stored(object_storage, [changed])

    archive = await archive_of(web, study)
    archive.extractall(tmp_path)

    [instance] = FileSet(tmp_path / "DICOMDIR")
    assert instance.SOPInstanceUID == sent.sop_instance_uid
    assert archive.read(instance.FileID) == changed.content


async def test_deflated_file_is_in_the_directory(
    web: httpx.AsyncClient, object_storage: ObjectStorage, tmp_path: Path
) -> None:
    """Where its pixels begin cannot be seen from outside."""
    [sent] = build_study(seed=uuid4().hex, instances=1)
    ds = dcmread(BytesIO(sent.content))
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    study = await stored(object_storage, [TestInstance(**vars(sent) | {"content": encode(ds)})])

    (await archive_of(web, study)).extractall(tmp_path)

    [instance] = FileSet(tmp_path / "DICOMDIR")
    assert instance.SOPInstanceUID == sent.sop_instance_uid


async def test_archive_whose_directory_failed_is_no_whole_one(
    web: httpx.AsyncClient, object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = await stored(object_storage, build_study(seed=uuid4().hex, instances=2))
    monkeypatch.setattr(media, "_WRITER", "gateway.dicomweb.nothing")

    with pytest.raises(RuntimeError, match="response already started"):
        await web.get(f"/dicom-web/studies/{study}/archive")


async def test_directory_of_a_large_study_is_waited_for() -> None:
    """It comes last: a study of 1,500 images had been sent in vain after 20 s on a busy machine."""
    async with media._open_directory() as directory:
        assert directory.time_limit_seconds >= 300


async def test_unknown_study_is_not_found(web: httpx.AsyncClient) -> None:
    answer = await web.get("/dicom-web/studies/1.2.3.4/archive")

    assert answer.status_code == 404


@pytest.mark.parametrize("kind", ["US", "DX", "MR"])
async def test_other_kinds_of_images_travel_too(
    web: httpx.AsyncClient, object_storage: ObjectStorage, kind: str
) -> None:
    study = await stored(object_storage, build_study(kind=kind, seed=uuid4().hex))

    archive = await archive_of(web, study)

    assert not [name for name in archive.namelist() if name.startswith("OTHER/")]
