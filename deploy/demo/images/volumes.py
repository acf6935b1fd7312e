"""Volumes of the demo images: read from nrrd files, or made up where there are none.

Invariant: a volume is in DICOM's patient system: x grows to the patient's left, y to the back, and
the first slice is the one nearest to the head.
"""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Voxels = npt.NDArray[np.int16]
Plane = npt.NDArray[np.float32]

_TYPES: Final = {"short": "<i2", "int16": "<i2", "int": "<i4", "float": "<f4", "uchar": "<u1"}
_NOISE_PLANES: Final = 8


@dataclass(frozen=True)
class Volume:
    """Voxels and where they lie.

    Attributes
    ----------
    voxels : shape (slices, rows, columns); Hounsfield units of a CT, any unit of an MR.
    spacing_mm : between slices, rows and columns.
    origin_mm : x, y, z of the first voxel of the first slice.
    """

    voxels: Voxels
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]


def read_nrrd(path: Path) -> Volume:
    """Read a nrrd file of three axes that are those of the patient, in either direction."""
    header, _, data = path.read_bytes().partition(b"\n\n")
    fields = dict(
        line.split(": ", 1)
        for line in header.decode("latin-1").splitlines()
        if ": " in line and not line.startswith("#")
    )
    shape = tuple(int(size) for size in reversed(fields["sizes"].split()))
    raw = gzip.decompress(data) if fields["encoding"].startswith("gz") else data
    voxels = np.frombuffer(raw, _TYPES[fields["type"]]).reshape(shape).astype(np.int16)
    steps = [_vector(part)[axis] for axis, part in enumerate(fields["space directions"].split())]
    return _head_first(voxels, steps, _vector(fields["space origin"]))


def _vector(text: str) -> list[float]:
    return [float(part) for part in text.strip("()").split(",")]


def _head_first(voxels: Voxels, steps: list[float], origin: list[float]) -> Volume:
    """Turn the axes so that x and y grow and z falls; `steps` are mm per voxel of x, y, z."""
    corner = list(origin)
    for axis, (step, wanted) in enumerate(zip(steps, (1, 1, -1), strict=True)):
        if step * wanted < 0:
            array_axis = 2 - axis
            corner[axis] += step * (voxels.shape[array_axis] - 1)
            voxels = np.flip(voxels, array_axis)
    x, y, z = (round(abs(step), 6) for step in steps)
    return Volume(np.ascontiguousarray(voxels), (z, y, x), (corner[0], corner[1], corner[2]))


def in_thin_slices(volume: Volume, count: int, thickness_mm: float, *, seed: int) -> Volume:
    """Interpolate to `count` slices of `thickness_mm`, and put back the noise that this removes."""
    rng = np.random.default_rng(seed)
    noise = [smooth(rng.standard_normal(volume.voxels.shape[1:], np.float32), 1) for _ in range(8)]
    last = volume.voxels.shape[0] - 1
    extent = last * volume.spacing_mm[0]
    first = max(0.0, (extent - (count - 1) * thickness_mm) / 2)
    planes = np.empty((count, *volume.voxels.shape[1:]), np.int16)
    for number in range(count):
        place = min(last, (first + number * thickness_mm) / volume.spacing_mm[0])
        lower = min(int(place), last - 1)
        part = np.float32(place - lower)
        plane = volume.voxels[lower] * (1 - part) + volume.voxels[lower + 1] * part
        grain = noise[rng.integers(len(noise))]
        rolled = np.roll(grain, tuple(rng.integers(0, 500, 2)), (0, 1))
        plane += rolled * np.float32(45 * np.sqrt(part * (1 - part) + 0.05))
        planes[number] = np.clip(plane, -1024, 3071)
    x, y, z = volume.origin_mm
    return Volume(planes, (thickness_mm, *volume.spacing_mm[1:]), (x, y, z - first))


def as_other_day(volume: Volume, *, seed: int, noise: float) -> Volume:
    """Return the same patient on another day: lying a little differently, and with other noise."""
    rng = np.random.default_rng(seed)
    shift = tuple(int(step) for step in rng.integers(-6, 7, 2))
    lowest = int(volume.voxels.min())
    moved = np.full_like(volume.voxels, lowest)
    target = tuple(
        slice(max(0, s), size + min(0, s)) for s, size in zip(shift, moved.shape[1:], strict=True)
    )
    source = tuple(
        slice(max(0, -s), size - max(0, s)) for s, size in zip(shift, moved.shape[1:], strict=True)
    )
    moved[(slice(None), *target)] = volume.voxels[(slice(None), *source)]
    grain = rng.standard_normal((_NOISE_PLANES, *moved.shape[1:]), np.float32) * np.float32(noise)
    for number in range(moved.shape[0]):
        plane = moved[number] + grain[number % _NOISE_PLANES] * (moved[number] > lowest)
        moved[number] = np.clip(plane, lowest, 32767)
    return replace(volume, voxels=moved)


def of_other_size(volume: Volume, scale: float) -> Volume:
    """Return a patient who is larger or smaller: the same voxels, farther apart or closer."""
    z, y, x = volume.spacing_mm
    return replace(
        volume,
        spacing_mm=(z, round(y * scale, 6), round(x * scale, 6)),
        origin_mm=(volume.origin_mm[0] * scale, volume.origin_mm[1] * scale, volume.origin_mm[2]),
    )


def smooth(plane: Any, width: int) -> Plane:
    """Average over a square of 2 * width + 1 pixels, by running sums."""
    result = np.asarray(plane, np.float32)
    size = 2 * width + 1
    for axis in range(result.ndim):
        padding = [(width + 1, width) if a == axis else (0, 0) for a in range(result.ndim)]
        sums = np.cumsum(np.pad(result, padding, mode="edge"), axis=axis, dtype=np.float64)
        upper = np.take(sums, range(size, sums.shape[axis]), axis=axis)
        lower = np.take(sums, range(sums.shape[axis] - size), axis=axis)
        result = ((upper - lower) / size).astype(np.float32)
    return result
