"""Uploads from a browser: every file gets an answer of its own, and STORED means durable."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from PIL import Image
from pydicom import dcmread

from contracts.api.uploads import UploadResult
from contracts.events.order_updated import OrderUpdated
from contracts.topics import IMAGES_INGESTED
from gateway.imaging import Imaging
from gateway.problems import install_problem_handlers
from gateway.upload import receive_upload
from tests.harness.bus import Bus
from tests.harness.dicom import TestPatient, build_instance, build_study
from tests.harness.snapshots import order_snapshot


@pytest.fixture
def order() -> OrderUpdated:
    return order_snapshot()


@pytest_asyncio.fixture
async def web(imaging: Imaging, order: OrderUpdated) -> AsyncIterator[httpx.AsyncClient]:
    """Two addresses: for the order, and for none."""
    app = FastAPI()
    app.state.imaging = imaging
    install_problem_handlers(app)

    @app.post("/{target}")
    async def upload(request: Request, target: str) -> UploadResult:
        wanted = order if target == "order" else None
        zone = ZoneInfo("Europe/Berlin")
        return await receive_upload(request, uploader_id="tester", order=wanted, zone=zone)

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def send(
    web: httpx.AsyncClient, *files: tuple[str, bytes], to: str = "order", **fields: str
) -> Any:
    answer = await web.post(
        f"/{to}", data=fields, files=[("image", (name, content)) for name, content in files]
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def uids(result: Any) -> set[str]:
    return {file["sopInstanceUid"] for file in result["files"]}


def picture(kind: str = "PNG", colour: int = 90) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (40, 30), colour).save(buffer, kind)
    return buffer.getvalue()


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


async def test_dicom_file_is_stored_with_the_order_it_was_sent_for(
    web: httpx.AsyncClient, bus: Bus, order: OrderUpdated
) -> None:
    instance = build_instance(seed="upload-1")

    result = await send(web, ("slice.dcm", instance.content))

    event = await bus.first(IMAGES_INGESTED)
    assert result["stored"] == 1
    assert result["files"][0]["sopInstanceUid"] == instance.sop_instance_uid
    assert event.data.order_id == str(order.id)
    assert event.data.received_by == "UPLOAD"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_picture_becomes_a_secondary_capture_of_its_order(
    web: httpx.AsyncClient, bus: Bus, imaging: Imaging, order: OrderUpdated, kind: str
) -> None:
    result = await send(web, ("photo", picture(kind)), studyDescription="Wound", seriesNumber="7")

    event = await bus.first(IMAGES_INGESTED)
    stored = await imaging.storage.get(event.data.stored.bucket, event.data.stored.key)
    ds = dcmread(io.BytesIO(stored))
    assert result["files"][0]["status"] == "STORED"
    assert ds.PatientID == order.details.patient.mrn
    assert ds.AccessionNumber == order.accession_number
    assert (ds.StudyDescription, ds.SeriesNumber) == ("Wound", 7)
    assert (ds.Rows, ds.Columns) == (30, 40)


async def test_same_picture_twice_is_the_same_instance(web: httpx.AsyncClient) -> None:
    first = await send(web, ("a.png", picture()))
    second = await send(web, ("b.png", picture()))

    assert first["files"][0]["sopInstanceUid"] == second["files"][0]["sopInstanceUid"]


async def test_files_in_another_order_are_the_same_instances(
    web: httpx.AsyncClient, bus: Bus
) -> None:
    one, other = ("a.png", picture()), ("b.png", picture(colour=7))

    first = await send(web, one, other)
    second = await send(web, other, one)

    assert uids(first) == uids(second)
    await bus.settle()
    stored = [event.data.stored for event in bus.seen if event.topic.name == IMAGES_INGESTED.name]
    assert len({one.sha256 for one in stored}) == 2


async def test_pages_are_in_the_order_of_the_numbers_in_their_names(
    web: httpx.AsyncClient, bus: Bus
) -> None:
    pages = {"scan__page-02.png": picture(), "scan__page-10.png": picture(colour=7)}

    await send(web, ("scan.zip", archive(**pages)), ("photo.png", picture(colour=8)))

    await bus.settle()
    stored = [event.data for event in bus.seen if event.topic.name == IMAGES_INGESTED.name]
    assert {one.header.instance_number for one in stored} == {None, 2, 10}


@pytest.mark.parametrize(
    "fields", [{"seriesNumber": "7"}, {"studyDescription": "Wound"}, {"sequenceName": "T1"}]
)
async def test_same_picture_with_another_description_is_another_instance(
    web: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    """Under the same UID its other bytes would go to quarantine, although STORED was said."""
    first = await send(web, ("a.png", picture()))
    second = await send(web, ("a.png", picture()), **fields)

    assert not uids(first) & uids(second)


async def test_picture_that_breaks_its_decoder_is_refused_and_its_neighbours_are_stored(
    web: httpx.AsyncClient, imaging: Imaging, tmp_path: Path
) -> None:
    """The process beside the gateway dies of it, twice; the gateway goes on."""
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").write_text("raise SystemExit(1)")
    process = imaging.pictures._process
    await process.close()  # of an earlier picture
    good, process.folder = process.folder, tmp_path
    refused = (await send(web, ("bomb.png", picture())))["files"][0]
    process.folder = good

    stored = (await send(web, ("photo.png", picture())))["files"][0]

    assert (refused["status"], refused["code"]) == ("REFUSED", "damaged_picture")
    assert stored["status"] == "STORED"


async def test_picture_leaves_nothing_behind_but_its_capture(
    web: httpx.AsyncClient, imaging: Imaging
) -> None:
    await send(web, ("a.png", picture()), ("cut.png", picture()[:40]))
    await send(web, ("pictures.zip", archive(**{"b.png": picture(colour=7), "c.png": b"\x89PNG"})))

    assert not list((imaging.settings.spool_dir / "http" / "incoming").iterdir())


async def test_zip_with_folders_is_unpacked_and_each_member_answered(
    web: httpx.AsyncClient,
) -> None:
    study = build_study(seed="upload-zip", instances=3)
    content = archive(
        **{f"CD__IM{n}": i.content for n, i in enumerate(study)},
        **{"CD__readme.txt": b"hello", "..__..__etc__passwd": study[0].content},
    )

    result = await send(web, ("cd.zip", content))

    by_name = {file["fileName"]: file for file in result["files"]}
    assert by_name["cd.zip/CD/IM0"]["status"] == "STORED"
    assert by_name["cd.zip/CD/readme.txt"]["status"] != "STORED"
    assert result["stored"] >= 3


async def test_empty_zip_is_refused_as_such_beside_its_neighbours(web: httpx.AsyncClient) -> None:
    result = await send(web, ("empty.zip", archive()), ("photo.png", picture()))

    empty, photo = result["files"]
    assert (empty["status"], empty["code"]) == ("REFUSED", "empty_archive")
    assert empty["message"] == "The zip holds no file."
    assert photo["status"] == "STORED"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seriesNumber": "0"}, "seriesNumber: Input should be greater than or equal to 1"),
        ({"seriesNumber": "10000"}, "seriesNumber: Input should be less than or equal to 9999"),
        ({"seriesNumber": str(2**31)}, "seriesNumber: Input should be less than or equal to 9999"),
        ({"seriesNumber": "seven"}, "seriesNumber: Input should be a valid integer"),
        ({"studyDescription": "a\nb"}, "studyDescription: must be one line, without line breaks"),
        ({"sequenceName": "x" * 65}, "sequenceName: At most 64 characters."),
        ({"sequenceName": "x" * 5000}, "sequenceName: At most 64 characters."),
    ],
)
async def test_field_that_cannot_be_taken_is_named_with_its_reason(
    web: httpx.AsyncClient, imaging: Imaging, fields: dict[str, str], said: str
) -> None:
    answer = await web.post("/order", data=fields, files=[("image", ("a.png", picture()))])

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert said in answer.json()["detail"]
    assert not list((imaging.settings.spool_dir / "http" / "incoming").iterdir())


async def test_mismatch_with_the_order_is_said(web: httpx.AsyncClient) -> None:
    other = build_instance(seed="upload-other", patient=TestPatient(patient_id="SOMEBODY-ELSE"))

    result = await send(web, ("slice.dcm", other.content))

    assert result["files"][0]["warning"] == "patient_differs"


async def test_what_is_no_image_is_refused_with_a_reason(web: httpx.AsyncClient) -> None:
    result = await send(
        web, ("letter.pdf", b"%PDF-1.7"), ("empty", b""), ("x.png", b"\x89PNG\r\n\x1a\n")
    )

    assert result["refused"] == 3
    assert all(file["code"] and file["message"] for file in result["files"])


async def test_picture_without_an_order_is_refused(web: httpx.AsyncClient) -> None:
    result = await send(web, ("photo.png", picture()), to="none")

    assert result["files"][0]["code"] == "order_needed"


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "unsupported_media_type"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422, "nothing_uploaded"),
        ("multipart/form-data; boundary=x", b"--x\r\ncut", 400, "malformed_multipart"),
    ],
)
async def test_what_is_no_form_is_refused(
    web: httpx.AsyncClient, content_type: str, body: bytes, status: int, code: str
) -> None:
    answer = await web.post("/order", content=body, headers={"content-type": content_type})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nothing_is_left_behind_when_a_form_is_cut(
    web: httpx.AsyncClient, imaging: Imaging
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.dcm"\r\n\r\n'
        + build_instance(seed="upload-cut").content[:500]
    )

    answer = await web.post(
        "/order", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 400
    assert not list((imaging.settings.spool_dir / "http" / "incoming").iterdir())
