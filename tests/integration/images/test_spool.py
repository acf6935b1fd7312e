"""The spool: what was accepted reaches S3 and Kafka whatever happens in between."""

import asyncio
import errno
import shutil
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, Gauge
from pydantic import SecretStr

from contracts.topics import IMAGES_INGESTED
from gateway.imaging_settings import ImagingSettings
from gateway.object_cache import ObjectCache
from gateway.spool import (
    SPOOL_DAMAGED,
    SPOOL_REFUSED,
    Accepted,
    Spool,
    SpoolFull,
    open_spool,
)
from services.dicom.errors import UnreadableInstance
from services.errors import BrokerUnavailable, ObjectMissing, ObjectStorageUnavailable
from services.kafka import KafkaSettings, Publisher
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectRefused,
    ObjectStorage,
    ObjectStorageRefuses,
    ObjectStorageSettings,
    open_object_storage,
)
from tests.harness.bus import Bus
from tests.harness.dicom import TestInstance, build_instance
from tests.harness.standins import eventually


def accept(spool: Spool, content: bytes) -> Accepted:
    file = spool.new_file()
    file.write(content)
    return spool.accept(file, received_by="UPLOAD", received_from="tester")


def closed_spool(settings: ImagingSettings, storage: ObjectStorage, bus: Bus) -> Spool:
    """A spool that accepts but does not drain: as after a crash right behind the answer."""
    return Spool(
        settings.spool_dir / "http",
        settings,
        storage,
        bus.publisher,
        cache(settings, storage),
    )


def opened(
    settings: ImagingSettings, storage: ObjectStorage, bus: Bus
) -> AbstractAsyncContextManager[Spool]:
    """The same spool as it runs."""
    return open_spool(
        settings.spool_dir / "http", settings, storage, bus.publisher, cache(settings, storage)
    )


def cache(settings: ImagingSettings, storage: ObjectStorage) -> ObjectCache:
    return ObjectCache(settings.spool_dir / "cache", storage, settings.cache_limit_bytes)


async def test_what_was_accepted_before_a_crash_goes_on_after_it(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    crashed = closed_spool(imaging_settings, object_storage, bus)
    instance = build_instance(seed="crash")
    accepted = await asyncio.to_thread(accept, crashed, instance.content)
    crashed.new_file().write(b"half an instance, never accepted")

    async with opened(
        imaging_settings.model_copy(update={"spool_keep_seconds": 0}), object_storage, bus
    ) as spool:
        event = await bus.first(IMAGES_INGESTED)
        await eventually(lambda: _is_empty(spool))

    assert event.id == accepted.slip.event_id
    assert await object_storage.get(event.data.stored.bucket, event.data.stored.key) == (
        instance.content
    )
    assert not list((imaging_settings.spool_dir / "http" / "incoming").iterdir())


async def test_what_both_had_confirmed_and_lost_in_a_power_cut_is_sent_again(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    """A store or a broker may confirm what it has only in memory."""
    instance = build_instance(seed="power cut")
    async with opened(imaging_settings, object_storage, bus) as spool:
        await asyncio.to_thread(accept, spool, instance.content)
        confirmed = await bus.first(IMAGES_INGESTED)
        await _drained(spool)
    bus.seen.clear()
    await object_storage.delete(IMAGES_BUCKET, confirmed.data.stored.key)

    async with opened(imaging_settings, object_storage, bus):
        again = await bus.first(IMAGES_INGESTED)

    assert (again.id, again.data) == (confirmed.id, confirmed.data)
    assert await object_storage.get(IMAGES_BUCKET, again.data.stored.key) == instance.content


async def test_no_image_is_refused_for_what_both_have_confirmed(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    free = shutil.disk_usage(imaging_settings.spool_dir.parent).free
    nearly_full = imaging_settings.model_copy(update={"spool_reserve_bytes": int(free * 0.7)})
    async with opened(nearly_full, object_storage, bus) as spool:
        await asyncio.to_thread(accept, spool, build_instance(seed="nearly full").content)
        await bus.first(IMAGES_INGESTED)

        await eventually(lambda: _is_empty(spool))


async def test_same_file_twice_after_a_crash_is_the_same_event(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus, tmp_path: Path
) -> None:
    """A crash after the publication and before the file is gone sends it again: with its old id."""
    crashed = closed_spool(imaging_settings, object_storage, bus)
    accepted = await asyncio.to_thread(accept, crashed, build_instance(seed="again").content)
    waiting = accepted.path.parent
    kept = {path.name: path.read_bytes() for path in waiting.iterdir()}

    for _ in range(2):
        for name, content in kept.items():
            (waiting / name).write_bytes(content)
        async with opened(imaging_settings, object_storage, bus) as spool:
            await _drained(spool)
    await bus.settle()

    ids = [e.id for e in bus.seen if e.topic.name == "images.ingested"]
    assert ids == [accepted.slip.event_id] * 2


async def test_store_and_broker_away_lose_nothing(
    imaging_settings: ImagingSettings,
    object_storage: ObjectStorage,
    bus: Bus,
    kafka: KafkaSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outages = [ObjectStorageUnavailable("down"), BrokerUnavailable("down")]
    put_once, publish = object_storage.put_once, Publisher.publish

    async def put_sometimes(*args: object, **kwargs: object) -> bool:
        if len(outages) == 2:
            raise outages.pop(0)
        return await put_once(*args, **kwargs)  # type: ignore[arg-type]

    async def publish_sometimes(self: Publisher, *events: object) -> None:
        if outages:
            raise outages.pop(0)
        await publish(self, *events)  # type: ignore[arg-type]

    monkeypatch.setattr(object_storage, "put_once", put_sometimes)
    monkeypatch.setattr(Publisher, "publish", publish_sometimes)
    instance = build_instance(seed="outage")

    async with opened(imaging_settings, object_storage, bus) as spool:
        await asyncio.to_thread(accept, spool, instance.content)
        event = await bus.first(IMAGES_INGESTED)

    assert outages == []
    assert event.data.sop_instance_uid == instance.sop_instance_uid


@pytest.mark.parametrize(
    "refusal",
    [
        ObjectStorageRefuses("InvalidAccessKeyId"),
        ObjectRefused("InvalidObjectState"),
        ObjectMissing("no object under this key"),
        OSError(errno.EMFILE, "Too many open files"),
    ],
)
async def test_what_the_store_refuses_waits_until_it_is_mended(
    imaging_settings: ImagingSettings,
    object_storage: ObjectStorage,
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Exception,
) -> None:
    """As after a rotation of keys: the images of that night are no worse for it."""
    put_once, mended = object_storage.put_once, asyncio.Event()

    async def put_when_mended(*args: object, **kwargs: object) -> bool:
        if not mended.is_set():
            raise refusal
        return await put_once(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(object_storage, "put_once", put_when_mended)
    instance = build_instance(seed=f"refused {refusal}")

    async with opened(imaging_settings, object_storage, bus) as spool:
        accepted = await asyncio.to_thread(accept, spool, instance.content)
        await eventually(lambda: _is(SPOOL_REFUSED, 1))
        mended.set()
        event = await bus.first(IMAGES_INGESTED)
        await eventually(lambda: _is(SPOOL_REFUSED, 0))

    assert event.id == accepted.slip.event_id
    assert not list((spool.folder / "damaged").iterdir())


async def test_a_store_that_knows_another_key_refuses(
    object_storage_settings: ObjectStorageSettings,
) -> None:
    wrong = object_storage_settings.model_copy(update={"secret_key": SecretStr("rotated away")})

    async with open_object_storage(wrong) as storage:
        with pytest.raises(ObjectStorageRefuses):
            await storage.put_once(IMAGES_BUCKET, "k", b"", content_type="text/plain")


async def test_what_cannot_be_read_is_set_aside_and_tried_again_at_the_next_start(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    """An earlier release, or a fault of the disk that has been mended since."""
    crashed = closed_spool(imaging_settings, object_storage, bus)
    content = build_instance(seed="damaged").content
    accepted = await asyncio.to_thread(accept, crashed, content)
    accepted.path.write_bytes(b"not an image" * 50)

    async with opened(imaging_settings, object_storage, bus):
        await eventually(lambda: _is(SPOOL_DAMAGED, 1))
    (crashed.folder / "damaged" / accepted.path.name).write_bytes(content)
    async with opened(imaging_settings, object_storage, bus):
        event = await bus.first(IMAGES_INGESTED)

    assert event.id == accepted.slip.event_id
    assert not list((crashed.folder / "damaged").iterdir())


async def test_other_bytes_under_the_same_uid_never_overwrite(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    first = build_instance(seed="contradiction")
    other = _with_other_pixels(first)
    async with opened(imaging_settings, object_storage, bus) as spool:
        await asyncio.to_thread(accept, spool, first.content)
        await _drained(spool)
        await asyncio.to_thread(accept, spool, other)
        event = await bus.first(IMAGES_INGESTED, lambda e: "quarantine" in e.data.stored.key)
        original = await bus.first(IMAGES_INGESTED)

    assert await object_storage.get("radiology-images", original.data.stored.key) == first.content
    assert await object_storage.get("radiology-images", event.data.stored.key) == other


async def test_bytes_that_are_no_instance_leave_nothing_behind(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    spool = closed_spool(imaging_settings, object_storage, bus)

    with pytest.raises(UnreadableInstance):
        await asyncio.to_thread(accept, spool, b"not an image" * 50)

    assert not list((imaging_settings.spool_dir / "http" / "incoming").iterdir())
    assert not list((imaging_settings.spool_dir / "http" / "waiting").iterdir())


async def test_past_the_high_water_mark_nothing_is_promised(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> None:
    content = build_instance(seed="mark").content
    small = imaging_settings.model_copy(update={"spool_limit_bytes": int(len(content) * 1.5)})
    spool = closed_spool(small, object_storage, bus)
    await asyncio.to_thread(accept, spool, content)

    with pytest.raises(SpoolFull):
        await asyncio.to_thread(accept, spool, build_instance(seed="mark-2").content)


async def _is(gauge: Gauge, value: float) -> bool:
    return REGISTRY.get_sample_value(gauge._name) == value


async def _is_empty(spool: Spool) -> bool:
    return not any((spool.folder / "waiting").iterdir())


async def _drained(spool: Spool) -> None:
    async with asyncio.timeout(20):
        while spool.waiting_bytes:  # noqa: ASYNC110 - the spool has no reason to tell anybody
            await asyncio.sleep(0.05)


def _with_other_pixels(instance: TestInstance) -> bytes:
    return instance.content[:-2] + bytes([instance.content[-2] ^ 1, instance.content[-1]])
