"""Synthetic DICOM for tests: valid studies of any kind and size, and files that nobody should send.

Everything follows from the seed: the same call gives the same bytes, and another seed other UIDs.
"""

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian

Kind = Literal["CT", "MR", "CR", "DX", "US"]

SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "US": "1.2.840.10008.5.1.4.1.1.3.1",
}


@dataclass(frozen=True)
class TestPatient:
    """Who is on the images."""

    __test__ = False

    patient_id: str = "MRN-000001"
    name: str = "Testpatient^Tina"
    birth_date: date = date(1970, 1, 2)
    sex: str = "F"
    issuer_of_patient_id: str = ""


@dataclass(frozen=True)
class TestStudy:
    """What a study shall be; every field has a small default."""

    __test__ = False

    kind: Kind = "CT"
    seed: int | str = 1
    patient: TestPatient = field(default_factory=TestPatient)
    accession_number: str = "20251111-ABCD1"
    study_date: date = date(2025, 11, 11)
    study_time: time = time(9, 30)
    description: str = "Test study"
    body_part: str = "CHEST"
    series: int = 1
    instances: int = 3
    rows: int = 32
    columns: int = 32
    frames: int = 8
    """Only ultrasound has more than one."""

    @property
    def study_instance_uid(self) -> str:
        """UID that follows from the seed."""
        return uid(self.seed, "study")


@dataclass(frozen=True)
class TestInstance:
    """One instance as a sender has it."""

    __test__ = False

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    content: bytes


def uid(*seed: object) -> str:
    """Return a UID that follows from the seed (PS3.5 section B.2: 2.25 and 128 bits)."""
    digest = hashlib.sha256("/".join(map(str, seed)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def build_study(study: TestStudy | None = None, **changes: object) -> list[TestInstance]:
    """Return all instances of a study, in order."""
    return list(iterate_study(replace(study or TestStudy(), **changes)))  # type: ignore[arg-type]


def build_instance(study: TestStudy | None = None, **changes: object) -> TestInstance:
    """Return a study of one instance."""
    return build_study(study, **{"series": 1, "instances": 1, **changes})[0]


def write_study(folder: Path, study: TestStudy | None = None, **changes: object) -> list[Path]:
    """Write a study as one folder for each series; return the paths in order."""
    paths = []
    for number, instance in enumerate(build_study(study, **changes)):
        path = folder / instance.series_instance_uid[-8:] / f"{number:05d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(instance.content)
        paths.append(path)
    return paths


def iterate_study(study: TestStudy) -> Iterator[TestInstance]:
    """Give the instances one by one, so that a large study need not be held in memory."""
    per_series = study.instances if study.kind in {"CT", "MR"} else 1
    pixels = np.random.default_rng(abs(hash_number(study.seed))).integers(
        0, 4096, (study.rows, study.columns), dtype=np.uint16
    )
    for series in range(study.series):
        for number in range(per_series):
            yield instance_of(data_set(study, series, number, pixels))


def data_set(study: TestStudy, series: int, number: int, pixels: np.ndarray) -> Dataset:  # type: ignore[type-arg]
    """Return one instance as a data set, for tests that break it before they encode it."""
    ds = _common(study, series, number)
    {"CT": _ct, "MR": _mr, "CR": _cr, "DX": _dx, "US": _us}[study.kind](ds, study, number)
    if study.kind == "US":
        _colour_pixels(ds, study)
    else:
        _grey_pixels(ds, np.roll(pixels, number * 3, axis=0))
    return ds


def instance_of(ds: Dataset) -> TestInstance:
    """Encode a data set."""
    return TestInstance(
        str(ds.StudyInstanceUID),
        str(ds.SeriesInstanceUID),
        str(ds.SOPInstanceUID),
        str(ds.SOPClassUID),
        encode(ds),
    )


def encode(ds: Dataset, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> bytes:
    """Write a data set as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax_uid
    meta.ImplementationClassUID = uid("implementation")
    meta.ImplementationVersionName = "TEST_1"
    ds.file_meta = meta
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def hash_number(seed: object) -> int:
    """Return a number that follows from the seed, the same in every process."""
    return zlib.crc32(str(seed).encode())


# ------------------------------------------------------------------------------------------ modules
def _common(study: TestStudy, series: int, number: int) -> Dataset:
    ds = Dataset()
    day, moment = study.study_date.strftime("%Y%m%d"), study.study_time.strftime("%H%M%S")
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = SOP_CLASSES[study.kind]
    ds.SOPInstanceUID = uid(study.seed, "instance", series, number)
    ds.StudyInstanceUID = study.study_instance_uid
    ds.SeriesInstanceUID = uid(study.seed, "series", series)
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = day
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = moment
    ds.AccessionNumber = study.accession_number
    ds.Modality = study.kind
    ds.Manufacturer = "Test Works"
    ds.ManufacturerModelName = "TEST-1"
    ds.DeviceSerialNumber = "1"
    ds.SoftwareVersions = "1.0"
    ds.InstitutionName = "Test Hospital"
    ds.StationName = f"{study.kind}01"
    ds.ReferringPhysicianName = "Smith^John"
    ds.StudyDescription = study.description
    ds.SeriesDescription = f"Series {series + 1}"
    ds.PatientName = study.patient.name
    ds.PatientID = study.patient.patient_id
    if study.patient.issuer_of_patient_id:
        ds.IssuerOfPatientID = study.patient.issuer_of_patient_id
    ds.PatientBirthDate = study.patient.birth_date.strftime("%Y%m%d")
    ds.PatientSex = study.patient.sex
    ds.BodyPartExamined = study.body_part
    ds.StudyID = "1"
    ds.SeriesNumber = series + 1
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = number + 1
    return ds


def _plane(ds: Dataset, study: TestStudy, number: int, spacing: float, thickness: float) -> None:
    ds.FrameOfReferenceUID = uid(study.seed, "frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.PatientPosition = "HFS"
    ds.SliceThickness = thickness
    ds.PixelSpacing = [spacing, spacing]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    corner = -study.columns * spacing / 2
    ds.ImagePositionPatient = [corner, corner, round(-number * thickness, 4)]
    ds.SliceLocation = round(-number * thickness, 4)


def _ct(ds: Dataset, study: TestStudy, number: int) -> None:
    _plane(ds, study, number, 0.7, 1.0)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.KVP = 120
    ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 500, 300, 150
    ds.ConvolutionKernel = "B31f"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = -1024, 1, "HU"
    ds.WindowCenter, ds.WindowWidth = 40, 400


def _mr(ds: Dataset, study: TestStudy, number: int) -> None:
    _plane(ds, study, number, 0.9, 5.0)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", ""
    ds.MRAcquisitionType = "2D"
    ds.SequenceName = "t2_tse"
    ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = 4500, 102, 9
    ds.MagneticFieldStrength = 3
    ds.WindowCenter, ds.WindowWidth = 2048, 4096


def _projection(ds: Dataset) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.KVP = 125
    ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 10, 320, 3
    ds.ViewPosition = "PA"
    ds.PatientOrientation = ["L", "F"]
    ds.ImagerPixelSpacing = [0.143, 0.143]
    ds.BurnedInAnnotation = "NO"
    ds.WindowCenter, ds.WindowWidth = 2048, 4096


def _cr(ds: Dataset, _study: TestStudy, _number: int) -> None:
    _projection(ds)
    ds.PlateType, ds.CassetteOrientation, ds.Sensitivity = "plate", "PORTRAIT", 200


def _dx(ds: Dataset, _study: TestStudy, _number: int) -> None:
    _projection(ds)
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    ds.PresentationLUTShape = "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.ImageLaterality = "U"
    ds.DetectorType, ds.DetectorID = "DIRECT", "DET1"
    ds.PositionerType = "NONE"
    ds.AnatomicRegionSequence = Sequence([_code("51185008", "SCT", "Chest")])
    ds.AcquisitionContextSequence = Sequence([])
    view = _code("399348003", "SCT", "postero-anterior")
    view.ViewModifierCodeSequence = Sequence([])
    ds.ViewCodeSequence = Sequence([view])


def _us(ds: Dataset, study: TestStudy, _number: int) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY", "", "0011"]
    ds.PatientOrientation = ""
    ds.FrameTime = 40
    ds.CineRate = ds.RecommendedDisplayFrameRate = 25
    ds.NumberOfFrames = study.frames
    ds.FrameIncrementPointer = Tag(0x0018, 0x1063)
    ds.LossyImageCompression = "00"
    ds.UltrasoundColorDataPresent = 1


def _grey_pixels(ds: Dataset, pixels: np.ndarray) -> None:  # type: ignore[type-arg]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = pixels.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"


def _colour_pixels(ds: Dataset, study: TestStudy) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows, ds.Columns = study.rows, study.columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    size = study.frames * study.rows * study.columns * 3
    rng = np.random.default_rng(hash_number(study.seed))
    ds.PixelData = rng.integers(0, 256, size + size % 2, dtype=np.uint8).tobytes()
    ds["PixelData"].VR = "OB"


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


# ------------------------------------------------------------------------------------ hostile files
@lru_cache
def hostile_files(seed: int | str = "hostile") -> dict[str, bytes]:
    """Return files that no device should send, by what is wrong with them."""
    good = build_instance(seed=seed).content
    pixel_data = good.rindex(struct.pack("<HH2s", 0x7FE0, 0x0010, b"OW"))
    return {
        "empty": b"",
        "text": b"This is a letter, not an image.\n" * 20,
        "random": np.random.default_rng(hash_number(seed)).bytes(100_000),
        "preamble only": good[:132],
        "meta header only": good[: good.index(b"\x08\x00\x05\x00CS")],
        "cut in the header": good[: pixel_data // 2],
        "cut in the pixels": good[: pixel_data + 500],
        "3000 nested sequences": good[:pixel_data] + nested_sequences(3000),
        "name claims 2 GB": _element(
            good, pixel_data, b"\x10\x00\x10\x00UN\0\0" + b"\xff\xff\xff\x7f"
        ),
        "pixels claim 2 GB": good[: pixel_data + 8]
        + struct.pack("<L", 2**31 - 2)
        + good[pixel_data + 12 :],
        "study UID with path": _with(seed, StudyInstanceUID="1.2.3/../../etc/passwd"),
        "UID of 65 characters": _with(seed, SOPInstanceUID="1." + "2" * 63),
        "no study UID": _with(seed, StudyInstanceUID=None),
        "no SOP instance UID": b"".join(
            (good[: good.index(b"\x08\x00\x18\x00UI")], good[good.index(b"\x08\x00\x20\x00DA") :])
        ),
        "media directory": good.replace(
            SOP_CLASSES["CT"].encode(), b"1.2.840.10008.1.3.10".ljust(25, b"\0"), 1
        ),
        "deflated bomb": deflated(good, zeros=600 << 20),
    }


@lru_cache
def odd_files(seed: int | str = "odd") -> dict[str, bytes]:
    """Return files that are wrong in a way that must not lose them."""
    return {
        "60000 rows, 8 kB of pixels": _with(seed, Rows=60000, Columns=60000),
        "name of 65534 characters": _with(seed, PatientName="X" * 65534),
        "name of 3000 letters": _with(seed, PatientName="X" * 3000),
        "control characters": _with(
            seed, PatientName="TI\0NA\x07^\x1b[31mRED", StudyDescription="a\0b\x08c"
        ),
        "no patient": _with(seed, PatientID=None, PatientName=None),
        "no frames": _with(seed, PixelData=None),
        "no preamble": build_instance(seed=seed).content[132:],
        "padded with zeros": _with(seed, PixelData=None) + bytes(1024),
    }


def nested_sequences(depth: int) -> bytes:
    """Return elements that hold each other, in explicit little endian."""
    opened = struct.pack("<HH2sHL", 0x0040, 0x0275, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closed = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    return opened * depth + closed * depth


def deflated(file: bytes, zeros: int = 0) -> bytes:
    """Return the file in the deflated syntax; its pixels replaced by so many zeros, if any."""
    start = file.index(b"\x08\x00\x05\x00CS")
    pixel_data = file.rindex(struct.pack("<HH2s", 0x7FE0, 0x0010, b"OW"))
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = compressor.compress(file[start:pixel_data] if zeros else file[start:])
    if zeros:
        body += compressor.compress(struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, zeros))
        body += b"".join(compressor.compress(bytes(1 << 20)) for _ in range(zeros >> 20))
    meta = file[:start].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    length_at = meta.index(b"\x02\x00\x10\x00UI") + 6
    meta = meta[:length_at] + struct.pack("<H", 22) + meta[length_at + 2 :]
    group = struct.unpack_from("<L", meta, 140)[0] + 2
    return meta[:140] + struct.pack("<L", group) + meta[144:] + body + compressor.flush()


def _element(good: bytes, pixel_data: int, element: bytes) -> bytes:
    at = good.index(b"\x10\x00\x10\x00PN")
    return good[:at] + element + good[at + 8 : pixel_data]


def _with(seed: int | str, **values: object) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = TestStudy(seed=seed)
        ds = data_set(study, 0, 0, np.zeros((study.rows, study.columns), np.uint16))
        for keyword, value in values.items():
            if value is None:
                delattr(ds, keyword)
            else:
                setattr(ds, keyword, value)
        return encode(ds)
