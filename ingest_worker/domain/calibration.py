"""What one pixel measures, and where: in the patient, at the detector, or nobody knows.

What must stay true: the viewer has the same rules (`portals/shared/viewer/calibration.ts`), and
`tests/harness/calibration.json` holds both to them. Who is in doubt says pixels.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

Point = tuple[float, float]
DicomJson = Mapping[str, Any]

_STORAGE = "1.2.840.10008.5.1.4.1.1"
_SECONDARY_CAPTURE = (f"{_STORAGE}.7",)
"""Whatever spacing a picture of a screen claims is that of the screen."""
_PROJECTIONS = (f"{_STORAGE}.1", f"{_STORAGE}.12.1", f"{_STORAGE}.12.2", f"{_STORAGE}.12.3")
"""Radiography with all that is derived from it, angiography, fluoroscopy: a shadow, magnified."""

_TWO_DIMENSIONAL = 1
_CENTIMETRES = 3
_SAME = 1e-3


class Calibration(NamedTuple):
    """The size of a pixel in millimetres, and the plane in which it has that size."""

    spacing: Point
    """Between rows and between columns."""
    plane: Literal["patient", "detector"]


def calibrate(instance: DicomJson, frame: int, points: Sequence[Point]) -> Calibration | None:
    """Return what a pixel measures at these points of a frame; None if that is not known.

    Parameters
    ----------
    instance : DICOM JSON (PS3.18 Annex F).
    points : (column, row), the first pixel's centre at (0.5, 0.5).
    """
    if _is_of(instance, _SECONDARY_CAPTURE):
        return None
    regions = instance.get("00186011", {}).get("Value", ())
    if regions:
        return _in_region(regions, points)
    spacing = _spacing(instance, frame, "00280030", "00289110")
    imager = _spacing(instance, frame, "00181164", "00189443")
    if imager or _is_of(instance, _PROJECTIONS):
        receptor = imager or _spacing(instance, frame, "00182010", "")
        return _of_projection(instance, spacing, receptor)
    return Calibration(spacing, "patient") if spacing else None


def _of_projection(
    instance: DicomJson, spacing: Point | None, receptor: Point | None
) -> Calibration | None:
    """Tell a corrected spacing from that of the detector (PS3.3 section 10.7.1.1).

    Pixel Spacing counts as corrected only where it says how, or differs from the receptor's own;
    alone it may be either.
    """
    says_how = first(instance, "00280A02", "") in {"GEOMETRY", "FIDUCIAL"}
    if spacing and (says_how or (receptor and _differ(spacing, receptor))):
        return Calibration(spacing, "patient")
    if receptor is None:
        return None
    magnification = first(instance, "00181114", 0)
    if isinstance(magnification, int | float) and 1 < magnification < math.inf:
        rows, columns = receptor
        return Calibration((rows / magnification, columns / magnification), "patient")
    return Calibration(receptor, "detector")


def _in_region(regions: Sequence[DicomJson], points: Sequence[Point]) -> Calibration | None:
    """Return the calibration of the ultrasound region that holds all points (PS3.3 C.8.5.5).

    Every region that one of the points touches must say the same: a line that leaves the image for
    a spectrum has no length.
    """
    touched = [region for region in regions if any(_holds(region, point) for point in points)]
    found = {
        _region_spacing(region) if all(_holds(region, point) for point in points) else None
        for region in touched
    }
    spacing = found.pop() if len(found) == 1 else None
    return Calibration(spacing, "patient") if spacing else None


def _holds(region: DicomJson, point: Point) -> bool:
    left, top, right, bottom = (
        float(first(region, tag, -2)) for tag in ("00186018", "0018601A", "0018601C", "0018601E")
    )
    return left <= point[0] <= right + 1 and top <= point[1] <= bottom + 1


def _region_spacing(region: DicomJson) -> Point | None:
    units = {first(region, "00186024", 0), first(region, "00186026", 0)}
    if first(region, "00186012", 0) != _TWO_DIMENSIONAL or units != {_CENTIMETRES}:
        return None
    rows, columns = (
        round(abs(float(first(region, tag, 0))) * 10, 9) for tag in ("0018602E", "0018602C")
    )
    return (rows, columns) if rows and columns else None


def _spacing(instance: DicomJson, frame: int, tag: str, group: str) -> Point | None:
    values = find(instance, frame, tag, group).get("Value", ())
    if len(values) != 2 or not all(_is_length(value) for value in values):
        return None
    return float(values[0]), float(values[1])


def _is_length(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < math.inf


def find(instance: DicomJson, frame: int, tag: str, group: str) -> DicomJson:
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


def _differ(one: Point, other: Point) -> bool:
    return any(abs(a - b) > _SAME * b for a, b in zip(one, other, strict=True))


def _is_of(instance: DicomJson, classes: Sequence[str]) -> bool:
    """Tell whether the SOP class is one of these, or lies below one in the tree of UIDs."""
    uid = str(first(instance, "00080016", ""))
    return any(uid == one or uid.startswith(f"{one}.") for one in classes)


def _mapping(value: object) -> DicomJson:
    return value if isinstance(value, Mapping) else {}


def first(instance: DicomJson, tag: str, default: Any) -> Any:
    """Return the first value of an element, or what stands for one that is missing or empty."""
    values = _mapping(instance.get(tag)).get("Value") or [default]
    return default if values[0] is None else values[0]
