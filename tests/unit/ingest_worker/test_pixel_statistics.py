"""What an area says of its pixels comes from the pixels that are stored."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.events.images_ingested import FrameLocation
from ingest_worker.domain.measured import measure
from ingest_worker.domain.pixel_values import pixel_values
from ingest_worker.pixel_statistics import PixelStatistics
from ingest_worker.series_repository import IndexedInstance
from services.dicom.series_documents import instance_frames, instance_metadata
from tests.harness.images import header

HU = "[hnsf'U]"
UNITS = json.loads((Path(__file__).parents[2] / "harness" / "pixel_units.json").read_text())
RECTANGLE = [[10.0, 10.0], [30.0, 10.0], [10.0, 20.0], [30.0, 20.0]]
ELLIPSE = [[20.0, 25.0], [20.0, 15.0], [10.0, 20.0], [30.0, 20.0]]


class Store:
    """Holds one object, and counts how often it is read."""

    def __init__(self, content: bytes) -> None:
        self.content, self.reads = content, 0

    async def get_range(self, _bucket: str, _key: str, offset: int, length: int) -> bytes:
        self.reads += 1
        return self.content[offset : offset + length]


def elements(**changes: Any) -> dict[str, Any]:
    """A CT of 64 by 48 pixels with the usual rescale."""
    values = {
        "00080060": ["CT"],
        "00280002": [1],
        "00280004": ["MONOCHROME2"],
        "00280010": [48],
        "00280011": [64],
        "00280030": [0.5, 0.5],
        "00280100": [16],
        "00280101": [16],
        "00280103": [0],
        "00281052": [-1024],
        "00281053": [1],
    } | {name.removeprefix("_"): value for name, value in changes.items()}
    return {tag: {"vr": "DS", "Value": value} for tag, value in values.items() if value}


def ramp(first: int = 0) -> bytes:
    """Return a frame whose pixels hold a hundred times their row, and their column."""
    rows, columns = np.mgrid[0:48, 0:64]
    return bytes((first + rows * 100 + columns).astype("<u2").tobytes())


class Image:
    """A stored image of the ramp, and a reader of its pixels."""

    def __init__(self, pixels: bytes = ramp(), frames: int = 1, **changes: Any) -> None:
        size = 48 * 64 * 2
        made = header(
            dicom_json=elements(**changes),
            frames=tuple(FrameLocation(offset=size * i, length=size) for i in range(frames)),
        )
        self.store = Store(pixels)
        self.instance = IndexedInstance(
            sop_instance_uid=made.sop_instance_uid,
            instance_number=1,
            sort_position=None,
            frames_json=instance_frames(made, key="key"),
            compressed_metadata=zlib.compress(instance_metadata(made).encode()),
            storage_bucket="images",
            file_size=len(pixels),
        )
        self.reader = PixelStatistics(self.store)  # type: ignore[arg-type]  # reads ranges only

    async def tell(
        self, kind: str, points: list[list[float]], frame: int = 1
    ) -> dict[str, tuple[float, str]]:
        """Return what the reader adds to an area."""
        metadata = self.instance.metadata()
        measured = measure({"kind": kind, "points": points, "frame": frame}, metadata)
        assert measured is not None
        told = await self.reader.with_statistics(measured, self.instance, metadata)
        return {value.name: (value.number, value.unit) for value in told.values[1:]}


async def test_rectangle_of_a_known_ramp() -> None:
    """Twenty columns from 10, ten rows from 10: each figure is known by arithmetic."""
    told = await Image().tell("rectangle", RECTANGLE)

    assert told == {
        "mean": (pytest.approx(1450 + 19.5 - 1024), HU),
        "standard_deviation": (pytest.approx((82_500 + 33.25) ** 0.5), HU),
        "minimum": (1010 - 1024, HU),
        "maximum": (1929 - 1024, HU),
    }


async def test_ellipse_holds_the_pixels_whose_centres_lie_inside() -> None:
    rows, columns = np.mgrid[0:48, 0:64] + 0.5
    inside = ((columns - 20) / 10) ** 2 + ((rows - 20) / 5) ** 2 <= 1
    phantom = np.where(inside, 1064, 0).astype("<u2").tobytes()

    flat = await Image(phantom).tell("ellipse", ELLIPSE)
    sloping = await Image().tell("ellipse", ELLIPSE)

    values = (rows - 0.5) * 100 + columns - 0.5 - 1024
    assert [number for number, _ in flat.values()] == [40, 0, 40, 40]
    assert [number for number, _ in sloping.values()] == pytest.approx(
        [f(values[inside]) for f in (np.mean, np.std, np.min, np.max)]
    )


async def test_turned_rectangle_lies_where_it_was_drawn() -> None:
    turned = [[20.0, 10.0], [30.0, 20.0], [10.0, 20.0], [20.0, 30.0]]

    told = await Image().tell("rectangle", turned)

    assert told["mean"][0] == pytest.approx(1950 + 19.5 - 1024)
    assert told["minimum"][0] == 1019 - 1024


async def test_negative_slope_turns_least_and_greatest_around() -> None:
    told = await Image(_00281053=[-2], _00281052=[0]).tell("rectangle", RECTANGLE)

    assert told["minimum"][0] == -2 * 1929
    assert told["maximum"][0] == -2 * 1010
    assert told["standard_deviation"][0] == pytest.approx(2 * (82_500 + 33.25) ** 0.5)


async def test_signed_pixels_are_read_as_such() -> None:
    water = np.full((48, 64), -1000, "<i2").tobytes()

    told = await Image(water, _00280103=[1], _00281052=[0]).tell("rectangle", RECTANGLE)

    assert told["mean"] == (-1000, HU)


async def test_each_frame_has_its_own_pixels_and_is_read_once() -> None:
    image = Image(ramp() + ramp(first=5000), frames=2, _00280008=[2])

    first = await image.tell("rectangle", RECTANGLE, frame=1)
    again = await image.tell("ellipse", ELLIPSE, frame=1)
    second = await image.tell("rectangle", RECTANGLE, frame=2)

    assert again
    assert second["mean"][0] - first["mean"][0] == pytest.approx(5000)
    assert image.store.reads == 2


async def test_frame_that_breaks_off_says_nothing() -> None:
    assert await Image(ramp()[:500]).tell("rectangle", RECTANGLE) == {}


@pytest.mark.parametrize("case", UNITS, ids=lambda case: case["name"])
async def test_unit_follows_from_what_the_image_says(case: dict[str, Any]) -> None:
    """The viewer is held to the same cases (`pixel-unit.test.ts`)."""
    meaning = pixel_values(case["instance"], 1)

    assert (meaning.unit if meaning else None) == case["unit"]


async def test_what_has_no_plain_meaning_has_no_statistics() -> None:
    assert await Image(_00281054=["Z_EFF"]).tell("rectangle", RECTANGLE) == {}


async def test_length_has_no_statistics() -> None:
    assert await Image().tell("length", [[10, 10], [20, 10]]) == {}
