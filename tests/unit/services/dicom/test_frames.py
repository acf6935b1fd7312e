"""Where frames lie, and that what is served of them is what was stored."""

import struct
from collections.abc import Sequence
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels import pixel_array
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    RLELossless,
)

from contracts.events.images_ingested import InstanceHeader
from services.dicom.errors import UnreadableInstance
from services.dicom.frames import join_fragments
from services.dicom.header import parse_header
from services.dicom.pixels import decode_frame, describe_pixels, must_transcode
from services.dicom.series_documents import (
    SeriesInstance,
    StoredFrames,
    instance_frames,
    instance_metadata,
    serve_frame,
)
from services.dicom.series_documents import frames_document as frames_doc
from services.dicom.series_documents import metadata_document as metadata_doc
from services.dicom.series_documents import read_frames_document as read_frames
from services.dicom.series_documents import read_metadata_document as read_metadata
from tests.harness.dicom import (
    TestStudy,
    build_instance,
    build_study,
    data_set,
    deflated,
    encode,
)

# pydicom, to which ours is compared, warns of what is wrong with its samples.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
EMPTY_TABLE = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def stored_frames(header: InstanceHeader) -> StoredFrames:
    instance = SeriesInstance("1.2", 1, None, "{}", instance_frames(header, key="k"))
    return read_frames(frames_doc([instance]))["1.2"]


def served(content: bytes, index: int = 0) -> tuple[str, bytes]:
    """Do what the gateway does: a ranged read, then whatever the document says."""
    stored = stored_frames(parse_header(content))
    location = stored.frames[index]
    read = content[location.offset : location.offset + location.length]
    return stored.served_syntax, serve_frame(
        content if stored.needs_whole_object else read, stored, index
    )


def grey(rows: int = 4, columns: int = 6) -> Dataset:
    pixels = np.arange(rows * columns, dtype=np.uint16).reshape(rows, columns)
    return data_set(TestStudy(rows=rows, columns=columns), 0, 0, pixels)


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def encapsulated(value: bytes, syntax: str, frames: int, **elements: object) -> bytes:
    ds = grey()
    ds.NumberOfFrames = frames
    for keyword, element in elements.items():
        setattr(ds, keyword, element)
    ds.PixelData = value
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return encode(ds, syntax)


def frames_of(content: bytes) -> list[bytes]:
    return [
        join_fragments(content[f.offset : f.offset + f.length], f)
        for f in parse_header(content).frames
    ]


# ------------------------------------------------------------------------------------------- where
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_native_frame_is_served_as_stored(syntax: UID) -> None:
    ds = grey()

    assert served(encode(ds, syntax)) == (ExplicitVRLittleEndian, ds.PixelData)


def test_each_frame_of_a_cine_is_found() -> None:
    ds = data_set(TestStudy(kind="US", frames=5), 0, 0, np.zeros((1, 1)))
    size = 32 * 32 * 3
    content = encode(ds)

    assert [served(content, i)[1] for i in range(5)] == [
        ds.PixelData[i * size : (i + 1) * size] for i in range(5)
    ]


def test_frame_of_odd_length_leaves_the_padding_out() -> None:
    ds = data_set(TestStudy(kind="US", frames=1, rows=3, columns=3), 0, 0, np.zeros((1, 1)))

    assert served(encode(ds))[1] == ds.PixelData[:27]


def test_bits_of_a_segmentation_are_aligned_to_bytes() -> None:
    ds = grey()
    ds.Rows, ds.Columns, ds.NumberOfFrames = 3, 3, 3
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 1, 1, 0
    bits = np.random.default_rng(1).integers(0, 2, 27, dtype=np.uint8)
    ds.PixelData = np.packbits(bits, bitorder="little").tobytes()
    ds["PixelData"].VR = "OB"
    content = encode(ds)

    for index in range(3):
        frame = np.frombuffer(served(content, index)[1], np.uint8)
        unpacked = np.unpackbits(frame, bitorder="little")[:9]
        assert unpacked.tolist() == bits[index * 9 : index * 9 + 9].tolist()


def test_one_fragment_for_each_frame_needs_no_table() -> None:
    frames = [b"\xff\xd8frame 1!", b"\xff\xd8frame 2!", b"\xff\xd8frame 3!"]
    content = encapsulated(
        EMPTY_TABLE + b"".join(map(item, frames)) + END, JPEGBaseline8Bit, len(frames)
    )

    assert frames_of(content) == frames


def test_basic_offset_table_puts_fragments_together() -> None:
    # The second fragment of frame 1 looks like a beginning: only the table knows better.
    frames = [[b"\xff\xd8aa", b"\xff\xd8bb"], [b"\xff\xd8cc"]]
    table = item(struct.pack("<2L", 0, 24))
    content = encapsulated(
        table + b"".join(item(part) for parts in frames for part in parts) + END,
        JPEGBaseline8Bit,
        2,
    )

    assert frames_of(content) == [b"\xff\xd8aa\xff\xd8bb", b"\xff\xd8cc"]


def test_without_table_a_codestream_begins_a_frame() -> None:
    parts = [b"\xff\x4faa", b"bbbb", b"\xff\x4fcc", b"dddd", b"eeee"]
    content = encapsulated(EMPTY_TABLE + b"".join(map(item, parts)) + END, JPEG2000Lossless, 2)

    assert frames_of(content) == [b"\xff\x4faabbbb", b"\xff\x4fccddddeeee"]


def test_single_frame_takes_all_fragments() -> None:
    content = encapsulated(
        EMPTY_TABLE + item(b"\xff\xd8aa") + item(b"bbbb") + END, JPEGBaseline8Bit, 1
    )

    assert frames_of(content) == [b"\xff\xd8aabbbb"]


def test_extended_offset_table_does_not_disturb() -> None:
    frames = [b"\xff\xd8frame 1!", b"\xff\xd8frame 2!"]
    value, offsets, lengths = encapsulate_extended(frames)
    content = encapsulated(
        value, JPEGBaseline8Bit, 2, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths
    )

    assert frames_of(content) == frames


def test_video_is_one_stream() -> None:
    header = parse_header(
        encapsulated(encapsulate([b"\0\0\1\xba" * 8]), "1.2.840.10008.1.2.4.102", 60)
    )

    assert (len(header.frames), header.number_of_frames) == (1, 60)


def test_missing_frames_are_told() -> None:
    header = parse_header(encapsulated(encapsulate([b"\xff\xd8aa"] * 2), JPEGBaseline8Bit, 5))

    assert (len(header.frames), header.notes) == (2, ("pixel data: 2 of 5 frames",))


def test_cut_between_fragments_is_refused() -> None:
    content = encapsulated(encapsulate([b"\xff\xd8aa"] * 5), JPEGBaseline8Bit, 5)

    with pytest.raises(UnreadableInstance, match="truncated"):
        parse_header(content[:-20])


# --------------------------------------------------------------------------------------- transcoded
def test_big_endian_is_swapped() -> None:
    ds = grey()
    little = ds.PixelData
    ds.PixelData = np.frombuffer(little, "<u2").astype(">u2").tobytes()

    assert served(encode(ds, ExplicitVRBigEndian)) == (ExplicitVRLittleEndian, little)


def test_deflated_is_inflated() -> None:
    instance = build_instance()

    assert served(deflated(instance.content)) == served(instance.content)


def test_uncompressed_ybr_422_becomes_rgb_and_the_metadata_says_so() -> None:
    ds = data_set(TestStudy(kind="US", frames=1, rows=2, columns=4), 0, 0, np.zeros((1, 1)))
    ds.PhotometricInterpretation = "YBR_FULL_422"
    grey_pair = bytes([100, 200, 128, 128])
    ds.PixelData = grey_pair * 4
    content = encode(ds)

    syntax, frame = served(content)

    assert (syntax, frame) == (ExplicitVRLittleEndian, bytes([100] * 3 + [200] * 3) * 4)
    assert '"00280004":{"vr":"CS","Value":["RGB"]}' in instance_metadata(parse_header(content))


def test_run_lengths_of_16_bit_colour_are_decoded() -> None:
    content = (PYDICOM_FILES / "SC_rgb_rle_16bit.dcm").read_bytes()

    syntax, frame = served(content)

    wanted = pixel_array(PYDICOM_FILES / "SC_rgb_rle_16bit.dcm", index=0)
    assert syntax == ExplicitVRLittleEndian
    assert (np.frombuffer(frame, "<u2").reshape(wanted.shape) == wanted).all()


def test_jpeg_of_12_bits_is_decoded() -> None:
    frame = np.linspace(0, 4095, 64 * 64).reshape(64, 64).astype(np.uint16)
    ds = data_set(TestStudy(rows=64, columns=64), 0, 0, frame)
    ds.PixelData = encapsulate([imagecodecs.jpeg8_encode(frame, level=100, bitspersample=12)])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True

    syntax, decoded = served(encode(ds, JPEGExtended12Bit))

    assert syntax == ExplicitVRLittleEndian
    assert np.abs(np.frombuffer(decoded, "<u2").reshape(64, 64).astype(int) - frame).max() < 8


@pytest.mark.parametrize(
    ("name", "transcoded"),
    [
        ("SC_rgb_jpeg_dcmtk.dcm", False),
        ("JPEG2000.dcm", False),
        ("JPGExtended.dcm", True),
        ("MR_small_RLE.dcm", False),
        ("SC_rgb_rle.dcm", False),
        ("SC_rgb_rle_16bit.dcm", True),
        ("SC_rgb_rle_32bit.dcm", True),
        ("MR_small_bigendian.dcm", True),
        ("MR_small.dcm", False),
        ("image_dfl.dcm", False),
        ("SC_ybr_full_422_uncompressed.dcm", True),
    ],
)
def test_only_what_the_viewer_cannot_decode_is_transcoded(name: str, transcoded: bool) -> None:
    header = parse_header(PYDICOM_FILES / name)
    pixels = describe_pixels(header.dicom_json)

    assert pixels is not None
    assert must_transcode(header.transfer_syntax_uid, pixels) == transcoded


def test_decoded_frames_agree_with_pydicom() -> None:
    compared = 0
    for path in sorted(PYDICOM_FILES.glob("*.dcm")):
        try:
            wanted = pixel_array(path, index=0)
            header = parse_header(path)
        except (AttributeError, RuntimeError, ValueError, UnreadableInstance):  # broken on purpose
            continue
        pixels = describe_pixels(header.dicom_json)
        if pixels is None or not header.frames or header.transfer_syntax_uid.endswith(".99"):
            continue
        raw = frames_of(path.read_bytes())[0]
        frame = decode_frame(raw, transfer_syntax_uid=header.transfer_syntax_uid, pixels=pixels)
        assert (frame == wanted).all(), path.name
        compared += 1

    assert compared >= 50


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000Lossless, RLELossless])
def test_damaged_frame_is_refused_not_crashed(syntax: UID) -> None:
    pixels = describe_pixels(parse_header(build_instance().content).dicom_json)
    assert pixels is not None

    with pytest.raises(UnreadableInstance):
        decode_frame(
            b"\xff\xd8\xff\xe0 not a picture " * 9, transfer_syntax_uid=syntax, pixels=pixels
        )


# ------------------------------------------------------------------------------------------- fuzz
@settings(max_examples=200, deadline=None)
@given(
    rows=st.integers(0, 70_000),
    columns=st.integers(0, 70_000),
    frames=st.integers(-1, 2**31 - 1),
    bits=st.sampled_from([0, 1, 7, 8, 16, 32, 64, 65535]),
    samples=st.integers(0, 4),
    length=st.integers(0, 200),
)
def test_locations_never_leave_the_object(
    rows: int, columns: int, frames: int, bits: int, samples: int, length: int
) -> None:
    ds = grey()
    ds.Rows, ds.Columns = rows % 65536, columns % 65536
    ds.BitsAllocated, ds.SamplesPerPixel = bits, samples
    ds.NumberOfFrames = frames
    ds.PixelData = bytes(length * 2)
    content = encode(ds)

    for frame in parse_header(content).frames:
        assert 0 <= frame.offset <= frame.offset + frame.length <= len(content)


@settings(max_examples=200, deadline=None)
@given(
    value=st.lists(
        st.one_of(st.binary(max_size=12), st.just(END), st.just(EMPTY_TABLE)), max_size=9
    ),
    frames=st.integers(1, 6),
)
def test_any_fragments_give_locations_inside_or_a_refusal(
    value: Sequence[bytes], frames: int
) -> None:
    content = encapsulated(encapsulate([b"\xff\xd8aa"]), JPEGBaseline8Bit, frames)
    start = content.index(EMPTY_TABLE[:4] + b"\x04\0\0\0") if EMPTY_TABLE not in content else 0
    head = content[: start or content.rindex(b"OB\0\0\xff\xff\xff\xff") + 8]
    damaged = head + b"".join(map(item, value[:2])) + b"".join(value[2:])

    try:
        located = parse_header(damaged).frames
    except UnreadableInstance:
        return
    for frame in located:
        assert 0 <= frame.offset <= frame.offset + frame.length <= len(damaged)


# -------------------------------------------------------------------------------- series documents
def series(headers: Sequence[InstanceHeader]) -> list[SeriesInstance]:
    return [
        SeriesInstance(
            h.sop_instance_uid,
            h.instance_number,
            h.sort_position,
            instance_metadata(h),
            instance_frames(h, key=f"k/{h.sop_instance_uid}.dcm"),
        )
        for h in headers
    ]


def test_documents_are_the_same_in_whatever_order_instances_came() -> None:
    instances = series([parse_header(i.content) for i in build_study(instances=5)])

    assert metadata_doc(instances) == metadata_doc(instances[::-1])
    assert frames_doc(instances) == frames_doc(instances[::-1])


def test_stack_is_sorted_by_position_in_the_direction_of_the_numbers() -> None:
    headers = [parse_header(i.content) for i in build_study(instances=4)]
    numbers = [1, 3, 2, 4]  # a device that counted wrong in between
    headers = [
        h.model_copy(update={"instance_number": n}) for h, n in zip(headers, numbers, strict=True)
    ]

    stack = read_metadata(metadata_doc(series(headers[::-1])))

    positions = [item["00200032"]["Value"][2] for item in stack]
    assert positions == [0, -1, -2, -3]


def test_stack_with_two_images_at_one_place_is_sorted_by_number() -> None:
    headers = [parse_header(i.content) for i in build_study(instances=4)]
    headers = [h.model_copy(update={"sort_position": i % 2}) for i, h in enumerate(headers)]

    stack = read_metadata(metadata_doc(series(headers[::-1])))

    assert [item["00200013"]["Value"][0] for item in stack] == [1, 2, 3, 4]


def test_spacing_of_zero_is_left_out() -> None:
    """A viewer that is given a spacing of zero shows a black viewport."""
    ds = grey()
    ds.PixelSpacing = [0, 0]

    assert '"00280030"' not in instance_metadata(parse_header(encode(ds)))
    assert '"00280030"' in instance_metadata(parse_header(build_instance().content))


def test_bulk_data_is_told_relative_to_the_series() -> None:
    instance = build_instance()

    (data,) = read_metadata(metadata_doc(series([parse_header(instance.content)])))

    uri = f"instances/{instance.sop_instance_uid}/bulkdata/7FE00010"
    assert data["7FE00010"] == {"vr": "OW", "BulkDataURI": uri}
