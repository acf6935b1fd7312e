"""Thumbnails show what is on the image, in any kind of it."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from services.dicom.errors import UnreadableInstance
from services.dicom.thumbnail import SIZE, shown, thumbnail_of
from tests.harness.dicom import TestStudy, build_instance, data_set, deflated, encode, odd_files

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def picture(content: bytes | Path) -> Image.Image:
    return Image.open(io.BytesIO(thumbnail_of(content)))


def window(center: float, width: float) -> dict:  # type: ignore[type-arg]
    return {
        "00281050": {"vr": "DS", "Value": [center]},
        "00281051": {"vr": "DS", "Value": [width]},
    }


def test_large_image_becomes_small_and_keeps_its_shape() -> None:
    content = build_instance(kind="CR", rows=1024, columns=512).content

    assert picture(content).size == (SIZE // 2, SIZE)


def test_window_maps_its_middle_to_middle_grey() -> None:
    grey = shown(np.array([[-200, 40, 300]]), window(40, 400))

    assert grey.tolist() == [[0, 127, 255]]


def test_image_without_window_fills_the_range() -> None:
    samples = np.linspace(1000, 1500, 10_000).reshape(100, 100)

    grey = shown(samples, {})

    assert (grey.min(), grey.max()) == (0, 255)


def test_inverted_image_is_shown_the_right_way_round() -> None:
    inverted = {"00280004": {"vr": "CS", "Value": ["MONOCHROME1"]}, **window(50, 100)}

    assert shown(np.array([[0, 200]]), inverted).tolist() == [[255, 0]]


@pytest.mark.parametrize("kind", ["CT", "MR", "CR", "DX", "US"])
def test_each_kind_of_image_has_a_thumbnail(kind: str) -> None:
    assert picture(build_instance(kind=kind).content).format == "JPEG"


@pytest.mark.parametrize(
    "name",
    [
        "examples_palette.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "JPGExtended.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_RLE.dcm",
        "JPEG2000.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "liver_1frame.dcm",
        "MR_small_bigendian.dcm",
    ],
)
def test_stored_in_any_way_it_has_a_thumbnail(name: str) -> None:
    values = np.asarray(picture(PYDICOM_FILES / name))

    assert values.max() - values.min() > 60


def test_palette_gives_colours() -> None:
    assert picture(PYDICOM_FILES / "examples_palette.dcm").mode == "RGB"


def test_deflated_instance_has_the_same_thumbnail() -> None:
    content = build_instance().content

    assert thumbnail_of(deflated(content)) == thumbnail_of(content)


@pytest.mark.parametrize("name", ["no frames", "60000 rows, 8 kB of pixels"])
def test_instance_without_image_is_refused(name: str) -> None:
    with pytest.raises(UnreadableInstance):
        thumbnail_of(odd_files()[name])


def test_window_without_width_is_not_believed() -> None:
    ds = data_set(TestStudy(), 0, 0, np.arange(1024, dtype=np.uint16).reshape(32, 32))
    ds.WindowWidth = 0

    values = np.asarray(picture(encode(ds)))

    assert values.max() - values.min() > 200
