"""What a drawing measures: its points on the image, and the values that follow from them.

What must stay true: a value is computed here, from the points and the image's own geometry; what
the browser wrote beside them is only compared. Without a calibration it is in pixels, never in mm.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contracts.base import Contract

SECONDARY_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
"""The root of their SOP classes: whatever spacing such a picture claims is that of a screen."""

_CENTIMETRES = 3
_OFF_PLANE_MM = 1.0
_RELATIVE_DIFFERENCE = 0.01
_STATISTICS = {
    "mean": "mean",
    "standard_deviation": "stdDev",
    "minimum": "min",
    "maximum": "max",
}
_POINTS = {"length": 2, "angle": 3, "bidirectional": 4, "ellipse": 4, "rectangle": 4}

Point = tuple[float, float]
DicomJson = Mapping[str, Any]


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
    frame: int | None
    values: tuple[Value, ...]


class _Plane(NamedTuple):
    position: Sequence[float]
    along_row: Sequence[float]
    along_column: Sequence[float]
    spacing: Point
    """Between rows and between columns: world units of one pixel."""


def measure(record: DicomJson, instance: DicomJson) -> Measured | None:
    """Measure a drawing on its instance; None where it has no value there.

    Parameters
    ----------
    record : as the browser saved it, with world points in `annotation.data.handles.points`.
    instance : DICOM JSON (PS3.18 Annex F) of the instance that it names.
    """
    kind, frame = str(record.get("kind", "")), int(record.get("frame") or 1)
    world = _world_points(record)
    if kind not in _POINTS or len(world) < _POINTS[kind]:
        return None
    plane = _plane(instance, frame)
    pixels = [_on_plane(plane, point) for point in world[: _POINTS[kind]]]
    if not all(_inside(point, instance) for point in pixels if point) or None in pixels:
        return None
    points = [point for point in pixels if point]
    values = _values(kind, points, _millimetres(instance, frame, points))
    if "area" in _names(values):
        values += _statistics(values[0].shape, _browser_values(record))
    return Measured(
        uid=str(record.get("uid", "")),
        kind=kind,
        sop_class_uid=str(_first(instance, "00080016", "")),
        sop_instance_uid=str(record.get("sopInstanceUid", "")),
        series_instance_uid=str(_first(instance, "0020000E", "")),
        frame=frame if int(_first(instance, "00280008", 1)) > 1 else None,
        values=values,
    )


def differs(record: DicomJson, measured: Measured) -> bool:
    """Tell whether the browser showed another number in the same unit."""
    told = _browser_values(record)
    units = {"mm": "mm", "mm2": "mm²", "deg": "", "{pixels}": "px", "{square_pixels}": "px²"}
    for value in measured.values:
        key = {"long_axis": "length", "short_axis": "width"}.get(value.name, value.name)
        number = told.get(key)
        unit = told.get("areaUnit" if value.name == "area" else "unit", "")
        if value.name in _STATISTICS or not isinstance(number, int | float):
            continue
        same_unit = value.unit == "deg" or unit == units[value.unit]
        if not same_unit or abs(number - value.number) > _RELATIVE_DIFFERENCE * abs(value.number):
            return True
    return False


def _values(kind: str, points: Sequence[Point], spacing: Point | None) -> tuple[Value, ...]:
    rows, columns = spacing or (1.0, 1.0)
    metric = [(x * columns, y * rows) for x, y in points]
    length, square = ("mm", "mm2") if spacing else ("{pixels}", "{square_pixels}")
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


def _statistics(shape: Shape, told: DicomJson) -> tuple[Value, ...]:
    """Statistics of a CT, which only the browser has computed, from the pixels it drew."""
    if told.get("modalityUnit", "HU" if told.get("Modality") == "CT" else "") != "HU":
        return ()
    pairs = ((name, told.get(key)) for name, key in _STATISTICS.items())
    return tuple(
        Value(name=name, number=float(number), unit="[hnsf'U]", shape=shape)
        for name, number in pairs
        if isinstance(number, int | float) and math.isfinite(number)
    )


def _names(values: Sequence[Value]) -> set[str]:
    return {value.name for value in values}


def _world_points(record: DicomJson) -> list[list[float]]:
    annotation = _mapping(record.get("annotation"))
    points = _mapping(_mapping(annotation.get("data")).get("handles")).get("points")
    return [
        [float(value) for value in point]
        for point in (points if isinstance(points, list) else ())
        if isinstance(point, list)
        and len(point) == 3
        and all(isinstance(value, int | float) and math.isfinite(value) for value in point)
    ]


def _browser_values(record: DicomJson) -> DicomJson:
    data = _mapping(_mapping(record.get("annotation")).get("data"))
    return next((_mapping(v) for v in _mapping(data.get("cachedStats")).values()), {})


def _mapping(value: object) -> DicomJson:
    return value if isinstance(value, Mapping) else {}


def _plane(instance: DicomJson, frame: int) -> _Plane:
    """Return the plane that the browser drew on; the page's own grid where the image has none."""
    spacing = _spacing(instance, frame, "00280030") or _spacing(instance, frame, "00181164")
    if str(_first(instance, "00080016", "")).startswith(SECONDARY_CAPTURES):
        spacing = None
    directions = _numbers(_find(instance, frame, "00200037", "00209116"), 6)
    position = _numbers(_find(instance, frame, "00200032", "00209113"), 3)
    directions = directions or [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return _Plane(
        position or [0.0, 0.0, 0.0], directions[:3], directions[3:], spacing or (1.0, 1.0)
    )


def _millimetres(instance: DicomJson, frame: int, points: Sequence[Point]) -> Point | None:
    """Return the patient's millimetres of a pixel, or None where nobody can say.

    Imager Pixel Spacing is that of the detector and not of the patient (PS3.3 section 10.7.1.3).
    """
    if str(_first(instance, "00080016", "")).startswith(SECONDARY_CAPTURES):
        return None
    for region in instance.get("00186011", {}).get("Value", ()):
        if spacing := _region_spacing(region, points):
            return spacing
    return _spacing(instance, frame, "00280030")


def _region_spacing(region: DicomJson, points: Sequence[Point]) -> Point | None:
    """Return the spacing of an ultrasound region that holds all points (PS3.3 section C.8.5.5)."""
    if {_first(region, "00186024", 0), _first(region, "00186026", 0)} != {_CENTIMETRES}:
        return None
    left, top, right, bottom = (
        float(_first(region, tag, -1)) for tag in ("00186018", "0018601A", "0018601C", "0018601E")
    )
    if not all(left <= x <= right + 1 and top <= y <= bottom + 1 for x, y in points):
        return None
    rows, columns = (abs(float(_first(region, tag, 0))) * 10 for tag in ("0018602E", "0018602C"))
    return (rows, columns) if rows and columns else None


def _spacing(instance: DicomJson, frame: int, tag: str) -> Point | None:
    values = _numbers(_find(instance, frame, tag, "00289110"), 2)
    return (values[0], values[1]) if values and min(values) > 0 else None


def _find(instance: DicomJson, frame: int, tag: str, group: str) -> DicomJson:
    """Return an element of the instance, or of its functional group (PS3.3 section C.7.6.16)."""
    if tag in instance:
        return _mapping(instance[tag])
    frames = instance.get("52009230", {}).get("Value", ())
    shared = instance.get("52009229", {}).get("Value", ())
    for item in (*frames[frame - 1 : frame], *shared):
        for macro in item.get(group, {}).get("Value", ()):
            if tag in macro:
                return _mapping(macro[tag])
    return {}


def _numbers(element: DicomJson, count: int) -> list[float] | None:
    values = element.get("Value", ())
    if len(values) != count or not all(isinstance(value, int | float) for value in values):
        return None
    return [float(value) for value in values]


def _first(instance: DicomJson, tag: str, default: Any) -> Any:
    values = _mapping(instance.get(tag)).get("Value") or [default]
    return default if values[0] is None else values[0]


def _on_plane(plane: _Plane, world: Sequence[float]) -> Point | None:
    """Return (column, row) of a point of the patient; None off the plane (PS3.3 C.7.6.2.1.1)."""
    offset = [a - b for a, b in zip(world, plane.position, strict=True)]
    x, y = _dot(offset, plane.along_row), _dot(offset, plane.along_column)
    if _dot(offset, offset) - x * x - y * y > _OFF_PLANE_MM**2:
        return None
    rows, columns = plane.spacing
    return x / columns + 0.5, y / rows + 0.5


def _inside(point: Point | None, instance: DicomJson) -> bool:
    rows, columns = (float(_first(instance, tag, 0)) for tag in ("00280010", "00280011"))
    return point is not None and 0 <= point[0] <= columns and 0 <= point[1] <= rows


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))
