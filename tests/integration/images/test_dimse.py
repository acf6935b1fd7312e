"""C-STORE as modalities do it: answered with success only when durable, and with the right status
otherwise."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pynetdicom import AE, Association
from pynetdicom.sop_class import CTImageStorage, Verification  # type: ignore[attr-defined]

from contracts.topics import IMAGES_INGESTED
from gateway.dimse.scp import StorageScp
from gateway.imaging import Imaging
from gateway.imaging_settings import ImagingSettings
from services.object_storage import instance_key
from tests.harness.bus import Bus
from tests.harness.dicom import TestInstance, build_instance, build_study
from tests.harness.standins import eventually


@contextmanager
def association(
    settings: ImagingSettings, *, called: str = "RADIOLOGY", calling: str = "CT1"
) -> Iterator[Association]:
    ae = AE(ae_title=calling)
    ae.add_requested_context(Verification)
    ae.add_requested_context(CTImageStorage)
    assoc = ae.associate("127.0.0.1", settings.dimse_port, ae_title=called)
    try:
        yield assoc
    finally:
        if assoc.is_established:
            assoc.release()


def send(settings: ImagingSettings, *instances: TestInstance) -> list[int]:
    with association(settings) as assoc:
        assert assoc.is_established
        return [assoc.send_c_store(dcmread(DicomBytesIO(i.content))).Status for i in instances]


async def test_stored_instance_reaches_s3_and_kafka_as_it_was_sent(
    imaging: Imaging, imaging_settings: ImagingSettings, bus: Bus
) -> None:
    instance = build_instance(seed="dimse-1")

    statuses = await asyncio.to_thread(send, imaging_settings, instance)

    event = await bus.first(IMAGES_INGESTED)
    stored = event.data.stored
    body = await imaging.storage.get(stored.bucket, stored.key)
    assert statuses == [0x0000]
    assert event.data.received_by == "DIMSE"
    assert event.data.received_from == "CT1"
    assert stored.size_bytes == len(body)
    sent, kept = dcmread(DicomBytesIO(instance.content)), dcmread(DicomBytesIO(body))
    assert kept.PixelData == sent.PixelData
    assert kept.PatientName == sent.PatientName
    assert event.data.documents is not None


async def test_whole_study_is_stored_once_when_it_is_sent_twice(
    imaging: Imaging, imaging_settings: ImagingSettings, bus: Bus
) -> None:
    study = build_study(seed="dimse-twice", instances=4)

    first = await asyncio.to_thread(send, imaging_settings, *study)
    second = await asyncio.to_thread(send, imaging_settings, *study)
    await bus.settle(2)

    assert first == second == [0x0000] * len(study)
    keys = {e.data.stored.key for e in bus.seen if e.topic.name == "images.ingested"}
    assert keys == {
        instance_key(i.study_instance_uid, i.series_instance_uid, i.sop_instance_uid) for i in study
    }
    assert imaging.spool.waiting_bytes == 0


async def test_echo_is_answered(imaging: Imaging, imaging_settings: ImagingSettings) -> None:
    def echo() -> int:
        with association(imaging_settings) as assoc:
            return int(assoc.send_c_echo().Status)

    assert await asyncio.to_thread(echo) == 0x0000


async def test_wrong_called_title_is_not_let_in(
    imaging: Imaging, imaging_settings: ImagingSettings
) -> None:
    def associate() -> bool:
        with association(imaging_settings, called="SOMEBODY") as assoc:
            return bool(assoc.is_established)

    assert await asyncio.to_thread(associate) is False


async def test_full_spool_refuses_and_promises_nothing(
    imaging: Imaging, imaging_settings: ImagingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0xA700: the modality keeps the image and sends it again later."""
    full = imaging_settings.model_copy(update={"spool_limit_bytes": 10})
    monkeypatch.setattr(imaging.spool, "settings", full)

    statuses = await asyncio.to_thread(send, imaging_settings, build_instance(seed="full"))

    assert statuses == [0xA700]
    assert not list((imaging_settings.spool_dir / "http" / "waiting").iterdir())
    assert not list((imaging_settings.spool_dir / "http" / "incoming").iterdir())


async def test_instance_that_cannot_be_read_is_refused(
    imaging: Imaging, imaging_settings: ImagingSettings
) -> None:
    def send_without_series() -> int:
        ds = dcmread(DicomBytesIO(build_instance(seed="broken").content))
        del ds.SeriesInstanceUID
        with association(imaging_settings) as assoc:
            return int(assoc.send_c_store(ds).Status)

    assert await asyncio.to_thread(send_without_series) == 0xC000


async def test_edge_says_that_it_listens_only_while_it_does(
    imaging: Imaging, imaging_settings: ImagingSettings
) -> None:
    other_port = imaging_settings.model_copy(update={"dimse_port": 0})
    scp = StorageScp(other_port, imaging.spool)
    before = scp.listening
    scp.start()
    meanwhile = scp.listening
    await asyncio.to_thread(scp.stop)

    await eventually(lambda: _ended(scp))

    assert (before, meanwhile) == (False, True)


async def _ended(scp: StorageScp) -> bool:
    return not scp.listening
