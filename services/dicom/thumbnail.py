"""A small JPEG of one frame, windowed as the image says, for lists and series bars.

Not for reading: it has lost depth, size and possibly its right window.
"""

import base64
import io
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from contracts.events.images_ingested import InstanceHeader
from services.dicom.elements import DicomJson, first_value, inflated_range, read_elements
from services.dicom.errors import UnreadableInstance
from services.dicom.frames import join_fragments
from services.dicom.header import opened, parse_header
from services.dicom.pixels import decode_frame, describe_pixels

SIZE: Final = 256
MOST_BYTES: Final = 64 << 20
"""Of a stored frame that is read for a small picture."""
_QUALITY: Final = 82
_PALETTES: Final = ("00281201", "00281202", "00281203")
_DESCRIPTORS: Final = ("00281101", "00281102", "00281103")

Samples = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


def thumbnail_of(source: Path | bytes, header: InstanceHeader | None = None) -> bytes:
    """Return the thumbnail of an instance's middle frame.

    Raises
    ------
    UnreadableInstance : the instance has no frame, or it cannot be decoded.
    """
    header = header or parse_header(source)
    if not header.frames:
        raise UnreadableInstance("no_frames", "The instance has no image.")
    location = header.frames[len(header.frames) // 2]
    if location.length > MOST_BYTES:
        raise UnreadableInstance("frame_too_large", "The frame is too large for a small picture.")
    with opened(source) as buffer:
        elements = read_elements(buffer)
        if elements.inflated_bytes is None:
            raw = buffer[location.offset : location.offset + location.length]
        else:
            raw = inflated_range(buffer, elements.position, location.offset, location.length)
    return thumbnail(
        join_fragments(raw, location),
        transfer_syntax_uid=header.transfer_syntax_uid,
        dataset=header.dicom_json,
    )


def thumbnail(raw: bytes, *, transfer_syntax_uid: str, dataset: DicomJson) -> bytes:
    """Return the thumbnail of one frame.

    Parameters
    ----------
    raw : the stored bytes of the frame, its fragments joined.
    dataset : DICOM JSON of its instance.
    """
    pixels = describe_pixels(dataset)
    if pixels is None:
        raise UnreadableInstance("no_frames", "The instance does not tell the size of its image.")
    samples = decode_frame(raw, transfer_syntax_uid=transfer_syntax_uid, pixels=pixels)
    return _jpeg(shown(samples, dataset))


def shown(samples: Samples, dataset: DicomJson) -> Bytes:
    """Turn the samples of a frame into what a screen shows.

    Returns
    -------
    Array of shape (rows, columns) or (rows, columns, 3), 8 bits.
    """
    if samples.ndim == 3:
        return _eight_bits(samples)
    photometric = first_value(dataset, "00280004")
    if photometric == "PALETTE COLOR":
        palette = _palette(dataset)
        return _windowed(samples, dataset) if palette is None else _coloured(samples, palette)
    grey = _windowed(samples, dataset)
    return 255 - grey if photometric == "MONOCHROME1" else grey


def _windowed(samples: Samples, dataset: DicomJson) -> Bytes:
    """Apply rescale and window (PS3.3 section C.11.2.1.2), or what most of the values fill."""
    slope, intercept = _number(dataset, "00281053"), _number(dataset, "00281052")
    values = samples.astype(np.float32) * (slope or 1.0) + (intercept or 0.0)
    center, width = _number(dataset, "00281050"), _number(dataset, "00281051")
    if center is not None and width is not None and width >= 1:
        low, high = center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2
    else:
        low, high = _usual_range(values, samples, dataset)
    scaled = (values - low) * (255 / max(high - low, 1e-6))
    grey: Bytes = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
    return grey


def _usual_range(values: Samples, samples: Samples, dataset: DicomJson) -> tuple[float, float]:
    padding = first_value(dataset, "00280120")
    told = values if padding is None else values[samples != padding]
    if not told.size:
        return 0.0, 1.0
    low, high = np.nanpercentile(told, (0.5, 99.5))
    return float(low), float(high)


def _palette(dataset: DicomJson) -> tuple[int, Bytes] | None:
    """Return the first mapped value and the colours, shape (entries, 3); None without them."""
    descriptor: list[Any] = dataset.get(_DESCRIPTORS[0], {}).get("Value", [])
    columns = [_table(dataset, tag) for tag in _PALETTES]
    if len(descriptor) != 3 or not all(column is not None and column.size for column in columns):
        return None
    entries, first, bits = descriptor
    entries = entries or 65_536
    reduced = [_column(column, entries, bits) for column in columns if column is not None]
    size = min(column.size for column in reduced)
    return int(first), np.stack([column[:size] for column in reduced], axis=-1)


def _table(dataset: DicomJson, tag: str) -> Bytes | None:
    inline = dataset.get(tag, {}).get("InlineBinary")
    return np.frombuffer(base64.b64decode(inline), np.uint8) if inline else None


def _column(raw: Bytes, entries: int, bits: int) -> Bytes:
    # Eight-bit tables come with one byte for each entry, or with two of which one counts.
    if raw.size < 2 * entries:
        return raw[:entries]
    wide = raw[: raw.size // 2 * 2].view("<u2")
    return (wide >> 8 if bits > 8 and wide.max(initial=0) > 255 else wide).astype(np.uint8)


def _coloured(samples: Samples, palette: tuple[int, Bytes]) -> Bytes:
    first, colours = palette
    entry = np.clip(samples.astype(np.int64) - first, 0, len(colours) - 1)
    return np.asarray(colours[entry], np.uint8)


def _eight_bits(samples: Samples) -> Bytes:
    if samples.dtype == np.uint8:
        return samples
    top = max(1.0, float(samples.max(initial=0)))
    return np.clip(samples * (255 / top), 0, 255).astype(np.uint8)


def _jpeg(picture: Bytes) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _number(dataset: DicomJson, tag: str) -> float | None:
    value = first_value(dataset, tag)
    return float(value) if isinstance(value, int | float) else None
