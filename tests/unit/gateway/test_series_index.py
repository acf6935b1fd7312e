"""What the gateway keeps of series: bounded, whatever their size."""

import json
import zlib
from typing import cast

import pytest

from gateway import series_index
from gateway.series_index import SeriesIndex
from services.errors import ObjectMissing
from services.object_storage import ObjectStorage


class CountingStorage:
    """Gives every series the same documents, and counts the reads."""

    def __init__(self, instances: int) -> None:
        self.reads: list[str] = []
        self.hold(instances)

    def hold(self, instances: int) -> None:
        """Have these instances from now on."""
        frames = {
            f"1.2.{n}": {"key": "k", "transferSyntaxUid": "1.2.840.10008.1.2.1", "frames": [[0, 9]]}
            for n in range(instances)
        }
        self.document = zlib.compress(json.dumps(frames).encode(), wbits=31)

    async def get(self, _bucket: str, key: str) -> bytes:
        self.reads.append(key)
        return self.document


def index_on(storage: CountingStorage) -> SeriesIndex:
    return SeriesIndex(cast("ObjectStorage", storage))


async def test_series_that_is_scrolled_through_is_read_once() -> None:
    storage = CountingStorage(instances=5)
    index = index_on(storage)

    for n in range(5):
        await index.frames("1", "1.1", f"1.2.{n}")

    assert len(storage.reads) == 1


async def test_large_series_push_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred CTs of a thousand slices would be two hundred megabytes."""
    monkeypatch.setattr(series_index, "_KEPT_FRAMES", 25)
    storage = CountingStorage(instances=5)
    index = index_on(storage)
    for series in ("a", "b", "c", "a", "c"):
        await index.frames("1", series, "1.2.0")

    assert [key.split("/")[3] for key in storage.reads] == ["a", "b", "c", "a"]


async def test_series_larger_than_the_limit_is_kept_while_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(series_index, "_KEPT_FRAMES", 3)
    storage = CountingStorage(instances=5)
    index = index_on(storage)

    for n in range(5):
        await index.frames("1", "1.1", f"1.2.{n}")

    assert len(storage.reads) == 1


async def test_instance_that_was_taken_out_of_its_study_is_served_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A decision over an image in quarantine is taken back: it is another patient's, perhaps."""
    storage = CountingStorage(instances=2)
    index = index_on(storage)
    await index.frames("1", "1.1", "1.2.1")
    storage.hold(instances=1)

    monkeypatch.setattr(series_index, "_KNOWN_SECONDS", 0.0, raising=False)

    with pytest.raises(ObjectMissing):
        await index.frames("1", "1.1", "1.2.1")
