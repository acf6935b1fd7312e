"""The two documents of a series: metadata for WADO-RS, and where each frame lies.

Pure functions. Invariant: the same instances give the same bytes, in whatever order they came, so
that writing a document twice changes nothing.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from contracts.events.images_ingested import FrameLocation, InstanceHeader
from services.dicom.elements import (
    DEFLATED_LITTLE_ENDIAN,
    DicomJson,
    first_value,
    inflated_range,
    read_elements,
)
from services.dicom.frames import join_fragments
from services.dicom.pixels import (
    PixelDescription,
    describe_pixels,
    must_transcode,
    servable_frame,
    served_photometric,
    served_syntax,
)

_SPACINGS: Final = ("00280030", "00181164")
_PHOTOMETRIC: Final = "00280004"
_PLANAR: Final = "00280006"
_AVAILABLE_SYNTAX: Final = "00083002"


class Documented(Protocol):
    """What the documents need to know of one stored instance.

    Attributes
    ----------
    metadata_json, frames_json : as `instance_metadata` and `instance_frames` gave them when the
        instance was indexed; texts, so that a document of a thousand instances is only joined. Each
        is asked for once, so that an archive may keep it compressed until then.
    """

    @property
    def sop_instance_uid(self) -> str: ...  # noqa: D102
    @property
    def instance_number(self) -> int | None: ...  # noqa: D102
    @property
    def sort_position(self) -> float | None: ...  # noqa: D102
    @property
    def metadata_json(self) -> str: ...  # noqa: D102
    @property
    def frames_json(self) -> str: ...  # noqa: D102


Instance = TypeVar("Instance", bound=Documented)


@dataclass(frozen=True)
class SeriesInstance:
    """An instance whose texts are at hand."""

    sop_instance_uid: str
    instance_number: int | None
    sort_position: float | None
    metadata_json: str
    frames_json: str


@dataclass(frozen=True)
class StoredFrames:
    """The frames of one instance as the document tells them."""

    key: str
    transfer_syntax_uid: str
    frames: tuple[FrameLocation, ...]
    pixels: PixelDescription | None
    """None: hand the frames over as stored."""

    @property
    def served_syntax(self) -> str:
        """Transfer syntax of the frames as they are handed over."""
        return served_syntax(self.transfer_syntax_uid, transcoded=self.pixels is not None)

    @property
    def needs_whole_object(self) -> bool:
        """Whether a ranged read is of no use."""
        return self.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN


def serve_frame(raw: bytes, stored: StoredFrames, index: int) -> bytes:
    """Return a frame as the viewer shall get it, in `stored.served_syntax`.

    Parameters
    ----------
    raw : the bytes of the frame's location; of a deflated object (`stored.needs_whole_object`) all
        bytes of the object, which has to be inflated up to the frame.
    index : number of the frame in its instance, from 0.
    """
    location = stored.frames[index]
    if stored.needs_whole_object:
        raw = inflated_range(raw, read_elements(raw).position, location.offset, location.length)
    raw = join_fragments(raw, location)
    if stored.pixels is None:
        return raw
    return servable_frame(
        raw, transfer_syntax_uid=stored.transfer_syntax_uid, pixels=stored.pixels, index=index
    )


# ------------------------------------------------------------------------------ of one instance
def instance_metadata(header: InstanceHeader) -> str:
    """Return the DICOM JSON of an instance as WADO-RS shall give it, as JSON text.

    It tells the truth about the frames that are served, which may differ from the stored ones, and
    leaves out what makes viewers fail: a spacing of zero gives a black viewport.
    """
    data: DicomJson = dict(header.dicom_json)
    for tag in _SPACINGS:
        if tag in data and not _positive(data[tag].get("Value")):
            del data[tag]
    _tell_served_pixels(data, header)
    prefix = f"instances/{header.sop_instance_uid}/"
    ordered = dict(sorted(_absolute(data, prefix).items()))
    return json.dumps(ordered, separators=(",", ":"))


def instance_frames(header: InstanceHeader, *, key: str) -> str:
    """Return where the frames of an instance lie, as JSON text.

    Parameters
    ----------
    key : key of the object in the store.
    """
    entry: dict[str, Any] = {
        "key": key,
        "transferSyntaxUid": header.transfer_syntax_uid,
        "frames": [_written(frame) for frame in header.frames],
    }
    pixels = describe_pixels(header.dicom_json)
    if pixels is not None and must_transcode(header.transfer_syntax_uid, pixels):
        entry["pixels"] = vars(pixels)
    return json.dumps(entry, separators=(",", ":"))


# ------------------------------------------------------------------------------- of a whole series
def metadata_document(instances: Sequence[Documented]) -> bytes:
    """Return `metadata.json.gz`: the DICOM JSON of all instances, in the order of the stack."""
    entries = (instance.metadata_json for instance in sorted_instances(instances))
    return _compressed("[", entries, "]")


def frames_document(instances: Sequence[Documented]) -> bytes:
    """Return `frames.json.gz`: by SOP Instance UID, where its frames lie."""
    entries = (f'"{i.sop_instance_uid}":{i.frames_json}' for i in sorted_instances(instances))
    return _compressed("{", entries, "}")


def read_frames_document(document: bytes) -> dict[str, StoredFrames]:
    """Read `frames.json.gz` back."""
    entries = json.loads(zlib.decompress(document, 31))
    return {uid: _stored_frames(entry) for uid, entry in entries.items()}


def read_metadata_document(document: bytes) -> list[DicomJson]:
    """Read `metadata.json.gz` back."""
    return list(json.loads(zlib.decompress(document, 31)))


def sorted_instances(instances: Sequence[Instance]) -> list[Instance]:
    """Sort along the slice normal, in the direction in which the instances are numbered.

    Where a position is missing, or is there twice (several phases or weightings in one series), the
    instance numbers decide.
    """
    by_number = sorted(instances, key=_number)
    positions = [i.sort_position for i in by_number if i.sort_position is not None]
    if len(positions) < len(by_number) or len(set(positions)) < len(positions):
        return by_number
    descends = positions and positions[0] > positions[-1]
    by_position = sorted(by_number, key=lambda i: i.sort_position or 0.0)
    return by_position[::-1] if descends else by_position


# --------------------------------------------------------------------------------------------------
def _number(instance: Documented) -> tuple[bool, int, str]:
    number = instance.instance_number
    return number is None, number or 0, instance.sop_instance_uid


def _positive(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, int | float) and v > 0 for v in values)


def _tell_served_pixels(data: DicomJson, header: InstanceHeader) -> None:
    pixels = describe_pixels(header.dicom_json)
    transcoded = pixels is not None and must_transcode(header.transfer_syntax_uid, pixels)
    syntax = served_syntax(header.transfer_syntax_uid, transcoded=transcoded)
    data[_AVAILABLE_SYNTAX] = {"vr": "UI", "Value": [syntax]}
    if not transcoded:
        return
    photometric = served_photometric(str(first_value(data, _PHOTOMETRIC) or ""), transcoded=True)
    if photometric:
        data[_PHOTOMETRIC] = {"vr": "CS", "Value": [photometric]}
    if _PLANAR in data:
        data[_PLANAR] = {"vr": "US", "Value": [0]}


def _absolute(data: Any, prefix: str) -> Any:
    """Return the data set with its bulk data URIs relative to the series resource."""
    changed = {}
    for tag, element in data.items():
        if "BulkDataURI" in element:
            changed[tag] = {**element, "BulkDataURI": prefix + element["BulkDataURI"]}
        elif element["vr"] == "SQ" and "Value" in element:
            items = [_absolute(item, prefix) for item in element["Value"]]
            changed[tag] = {**element, "Value": items}
    return {**data, **changed}


def _written(frame: FrameLocation) -> list[int]:
    if frame.fragments == 1:
        return [frame.offset, frame.length]
    return [frame.offset, frame.length, frame.fragments]


def _stored_frames(entry: dict[str, Any]) -> StoredFrames:
    return StoredFrames(
        key=entry["key"],
        transfer_syntax_uid=entry["transferSyntaxUid"],
        frames=tuple(
            FrameLocation(offset=offset, length=length, fragments=fragments[0] if fragments else 1)
            for offset, length, *fragments in entry["frames"]
        ),
        pixels=PixelDescription(**entry["pixels"]) if "pixels" in entry else None,
    )


def _compressed(opening: str, entries: Iterable[str], closing: str) -> bytes:
    # Entry by entry: the text of a large series would take a hundred megabytes at once.
    # zlib's own gzip header carries no time, so equal content gives equal bytes.
    compressor = zlib.compressobj(5, zlib.DEFLATED, 31)
    pieces = [compressor.compress(p.encode()) for p in _separated(opening, entries, closing)]
    return b"".join((*pieces, compressor.flush()))


def _separated(opening: str, entries: Iterable[str], closing: str) -> Iterator[str]:
    separator = opening
    for entry in entries:
        yield separator
        yield entry
        separator = ","
    yield closing if separator == "," else opening + closing
