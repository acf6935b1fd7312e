"""Turns an uploaded JPG or PNG into a DICOM Secondary Capture (PS3.3 section A.8).

Invariant: the same picture of which the same is said gives the same bytes, so that a repeated
upload is the same instance; other bytes have another UID, so that no upload contradicts another.
Nothing of the picture's own metadata (place, time, camera, names) is taken over but the direction
in which it is to be looked at.

In memory is the decoded picture once, as Pillow keeps it (four bytes a pixel in colour); it is
written some rows at a time. Of a JPEG that is kept as it is, it is the file instead.
"""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image, ImageOps, UnidentifiedImageError
from pydicom.dataset import Dataset

from services.dicom.capture_context import CaptureContext
from services.dicom.elements import EXPLICIT_LITTLE_ENDIAN
from services.dicom.errors import UnreadableInstance
from services.dicom.part10 import write_file
from services.dicom.pixels import JPEG_BASELINE
from services.dicom.uids import derived_uid

SECONDARY_CAPTURE_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.7"
MAX_PIXELS: Final = 50_000_000
_ORIENTATION: Final = 0x0112
_START_OF_FRAME_0, _START_OF_SCAN, _JFIF = 0xC0, 0xDA, 0xE0
_ROWS_AT_ONCE: Final = 64
_COPY_BYTES: Final = 1 << 18
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"


@dataclass(frozen=True)
class _Pixels:
    rows: int
    columns: int
    photometric_interpretation: str
    pieces: Iterable[bytes | memoryview]
    """The value of Pixel Data, with whatever ends it."""
    length: int
    transfer_syntax_uid: str
    is_lossy: bool
    compression_ratio: float

    @property
    def samples_per_pixel(self) -> int:
        return 1 if self.photometric_interpretation == "MONOCHROME2" else 3


def write_secondary_capture(picture: BinaryIO, context: CaptureContext, file: BinaryIO) -> None:
    """Write the picture as a Secondary Capture image of the order's patient and study.

    Raises
    ------
    UnreadableInstance : "not_a_picture", "damaged_picture" or "picture_too_large"; nothing is
        written then.
    """
    pixels = _pixels(picture)
    ds = _described(context)
    ds.SOPClassUID = SECONDARY_CAPTURE_IMAGE
    _describe_pixels(ds, pixels)
    # Of all that is written, as it is written: the pixels follow from the picture.
    ds.SOPInstanceUID = derived_uid(context.order_id, _sha256(picture), ds.to_json())
    write_file(file, ds, pixels.transfer_syntax_uid)
    # Pixel Data is the last element; written by hand, it need not be in memory.
    file.write(struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, pixels.length))
    file.writelines(pixels.pieces)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_COPY_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------ pixels
def _pixels(picture: BinaryIO) -> _Pixels:
    try:
        with Image.open(picture, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS or max(image.size) > 65_535:
                raise UnreadableInstance("picture_too_large", "The picture has too many pixels.")
            turned = image.getexif().get(_ORIENTATION, 1) != 1
            kept = None if turned else _kept_jpeg(picture, image)
            return kept or _decoded(picture, image, turned=turned)
    except UnidentifiedImageError:
        raise UnreadableInstance("not_a_picture", "The file is neither JPG nor PNG.") from None
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        raise UnreadableInstance("damaged_picture", "The picture cannot be decoded.") from None


def _kept_jpeg(file: BinaryIO, image: Image.Image) -> _Pixels | None:
    """Keep the codestream of a baseline JPEG as it is, so that nothing is lost a second time."""
    if image.format != "JPEG" or image.mode not in {"L", "RGB"}:
        return None
    file.seek(0)
    segments = list(_segments(file.read()))
    frame = next((body for marker, body in segments if marker == _START_OF_FRAME_0), None)
    if frame is None or frame[0] != 8 or _holds_rgb(image, frame):
        return None
    rows, columns = image.height, image.width
    codestream = [b"\xff\xd8", *(p for marker, body in segments for p in _rebuilt(marker, body))]
    length = sum(map(len, codestream))
    ratio = _ratio(image, length)
    image.draft(image.mode, (1, 1))  # an eighth of the rows and columns is memory enough for:
    image.load()  # refuses what is cut or damaged
    return _Pixels(
        rows=rows,
        columns=columns,
        # Whatever the subsampling is: the codestream tells that (PS3.5 section 8.2.1).
        photometric_interpretation="MONOCHROME2" if image.mode == "L" else "YBR_FULL_422",
        pieces=_encapsulated(codestream, length),
        length=_UNDEFINED_LENGTH,
        transfer_syntax_uid=JPEG_BASELINE,
        is_lossy=True,
        compression_ratio=ratio,
    )


def _encapsulated(
    codestream: list[bytes | memoryview], length: int
) -> Iterator[bytes | memoryview]:
    """Give the one frame with its items: an offset table, and a fragment (PS3.5 section A.4)."""
    padding = length % 2
    yield struct.pack("<HHLL", 0xFFFE, 0xE000, 4, 0)
    yield struct.pack("<HHL", 0xFFFE, 0xE000, length + padding)
    yield from codestream
    yield b"\0" * padding + _SEQUENCE_END


def _holds_rgb(image: Image.Image, frame: memoryview) -> bool:
    """Tell whether the components are RGB, as decoders guess it from marker and names."""
    return image.mode == "RGB" and (
        image.info.get("adobe_transform") == 0 or bytes(frame[6:15:3]) == b"RGB"
    )


def _segments(picture: bytes) -> Iterator[tuple[int, memoryview]]:
    """Give the segments that decoding needs: no application data but JFIF's, no comments."""
    position, whole = 2, memoryview(picture)
    while position + 4 <= len(picture):
        marker = picture[position + 1]
        if picture[position] != 0xFF:
            raise ValueError("not at a marker")
        if marker == _START_OF_SCAN:
            end = picture.rfind(b"\xff\xd9")
            yield marker, whole[position + 2 : end + 2 if end > position else len(picture)]
            return
        (length,) = struct.unpack_from(">H", picture, position + 2)
        is_metadata = (0xE1 <= marker <= 0xEF) or marker == 0xFE
        if marker != 0xFF and not is_metadata:
            yield marker, whole[position + 4 : position + 2 + length]
        position += 1 if marker == 0xFF else 2 + length
    raise ValueError("no scan")


def _rebuilt(marker: int, body: memoryview) -> tuple[bytes | memoryview, ...]:
    if marker == _START_OF_SCAN:
        return bytes((0xFF, marker)), body
    if marker == _JFIF and bytes(body[:5]) == b"JFIF\0":
        body = memoryview(bytes(body[:12]) + b"\0\0")  # without its thumbnail
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2), body


def _decoded(file: BinaryIO, image: Image.Image, *, turned: bool) -> _Pixels:
    image.load()
    is_lossy = image.format == "JPEG"
    ratio = _ratio(image, file.seek(0, os.SEEK_END))
    upright = ImageOps.exif_transpose(image) if turned else image
    is_grey = _plain(upright.crop((0, 0, 1, 1))).mode == "L"
    length = upright.width * upright.height * (1 if is_grey else 3)
    return _Pixels(
        rows=upright.height,
        columns=upright.width,
        photometric_interpretation="MONOCHROME2" if is_grey else "RGB",
        pieces=_rows(upright, b"\0" * (length % 2)),
        length=length + length % 2,
        transfer_syntax_uid=EXPLICIT_LITTLE_ENDIAN,
        is_lossy=is_lossy,
        compression_ratio=ratio,
    )


def _rows(image: Image.Image, padding: bytes) -> Iterator[bytes]:
    for top in range(0, image.height, _ROWS_AT_ONCE):
        bottom = min(top + _ROWS_AT_ONCE, image.height)
        yield _plain(image.crop((0, top, image.width, bottom))).tobytes()
    yield padding


def _plain(image: Image.Image) -> Image.Image:
    """Reduce any kind of picture to 8-bit grey or RGB; what is transparent becomes black."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"1", "L"}:
        return image.convert("L")
    if image.mode in {"LA", "RGBA", "PA"} or "transparency" in image.info:
        upper = image.convert("RGBA")
        black = Image.new("RGBA", upper.size, (0, 0, 0, 255))
        return Image.alpha_composite(black, upper).convert("RGB")
    return image.convert("RGB")


def _ratio(image: Image.Image, compressed_bytes: int) -> float:
    samples = 1 if image.mode == "L" else 3
    return round(image.width * image.height * samples / max(1, compressed_bytes), 2)


# ---------------------------------------------------------------------------------------- data set
def _described(context: CaptureContext) -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["DERIVED", "SECONDARY"]
    ds.StudyDate = ds.ContentDate = context.study_date.strftime("%Y%m%d")
    ds.StudyTime = ds.ContentTime = context.study_time.strftime("%H%M%S")
    ds.AccessionNumber = context.accession_number
    ds.Modality = context.modality
    ds.ConversionType = "WSD"
    ds.Manufacturer = "Radiology Portal"
    ds.StudyInstanceUID = context.study_instance_uid
    ds.ReferringPhysicianName = context.referring_physician_name
    ds.StudyDescription = context.study_description[:64]
    ds.SeriesDescription = context.series_description[:64]
    ds.PatientName = context.patient_name
    ds.PatientID = context.patient_id
    if context.issuer_of_patient_id:
        ds.IssuerOfPatientID = context.issuer_of_patient_id
    birth = context.patient_birth_date
    ds.PatientBirthDate = birth.strftime("%Y%m%d") if birth else ""
    ds.PatientSex = context.patient_sex if context.patient_sex in {"M", "F", "O"} else ""
    if context.body_part:
        ds.BodyPartExamined = context.body_part.upper()[:16]
    ds.StudyID = context.study_id[:16]
    ds.SeriesNumber = context.series_number
    ds.InstanceNumber = context.instance_number
    ds.Laterality = ""
    ds.PatientOrientation = ""
    ds.SeriesInstanceUID = _series_uid(context.order_id, ds)
    return ds


def _series_uid(order_id: str, ds: Dataset) -> str:
    """Return the UID of a series with these attributes: in one series they do not differ."""
    keywords = ("StudyInstanceUID", "Modality", "BodyPartExamined", "SeriesNumber")
    told = [ds.get(keyword, "") for keyword in (*keywords, "SeriesDescription")]
    return derived_uid(order_id, "secondary capture", *told)


def _describe_pixels(ds: Dataset, pixels: _Pixels) -> None:
    ds.SamplesPerPixel = pixels.samples_per_pixel
    ds.PhotometricInterpretation = pixels.photometric_interpretation
    if pixels.samples_per_pixel > 1:
        ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = pixels.rows, pixels.columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    if pixels.is_lossy:
        ds.LossyImageCompression = "01"
        ds.LossyImageCompressionRatio = pixels.compression_ratio
        ds.LossyImageCompressionMethod = "ISO_10918_1"
