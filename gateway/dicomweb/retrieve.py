"""WADO-RS (PS3.18 section 10.4): metadata, frames and whole instances, without a database.

Metadata is one object that was made at ingest; a frame is one ranged read, of a local copy where
there is one. Frames go out as they are stored, except where browsers cannot decode them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from itertools import chain
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.errors import BadRequest
from gateway.imaging import Imaging, imaging_of
from services.dicom.series_documents import StoredFrames, serve_frame
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, PIECE_BYTES, thumbnail_key

# Frames never change: a browser may keep them, but nobody between us and it.
IMMUTABLE = {"Cache-Control": "private, max-age=86400, immutable"}
_MAX_FRAMES = 500
_DICOM = "application/dicom"


async def series_metadata(request: Request, study: str, series: str) -> Response:
    """Return the DICOM JSON of all instances of a series."""
    imaging = imaging_of(request)
    body = await imaging.series.metadata(study, series)
    return Response(
        body,
        media_type="application/dicom+json",
        headers={"Content-Encoding": "gzip", "Cache-Control": "private, no-cache"},
    )


async def instance_frames(
    request: Request, study: str, series: str, sop: str, frame_list: str
) -> Response:
    """Return frames of an instance: one by itself, several as multipart/related.

    Parameters
    ----------
    frame_list : numbers from 1, separated by commas (PS3.18 section 10.4.1.1.6).
    """
    imaging = imaging_of(request)
    stored = await imaging.series.frames(study, series, sop)
    numbers = _frame_numbers(frame_list, len(stored.frames))
    media_type = f"application/octet-stream; transfer-syntax={stored.served_syntax}"
    multipart = "multipart/related" in request.headers.get("accept", "")
    if len(numbers) == 1 and not multipart:
        return await _one_frame(imaging, stored, numbers[0] - 1, media_type)
    frames = (_frame_pieces(imaging, stored, number - 1) for number in numbers)
    return await _multipart(frames, media_type, "application/octet-stream", IMMUTABLE)


def _frame_numbers(frame_list: str, available: int) -> list[int]:
    try:
        numbers = [int(part) for part in frame_list.split(",")]
    except ValueError:
        raise BadRequest("Name frames by number, separated by commas.") from None
    if len(numbers) > _MAX_FRAMES:
        raise BadRequest(f"Ask for at most {_MAX_FRAMES} frames at once.")
    if not all(1 <= number <= available for number in numbers):
        raise ObjectMissing("the instance has no such frame")
    return numbers


async def _one_frame(
    imaging: Imaging, stored: StoredFrames, index: int, media_type: str
) -> Response:
    headers = {"Content-Type": media_type, **IMMUTABLE}
    location = stored.frames[index]
    if location.length <= PIECE_BYTES or not _is_served_as_stored(stored, index):
        return Response(await _frame(imaging, stored, index), headers=headers)
    body = await imaging.cache.body(stored.key, location.offset, location.length)
    return StreamingResponse(body.pieces, headers=headers | {"Content-Length": str(body.size)})


async def _frame_pieces(imaging: Imaging, stored: StoredFrames, index: int) -> AsyncIterator[bytes]:
    location = stored.frames[index]
    if _is_served_as_stored(stored, index):
        body = await imaging.cache.body(stored.key, location.offset, location.length)
        async for piece in body.pieces:
            yield piece
    else:
        yield await _frame(imaging, stored, index)


def _is_served_as_stored(stored: StoredFrames, index: int) -> bool:
    whole = stored.pixels is not None or stored.needs_whole_object
    return not whole and stored.frames[index].fragments == 1


async def _frame(imaging: Imaging, stored: StoredFrames, index: int) -> bytes:
    location = stored.frames[index]
    if stored.needs_whole_object:
        raw = await imaging.cache.read_whole(stored.key)
    else:
        raw = await imaging.cache.read(stored.key, location.offset, location.length)
    if stored.pixels is None and not stored.needs_whole_object:
        return serve_frame(raw, stored, index)
    return await asyncio.to_thread(serve_frame, raw, stored, index)


async def _multipart(
    parts: Iterable[AsyncIterator[bytes]], media_type: str, kind: str, headers: Mapping[str, str]
) -> Response:
    """Return parts one after the other; each is asked for when the one before has left."""
    boundary, rest = uuid4().hex, iter(parts)
    # A store that cannot be reached is answered as such, and not in the middle of a body.
    first = next(rest)
    beginning = await anext(first)

    async def body() -> AsyncIterator[bytes]:
        for part in chain((_continued(beginning, first),), rest):
            yield f"--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode()
            async for piece in part:
                yield piece
            yield b"\r\n"
        yield f"--{boundary}--\r\n".encode()

    content_type = f'multipart/related; type="{kind}"; boundary={boundary}'
    return StreamingResponse(body(), headers={"Content-Type": content_type, **headers})


async def _continued(beginning: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield beginning
    async for piece in rest:
        yield piece


async def whole_instance(request: Request, study: str, series: str, sop: str) -> Response:
    """Return an instance as it was received: a DICOM file, or a part when multipart is asked."""
    imaging = imaging_of(request)
    stored = await imaging.series.frames(study, series, sop)
    body = await imaging.cache.body(stored.key)
    if "multipart/related" in request.headers.get("accept", ""):
        return await _multipart([body.pieces], _DICOM, _DICOM, IMMUTABLE)
    return StreamingResponse(
        body.pieces,
        media_type=_DICOM,
        headers={
            "Content-Disposition": f'attachment; filename="{sop}.dcm"',
            "Content-Length": str(body.size),
            **IMMUTABLE,
        },
    )


async def whole_series(request: Request, study: str, series: str) -> Response:
    """Return every instance of a series as multipart/related, one after the other."""
    imaging = imaging_of(request)
    stored = (await imaging.series.instances(study, series)).values()
    return await _multipart((_pieces(imaging, one) for one in stored), _DICOM, _DICOM, {})


async def _pieces(imaging: Imaging, stored: StoredFrames) -> AsyncIterator[bytes]:
    async for piece in (await imaging.cache.body(stored.key)).pieces:
        yield piece


async def series_thumbnail(request: Request, study: str, series: str) -> Response:
    """Return the small picture of a series."""
    imaging = imaging_of(request)
    body = await imaging.storage.get(IMAGES_BUCKET, thumbnail_key(study, series))
    return Response(body, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})
