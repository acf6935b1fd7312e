"""Reads a multipart body as it comes, each part into a file: nothing large is held in memory.

What must stay true: a body that ends before its last boundary is an error. Whoever sent it would
otherwise take the part that was cut for stored.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from gateway.errors import ProblemError

_FEED_BYTES = 1024 * 1024
_MAX_PARTS = 20_000
_IDLE_SECONDS = 60.0


class MalformedMultipart(ProblemError):
    """The body is no multipart message, or was cut before its end; send it again whole."""

    code = "malformed_multipart"
    title = "Malformed multipart body"
    sentence = "The multipart body is malformed or was cut before its end. Nothing after the cut "
    sentence += "was stored; send it again."


class BodyTooLarge(ProblemError):
    """The body is larger than one request may be; send fewer files at once."""

    status = 413
    code = "body_too_large"
    title = "Body too large"
    sentence = "The request is too large. Send fewer files at once."


@dataclass
class Part:
    """One part: its headers, and its bytes in a file."""

    file: BinaryIO
    headers: Message = field(default_factory=Message)
    file_name: str = ""
    """Name that the sender gave to the file, as text; never a path of ours."""

    @property
    def content_type(self) -> str:
        """Media type without parameters, in lower case."""
        return self.headers.get_content_type()

    @property
    def name(self) -> str:
        """Name of the form field."""
        return str(self.headers.get_param("name", "", "content-disposition"))


class PartReader:
    """A push parser: give it bytes, take parts from `finished`; each is yours when you took it.

    Parameters
    ----------
    new_file : opens a file for the bytes of one part.
    discard : forgets such a file.
    """

    def __init__(
        self,
        boundary: str,
        *,
        new_file: Callable[[], BinaryIO],
        discard: Callable[[BinaryIO], None],
    ) -> None:
        self._new_file = new_file
        self._discard = discard
        self._part: Part | None = None
        self._field = self._value = b""
        self.finished: deque[Part] = deque()
        self._count = 0
        self.complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_field,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._read_file_name,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Parse more bytes. Blocks on the disk."""
        try:
            self._parser.write(data)
        except MultipartParseError:
            raise MalformedMultipart from None

    def close(self) -> None:
        """Forget what is not whole, and what nobody took."""
        if self._part:
            self.finished.append(self._part)
            self._part = None
        while self.finished:
            self._discard(self.finished.popleft().file)

    def _begin(self) -> None:
        self._count += 1
        if self._count > _MAX_PARTS:
            raise BodyTooLarge
        self._part = Part(self._new_file())

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._part:
            name = self._field.decode("latin-1")
            self._part.headers[name] = self._value.decode("utf-8", "replace")
        self._field = self._value = b""

    def _read_file_name(self) -> None:
        """Refuse a name that cannot be read while the part's file is still ours to discard."""
        if self._part:
            try:
                self._part.file_name = self._part.headers.get_filename("") or ""
            except UnicodeError:
                raise MalformedMultipart from None

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._part:
            self._part.file.write(data[start:end])

    def _end_part(self) -> None:
        if self._part:
            self._part.file.flush()
            self.finished.append(self._part)
        self._part = None

    def _end(self) -> None:
        self.complete = True


async def read_parts(
    stream: AsyncIterator[bytes], reader: PartReader, *, max_bytes: int
) -> AsyncGenerator[Part]:
    """Yield the parts of a body; the receiver owns their files.

    Raises
    ------
    MalformedMultipart : no boundary, broken headers, or cut before the last boundary.
    BodyTooLarge : more than `max_bytes`.
    """
    total, waiting = 0, bytearray()
    try:
        async for chunk in _in_time(stream):
            total += len(chunk)
            if total > max_bytes:
                raise BodyTooLarge
            waiting += chunk
            if len(waiting) >= _FEED_BYTES:
                await asyncio.to_thread(reader.feed, bytes(waiting))
                waiting.clear()
                while reader.finished:
                    yield reader.finished.popleft()
        await asyncio.to_thread(reader.feed, bytes(waiting))
        while reader.finished:
            yield reader.finished.popleft()
        if not reader.complete:
            raise MalformedMultipart
    finally:
        reader.close()


async def _in_time(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """End a sender that says nothing for a minute: it may hold the connection for ever."""
    while True:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise MalformedMultipart from None
        yield chunk


def boundary_of(content_type: str) -> str:
    """Return the boundary of a multipart media type; `MalformedMultipart` without one."""
    message = Message()
    message["content-type"] = content_type
    try:
        boundary = message.get_boundary()
    except UnicodeError:
        raise MalformedMultipart from None
    if not boundary or len(boundary) > 70:
        raise MalformedMultipart
    return boundary
