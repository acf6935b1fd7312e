"""Objects are read piece by piece, from a copy or from the store, and are the same either way."""

from pathlib import Path
from uuid import uuid4

import pytest

from gateway.object_cache import Body, ObjectCache
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, PIECE_BYTES, ObjectStorage

LARGE = bytes(range(256)) * (10 * PIECE_BYTES // 1024)
KEEPS, KEEPS_NOTHING = 2 * len(LARGE), 0


def keeps_something(folder: Path) -> bool:
    return any(folder.iterdir())


async def pieces_of(body: Body) -> list[bytes]:
    return [piece async for piece in body.pieces]


async def stored(storage: ObjectStorage) -> str:
    key = f"cache/{uuid4()}"
    await storage.put(IMAGES_BUCKET, key, LARGE, content_type="application/dicom")
    return key


@pytest.mark.parametrize("limit_bytes", [KEEPS, KEEPS_NOTHING])
async def test_large_object_comes_in_pieces(
    object_storage: ObjectStorage, tmp_path: Path, limit_bytes: int
) -> None:
    """However large it is: so many people can read at once."""
    cache, key = ObjectCache(tmp_path, object_storage, limit_bytes), await stored(object_storage)

    body = await cache.body(key)
    pieces = await pieces_of(body)

    assert b"".join(pieces) == LARGE
    assert body.size == len(LARGE)
    assert max(map(len, pieces)) < 2 * PIECE_BYTES
    assert keeps_something(tmp_path) is (limit_bytes == KEEPS)


@pytest.mark.parametrize("limit_bytes", [KEEPS, KEEPS_NOTHING])
async def test_part_of_an_object_is_that_part(
    object_storage: ObjectStorage, tmp_path: Path, limit_bytes: int
) -> None:
    cache, key = ObjectCache(tmp_path, object_storage, limit_bytes), await stored(object_storage)
    start, end = 1000, 1000 + PIECE_BYTES + 7

    body = await cache.body(key, start, end - start)
    beyond = await cache.body(key, len(LARGE) - 5, 100)

    assert b"".join(await pieces_of(body)) == LARGE[start:end]
    assert await cache.read(key, start, end - start) == LARGE[start:end]
    assert (beyond.size, b"".join(await pieces_of(beyond))) == (5, LARGE[-5:])


@pytest.mark.parametrize("limit_bytes", [KEEPS, KEEPS_NOTHING])
async def test_missing_object_is_told_before_its_first_piece(
    object_storage: ObjectStorage, tmp_path: Path, limit_bytes: int
) -> None:
    cache = ObjectCache(tmp_path, object_storage, limit_bytes)

    with pytest.raises(ObjectMissing):
        await cache.body("cache/nothing")
