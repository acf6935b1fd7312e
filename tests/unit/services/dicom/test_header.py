"""Headers of good files, of odd files, and of files that nobody should send."""

import json
import os
import time
import tracemalloc
from datetime import date
from datetime import time as time_of_day
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from contracts.events.images_ingested import InstanceHeader
from services.dicom.elements import Limits, read_elements
from services.dicom.errors import UnreadableInstance
from services.dicom.header import parse_header, read_bulk_data
from tests.harness.dicom import (
    TestPatient,
    TestStudy,
    build_instance,
    build_study,
    data_set,
    deflated,
    encode,
    hostile_files,
    odd_files,
)

# pydicom, to which ours is compared, warns of what is wrong with its samples.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PYDICOM_FILES = Path(pydicom.__file__).parent / "data"


def samples() -> list[Path]:
    folders = ("test_files", "charset_files")
    return sorted(p for f in folders for p in (PYDICOM_FILES / f).rglob("*.dcm"))


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableInstance) as refused:
        parse_header(content)
    return refused.value.problem


def test_header_tells_what_lists_and_matching_need() -> None:
    patient = TestPatient("MRN-7", "Müller^Jürgen", date(1950, 3, 4), "M", "HOSPITAL")
    instance = build_instance(
        patient=patient, accession_number="20251111-XYZ", description="Thorax"
    )

    header = parse_header(instance.content)

    assert header.sop_instance_uid == instance.sop_instance_uid
    assert (header.patient_id, header.issuer_of_patient_id) == ("MRN-7", "HOSPITAL")
    assert (header.patient_name, header.patient_sex) == ("Müller^Jürgen", "M")
    assert header.patient_birth_date == date(1950, 3, 4)
    assert (header.accession_number, header.study_description) == ("20251111-XYZ", "Thorax")
    assert (header.study_date, header.study_time) == (date(2025, 11, 11), time_of_day(9, 30))
    assert (header.kvp, header.mas, header.slice_thickness) == (120, 150, 1)
    assert (header.rows, header.columns, header.bits_allocated) == (32, 32, 16)
    assert (header.window_center, header.window_width) == (40, 400)
    assert header.notes == ()


def test_dicom_json_agrees_with_pydicom_on_every_sample() -> None:
    compared = 0
    for path in samples():
        try:
            ours = read_elements(path.read_bytes()).dataset
            theirs = pydicom.dcmread(path, force=True).to_json_dict(
                bulk_data_threshold=1, bulk_data_element_handler=lambda _: "bulk"
            )
        except (UnreadableInstance, ValueError):
            continue
        assert comparable(ours) == comparable(theirs), path.name
        compared += 1

    assert compared > 80


def comparable(dataset: dict) -> dict:  # type: ignore[type-arg]
    """Leave out what pydicom tells otherwise: private ones, group lengths, what follows pixels."""
    return {
        tag: comparable_element(element)
        for tag, element in dataset.items()
        if not int(tag[:4], 16) & 1 and tag[4:] != "0000" and tag <= "7FE00008"
    }


def comparable_element(element: dict) -> object:  # type: ignore[type-arg]
    if element["vr"] == "SQ":
        return [comparable(item) for item in element.get("Value", [])]
    if "InlineBinary" in element or "BulkDataURI" in element:
        return element["vr"]
    return element["vr"], [comparable_value(v) for v in element.get("Value", [])]


def comparable_value(value: object) -> object:
    if isinstance(value, dict):
        return {k: v.strip() for k, v in value.items()} or None
    return (value.strip() or None) if isinstance(value, str) else value


@pytest.mark.parametrize("path", samples(), ids=lambda p: p.name)
def test_every_header_is_what_the_contract_demands(path: Path) -> None:
    """Parsing skips the validation of the contract for speed; this holds it to it."""
    try:
        header = parse_header(path)
    except UnreadableInstance:
        return
    assert InstanceHeader.model_validate_json(header.to_json()) == header


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_syntaxes_differ_only_in_how_the_header_is_written(syntax: str) -> None:
    instance = build_instance()
    ds = pydicom.dcmread(pydicom.filebase.DicomBytesIO(instance.content))

    other = parse_header(encode(ds, syntax))

    same = parse_header(instance.content)
    assert other.transfer_syntax_uid == syntax
    assert other.dicom_json == same.dicom_json


def test_deflated_header_reads_as_the_plain_one() -> None:
    content = build_instance().content

    assert parse_header(deflated(content)).dicom_json == parse_header(content).dicom_json


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "empty"),
        ("text", "not_dicom"),
        ("random", "not_dicom"),
        ("preamble only", "truncated"),
        ("meta header only", "truncated"),
        ("cut in the header", "truncated"),
        ("cut in the pixels", "truncated"),
        ("3000 nested sequences", "nested_too_deep"),
        ("name claims 2 GB", "truncated"),
        ("pixels claim 2 GB", "truncated"),
        ("study UID with path", "invalid_identifier"),
        ("UID of 65 characters", "invalid_identifier"),
        ("no study UID", "missing_identifier"),
        ("no SOP instance UID", "missing_identifier"),
        ("media directory", "media_directory"),
        ("deflated bomb", "inflates_too_large"),
    ],
)
def test_hostile_file_is_refused_at_once_and_in_little_memory(name: str, problem: str) -> None:
    content = hostile_files()[name]
    tracemalloc.start()
    began = time.process_time()

    assert refusal(content) == problem

    seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5
    assert peak < 64 << 20


@pytest.mark.parametrize("name", sorted(odd_files()))
def test_odd_file_is_kept(name: str) -> None:
    header = parse_header(odd_files()[name])

    assert header.sop_instance_uid
    assert len(header.patient_name) <= 255
    assert InstanceHeader.model_validate_json(header.to_json()) == header


def test_pixels_that_do_not_fit_their_size_are_not_served() -> None:
    header = parse_header(odd_files()["60000 rows, 8 kB of pixels"])

    assert header.frames == ()
    assert header.notes == ("pixel data: fewer bytes than rows, columns and frames need",)


def test_control_characters_never_reach_the_database() -> None:
    header = parse_header(odd_files()["control characters"])

    told = json.dumps(header.dicom_json) + header.patient_name + header.study_description
    assert not [c for c in told if ord(c) < 32]
    assert header.study_description == "abc"


@pytest.mark.parametrize("value", ["1A", "nan", "1e999", "1_000", "inf", "9" * 65, "--1"])
def test_bad_number_is_dropped_with_a_note_that_does_not_quote_it(value: str) -> None:
    content = build_instance().content
    element = b"\x18\x00\x50\x00DS" + len(b"1.0 ").to_bytes(2, "little") + b"1.0 "
    assert element in content
    raw = value.encode() + b" " * (len(value) % 2)
    bad = b"\x18\x00\x50\x00DS" + len(raw).to_bytes(2, "little") + raw

    header = parse_header(content.replace(element, bad))

    assert header.slice_thickness is None
    assert [note[:9] for note in header.notes] == ["00180050:"]
    assert value not in header.notes[0].removeprefix("00180050")


@pytest.mark.parametrize(
    ("terms", "raw", "name"),
    [
        (["ISO_IR 100"], b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        (["ISO_IR 192"], "山田^太郎".encode(), "山田^太郎"),
        (["GB18030"], "王^小东".encode("gb18030"), "王^小东"),
        (["", "ISO 2022 IR 149"], b"\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "洪^吉洞"),
        (["", "ISO 2022 IR 87"], b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "山田^太郎"),
        (["ISO_IR 144"], b"\xbb\xee\xda", "Люк"),
        ([], "Jürgen".encode(), "Jürgen"),
        ([], "Jürgen".encode("latin-1"), "Jürgen"),
        (["zlib"], b"Plain", "Plain"),
        (["ISO-IR 100"], b"J\xe9", "Jé"),
    ],
)
def test_names_in_any_character_set_are_read(terms: list[str], raw: bytes, name: str) -> None:
    charset = "\\".join(terms).encode()
    charset += b" " * (len(charset) % 2)
    raw += b" " * (len(raw) % 2)
    content = build_instance().content
    content = content.replace(
        b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 192",
        b"\x08\x00\x05\x00CS" + len(charset).to_bytes(2, "little") + charset,
    )
    content = content.replace(
        b"\x10\x00\x10\x00PN\x10\x00Testpatient^Tina",
        b"\x10\x00\x10\x00PN" + len(raw).to_bytes(2, "little") + raw,
    )

    assert parse_header(content).patient_name == name


def test_beginning_of_an_object_is_enough_when_it_holds_the_header() -> None:
    content = build_instance(rows=128, columns=128).content

    header = parse_header(content[:4096], size_bytes=len(content))

    assert header == parse_header(content)


def test_too_short_beginning_asks_for_more() -> None:
    content = build_instance().content

    with pytest.raises(UnreadableInstance) as refused:
        parse_header(content[:500], size_bytes=len(content))

    assert refused.value.problem == "incomplete"


def test_element_limit_ends_the_work() -> None:
    with pytest.raises(UnreadableInstance) as refused:
        parse_header(build_instance().content, limits=Limits(elements=20))

    assert refused.value.problem == "too_many_elements"


def test_bulk_data_is_found_by_its_uri(tmp_path: Path) -> None:
    ds = data_set(
        TestStudy(), 0, 0, pydicom.dcmread(PYDICOM_FILES / "test_files/MR_small.dcm").pixel_array
    )
    ds.EncapsulatedDocument = bytes(range(256)) * 20
    path = tmp_path / "instance.dcm"
    path.write_bytes(encode(ds))

    uri = parse_header(path).dicom_json["00420011"]["BulkDataURI"]  # type: ignore[index,call-overload]

    assert uri == "bulkdata/00420011"
    assert read_bulk_data(path, uri) == ds.EncapsulatedDocument
    assert read_bulk_data(path, "bulkdata/00420012") is None


def test_frames_of_a_cine_have_their_time() -> None:
    header = parse_header(build_instance(kind="US", frames=8).content)

    assert (header.number_of_frames, header.frame_time_ms) == (8, 40)


def test_position_follows_the_slice_normal() -> None:
    instances = [parse_header(instance.content) for instance in build_study(instances=3)]

    assert [i.sort_position for i in instances] == [0, -1, -2]


@pytest.mark.parametrize(
    ("description", "phase"),
    [
        ("Abdomen ARTERIAL 1.0", "ARTERIAL"),
        ("abd_portal_venous", "VENOUS"),
        ("Abdomen delayed", "DELAYED"),
        ("Thorax without contrast", "NON_CONTRAST"),
        ("Thorax 1.0 B31f", ""),
        ("Cartilage", ""),
    ],
)
def test_contrast_phase_is_read_from_the_description(description: str, phase: str) -> None:
    ds = data_set(TestStudy(), 0, 0, np.zeros((4, 4), np.uint16))
    ds.SeriesDescription = description

    assert parse_header(encode(ds)).contrast_phase == phase


GOOD = build_instance().content


@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)), max_size=8
    ),
    cut=st.one_of(st.none(), st.integers(0, len(GOOD))),
)
@example(changes=[], cut=0)
def test_no_damage_brings_the_parser_down(
    changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    damaged = bytearray(GOOD)
    for position, value in changes:
        damaged[position : position + len(value)] = value
    content = bytes(damaged[:cut])

    try:
        header = parse_header(content)
    except UnreadableInstance:
        return

    assert InstanceHeader.model_validate_json(header.to_json()) == header
    for frame in header.frames:
        assert 0 <= frame.offset <= frame.offset + frame.length <= len(content)
