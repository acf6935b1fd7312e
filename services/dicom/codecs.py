"""Decoders of single frames; the only module that imports numpy and the decoder libraries.

Invariant: a decoded frame has the rows, columns and samples that the header told, or it is refused.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

import imagecodecs
import numpy as np
import numpy.typing as npt

from services.dicom.codestreams import codestream_size, unwrapped
from services.dicom.elements import EXPLICIT_BIG_ENDIAN, NATIVE_SYNTAXES
from services.dicom.errors import UnreadableInstance
from services.dicom.pixels import (
    JPEG_BASELINE,
    JPEG_EXTENDED,
    RLE,
    PixelDescription,
    native_little_endian,
)

Samples = npt.NDArray[Any]
_JPEG: Final = {JPEG_BASELINE, JPEG_EXTENDED}
_PREFIX: Final = "1.2.840.10008.1.2.4."
_DECODERS: Final[dict[str, Callable[[bytes], Samples]]] = {
    **{_PREFIX + n: imagecodecs.ljpeg_decode for n in ("57", "70")},
    **{_PREFIX + n: imagecodecs.jpegls_decode for n in ("80", "81")},
    **{
        _PREFIX + n: imagecodecs.jpeg2k_decode
        for n in ("90", "91", "92", "93", "201", "202", "203")
    },
}
_CODESTREAMS: Final = {*_DECODERS, *_JPEG}
# JPEG 2000 turns its own colour transform back, whatever the header calls it.
_KEEPS_YBR: Final = {*(_PREFIX + n for n in ("57", "70", "80", "81")), RLE}


def decode(raw: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> Samples:
    """Decode one frame to (rows, columns) or (rows, columns, samples); YBR becomes RGB."""
    raw = unwrapped(raw)
    if transfer_syntax_uid in _CODESTREAMS and codestream_size(raw) != (
        pixels.rows,
        pixels.columns,
    ):
        # A few bytes may claim to become gigabytes.
        raise UnreadableInstance("damaged_frame", "The frame is not as large as its header says.")
    try:
        frame = _decoded(raw, transfer_syntax_uid, pixels)
    except UnreadableInstance:
        raise
    except Exception as error:
        raise UnreadableInstance("damaged_frame", "The frame cannot be decoded.") from error
    wanted: tuple[int, ...] = (pixels.rows, pixels.columns)
    if pixels.samples_per_pixel > 1:
        wanted += (pixels.samples_per_pixel,)
    if frame.shape != wanted:
        raise UnreadableInstance("damaged_frame", "The frame is not as large as its header says.")
    return frame


def _decoded(raw: bytes, syntax: str, pixels: PixelDescription) -> Samples:
    photometric = pixels.photometric_interpretation
    if syntax in NATIVE_SYNTAXES:
        frame = _native(raw, pixels, big_endian=syntax == EXPLICIT_BIG_ENDIAN)
        return _rgb(frame) if photometric.startswith("YBR_FULL") else _signed(frame, pixels)
    if syntax in _JPEG:
        return _jpeg(raw, pixels)
    if syntax == RLE:
        frame = _run_lengths(raw, pixels)
    elif syntax in _DECODERS:
        frame = _DECODERS[syntax](raw)
    else:
        raise UnreadableInstance("unknown_transfer_syntax", "No decoder knows the transfer syntax.")
    frame = _signed(frame, pixels)
    return _rgb(frame) if photometric.startswith("YBR_FULL") and syntax in _KEEPS_YBR else frame


def _native(raw: bytes, pixels: PixelDescription, *, big_endian: bool) -> Samples:
    if pixels.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
        return bits[: pixels.rows * pixels.columns].reshape(pixels.rows, pixels.columns)
    if big_endian:
        raw = native_little_endian(raw, pixels)
    samples = np.frombuffer(raw[: pixels.frame_bits // 8], _dtype(pixels))
    if pixels.photometric_interpretation == "YBR_FULL_422":
        return _upsampled(samples, pixels)
    if pixels.samples_per_pixel == 1:
        return samples[: pixels.rows * pixels.columns].reshape(pixels.rows, pixels.columns)
    if pixels.planar_configuration == 1:
        planes = samples.reshape(pixels.samples_per_pixel, pixels.rows, pixels.columns)
        return np.moveaxis(planes, 0, -1)
    return samples.reshape(pixels.rows, pixels.columns, pixels.samples_per_pixel)


def _upsampled(samples: Samples, pixels: PixelDescription) -> Samples:
    """Give both pixels of a pair its chroma: Y1 Y2 CB CR (PS3.3 section C.7.6.3.1.2)."""
    pairs = samples[: pixels.rows * pixels.columns * 2].reshape(pixels.rows, -1, 4)
    frame = np.empty((pixels.rows, pixels.columns, 3), samples.dtype)
    frame[:, 0::2, 0], frame[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    frame[:, 0::2, 1:] = frame[:, 1::2, 1:] = pairs[..., 2:]
    return frame


def _jpeg(raw: bytes, pixels: PixelDescription) -> Samples:
    # The header, not a guess from the JPEG's own markers, says whether its components are YBR.
    if pixels.samples_per_pixel == 1:
        return np.asarray(imagecodecs.jpeg8_decode(raw))
    is_ybr = pixels.photometric_interpretation.startswith("YBR")
    space = "YCBCR" if is_ybr else "RGB"
    return np.asarray(imagecodecs.jpeg8_decode(raw, colorspace=space, outcolorspace="RGB"))


def _run_lengths(raw: bytes, pixels: PixelDescription) -> Samples:
    """Decode RLE (PS3.5 Annex G): one segment for each byte of each sample, high bytes first."""
    count, *offsets = struct.unpack_from("<16L", raw)
    width = pixels.bits_allocated // 8
    if count != width * pixels.samples_per_pixel:
        raise UnreadableInstance("damaged_frame", "The frame has the wrong number of segments.")
    ends = [*offsets[1:count], len(raw)]
    size = pixels.rows * pixels.columns
    planes = [
        np.frombuffer(imagecodecs.packbits_decode(raw[start:end])[:size], np.uint8)
        for start, end in zip(offsets[:count], ends, strict=True)
    ]
    big_endian = np.stack(planes, axis=-1).reshape(size, pixels.samples_per_pixel, width)
    samples = big_endian.view(f">u{width}").astype(f"<u{width}")
    shape = (pixels.rows, pixels.columns, pixels.samples_per_pixel)
    frame = samples.reshape(shape)
    return frame[..., 0] if pixels.samples_per_pixel == 1 else frame


def _signed(frame: Samples, pixels: PixelDescription) -> Samples:
    """Read samples as signed where the header says so; their unused high bits mean nothing."""
    unused = frame.dtype.itemsize * 8 - pixels.bits_stored
    if pixels.pixel_representation != 1 or frame.dtype.kind == "f" or unused < 0:
        return frame
    signed: Samples = frame.astype(frame.dtype.str.replace("u", "i"))
    return np.asarray(signed << unused >> unused, signed.dtype)


def _rgb(frame: Samples) -> Samples:
    """Turn full-range YBR into RGB (PS3.3 section C.7.6.3.1.2)."""
    top = np.iinfo(frame.dtype).max
    middle = (top + 1) // 2
    y, blue, red = (frame[..., i].astype(np.float32) for i in range(3))
    blue, red = blue - middle, red - middle
    rgb = np.stack((y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue), -1)
    clipped: Samples = np.clip(np.rint(rgb), 0, top).astype(frame.dtype)
    return clipped


def _dtype(pixels: PixelDescription) -> np.dtype[Any]:
    width = pixels.bits_allocated // 8
    if width >= 4 and pixels.is_float:
        return np.dtype(f"<f{width}")
    return np.dtype(f"<{'i' if pixels.pixel_representation else 'u'}{width}")
