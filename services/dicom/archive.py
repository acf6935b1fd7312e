"""Reads uploads that hold several files: zip archives with folders, as viewers and CDs have them.

Invariant: nothing is written to disk by a name from the archive, and what is unpacked is bounded
in number, size and ratio whatever the archive claims about itself.
"""

import itertools
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from services.dicom.errors import UnreadableInstance

SNIFF_BYTES: Final = 512
_PIECE: Final = 1 << 20
_RATIO_FREE_BYTES: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_LISTED_BYTES: Final = 512
"""Of the list of files, for each one that an archive may hold: its path, its times."""
_ENTRY: Final = struct.Struct("<28x3H12x")
"""An entry of that list: the lengths of its name, extra field and comment, which follow it."""
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)


class FileKind(StrEnum):
    """What a file is, told by its bytes and not by its name."""

    DICOM = "DICOM"
    JPEG = "JPEG"
    PNG = "PNG"
    ZIP = "ZIP"
    OTHER = "OTHER"


@dataclass(frozen=True)
class ArchiveLimits:
    """How much may come out of one archive."""

    members: int = 20_000
    """Files and folders."""
    member_bytes: int = 2 << 30
    total_bytes: int = 20 << 30
    ratio: int = 200
    name_characters: int = 1_024


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes
    ----------
    name : path inside the archive, for the report to the uploader only; never a path on disk.
    pieces : the content, to be read before the next member is asked for.
    """

    name: str
    kind: FileKind
    pieces: Iterator[bytes]


@dataclass(frozen=True)
class Skipped:
    """A file of an archive that is not an image, and why it is left out."""

    name: str
    reason: str


def file_kind(beginning: bytes) -> FileKind:
    """Tell what a file is from its first bytes; `SNIFF_BYTES` of them are enough."""
    if beginning[128:132] == b"DICM" or _looks_like_data_set(beginning):
        return FileKind.DICOM
    if beginning.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return FileKind.ZIP
    return FileKind.OTHER


def read_archive(
    source: Path | IO[bytes], limits: ArchiveLimits | None = None
) -> Iterator[Member | Skipped]:
    """Give the members of a zip archive one by one, in its order; a piece at a time is in memory.

    Raises
    ------
    UnreadableInstance : "empty_archive", "damaged_archive", "encrypted_archive" or
        "archive_too_large"; also while the pieces of a member are read. Members before the one
        that broke a limit have been given.
    """
    limits = limits or ArchiveLimits()
    with _readable(), _opened(source) as file:
        _require_short_list(file, limits)
        with zipfile.ZipFile(file) as archive:
            yield from _members(archive, limits)


def _opened(source: Path | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def _require_short_list(file: IO[bytes], limits: ArchiveLimits) -> None:
    """Count the entries of the central directory (APPNOTE 4.3.12), whatever its end says of them.

    `ZipFile` reads all of it into memory and makes an object of each entry before anybody can ask
    how many there are. What is no entry it refuses by itself.
    """
    # Found as `ZipFile` itself finds it: another way might find another list.
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001
    if end is None:
        return
    size = end[zipfile._ECD_SIZE]  # type: ignore[attr-defined]  # noqa: SLF001
    after = end[zipfile._ECD_LOCATION]  # type: ignore[attr-defined]  # noqa: SLF001
    if end[0] == zipfile.stringEndArchive64:  # type: ignore[attr-defined]
        after -= zipfile.sizeEndCentDir64 + zipfile.sizeEndCentDir64Locator  # type: ignore[attr-defined]
    too_large = UnreadableInstance("archive_too_large", "The archive has too many files.")
    if size > limits.members * _LISTED_BYTES:
        raise too_large
    place, found = after - size, 0
    while place < after:
        file.seek(place)
        entry = file.read(_ENTRY.size)
        if len(entry) < _ENTRY.size:
            return
        found += 1
        if found > limits.members:
            raise too_large
        place += _ENTRY.size + sum(_ENTRY.unpack(entry))


class _Budget:
    """Counts what comes out, instead of believing what the archive says of itself."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._left = limits.total_bytes

    def pieces(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpack one member."""
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableInstance("encrypted_archive", "The archive is protected by a password.")
        swollen = max(_RATIO_FREE_BYTES, info.compress_size * self._limits.ratio)
        member_left = min(self._limits.member_bytes, swollen)
        with _readable(), archive.open(info) as file:
            while piece := file.read(_PIECE):
                member_left -= len(piece)
                self._left -= len(piece)
                if member_left < 0 or self._left < 0:
                    raise UnreadableInstance(
                        "archive_too_large", "The archive unpacks to too much."
                    )
                yield piece


def _members(archive: zipfile.ZipFile, limits: ArchiveLimits) -> Iterator[Member | Skipped]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if not infos:
        raise UnreadableInstance("empty_archive", "The zip holds no file.")
    budget = _Budget(limits)
    for info in infos:
        name = info.filename[: limits.name_characters]
        reason = _reason_to_skip(info)
        yield Skipped(name, reason) if reason else _member(archive, info, name, budget)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget
) -> Member | Skipped:
    pieces = budget.pieces(archive, info)
    first = next(pieces, b"")
    kind = file_kind(first[:SNIFF_BYTES])
    if kind is FileKind.ZIP:
        return Skipped(name, "An archive inside an archive is not opened.")
    if kind is FileKind.OTHER:
        return Skipped(name, "Neither DICOM nor a picture.")
    return Member(name, kind, itertools.chain((first,), pieces))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _DAMAGE:
        raise UnreadableInstance("damaged_archive", "The archive cannot be read.") from None


def _reason_to_skip(info: zipfile.ZipInfo) -> str:
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
        return "Its path leads out of the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, not a file."
    if parts[-1].upper() == "DICOMDIR":
        return "A DICOMDIR is a list of files, not an instance."
    if parts[-1].startswith(".") or "__MACOSX" in parts:
        return "It belongs to the computer that made the archive."
    return ""


def _looks_like_data_set(beginning: bytes) -> bool:
    """Recognise a DICOM file without preamble: it begins with an element of group 0002 or 0008."""
    if beginning[:4] == b"\x02\x00\x00\x00":
        return beginning[4:6] == b"UL"
    if beginning[:2] != b"\x08\x00" or beginning[3:4] != b"\x00":
        return False
    explicit = beginning[4:6].isalpha() and beginning[4:6].isupper()
    return explicit or beginning[6:8] == b"\x00\x00"
