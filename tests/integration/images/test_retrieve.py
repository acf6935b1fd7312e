"""WADO-RS: what is stored comes back byte for byte, large or small, alone or as parts."""

from email import message_from_bytes
from uuid import uuid4

import httpx
import pytest

from services.dicom.header import parse_header
from services.object_storage import IMAGES_BUCKET, PIECE_BYTES, ObjectStorage, instance_key
from tests.harness.dicom import TestInstance, build_instance, build_study
from tests.integration.images.test_archive import stored

RELATED = {"accept": "multipart/related"}


def address(instance: TestInstance) -> str:
    series = f"/dicom-web/studies/{instance.study_instance_uid}/series"
    return f"{series}/{instance.series_instance_uid}/instances/{instance.sop_instance_uid}"


def frames_of(instance: TestInstance) -> list[bytes]:
    frames = parse_header(instance.content).frames
    return [instance.content[each.offset : each.offset + each.length] for each in frames]


def parts_of(answer: httpx.Response) -> list[bytes]:
    assert answer.status_code == 200
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    whole = message_from_bytes(head + answer.content)
    return [part.get_payload(decode=True) for part in whole.get_payload()]  # type: ignore[union-attr,misc]


async def test_large_instance_and_its_frame_come_as_they_are(
    web: httpx.AsyncClient, object_storage: ObjectStorage
) -> None:
    instance = build_instance(seed=uuid4().hex, rows=1024, columns=1024)
    await stored(object_storage, [instance])
    [frame] = frames_of(instance)

    whole = await web.get(address(instance))
    pixels = await web.get(f"{address(instance)}/frames/1")

    assert len(frame) > 2 * PIECE_BYTES
    assert whole.content == instance.content
    assert whole.headers["content-length"] == str(len(instance.content))
    assert pixels.content == frame
    assert pixels.headers["content-length"] == str(len(frame))
    assert "immutable" in pixels.headers["cache-control"]


async def test_several_frames_come_as_parts(
    web: httpx.AsyncClient, object_storage: ObjectStorage
) -> None:
    [clip] = build_study(kind="US", seed=uuid4().hex, instances=1)
    await stored(object_storage, [clip])
    frames = frames_of(clip)

    answer = await web.get(f"{address(clip)}/frames/1,3", headers=RELATED)

    assert parts_of(answer) == [frames[0], frames[2]]


async def test_series_comes_as_parts_and_may_grow(
    web: httpx.AsyncClient, object_storage: ObjectStorage
) -> None:
    sent = build_study(seed=uuid4().hex, instances=3)
    await stored(object_storage, sent)

    answer = await web.get(address(sent[0]).partition("/instances/")[0], headers=RELATED)

    assert set(parts_of(answer)) == {each.content for each in sent}
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("what", ["", "/frames/1", "/frames/1,1"])
async def test_object_that_is_gone_is_told_as_such(
    web: httpx.AsyncClient, object_storage: ObjectStorage, what: str
) -> None:
    """Not in the middle of an answer that began well."""
    instance = build_instance(seed=uuid4().hex)
    await stored(object_storage, [instance])
    uids = instance.study_instance_uid, instance.series_instance_uid, instance.sop_instance_uid
    await object_storage.delete(IMAGES_BUCKET, instance_key(*uids))

    answer = await web.get(f"{address(instance)}{what}", headers=RELATED)

    assert answer.status_code == 404
