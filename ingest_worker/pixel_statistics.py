"""Mean, deviation, least and greatest of the stored pixels inside an area.

What must stay true: they come from the object store and never from the browser; one frame is in
memory at a time.
"""

import asyncio
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import structlog

from ingest_worker.domain.calibration import DicomJson, Point
from ingest_worker.domain.measured import Measured, Shape, Value
from ingest_worker.domain.pixel_values import PixelValues, pixel_values
from ingest_worker.series_repository import IndexedInstance
from ingest_worker.stored_frames import frames_of, is_readable, read_frame
from services.dicom.pixels import decode_frame, describe_pixels
from services.dicom.series_documents import serve_frame
from services.errors import PermanentError
from services.object_storage import ObjectStorage

_ROWS_AT_ONCE = 64
_EDGE = 1 + 1e-9
"""A centre on the edge lies inside, whatever the last digit says."""

Samples = npt.NDArray[Any]

log = structlog.get_logger()


@dataclass
class PixelStatistics:
    """Reads frames; several areas on one frame read it once."""

    storage: ObjectStorage
    _at: tuple[str, int] | None = field(default=None, init=False)
    _samples: Samples | None = field(default=None, init=False)

    async def with_statistics(
        self, measured: Measured, instance: IndexedInstance, metadata: DicomJson
    ) -> Measured:
        """Return an area with what its pixels say; unchanged where they say nothing."""
        frame = measured.frame or 1
        meaning = pixel_values(metadata, frame)
        if meaning is None or measured.kind not in {"ellipse", "rectangle"}:
            return measured
        samples = await self._frame(instance, metadata, frame - 1)
        if samples is None or samples.ndim != 2:
            return measured
        found = await asyncio.to_thread(_statistics, samples, measured.values[0].shape, meaning)
        return measured.model_copy(update={"values": (*measured.values, *found)})

    async def _frame(
        self, instance: IndexedInstance, metadata: DicomJson, index: int
    ) -> Samples | None:
        at = (instance.sop_instance_uid, index)
        if self._at != at:
            self._at = self._samples = None
            self._samples, self._at = await self._read(instance, metadata, index), at
        return self._samples

    async def _read(
        self, instance: IndexedInstance, metadata: DicomJson, index: int
    ) -> Samples | None:
        stored, pixels = frames_of(instance), describe_pixels(dict(metadata))
        if pixels is None or not is_readable(instance, stored, index):
            return None
        try:
            raw = await read_frame(self.storage, instance, stored, index)
            return await asyncio.to_thread(
                lambda: decode_frame(
                    serve_frame(raw, stored, index),
                    transfer_syntax_uid=stored.served_syntax,
                    pixels=pixels,
                )
            )
        except PermanentError as error:
            log.warning("pixel_statistics_failed", code=error.code)
            return None


class _Area(NamedTuple):
    """A centre, and from there half an ellipse's axes or half a rectangle's sides."""

    is_ellipse: bool
    centre: Point
    half: Point
    other_half: Point

    def bounds(self, rows: int, columns: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the pixels that can lie inside."""
        (x, y), (a, b), (c, d) = self.centre, self.half, self.other_half
        wide, high = abs(a) + abs(c), abs(b) + abs(d)
        left, top = max(0, math.floor(x - wide)), max(0, math.floor(y - high))
        return left, top, min(columns, math.ceil(x + wide)), min(rows, math.ceil(y + high))

    def holds(self, columns: Samples, rows: Samples) -> npt.NDArray[np.bool_]:
        """Tell which centres of pixels lie inside; `columns` of shape (n,), `rows` of (m, 1)."""
        (a, b), (c, d) = self.half, self.other_half
        x, y = columns - self.centre[0], rows - self.centre[1]
        turned = a * d - b * c
        along, across = (x * d - y * c) / turned, (y * a - x * b) / turned
        if self.is_ellipse:
            return np.asarray(along**2 + across**2 <= _EDGE)
        return np.asarray(np.maximum(np.abs(along), np.abs(across)) <= _EDGE)


def _area(shape: Shape) -> _Area | None:
    """Read an area from its graphic; None for one that is only a line."""
    points = np.array(shape.points)
    if shape.graphic_type == "ELLIPSE":
        ends = (points[1] - points[0]) / 2, (points[3] - points[2]) / 2
        centre = (points[0] + points[1]) / 2
    else:
        ends = (points[1] - points[0]) / 2, (points[3] - points[0]) / 2
        centre = (points[0] + points[2]) / 2
    (a, b), (c, d), (x, y) = (vector.tolist() for vector in (*ends, centre))
    if a * d == b * c:
        return None
    return _Area(shape.graphic_type == "ELLIPSE", (x, y), (a, b), (c, d))


def _statistics(samples: Samples, shape: Shape, meaning: PixelValues) -> tuple[Value, ...]:
    """Of the pixels whose centres lie inside, as the viewer takes them."""
    area = _area(shape)
    if area is None:
        return ()
    count, total = 0, 0.0
    low, high = np.inf, -np.inf
    for inside in _inside(samples, area):
        count += inside.size
        total += float(inside.sum(dtype=np.float64))
        low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    if count == 0:
        return ()
    mean = total / count
    squares = sum(
        float(np.square(inside - mean, dtype=np.float64).sum()) for inside in _inside(samples, area)
    )
    ends = sorted(value * meaning.slope + meaning.intercept for value in (low, high))
    told = {
        "mean": mean * meaning.slope + meaning.intercept,
        "standard_deviation": abs(meaning.slope) * (squares / count) ** 0.5,
        "minimum": ends[0],
        "maximum": ends[1],
    }
    return tuple(
        Value(name=name, number=number, unit=meaning.unit, shape=shape)
        for name, number in told.items()
    )


def _inside(samples: Samples, area: _Area) -> Iterator[Samples]:
    """Give the pixels of the area, some rows at a time."""
    left, top, right, bottom = area.bounds(*samples.shape)
    columns = np.arange(left, right) + 0.5
    for first in range(top, bottom, _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, bottom)
        rows = np.arange(first, last)[:, np.newaxis] + 0.5
        chosen = samples[first:last, left:right][area.holds(columns, rows)]
        if chosen.size:
            yield chosen
