"""The header of an instance as our own `InstanceHeader`: what lists, matching and the viewer need.

Invariant: a header that leaves this module can be stored and sent as it is. Identifiers are valid
UIDs, texts are clean and short, numbers are finite, what could not be read is None or "", and the
notes say so without quoting a value.
"""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from contracts.events.images_ingested import InstanceHeader
from services.dicom.elements import (
    Buffer,
    DicomJson,
    Elements,
    Limits,
    first_value,
    inflated_range,
    read_elements,
)
from services.dicom.errors import UnreadableInstance
from services.dicom.frames import index_frames
from services.dicom.geometry import position_along_normal
from services.dicom.pixels import is_video

MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(?:(\d{2}):?(?:(\d{2})(?:\.(\d{1,6}))?)?)?")
_MAX_LINE: Final = 255
_PHASES: Final = (
    (
        "NON_CONTRAST",
        re.compile(r"\b(non[- ]?contrast|without contrast|native|unenhanced|nativ)\b"),
    ),
    ("ARTERIAL", re.compile(r"\b(arterial|art|arteriell|angio|cta)\b")),
    ("VENOUS", re.compile(r"\b(venous|portal|portovenous|pv|ven)\b")),
    ("DELAYED", re.compile(r"\b(delay(ed)?|late|excretory|equilibrium)\b")),
)


def parse_header(
    source: Path | bytes, *, size_bytes: int | None = None, limits: Limits | None = None
) -> InstanceHeader:
    """Parse the header of one instance and find its frames.

    Parameters
    ----------
    source : the file, its bytes, or the first bytes of it.
    size_bytes : length of the whole object where `source` is only its beginning.

    Raises
    ------
    UnreadableInstance : the instance cannot be kept. Its problem is "incomplete" where `source` is
        a beginning that is too short: fetch more and try again.
    """
    with opened(source) as buffer:
        total = len(buffer) if size_bytes is None else size_bytes
        elements = read_elements(buffer, whole=len(buffer) >= total, limits=limits)
        return _header(elements, buffer, total)


def read_bulk_data(source: Path | bytes, uri: str) -> bytes | None:
    """Return the value that a BulkDataURI of `parse_header` stands for, None if there is none.

    Encapsulated pixel data comes as it is stored: its fragments with their item headers.
    """
    with opened(source) as buffer:
        elements = read_elements(buffer)
        if uri not in elements.bulk:
            return None
        offset, length = elements.bulk[uri]
        if elements.inflated_bytes is not None:
            return inflated_range(buffer, elements.position, offset, length)
        return buffer[offset : offset + length]


@contextmanager
def opened(source: Path | bytes) -> Iterator[Buffer]:
    """Give the bytes of a file without reading more of it than is looked at."""
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        if source.stat().st_size == 0:
            raise UnreadableInstance("empty", "The file has no bytes.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def _header(elements: Elements, buffer: Buffer, size_bytes: int) -> InstanceHeader:
    data = elements.dataset
    identifiers = _identifiers(elements)
    frames, frame_notes = index_frames(elements, buffer, size_bytes)
    # Validation would cost as much as the parsing, for values that are made right here; that they
    # are what the contract demands is what the tests check of every header they read.
    return InstanceHeader.model_construct(
        **identifiers,
        **_patient(data),
        **_study(data),
        **_series(data),
        **_image(data),
        number_of_frames=_number_of_frames(elements, len(frames)),
        frames=frames,
        dicom_json=data,
        notes=(*elements.notes, *frame_notes),
    )


def _identifiers(elements: Elements) -> dict[str, Any]:
    data = elements.dataset
    if first_value(elements.meta, "00020002") == MEDIA_DIRECTORY or "00041220" in data:
        raise UnreadableInstance(
            "media_directory", "A DICOMDIR is a list of files, not an instance."
        )
    return {
        "study_instance_uid": _required_uid(data, "0020000D", "Study Instance UID"),
        "series_instance_uid": _required_uid(data, "0020000E", "Series Instance UID"),
        "sop_instance_uid": _required_uid(data, "00080018", "SOP Instance UID"),
        "sop_class_uid": _required_uid(data, "00080016", "SOP Class UID"),
        "transfer_syntax_uid": _valid_uid(elements.transfer_syntax_uid, "Transfer Syntax UID"),
    }


def _required_uid(data: DicomJson, tag: str, name: str) -> str:
    value = first_value(data, tag)
    if value is None:
        raise UnreadableInstance("missing_identifier", f"The file has no {name}.")
    return _valid_uid(value, name)


def _valid_uid(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > 64 or not _UID.fullmatch(value):
        raise UnreadableInstance("invalid_identifier", f"The {name} is not a valid UID.")
    return value


def _patient(data: DicomJson) -> dict[str, Any]:
    return {
        "patient_id": _line(data, "00100020"),
        "issuer_of_patient_id": _line(data, "00100021"),
        "patient_name": _name(data, "00100010"),
        "patient_birth_date": _date(data, "00100030"),
        "patient_sex": _line(data, "00100040"),
    }


def _study(data: DicomJson) -> dict[str, Any]:
    return {
        "accession_number": _line(data, "00080050"),
        "study_date": _date(data, "00080020"),
        "study_time": _time(data, "00080030"),
        "study_description": _line(data, "00081030"),
        "study_id": _line(data, "00200010"),
        "referring_physician_name": _name(data, "00080090"),
    }


def _series(data: DicomJson) -> dict[str, Any]:
    return {
        "modality": _line(data, "00080060"),
        "series_number": _integer(data, "00200011"),
        "series_description": _line(data, "0008103E"),
        "sequence_name": _line(data, "00180024") or _line(data, "00189005"),
        "contrast_phase": _contrast_phase(data),
        "body_part": _line(data, "00180015"),
        "laterality": _line(data, "00200060") or _line(data, "00200062"),
        "patient_position": _line(data, "00185100"),
        "manufacturer": _line(data, "00080070"),
        "equipment_model": _line(data, "00081090"),
        "station_name": _line(data, "00081010"),
        "kvp": _number(data, "00180060"),
        "mas": _mas(data),
        "slice_thickness": _number(data, "00180050"),
    }


def _image(data: DicomJson) -> dict[str, Any]:
    return {
        "instance_number": _integer(data, "00200013"),
        "rows": _integer(data, "00280010"),
        "columns": _integer(data, "00280011"),
        "bits_allocated": _integer(data, "00280100"),
        "window_center": _number(data, "00281050"),
        "window_width": _number(data, "00281051"),
        "sort_position": position_along_normal(data),
        "frame_time_ms": _frame_time_ms(data),
    }


# ----------------------------------------------------------------------------------- single fields
def _line(data: DicomJson, tag: str) -> str:
    value = first_value(data, tag)
    return value.replace("\n", " ")[:_MAX_LINE].strip() if isinstance(value, str) else ""


def _name(data: DicomJson, tag: str) -> str:
    value = first_value(data, tag)
    groups = value if isinstance(value, dict) else {}
    return str(next(iter(groups.values()), ""))[:_MAX_LINE]


def _number(data: DicomJson, tag: str) -> float | None:
    value = first_value(data, tag)
    return float(value) if isinstance(value, int | float) else None


def _integer(data: DicomJson, tag: str) -> int | None:
    value = first_value(data, tag)
    # PostgreSQL's integer is as wide as IS may be (PS3.5 section 6.2).
    return value if isinstance(value, int) and -(2**31) <= value < 2**31 else None


def _date(data: DicomJson, tag: str) -> date | None:
    match = _DATE.fullmatch(_line(data, tag))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _time(data: DicomJson, tag: str) -> time | None:
    match = _TIME.fullmatch(_line(data, tag))
    if not match:
        return None
    hour, minute, second, fraction = match.groups()
    # A leap second (60) is allowed by PS3.5, not by our types.
    seconds = min(int(second or 0), 59)
    try:
        return time(int(hour), int(minute or 0), seconds, int((fraction or "0").ljust(6, "0")))
    except ValueError:
        return None


def _mas(data: DicomJson) -> float | None:
    exposure = _number(data, "00181152")
    if exposure is not None:
        return exposure
    in_uas = _number(data, "00181153")
    return in_uas / 1000 if in_uas is not None else None


def _frame_time_ms(data: DicomJson) -> float | None:
    frame_time = _number(data, "00181063")
    rate = _number(data, "00180040") or _number(data, "00082144")
    if frame_time and frame_time > 0:
        return frame_time
    return 1000 / rate if rate and rate > 0 else None


def _number_of_frames(elements: Elements, found: int) -> int:
    """Believe what was found; of a video, which is one stream, what is told."""
    if found > 1 or (found and not is_video(elements.transfer_syntax_uid)):
        return found
    return max(1, _integer(elements.dataset, "00280008") or 1)


def _contrast_phase(data: DicomJson) -> str:
    """Read the phase of a CT from its descriptions; plain CT has no element for it."""
    if first_value(data, "00080060") != "CT":
        return ""
    told = f"{_line(data, '0008103E')} {_line(data, '00181030')}".lower().replace("_", " ")
    return next((phase for phase, words in _PHASES if words.search(told)), "")
