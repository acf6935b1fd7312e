"""How pixels are stored, and how a frame is made readable for the viewer.

Invariant: what is announced with a frame by `served_syntax` and `served_photometric` is true.
Decoders are imported where they are used: most processes only ever hand frames over as stored.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.dicom.elements import (
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    NATIVE_SYNTAXES,
    DicomJson,
    first_value,
)
from services.dicom.errors import UnreadableInstance
from services.dicom.values import swap_bytes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
RLE: Final = "1.2.840.10008.1.2.5"
_VIDEO_SYNTAXES: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in range(100, 109))
MAX_FRAME_BYTES: Final = 512 << 20


@dataclass(frozen=True)
class PixelDescription:
    """The Image Pixel Module (PS3.3 section C.7.6.3) as far as decoding needs it."""

    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    pixel_representation: int
    is_word: bool
    """Stored as OW: in big endian even 8-bit samples are swapped (PS3.5 section 8.1.1)."""
    is_float: bool = False

    @property
    def frame_bits(self) -> int:
        """Bits of one native frame."""
        pixels = self.rows * self.columns
        if self.photometric_interpretation == "YBR_FULL_422":
            return pixels * 2 * self.bits_allocated
        return pixels * self.samples_per_pixel * self.bits_allocated


def describe_pixels(dataset: DicomJson) -> PixelDescription | None:
    """Return how the pixels are stored; None if the instance does not say it fully."""
    size = [_count(dataset, tag) for tag in ("00280010", "00280011")]
    bits = _count(dataset, "00280100") or {"7FE00008": 32, "7FE00009": 64}.get(
        _pixel_tag(dataset), 0
    )
    if not all(size) or not bits or (bits % 8 and bits != 1) or bits > 64:
        return None
    return PixelDescription(
        rows=size[0],
        columns=size[1],
        samples_per_pixel=_count(dataset, "00280002") or 1,
        photometric_interpretation=str(first_value(dataset, "00280004") or "MONOCHROME2"),
        planar_configuration=_count(dataset, "00280006"),
        bits_allocated=bits,
        bits_stored=_count(dataset, "00280101") or bits,
        pixel_representation=_count(dataset, "00280103"),
        is_word=dataset.get("7FE00010", {}).get("vr") == "OW",
        is_float=_pixel_tag(dataset) != "7FE00010",
    )


def is_video(transfer_syntax_uid: str) -> bool:
    """Whether the frames are one stream (MPEG, H.264, H.265) that cannot be cut into frames."""
    return transfer_syntax_uid.startswith(_VIDEO_SYNTAXES)


def is_native(transfer_syntax_uid: str) -> bool:
    """Whether pixels lie side by side, not in fragments."""
    return transfer_syntax_uid in NATIVE_SYNTAXES


def must_transcode(transfer_syntax_uid: str, pixels: PixelDescription) -> bool:
    """Whether the viewer cannot decode the frame as stored, or would decode it wrongly.

    Notes
    -----
    Measured in the browser: JPEG Extended of 12 bits is shown with wrong values; RLE of 16-bit
    colour or 32 bits, uncompressed YBR_FULL_422 and big endian are not decoded.
    """
    if transfer_syntax_uid == JPEG_EXTENDED:
        return pixels.bits_allocated > 8
    if transfer_syntax_uid == RLE:
        return pixels.bits_allocated * pixels.samples_per_pixel > 24
    if transfer_syntax_uid == EXPLICIT_BIG_ENDIAN:
        return True
    return is_native(transfer_syntax_uid) and (
        pixels.photometric_interpretation == "YBR_FULL_422" or bool(pixels.frame_bits % 8)
    )


def served_syntax(transfer_syntax_uid: str, *, transcoded: bool) -> str:
    """Return the transfer syntax to announce with a frame.

    A native frame has the same bytes in implicit, explicit and deflated little endian; the viewer
    knows the explicit one.
    """
    native = transcoded or is_native(transfer_syntax_uid)
    return EXPLICIT_LITTLE_ENDIAN if native else transfer_syntax_uid


def served_photometric(photometric_interpretation: str, *, transcoded: bool) -> str:
    """Return the photometric interpretation of a frame as it is served."""
    is_ybr = photometric_interpretation.startswith("YBR_FULL")
    return "RGB" if transcoded and is_ybr else photometric_interpretation


def servable_frame(
    raw: bytes, *, transfer_syntax_uid: str, pixels: PixelDescription, index: int = 0
) -> bytes:
    """Transcode one frame to Explicit VR Little Endian, samples by pixel, colour as RGB.

    Parameters
    ----------
    raw : the stored bytes of the frame, its fragments joined.
    index : number of the frame in its instance from 0; tells where its bits begin in 1-bit images.

    Raises
    ------
    UnreadableInstance : the frame is damaged, or no decoder knows its syntax.
    """
    if pixels.bits_allocated == 1:
        return _aligned_bits(raw, pixels.rows * pixels.columns, index)
    if (
        transfer_syntax_uid == EXPLICIT_BIG_ENDIAN
        and pixels.photometric_interpretation != "YBR_FULL_422"
    ):
        return native_little_endian(raw, pixels)
    frame = decode_frame(raw, transfer_syntax_uid=transfer_syntax_uid, pixels=pixels)
    return frame.astype(frame.dtype.newbyteorder("<"), copy=False).tobytes()


def native_little_endian(raw: bytes, pixels: PixelDescription) -> bytes:
    """Swap the bytes of a big endian frame."""
    width = pixels.bits_allocated // 8
    return swap_bytes(raw, 2 if width == 1 and pixels.is_word else width)[: pixels.frame_bits // 8]


def decode_frame(
    raw: bytes, *, transfer_syntax_uid: str, pixels: PixelDescription
) -> "npt.NDArray[np.generic]":
    """Decode one frame to samples.

    Returns
    -------
    Array of shape (rows, columns) or (rows, columns, 3); YBR is turned into RGB.
    """
    from services.dicom import codecs  # noqa: PLC0415 - numpy and decoders cost 60 MB

    if pixels.frame_bits // 8 > MAX_FRAME_BYTES:
        raise UnreadableInstance("frame_too_large", "The frame is too large to be decoded.")
    return codecs.decode(raw, transfer_syntax_uid, pixels)


def _aligned_bits(raw: bytes, count: int, index: int) -> bytes:
    """Shift a 1-bit frame to a byte border; PS3.5 section 8.1.1 packs frames without gap."""
    start = index * count % 8
    number = int.from_bytes(raw, "little") >> start & ((1 << count) - 1)
    return number.to_bytes((count + 7) // 8, "little")


def _count(dataset: DicomJson, tag: str) -> int:
    value: Any = first_value(dataset, tag)
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


def _pixel_tag(dataset: DicomJson) -> str:
    return next((tag for tag in ("7FE00008", "7FE00009") if tag in dataset), "7FE00010")
