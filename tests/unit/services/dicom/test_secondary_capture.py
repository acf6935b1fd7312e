"""Uploaded pictures become valid DICOM, the same one each time, without their own metadata."""

import io
import shutil
import subprocess
import zlib
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.dicom.capture_context import CaptureContext
from services.dicom.errors import UnreadableInstance
from services.dicom.frames import join_fragments
from services.dicom.header import parse_header
from services.dicom.pixels import JPEG_BASELINE, decode_frame, describe_pixels
from services.dicom.secondary_capture import write_secondary_capture

CONTEXT = CaptureContext(
    order_id="0192-order",
    study_instance_uid="1.2.3.4",
    accession_number="20251111-ABCD1",
    patient_id="MRN-1",
    patient_name="Müller^Jürgen",
    patient_birth_date=date(1950, 3, 4),
    patient_sex="M",
    study_date=date(2025, 11, 11),
    study_time=time(9, 30),
    modality="US",
)


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 24)) -> Image.Image:
    columns, rows = size
    ramp = np.linspace(0, 255, columns * rows).reshape(rows, columns)
    colour = np.stack([ramp, 255 - ramp, np.full_like(ramp, 90)], axis=-1).astype(np.uint8)
    return Image.fromarray(colour).convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def captured(content: bytes, **differs: object) -> bytes:
    file = io.BytesIO()
    context = replace(CONTEXT, **differs)  # type: ignore[arg-type]
    write_secondary_capture(io.BytesIO(content), context, file)
    return file.getvalue()


def decoded(content: bytes) -> np.ndarray:  # type: ignore[type-arg]
    header = parse_header(content)
    (frame,) = header.frames
    pixels = describe_pixels(header.dicom_json)
    assert pixels is not None
    raw = join_fragments(content[frame.offset : frame.offset + frame.length], frame)
    return decode_frame(raw, transfer_syntax_uid=header.transfer_syntax_uid, pixels=pixels)


PICTURES = {
    "jpeg": encoded(picture(), "JPEG", quality=90, subsampling=2),
    "jpeg without subsampling": encoded(picture(), "JPEG", quality=90, subsampling=0),
    "grey jpeg": encoded(picture("L"), "JPEG"),
    "progressive jpeg": encoded(picture(), "JPEG", progressive=True),
    "cmyk jpeg": encoded(picture("CMYK"), "JPEG"),
    "png": encoded(picture(), "PNG"),
    "grey png": encoded(picture("L"), "PNG"),
    "palette png": encoded(picture("P"), "PNG"),
    "transparent png": encoded(picture("RGBA"), "PNG"),
    "one-bit png": encoded(picture("1"), "PNG"),
    "16-bit png": encoded(
        Image.fromarray(np.linspace(0, 65535, 960).reshape(24, 40).astype(np.uint16)), "PNG"
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_the_patients_and_the_orders(name: str) -> None:
    header = parse_header(captured(PICTURES[name]))

    assert header.notes == ()
    assert header.study_instance_uid == "1.2.3.4"
    assert (header.patient_id, header.patient_name) == ("MRN-1", "Müller^Jürgen")
    assert (header.accession_number, header.modality) == ("20251111-ABCD1", "US")
    assert (header.rows, header.columns) == (24, 40)


@pytest.mark.parametrize("name", PICTURES)
def test_pixels_are_those_of_the_picture(name: str) -> None:
    shown = decoded(captured(PICTURES[name]))

    wanted = Image.open(io.BytesIO(PICTURES[name]))
    if name == "16-bit png":
        assert shown.min() == 0
        assert shown.max() == 255
        return
    reference = np.asarray(wanted.convert("RGB" if shown.ndim == 3 else "L")).astype(int)
    assert np.abs(shown - reference).mean() < 3


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs the package dicom3tools")
@pytest.mark.parametrize("name", PICTURES)
def test_validator_finds_nothing_to_complain_of(name: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.dcm"
    path.write_bytes(captured(PICTURES[name]))

    told = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)

    assert "SCImage" in told.stderr
    assert "Error" not in told.stderr


def test_second_upload_of_a_picture_is_the_same_instance() -> None:
    first = captured(PICTURES["jpeg"])
    second = captured(PICTURES["jpeg"])

    assert first == second


@pytest.mark.parametrize(
    "differs",
    [
        {"series_number": 7},
        {"series_description": "Left hand"},
        {"study_description": "Wound"},
        {"study_date": date(2025, 11, 12)},
        {"study_time": time(9, 31)},
        {"study_instance_uid": "1.2.3.5"},
        {"patient_name": "Müller^Jörg"},
        {"body_part": "HAND"},
    ],
)
@pytest.mark.parametrize("name", ["jpeg", "png"])
def test_picture_of_which_other_things_are_said_is_another_instance(
    name: str, differs: dict[str, object]
) -> None:
    """Other bytes under the same UID would contradict what is stored, and go to quarantine."""
    first = parse_header(captured(PICTURES[name]))
    other = parse_header(captured(PICTURES[name], **differs))

    assert first.sop_instance_uid != other.sop_instance_uid


def test_what_is_cut_off_makes_no_other_instance() -> None:
    first = captured(PICTURES["png"], study_description="x" * 64)
    other = captured(PICTURES["png"], study_description="x" * 65)

    assert first == other


@pytest.mark.parametrize(
    "differs",
    [
        {"series_number": 7},
        {"series_description": "Left hand"},
        {"study_instance_uid": "1.2.3.5"},
        {"modality": "MR"},
        {"body_part": "HAND"},
    ],
)
def test_one_series_has_one_number_one_description_and_one_study(
    differs: dict[str, object],
) -> None:
    first = parse_header(captured(PICTURES["png"]))
    other = parse_header(captured(PICTURES["png"], **differs))

    assert first.series_instance_uid != other.series_instance_uid


def test_other_picture_is_another_instance_of_the_same_series() -> None:
    first = parse_header(captured(PICTURES["jpeg"]))
    other = parse_header(captured(PICTURES["png"]))

    assert first.sop_instance_uid != other.sop_instance_uid
    assert first.series_instance_uid == other.series_instance_uid


@pytest.mark.parametrize("name", ["jpeg", "jpeg without subsampling", "grey jpeg"])
def test_baseline_jpeg_is_not_compressed_a_second_time(name: str) -> None:
    content = captured(PICTURES[name])

    scan = PICTURES[name][PICTURES[name].index(b"\xff\xda") :]
    assert parse_header(content).transfer_syntax_uid == JPEG_BASELINE
    assert scan in content


def test_metadata_of_the_camera_is_dropped() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif[0x9286] = "PATIENT NAME IN COMMENT"
    for kind in ("JPEG", "PNG"):
        content = captured(encoded(picture(), kind, exif=exif, comment=b"SECRET NOTE"))

        assert b"SECRET" not in content
        assert b"PATIENT NAME" not in content


def test_picture_is_turned_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    lying = encoded(picture(), "JPEG", quality=95, subsampling=0, exif=exif)

    shown = decoded(captured(lying))

    wanted = np.rot90(np.asarray(picture()), -1).astype(int)
    assert shown.shape == (40, 24, 3)
    assert np.abs(shown - wanted).mean() < 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not_a_picture"),
        (b"GIF89a" + bytes(100), "not_a_picture"),
        (PICTURES["jpeg"][:-200], "damaged_picture"),
        (PICTURES["progressive jpeg"][:400], "damaged_picture"),
        (PICTURES["png"][:-40], "damaged_picture"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableInstance) as refused:
        captured(content)

    assert refused.value.problem == problem


def test_picture_that_would_fill_the_memory_is_refused() -> None:
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    rows = zlib.compress(bytes(1000))
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        len(chunk[4:]).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        for chunk in (header, b"IDAT" + rows, b"IEND")
    )

    with pytest.raises(UnreadableInstance) as refused:
        captured(bomb)

    assert refused.value.problem in {"picture_too_large", "damaged_picture"}
