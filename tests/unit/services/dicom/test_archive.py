"""Archives with folders are read; what an attacker puts into one stays inside and is refused."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from services.dicom.archive import (
    ArchiveLimits,
    FileKind,
    Member,
    Skipped,
    file_kind,
    read_archive,
)
from services.dicom.errors import UnreadableInstance
from tests.harness.dicom import build_instance, odd_files

JPEG = b"\xff\xd8\xff\xe0" + bytes(50)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


def archive(files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    buffer.seek(0)
    return buffer


def read(source: io.BytesIO, limits: ArchiveLimits | None = None) -> list[tuple[str, str]]:
    found = []
    for member in read_archive(source, limits):
        if isinstance(member, Member):
            found.append((member.name, member.kind.value))
            assert b"".join(member.pieces)
        else:
            found.append((member.name, member.reason))
    return found


def test_images_in_folders_are_found_whatever_their_names() -> None:
    instance = build_instance().content

    found = read(archive({"A/B/IM000001": instance, "A/photo.bin": JPEG, "scan": PNG}))

    assert found == [("A/B/IM000001", "DICOM"), ("A/photo.bin", "JPEG"), ("scan", "PNG")]


def test_content_comes_out_as_it_went_in() -> None:
    instance = build_instance(rows=1024, columns=1024).content

    (member,) = read_archive(archive({"x.dcm": instance}))

    assert isinstance(member, Member)
    assert b"".join(member.pieces) == instance


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../x", "..\\x", "C:/x", "\\\\host\\x"]
)
def test_path_that_leads_out_is_skipped(name: str) -> None:
    assert read(archive({name: JPEG})) == [(name, "Its path leads out of the archive.")]


def test_link_is_skipped() -> None:
    link = zipfile.ZipInfo("image.dcm")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(link, "/etc/passwd")
    buffer.seek(0)

    assert read(buffer) == [("image.dcm", "It is a link, not a file.")]


def test_what_is_not_an_image_is_told_and_skipped() -> None:
    nested = archive({"x": JPEG}).getvalue()

    found = read(
        archive({"inner.zip": nested, "DICOMDIR": b"x", "viewer.exe": b"MZ", "._x.jpg": JPEG})
    )

    assert [reason for _, reason in found] == [
        "An archive inside an archive is not opened.",
        "A DICOMDIR is a list of files, not an instance.",
        "Neither DICOM nor a picture.",
        "It belongs to the computer that made the archive.",
    ]


@pytest.mark.parametrize(
    "limits",
    [
        ArchiveLimits(members=1),
        ArchiveLimits(member_bytes=1000),
        ArchiveLimits(total_bytes=3_000_000),
        ArchiveLimits(ratio=10),
    ],
)
def test_archive_that_unpacks_to_too_much_is_refused(limits: ArchiveLimits) -> None:
    bomb = archive({"a": JPEG + bytes(2_000_000), "b": JPEG + bytes(2_000_000)})

    with pytest.raises(UnreadableInstance) as refused:
        read(bomb, limits)

    assert refused.value.problem == "archive_too_large"


def test_bomb_is_refused_by_the_limits_that_hold_in_service() -> None:
    with pytest.raises(UnreadableInstance) as refused:
        read(archive({"a": JPEG + bytes(300 << 20)}))

    assert refused.value.problem == "archive_too_large"


@pytest.mark.parametrize("keep", [0, 10, 100])
def test_damaged_archive_is_refused(keep: int) -> None:
    content = archive({"a": JPEG * 50}).getvalue()[:keep]

    with pytest.raises(UnreadableInstance) as refused:
        read(io.BytesIO(content))

    assert refused.value.problem == "damaged_archive"


@pytest.mark.parametrize("files", [{}, {"CD/": b""}])
def test_archive_without_a_file_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(UnreadableInstance) as refused:
        read(archive(files))

    assert refused.value.problem == "empty_archive"


def test_member_with_damaged_bytes_is_refused() -> None:
    content = bytearray(archive({"a": JPEG + bytes(range(256)) * 20}).getvalue())
    content[60:64] = b"\xff\xff\xff\xff"

    with pytest.raises(UnreadableInstance) as refused:
        read(io.BytesIO(bytes(content)))

    assert refused.value.problem == "damaged_archive"


def test_archive_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "upload.zip"
    path.write_bytes(archive({"a": PNG}).getvalue())

    assert [m.name for m in read_archive(path)] == ["a"]
    assert not any(isinstance(m, Skipped) for m in read_archive(path))


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (build_instance().content, FileKind.DICOM),
        (odd_files()["no preamble"], FileKind.DICOM),
        (build_instance().content[338:], FileKind.DICOM),
        (JPEG, FileKind.JPEG),
        (PNG, FileKind.PNG),
        (b"PK\x03\x04" + bytes(50), FileKind.ZIP),
        (b"GIF89a", FileKind.OTHER),
        (b"%PDF-1.7", FileKind.OTHER),
        (b"", FileKind.OTHER),
    ],
)
def test_kind_is_told_by_the_bytes(beginning: bytes, kind: FileKind) -> None:
    assert file_kind(beginning[:512]) is kind


class TestArchiveOfTooManyFiles:
    """It is refused before it is listed: 300,000 entries are 90 MB of objects."""

    def refusal(self, source: io.BytesIO, monkeypatch: pytest.MonkeyPatch) -> str:
        def listed(*_: object) -> None:
            raise AssertionError("its files were listed")

        monkeypatch.setattr(zipfile, "ZipInfo", listed)
        with pytest.raises(UnreadableInstance) as refused:
            read(source, ArchiveLimits(members=3))
        return refused.value.problem

    def test_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        many = archive({f"{n}.dcm": b"x" for n in range(4)})

        assert self.refusal(many, monkeypatch) == "archive_too_large"

    def test_is_refused_in_the_format_for_large_ones(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
        many = archive({f"{n}.dcm": b"x" for n in range(4)})
        assert b"PK\x06\x06" in many.getvalue()

        assert self.refusal(many, monkeypatch) == "archive_too_large"

    def test_is_refused_when_it_tells_a_smaller_number(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = bytearray(archive({f"{n}.dcm": b"x" for n in range(4)}).getvalue())
        content[-14:-10] = b"\x01\0\x01\0"

        assert self.refusal(io.BytesIO(content), monkeypatch) == "archive_too_large"

    def test_is_refused_when_its_list_is_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        long_names = archive({f"{n:060000}.dcm": b"x" for n in range(2)})

        assert self.refusal(long_names, monkeypatch) == "archive_too_large"


def test_archive_with_a_comment_is_read() -> None:
    """Its end is not where it usually is."""
    buffer = archive({"x.dcm": JPEG})
    with zipfile.ZipFile(buffer, "a") as made:
        made.comment = b"CD of 3 May"

    assert read(buffer) == [("x.dcm", "JPEG")]
