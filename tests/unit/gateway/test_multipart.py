"""Names in a multipart body, as hostile or broken senders write them."""

import io
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import BinaryIO

import pytest

from gateway.multipart import MalformedMultipart, PartReader, boundary_of, read_parts

IDNA = "idna''a%ff.dcm"
"""A name in a character set that has no way to be read leniently (RFC 2231)."""


async def body(disposition: str) -> AsyncIterator[bytes]:
    head = f"--x\r\nContent-Disposition: form-data; name=image; {disposition}\r\n\r\n"
    yield head.encode() + b"bytes\r\n--x--\r\n"


class Files:
    """The files that were opened and not forgotten."""

    def __init__(self) -> None:
        self.left: list[BinaryIO] = []

    def open(self) -> BinaryIO:
        self.left.append(file := io.BytesIO())
        return file


async def names(disposition: str, files: Files) -> list[str]:
    reader = PartReader("x", new_file=files.open, discard=files.left.remove)
    async with aclosing(read_parts(body(disposition), reader, max_bytes=1_000)) as parts:
        return [part.file_name async for part in parts]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="a b.dcm"', "a b.dcm"),
        ("filename*=utf-8''%C3%A4.dcm", "ä.dcm"),
        ("filename*=nonsense''a.dcm", "a.dcm"),
        ("x=y", ""),
    ],
)
async def test_file_has_the_name_that_its_sender_gave_it(disposition: str, name: str) -> None:
    assert await names(disposition, Files()) == [name]


async def test_name_that_cannot_be_read_is_the_senders_error_and_leaves_no_file() -> None:
    files = Files()

    with pytest.raises(MalformedMultipart):
        await names(f"filename*={IDNA}", files)

    assert files.left == []


def test_boundary_that_cannot_be_read_is_the_senders_error() -> None:
    with pytest.raises(MalformedMultipart):
        boundary_of(f"multipart/form-data; boundary*={IDNA}")
