"""A chest and a head that nobody has: voxels for where the real scans cannot be had."""

from functools import lru_cache
from typing import Any, Final

import numpy as np

from deploy.demo.images.volumes import Plane, Volume, smooth

_SIZE: Final = 512
_SLICES: Final = 61


def volume(name: str) -> Volume:
    """Return the phantom that stands in for a scan of this name."""
    if name.startswith("brain"):
        return _head(seed=len(name))
    if name.endswith("label"):
        chest = _chest()
        return Volume(np.zeros_like(chest.voxels), chest.spacing_mm, chest.origin_mm)
    return _chest()


@lru_cache(maxsize=1)
def _chest() -> Volume:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[-1 : 1 : _SIZE * 1j, -1 : 1 : _SIZE * 1j].astype(np.float32)
    vessels = {side: smooth(rng.standard_normal((_SIZE, _SIZE)), 3) * 20 for side in (-1, 1)}
    planes = [_chest_plane(i / (_SLICES - 1), y, x, vessels) for i in range(_SLICES)]
    noisy = [plane + smooth(rng.standard_normal(plane.shape), 1) * 45 for plane in planes]
    voxels = np.clip(np.stack(noisy), -1024, 3071).astype(np.int16)
    return Volume(voxels, (5.0, 0.7, 0.7), (-179.0, -179.0, -60.0))


def _chest_plane(z: float, y: Plane, x: Plane, vessels: dict[int, Plane]) -> Plane:
    """Return one slice in Hounsfield units; z runs from 0 at the apex to 1 at the diaphragm."""
    hu = np.full(y.shape, -1000, np.float32)
    width = 0.62 + 0.22 * np.sin(np.pi * min(1, 0.35 + z * 0.65))
    hu[_ellipse(y, x, 0, 0, 0.56, width) < 1] = -95
    hu[_ellipse(y, x, 0, 0, 0.50, width - 0.06) < 1] = 45
    lung = 0.20 + 0.24 * np.sin(np.pi * (0.15 + 0.75 * z))
    for side in (-1, 1):
        inside = _ellipse(y, x, -0.02, side * width * 0.47, lung * 1.25, lung * 0.8) < 1
        hu[inside] = -850
        rolled = np.roll(vessels[side], int(z * 80), axis=0)
        hu[inside & (rolled > 5)] = 30
    hu[_ellipse(y, x, -0.12, 0.10, 0.20, 0.24) < (1.0 if 0.35 < z < 0.85 else 0.35)] = 60
    hu[_ellipse(y, x, 0.17, 0.06, 0.055, 0.055) < 1] = 210
    spine = _ellipse(y, x, 0.34, 0, 0.115, 0.115)
    hu[spine < 1] = 350
    hu[_ellipse(y, x, 0.37, 0, 0.04, 0.045) < 1] = 30
    ring = _ellipse(y, x, 0, 0, 0.47, width - 0.09)
    angle = np.arctan2(y / 0.5, x / (width - 0.05))
    hu[(ring < 1.0) & (ring > 0.90) & (np.sin(angle * 7 + z * 34) > 0.62)] = 520
    hu[_ellipse(y, x, -0.46, 0, 0.028, 0.07) < 1] = 400
    return smooth(hu, 1)


@lru_cache(maxsize=2)
def _head(seed: int) -> Volume:
    rng = np.random.default_rng(seed)
    size, slices = 256, 25
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype(np.float32)
    folds = smooth(rng.standard_normal((size, size)), 3) * 14
    planes = [_head_plane(i / (slices - 1), y, x, folds) for i in range(slices)]
    noisy = [np.hypot(p + rng.normal(0, 14, p.shape), rng.normal(0, 14, p.shape)) for p in planes]
    voxels = np.clip(np.stack(noisy), 0, 4095).astype(np.int16)
    return Volume(voxels, (6.5, 0.78125, 0.78125), (-99.6, -99.6, 78.0))


def _head_plane(z: float, y: Plane, x: Plane, folds: Plane) -> Plane:
    scale = float(np.sqrt(max(0.04, 1 - (2 * (1 - z) - 0.9) ** 2 * 0.85)))
    plane = np.zeros(y.shape, np.float32)
    skull = _ellipse(y, x, 0, 0, 0.84 * scale, 0.67 * scale)
    plane[skull < 1] = 900
    plane[skull < 0.92] = 20
    plane[skull < 0.84] = 130
    brain = skull + folds * 0.05 < 0.78
    plane[brain] = 520
    plane[brain & (skull + folds * 0.18 < 0.55)] = 760
    if 0.25 < z < 0.75:
        for side in (-1, 1):
            plane[_ellipse(y, x, -0.08, side * 0.1 * scale, 0.27 * scale, 0.055 * scale) < 1] = 130
    return smooth(plane, 1)


def _ellipse(y: Plane, x: Plane, cy: float, cx: float, ry: float, rx: float) -> Any:
    return ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2
