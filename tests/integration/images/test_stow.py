"""STOW-RS: each instance is stored durably or listed with its reason; never success for nothing."""

from unittest.mock import ANY

import httpx
import pytest

from contracts.topics import IMAGES_INGESTED
from gateway.imaging import Imaging
from tests.harness.bus import Bus
from tests.harness.dicom import build_instance, build_study, hostile_files
from tests.harness.stow import BOUNDARY, RELATED, related

DICOM_JSON = "application/dicom+json"


async def post(
    web: httpx.AsyncClient, body: bytes, path: str = "/dicom-web/studies"
) -> httpx.Response:
    return await web.post(path, content=body, headers={"content-type": RELATED})


async def test_study_is_stored_and_listed(web: httpx.AsyncClient, bus: Bus) -> None:
    study = build_study(seed="stow-1", instances=3)

    answer = await post(web, related(i.content for i in study))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == DICOM_JSON
    referenced = answer.json()["00081199"]["Value"]
    assert {r["00081155"]["Value"][0] for r in referenced} == {i.sop_instance_uid for i in study}
    for instance in study:
        uid = instance.sop_instance_uid
        await bus.first(IMAGES_INGESTED, lambda e, uid=uid: e.data.sop_instance_uid == uid)


async def test_mixed_batch_stores_the_good_and_names_the_bad(
    web: httpx.AsyncClient, bus: Bus
) -> None:
    good = build_instance(seed="stow-good")

    answer = await post(web, related([b"garbage" * 100, good.content]))

    assert answer.status_code == 202
    assert len(answer.json()["00081199"]["Value"]) == 1
    assert answer.json()["00081198"]["Value"] == [{"00081197": {"vr": "US", "Value": [0xC000]}}]
    await bus.first(IMAGES_INGESTED, lambda e: e.data.sop_instance_uid == good.sop_instance_uid)


@pytest.mark.parametrize("name", sorted(hostile_files()))
async def test_hostile_file_gets_a_reason_and_harms_nobody(
    web: httpx.AsyncClient, name: str
) -> None:
    answer = await post(web, related([hostile_files()[name]]))

    assert answer.status_code in (200, 409), answer.text
    assert ("00081198" in answer.json()) == (answer.status_code == 409)


async def test_body_without_its_last_boundary_is_an_error(
    web: httpx.AsyncClient, imaging: Imaging
) -> None:
    """The sender was cut off: the last part may be cut too, and is not stored."""
    answer = await post(web, related([build_instance(seed="cut").content], closed=False))

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_multipart"
    assert not list((imaging.settings.spool_dir / "http" / "incoming").iterdir())


async def test_instance_of_another_study_is_refused(web: httpx.AsyncClient) -> None:
    body = related([build_instance(seed="stow-other").content])

    answer = await post(web, body, "/dicom-web/studies/1.2.3")

    assert answer.status_code == 409
    failed = answer.json()["00081198"]["Value"][0]
    assert failed["00081197"]["Value"] == [0xA900]
    assert failed["00081155"]["Value"] == [ANY]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/dicom", b"x", 415),
        ("multipart/related", b"x", 415),
        ('multipart/related; type="application/dicom"', b"x", 400),
        (RELATED, f"--{BOUNDARY}--\r\n".encode(), 400),
        (RELATED, b"", 400),
        (RELATED, b"no boundary at all", 400),
    ],
)
async def test_what_is_no_multipart_body_is_refused(
    web: httpx.AsyncClient, content_type: str, body: bytes, status: int
) -> None:
    answer = await web.post(
        "/dicom-web/studies", content=body, headers={"content-type": content_type}
    )

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_too_large_a_body_is_cut_off(web: httpx.AsyncClient, imaging: Imaging) -> None:
    async def endless() -> object:
        head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        yield head
        for _ in range(80):
            yield b"\0" * 1_000_000

    answer = await web.post(
        "/dicom-web/studies", content=endless(), headers={"content-type": RELATED}
    )

    assert answer.status_code == 413
    assert not list((imaging.settings.spool_dir / "http" / "incoming").iterdir())


async def test_full_spool_says_when_to_come_again(
    web: httpx.AsyncClient, imaging: Imaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = imaging.settings.model_copy(update={"spool_reserve_bytes": 1 << 60})
    monkeypatch.setattr(imaging.spool, "settings", full)

    answer = await post(web, related([build_instance(seed="stow-full").content]))

    assert answer.status_code == 503
    assert answer.json()["code"] == "spool_full"
    assert answer.headers["retry-after"]
