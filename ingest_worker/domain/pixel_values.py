"""What a stored pixel means: its rescale and its unit (PS3.3 sections C.11.1 and C.7.6.16.2.9).

What must stay true: the viewer has the same rules (`portals/shared/viewer/pixel-unit.ts`), and
`tests/harness/pixel_units.json` holds both to them. What has no plain meaning has no statistics.
"""

from typing import NamedTuple

from ingest_worker.domain.calibration import DicomJson, find, first

HOUNSFIELD = "[hnsf'U]"
NO_UNIT = "1"
_GROUP = "00289145"
_UNSPECIFIED = {"", "US", "normalized"}


class PixelValues(NamedTuple):
    """How a number that is stored becomes one that is told."""

    slope: float
    intercept: float
    unit: str
    """UCUM."""


def pixel_values(instance: DicomJson, frame: int) -> PixelValues | None:
    """Return what the pixels of a frame mean; None for colour, look-up tables and other scales."""
    if "00283000" in instance or first(instance, "00280002", 1) != 1:
        return None
    if first(instance, "00280004", "") == "PALETTE COLOR" or _modality(instance) == "PT":
        return None
    slope, intercept = (_number(instance, frame, tag) for tag in ("00281053", "00281052"))
    unit = _unit(instance, frame, rescaled=slope is not None and intercept is not None)
    if unit is None:
        return None
    return PixelValues(1.0 if slope is None else slope, intercept or 0.0, unit)


def _unit(instance: DicomJson, frame: int, *, rescaled: bool) -> str | None:
    """A CT that says nothing is in Hounsfield units unless it is a localizer (PS3.3 C.8.2.1)."""
    told = str(_value(instance, frame, "00281054") or "")
    kind = instance.get("00080008", {}).get("Value", ())
    if told == "HU" or (
        not told and rescaled and _modality(instance) == "CT" and "LOCALIZER" not in kind
    ):
        return HOUNSFIELD
    return NO_UNIT if told in _UNSPECIFIED else None


def _modality(instance: DicomJson) -> str:
    return str(first(instance, "00080060", ""))


def _number(instance: DicomJson, frame: int, tag: str) -> float | None:
    value = _value(instance, frame, tag)
    return float(value) if isinstance(value, int | float) else None


def _value(instance: DicomJson, frame: int, tag: str) -> object:
    return next(iter(find(instance, frame, tag, _GROUP).get("Value", ())), None)
