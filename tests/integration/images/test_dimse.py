"""C-STORE as modalities do it: answered with success only when durable, and with the right status
otherwise."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pynetdicom import AE, Association
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import P_DATA
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


def begin_to_send(assoc: Association, size_bytes: int) -> None:
    """Send a C-STORE request and so many bytes of its data set, and not the end of it."""
    context = next(c for c in assoc.accepted_contexts if c.abstract_syntax == CTImageStorage)
    request = C_STORE()
    request.MessageID = 1
    request.Priority = 2
    request.AffectedSOPClassUID = CTImageStorage
    request.AffectedSOPInstanceUID = "1.2.3"
    request.DataSet = BytesIO(bytes(size_bytes))
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    *all_but_the_last, _ = message.encode_msg(context.context_id, 64 * 1024)
    for fragment in all_but_the_last:
        assoc.dul.send_pdu(fragment)


def incoming(imaging: Imaging) -> list[int]:
    """Sizes of what is on its way in."""
    return [file.stat().st_size for file in (imaging.spool.folder / "incoming").iterdir()]


async def test_instance_is_on_disk_while_it_comes_and_gone_when_its_sender_is(
    imaging: Imaging, imaging_settings: ImagingSettings
) -> None:
    """In memory, 32 senders of large images take more than there is."""

    async def on_disk() -> bool:
        return sum(incoming(imaging)) > 1_900_000

    async def nothing() -> bool:
        return not incoming(imaging)

    with association(imaging_settings) as assoc:
        begin_to_send(assoc, 2_000_000)
        await eventually(on_disk)
        await asyncio.to_thread(assoc.abort)
        await eventually(nothing)


async def test_instance_past_the_limit_leaves_no_bytes_before_its_end_has_come(
    imaging: Imaging, imaging_settings: ImagingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = imaging_settings.model_copy(update={"max_instance_bytes": 500_000})
    monkeypatch.setattr(imaging.spool, "settings", small)
    sizes: list[int] = []
    discard = imaging.spool.discard

    def seen(file: object) -> None:
        sizes.extend(incoming(imaging))
        discard(file)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(imaging.spool, "discard", seen)

    async def refused() -> bool:
        return bool(sizes) and not incoming(imaging)

    with association(imaging_settings) as assoc:
        begin_to_send(assoc, 2_000_000)
        await eventually(refused)

    assert max(sizes) <= 500_000


async def test_instance_past_the_limit_is_refused_and_the_next_one_is_stored(
    imaging: Imaging, imaging_settings: ImagingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = imaging_settings.model_copy(update={"max_instance_bytes": 100_000})
    monkeypatch.setattr(imaging.spool, "settings", small)
    large = build_instance(seed="too-large", rows=512, columns=512)

    statuses = await asyncio.to_thread(
        send, imaging_settings, large, build_instance(seed="small-enough")
    )

    assert statuses == [0xC000, 0x0000]
    assert not incoming(imaging)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"\x04\0\xff\xff\xff\xff", id="a PDU of 4 GiB"),
        pytest.param(b"\x01\0\x00\x00\x10\x00", id="a PDU that does not go on"),
    ],
)
async def test_peer_that_fills_memory_or_falls_silent_is_cut_off(
    imaging: Imaging, imaging_settings: ImagingSettings, head: bytes
) -> None:
    impatient = imaging_settings.model_copy(
        update={"dimse_port": 0, "idle_association_seconds": 0.5}
    )
    scp = StorageScp(impatient, imaging.spool)
    scp.start()

    def cut_off() -> bytes:
        with closing(socket.create_connection(("127.0.0.1", scp.port), timeout=10)) as peer:
            peer.sendall(head)
            return peer.recv(1)

    try:
        assert await asyncio.to_thread(cut_off) == b""
    finally:
        await asyncio.to_thread(scp.stop)


async def test_command_without_an_end_is_cut_off(
    imaging: Imaging, imaging_settings: ImagingSettings
) -> None:
    fragment = b"\x01" + bytes(16 * 1024)

    def sends_on() -> None:
        with association(imaging_settings) as assoc:
            pdv = P_DATA()
            pdv.presentation_data_value_list = [[1, fragment]]
            for _ in range(8):
                assoc.dul.send_pdu(pdv)
            assoc.join(timeout=10)
            assert assoc.is_aborted

    await asyncio.to_thread(sends_on)


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
