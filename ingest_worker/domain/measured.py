"""What a drawing measures: its points on the image, and the values that follow from them.

What must stay true: a value is computed here, from the points and the image's own calibration; what
the browser wrote beside them is only compared. Without a calibration it is in pixels, never in mm.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.base import Contract
from ingest_worker.domain.calibration import Calibration, DicomJson, Point, calibrate, first

STATISTICS = ("mean", "standard_deviation", "minimum", "maximum")
"""Of the pixels in an area; they are computed where pixels are read."""

_RELATIVE_DIFFERENCE = 0.01
_DENSITY_DIFFERENCE = 1.0
_POINTS = {"length": 2, "angle": 3, "bidirectional": 4, "ellipse": 4, "rectangle": 4, "arrow": 1}
"""How many handles count; of an arrow's, its tip."""
_UNITS = {
    "patient": ("mm", "mm2"),
    # Who looks for "mm" must not find what is magnified: an annotated unit is another code.
    "detector": ("mm{detector}", "mm2{detector}"),
    "": ("{pixels}", "{square_pixels}"),
}


class Shape(Contract):
    """Where something was measured: (column, row), the first pixel's centre at (0.5, 0.5)."""

    graphic_type: str
    points: tuple[Point, ...]


class Value(Contract):
    """A number with its unit in UCUM, and where it was measured."""

    name: str
    number: float
    unit: str
    shape: Shape


class Measured(Contract):
    """One drawing on one frame, as the structured report tells it."""

    uid: str
    kind: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    study_date: str
    frame: int | None
    values: tuple[Value, ...] = ()
    text: str = ""
    """What an arrow says of the place that it points at."""
    place: Shape | None = None


def measure(record: DicomJson, instance: DicomJson) -> Measured | None:
    """Measure a drawing on its instance; None where it has no value there.

    Parameters
    ----------
    record : as the browser saved it; `points` are (column, row) on the frame.
    instance : DICOM JSON (PS3.18 Annex F) of the instance that it names.
    """
    kind, frame = str(record.get("kind", "")), int(record.get("frame") or 1)
    points = _points(record)[: _POINTS.get(kind, 0)]
    if kind not in _POINTS or len(points) < _POINTS[kind]:
        return None
    if not all(_inside(point, instance) for point in points):
        return None
    text = str(record.get("text", "")).strip()
    if kind == "arrow" and not text:
        return None
    measured = Measured(
        uid=str(record.get("uid", "")),
        kind=kind,
        sop_class_uid=str(first(instance, "00080016", "")),
        sop_instance_uid=str(record.get("sopInstanceUid", "")),
        series_instance_uid=str(first(instance, "0020000E", "")),
        study_instance_uid=str(first(instance, "0020000D", "")),
        study_date=str(first(instance, "00080020", "")),
        frame=frame if int(first(instance, "00280008", 1)) > 1 else None,
    )
    if kind == "arrow":
        tip = Shape(graphic_type="POINT", points=tuple(points))
        return measured.model_copy(update={"text": text, "place": tip})
    values = _values(kind, points, calibrate(instance, frame, points))
    return measured.model_copy(update={"values": values})


def differs(record: DicomJson, measured: Measured) -> bool:
    """Tell whether the browser showed another number, or another unit."""
    told = {value.get("name"): value for value in map(_mapping, _list(record.get("values")))}
    return any(
        _is_other(told[value.name], value) for value in measured.values if value.name in told
    )


def _is_other(told: DicomJson, value: Value) -> bool:
    number = told.get("number")
    if told.get("unit") != value.unit or not isinstance(number, int | float):
        return True
    least = _DENSITY_DIFFERENCE if value.name in STATISTICS else 0.0
    return abs(number - value.number) > max(least, _RELATIVE_DIFFERENCE * abs(value.number))


def _values(
    kind: str, points: Sequence[Point], calibration: Calibration | None
) -> tuple[Value, ...]:
    rows, columns = calibration.spacing if calibration else (1.0, 1.0)
    metric = [(x * columns, y * rows) for x, y in points]
    length, square = _UNITS[calibration.plane if calibration else ""]
    if kind == "length":
        line = Shape(graphic_type="POLYLINE", points=tuple(points))
        return (Value(name="length", number=math.dist(*metric), unit=length, shape=line),)
    if kind == "angle":
        lines = Shape(graphic_type="POLYLINE", points=tuple(points))
        return (Value(name="angle", number=_angle(metric), unit="deg", shape=lines),)
    if kind == "bidirectional":
        axes = sorted(((0, 1), (2, 3)), key=lambda p: -math.dist(metric[p[0]], metric[p[1]]))
        return tuple(
            Value(
                name=name,
                number=math.dist(metric[begin], metric[end]),
                unit=length,
                shape=Shape(graphic_type="POLYLINE", points=(points[begin], points[end])),
            )
            for name, (begin, end) in zip(("long_axis", "short_axis"), axes, strict=True)
        )
    if kind == "ellipse":
        return (_ellipse(points, metric, square),)
    return (_rectangle(points, metric, square),)


def _ellipse(points: Sequence[Point], metric: Sequence[Point], unit: str) -> Value:
    """Its handles are bottom, top, left, right; the report names the longer axis first."""
    axes = sorted(((0, 1), (2, 3)), key=lambda p: -math.dist(points[p[0]], points[p[1]]))
    area = math.pi / 4 * math.dist(metric[0], metric[1]) * math.dist(metric[2], metric[3])
    ends = tuple(points[i] for axis in axes for i in axis)
    return Value(
        name="area",
        number=area,
        unit=unit,
        shape=Shape(graphic_type="ELLIPSE", points=ends),
    )


def _rectangle(points: Sequence[Point], metric: Sequence[Point], unit: str) -> Value:
    """Its handles are the corners row by row; the report goes around them, and closes."""
    area = math.dist(metric[0], metric[1]) * math.dist(metric[0], metric[2])
    around = tuple(points[i] for i in (0, 1, 3, 2, 0))
    return Value(
        name="area", number=area, unit=unit, shape=Shape(graphic_type="POLYLINE", points=around)
    )


def _angle(points: Sequence[Point]) -> float:
    (ax, ay), (bx, by), (cx, cy) = points
    turn = math.atan2(ay - by, ax - bx) - math.atan2(cy - by, cx - bx)
    degrees = abs(math.degrees(turn)) % 360
    return min(degrees, 360 - degrees)


def _points(record: DicomJson) -> list[Point]:
    return [
        (float(point[0]), float(point[1]))
        for point in _list(record.get("points"))
        if isinstance(point, list)
        and len(point) == 2
        and all(isinstance(value, int | float) and math.isfinite(value) for value in point)
    ]


def _mapping(value: object) -> DicomJson:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _inside(point: Point, instance: DicomJson) -> bool:
    rows, columns = (float(first(instance, tag, 0)) for tag in ("00280010", "00280011"))
    return 0 <= point[0] <= columns and 0 <= point[1] <= rows
