"""Pictures that are computed: a chest X-ray out of a CT, colour flow into an ultrasound clip."""

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom.examples import get_path
from pydicom.pixels.utils import pixel_array

from deploy.demo.images.volumes import Plane, Volume, smooth

View = Literal["PA", "LL"]
VIEWS: Final[tuple[View, ...]] = ("PA", "LL")
Picture = npt.NDArray[np.uint8]

_WATER_PER_MM: Final = 0.019
_PIXEL_MM: Final = 0.25


def chest_xray(volume: Volume, view: View, *, seed: int) -> npt.NDArray[np.uint16]:
    """Project a chest CT as an X-ray machine would: from back to front, or from the side.

    Returns
    -------
    Array of shape (rows, columns), 12 bits, bone bright, pixels of 0.25 mm.
    """
    ray_axis = 1 if view == "PA" else 2
    across = volume.spacing_mm[2 if view == "PA" else 1]
    through = volume.spacing_mm[ray_axis]
    absorbed = np.stack(
        [_attenuation(plane).sum(axis=ray_axis - 1) * through for plane in volume.voxels]
    )
    height = round(volume.spacing_mm[0] * (absorbed.shape[0] - 1) / _PIXEL_MM)
    width = round(across * absorbed.shape[1] / _PIXEL_MM)
    image = Image.fromarray(absorbed.astype(np.float32))
    film = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    return _developed(_collimated(film), np.random.default_rng(seed))


def _attenuation(plane: npt.NDArray[np.int16]) -> Plane:
    """Return the attenuation per mm of what belongs to the body: the table is left out."""
    dense = (plane > -400).astype(np.float32)
    core = (smooth(dense, 5) > 0.97).astype(np.float32)
    body = smooth(core, 9) > 0.005
    hu = plane.astype(np.float32)
    # Bone absorbs more than its density says at the energies of an X-ray tube.
    hu = np.where(hu > 150, 150 + (hu - 150) * 1.6, hu)
    return np.where(body, (hu + 1000) / 1000 * _WATER_PER_MM, 0).clip(0)


def _collimated(film: Plane) -> Plane:
    """Cut away what lies beside the body."""
    columns = np.flatnonzero(film.max(axis=0) > 0.3)
    return film[:, columns[0] : columns[-1] + 1] if columns.size else film


def _developed(film: Plane, rng: np.random.Generator) -> npt.NDArray[np.uint16]:
    """Compress the range as X-ray systems do, keep edges, and add the noise of few quanta."""
    broad = smooth(smooth(film, 60), 60)
    detail = film - broad
    shown = broad * 0.45 + detail * 1.25
    fine = film - smooth(film, 6)
    shown = shown + fine * 0.8
    low, high = np.percentile(shown, (1, 99.7))
    level = ((shown - low) / (high - low)).clip(0, 1.08) * 3500 + 250
    noise = smooth(rng.standard_normal(level.shape, np.float32), 1)
    film_12_bit: npt.NDArray[np.uint16] = np.clip(
        level + noise * np.sqrt(level) * 1.2, 0, 4095
    ).astype(np.uint16)
    return film_12_bit


def heart_clip() -> list[Picture]:
    """Return the ultrasound clip of a beating heart that ships with pydicom.

    Returns
    -------
    Arrays of shape (480, 640, 3), one for each frame, 33 ms apart.
    """
    clip = pixel_array(get_path("ybr_color"))
    return [_brighter(np.asarray(_doubled(frame))) for frame in clip]


def with_colour_flow(clip: list[Picture], *, seed: int) -> list[Picture]:
    """Paint a made-up blood flow into the left ventricle, as colour Doppler shows it."""
    rng = np.random.default_rng(seed)
    rows, columns = clip[0].shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    grain = smooth(rng.standard_normal((rows, columns)), 5) * 9
    return [
        _painted(picture, y, x, np.roll(grain, 9 * number, axis=0), number / len(clip))
        for number, picture in enumerate(clip)
    ]


def _doubled(frame: Picture) -> Image.Image:
    return Image.fromarray(frame).resize((640, 480), Image.Resampling.BICUBIC)


def _brighter(picture: Picture) -> Picture:
    lifted: Picture = (255 * (picture / np.float32(255)) ** 0.72).astype(np.uint8)
    return lifted


def _painted(picture: Picture, y: Plane, x: Plane, grain: Plane, beat: float) -> Picture:
    speed = np.sin(2 * np.pi * beat)
    jet = ((y - 250) / 95) ** 2 + ((x - 352) / (30 + 12 * abs(speed))) ** 2 + grain * 0.12
    blood = smooth(picture.max(axis=2), 2) < 105
    flows = (jet < abs(speed) * 1.1) & blood
    strength = (1 - jet / 1.2).clip(0, 1) * 0.6 * abs(speed) + grain * 0.16
    towards = (230, 90, 25) if speed > 0 else (30, 110, 235)
    coloured = np.asarray(towards) * (0.35 + strength[..., None]).clip(0, 1)
    result = np.where(flows[..., None], coloured, picture)
    _draw_colour_bar(result)
    return np.asarray(result.clip(0, 255), np.uint8)


def _draw_colour_bar(picture: Any) -> None:
    level = np.linspace(1, -1, 110)
    colours = np.stack([level * 230, np.abs(level) * 90, -level * 235], axis=-1).clip(0, 255)
    picture[60:170, 84:98] = colours[:, None, :]
