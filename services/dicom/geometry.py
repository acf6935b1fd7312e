"""Where an image lies in the patient (PS3.3 section C.7.6.2.1.1)."""

from typing import Any

from services.dicom.elements import DicomJson, first_value


def position_along_normal(dataset: DicomJson) -> float | None:
    """Return the position of the (first) image along its slice normal in mm, None if not told."""
    orientation = _numbers(_plane(dataset, "00209116", "00200037"), "00200037", 6)
    position = _numbers(_plane(dataset, "00209113", "00200032"), "00200032", 3)
    if orientation is None or position is None:
        return None
    (a, b, c, d, e, f) = orientation
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return round(sum(n * p for n, p in zip(normal, position, strict=True)), 4)


def _plane(dataset: DicomJson, sequence: str, tag: str) -> DicomJson:
    """Find the data set that holds `tag`: the instance itself, or a functional group of frame 1."""
    if tag in dataset:
        return dataset
    for groups in ("52009230", "52009229"):  # per frame, shared
        found = first_value(first_value(dataset, groups) or {}, sequence)
        if found:
            return found  # type: ignore[no-any-return]  # an item of a sequence is a data set
    return {}


def _numbers(dataset: DicomJson, tag: str, count: int) -> list[float] | None:
    values: list[Any] = dataset.get(tag, {}).get("Value", [])
    if len(values) != count or not all(isinstance(v, int | float) for v in values):
        return None
    return values
