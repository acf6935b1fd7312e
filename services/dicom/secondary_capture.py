"""Turns an uploaded JPG or PNG into a DICOM Secondary Capture (PS3.3 section A.8).

Invariant: the same picture for the same order gives the same bytes, so that a repeated upload is
the same instance and not a contradiction. Nothing of the picture's own metadata (place, time,
camera, names) is taken over but the direction in which it is to be looked at.
"""

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from services.dicom.capture_context import CaptureContext
from services.dicom.elements import EXPLICIT_LITTLE_ENDIAN
from services.dicom.errors import UnreadableInstance
from services.dicom.part10 import file_of
from services.dicom.pixels import JPEG_BASELINE
from services.dicom.uids import derived_uid

SECONDARY_CAPTURE_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.7"
MAX_PIXELS: Final = 50_000_000
_ORIENTATION: Final = 0x0112
_START_OF_FRAME_0, _START_OF_SCAN, _JFIF = 0xC0, 0xDA, 0xE0


@dataclass(frozen=True)
class SecondaryCapture:
    """The picture as an instance."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    content: bytes


@dataclass(frozen=True)
class _Pixels:
    rows: int
    columns: int
    photometric_interpretation: str
    data: bytes
    transfer_syntax_uid: str
    is_lossy: bool
    compression_ratio: float

    @property
    def samples_per_pixel(self) -> int:
        return 1 if self.photometric_interpretation == "MONOCHROME2" else 3


def secondary_capture(picture: bytes, context: CaptureContext) -> SecondaryCapture:
    """Return the picture as a Secondary Capture image of the order's patient and study.

    Raises
    ------
    UnreadableInstance : "not_a_picture", "damaged_picture" or "picture_too_large".
    """
    pixels = _pixels(picture)
    ds = _described(context)
    ds.SOPClassUID = SECONDARY_CAPTURE_IMAGE
    ds.StudyInstanceUID = context.study_instance_uid
    ds.SeriesInstanceUID = derived_uid(context.order_id, "secondary capture")
    ds.SOPInstanceUID = derived_uid(context.order_id, hashlib.sha256(picture).hexdigest())
    _put_pixels(ds, pixels)
    content = file_of(ds, pixels.transfer_syntax_uid)
    return SecondaryCapture(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID, content)


# ------------------------------------------------------------------------------------------ pixels
def _pixels(picture: bytes) -> _Pixels:
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS or max(image.size) > 65_535:
                raise UnreadableInstance("picture_too_large", "The picture has too many pixels.")
            turned = image.getexif().get(_ORIENTATION, 1) != 1
            kept = None if turned else _kept_jpeg(picture, image)
            return kept or _decoded(picture, image)
    except UnidentifiedImageError:
        raise UnreadableInstance("not_a_picture", "The file is neither JPG nor PNG.") from None
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        raise UnreadableInstance("damaged_picture", "The picture cannot be decoded.") from None


def _kept_jpeg(picture: bytes, image: Image.Image) -> _Pixels | None:
    """Keep the codestream of a baseline JPEG as it is, so that nothing is lost a second time."""
    if image.format != "JPEG" or image.mode not in {"L", "RGB"}:
        return None
    segments = list(_segments(picture))
    frame = next((body for marker, body in segments if marker == _START_OF_FRAME_0), None)
    if frame is None or frame[0] != 8 or _holds_rgb(image, frame):
        return None
    image.load()  # refuses what is cut or damaged
    data = b"\xff\xd8" + b"".join(_rebuilt(marker, body) for marker, body in segments)
    return _Pixels(
        rows=image.height,
        columns=image.width,
        # Whatever the subsampling is: the codestream tells that (PS3.5 section 8.2.1).
        photometric_interpretation="MONOCHROME2" if image.mode == "L" else "YBR_FULL_422",
        data=encapsulate([data + b"\0" * (len(data) % 2)]),
        transfer_syntax_uid=JPEG_BASELINE,
        is_lossy=True,
        compression_ratio=_ratio(image, len(data)),
    )


def _holds_rgb(image: Image.Image, frame: bytes) -> bool:
    """Tell whether the components are RGB, as decoders guess it from marker and names."""
    return image.mode == "RGB" and (
        image.info.get("adobe_transform") == 0 or frame[6:15:3] == b"RGB"
    )


def _segments(picture: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the segments that decoding needs: no application data but JFIF's, no comments."""
    position = 2
    while position + 4 <= len(picture):
        marker = picture[position + 1]
        if picture[position] != 0xFF:
            raise ValueError("not at a marker")
        if marker == _START_OF_SCAN:
            end = picture.rfind(b"\xff\xd9")
            yield marker, picture[position + 2 : end + 2 if end > position else len(picture)]
            return
        (length,) = struct.unpack_from(">H", picture, position + 2)
        is_metadata = (0xE1 <= marker <= 0xEF) or marker == 0xFE
        if marker != 0xFF and not is_metadata:
            yield marker, picture[position + 4 : position + 2 + length]
        position += 1 if marker == 0xFF else 2 + length
    raise ValueError("no scan")


def _rebuilt(marker: int, body: bytes) -> bytes:
    if marker == _START_OF_SCAN:
        return bytes((0xFF, marker)) + body
    if marker == _JFIF and body.startswith(b"JFIF\0"):
        body = body[:12] + b"\0\0"  # without its thumbnail
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _decoded(picture: bytes, image: Image.Image) -> _Pixels:
    upright = ImageOps.exif_transpose(image)
    plain = _plain(upright)
    is_lossy = image.format == "JPEG"
    return _Pixels(
        rows=plain.height,
        columns=plain.width,
        photometric_interpretation="MONOCHROME2" if plain.mode == "L" else "RGB",
        data=plain.tobytes(),
        transfer_syntax_uid=EXPLICIT_LITTLE_ENDIAN,
        is_lossy=is_lossy,
        compression_ratio=_ratio(image, len(picture)),
    )


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
    return ds


def _put_pixels(ds: Dataset, pixels: _Pixels) -> None:
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
    data = pixels.data
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = pixels.transfer_syntax_uid == JPEG_BASELINE
