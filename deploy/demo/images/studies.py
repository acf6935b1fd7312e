"""Builds the demo studies: an order comes in, a folder of DICOM files goes out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from deploy.demo.images import pictures
from deploy.demo.images.instances import (
    ImagedPatient,
    ImagedSeries,
    ImagedStudy,
    ct_series,
    mr_series,
    ultrasound_clip,
    xray_image,
)
from deploy.demo.images.sources import Sources
from deploy.demo.images.volumes import (
    Volume,
    Voxels,
    as_other_day,
    in_thin_slices,
    of_other_size,
    smooth,
)

_THIN_SLICES: Final = 300
_TUMOUR_SHRINKS_MM: Final = 7


class StudyKind(StrEnum):
    """What can be built; about how many instances and megabytes."""

    CT_CHEST = "CT_CHEST"
    """61 slices of 5 mm (48 of every second patient): 32 MB."""
    CT_CHEST_THIN = "CT_CHEST_THIN"
    """300 slices of 1 mm: 158 MB."""
    MR_BRAIN = "MR_BRAIN"
    """25 slices, T1 after contrast medium: 3 MB."""
    XRAY_CHEST = "XRAY_CHEST"
    """Digital X-ray, from the front and from the side: 6 MB."""
    CR_CHEST = "CR_CHEST"
    """Computed radiograph, from the front: 3 MB."""
    US_HEART = "US_HEART"
    """Two clips of 30 frames, the second with colour flow: 2 MB."""


@dataclass(frozen=True)
class StudyPlan:
    """What an order of this kind is called."""

    modality: str
    body_part: str
    description: str


PLANS: Final = {
    StudyKind.CT_CHEST: StudyPlan("CT", "CHEST", "CT Chest with contrast"),
    StudyKind.CT_CHEST_THIN: StudyPlan("CT", "CHEST", "CT Chest with contrast, thin slices"),
    StudyKind.MR_BRAIN: StudyPlan("MR", "BRAIN", "MRI Brain with contrast"),
    StudyKind.XRAY_CHEST: StudyPlan("DX", "CHEST", "Chest X-ray, two views"),
    StudyKind.CR_CHEST: StudyPlan("CR", "CHEST", "Chest X-ray"),
    StudyKind.US_HEART: StudyPlan("US", "HEART", "Echocardiography"),
}


def build_study(
    kind: StudyKind,
    *,
    sources: Sources,
    patient: ImagedPatient,
    accession_number: str,
    study_date: date,
    study_time: time = time(9, 0),
    description: str = "",
    referring_physician_name: str = "",
    body: int = 0,
    prior: int = 0,
    folder: Path,
) -> list[Path]:
    """Write a study and return its files, in the order in which a scanner would send them.

    Parameters
    ----------
    sources : what `open_sources` gave.
    body : whose body is shown; a patient keeps the same number in all studies. Two real ones are
        there for each kind, further numbers are larger or smaller.
    prior : 0 for the current study, 1 and more for earlier ones: the patient lies differently, and
        the tumour in the chest of body 0 is smaller.
    """
    plan = PLANS[kind]
    study = ImagedStudy(
        patient=patient,
        accession_number=accession_number,
        started_at=datetime.combine(study_date, study_time),
        description=description or plan.description,
        modality=plan.modality,
        body_part=plan.body_part,
        referring_physician_name=referring_physician_name,
    )
    contents = _BUILDERS[kind](study, sources, body, prior)
    return list(_write(folder, contents))


def _write(folder: Path, contents: Iterable[tuple[int, bytes]]) -> Iterator[Path]:
    for number, (series, content) in enumerate(contents):
        path = folder / f"{series:02d}" / f"{number:05d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        yield path


# ---------------------------------------------------------------------------------------- builders
_Contents = Iterable[tuple[int, bytes]]
_Builder = Callable[[ImagedStudy, Sources, int, int], _Contents]


def _ct_chest(study: ImagedStudy, sources: Sources, body: int, prior: int) -> _Contents:
    series = ImagedSeries(study, 1, "Chest 5.0 soft")
    volume = _chest(sources, body, prior)
    return ((1, content) for content in ct_series(series, volume, kernel="B31f"))


def _ct_chest_thin(study: ImagedStudy, sources: Sources, body: int, prior: int) -> _Contents:
    series = ImagedSeries(study, 1, "Chest 1.0 soft")
    volume = in_thin_slices(_chest(sources, body, prior), _THIN_SLICES, 1.0, seed=body)
    return ((1, content) for content in ct_series(series, volume, kernel="B31f"))


def _mr_brain(study: ImagedStudy, sources: Sources, body: int, prior: int) -> _Contents:
    series = ImagedSeries(study, 1, "t1_se tra after contrast")
    volume = sources.load(f"brain{body % 2 + 1}_image")
    volume = _on_day(_of_body(volume, body), prior, noise=6)
    return ((1, content) for content in mr_series(series, volume))


def _xray_chest(study: ImagedStudy, sources: Sources, body: int, prior: int) -> _Contents:
    volume = _chest(sources, body, prior)
    for number, view in enumerate(pictures.VIEWS, start=1):
        film = pictures.chest_xray(volume, view, seed=prior)
        yield number, xray_image(ImagedSeries(study, number, f"Chest {view}"), film, view=view)


def _cr_chest(study: ImagedStudy, sources: Sources, body: int, prior: int) -> _Contents:
    film = pictures.chest_xray(_chest(sources, body, prior), "PA", seed=prior + 100)
    yield 1, xray_image(ImagedSeries(study, 1, "Chest PA"), film, view="PA")


def _us_heart(study: ImagedStudy, _sources: Sources, body: int, prior: int) -> _Contents:
    clip = pictures.heart_clip()
    flow = pictures.with_colour_flow(clip, seed=body * 10 + prior)
    for number, (name, frames) in enumerate((("Apical 4 chamber", clip), ("Colour flow", flow)), 1):
        series = ImagedSeries(study, number, name)
        yield number, ultrasound_clip(series, frames, frame_time_ms=33.333, pixel_mm=0.37)


_BUILDERS: Final[dict[StudyKind, _Builder]] = {
    StudyKind.CT_CHEST: _ct_chest,
    StudyKind.CT_CHEST_THIN: _ct_chest_thin,
    StudyKind.MR_BRAIN: _mr_brain,
    StudyKind.XRAY_CHEST: _xray_chest,
    StudyKind.CR_CHEST: _cr_chest,
    StudyKind.US_HEART: _us_heart,
}


# ------------------------------------------------------------------------------------------- bodies
def _chest(sources: Sources, body: int, prior: int) -> Volume:
    volume = _of_body(_scanned_chest(sources, body % 2, prior > 0), body)
    return _on_day(volume, prior, noise=12)


@lru_cache(maxsize=2)
def _scanned_chest(sources: Sources, which: int, earlier: bool) -> Volume:
    # The scan with the larger tumour comes first: it is the one that has grown.
    if which == 1:
        return sources.load("lung1_image")
    volume = sources.load("lung2_image")
    return _with_smaller_tumour(volume, sources.load("lung2_label")) if earlier else volume


def _of_body(volume: Volume, body: int) -> Volume:
    return of_other_size(volume, 1 + 0.03 * (body // 2 % 4)) if body > 1 else volume


def _on_day(volume: Volume, prior: int, *, noise: float) -> Volume:
    return as_other_day(volume, seed=prior, noise=noise) if prior else volume


def _with_smaller_tumour(volume: Volume, label: Volume) -> Volume:
    """Return the chest as it was before: the rim of the tumour is lung again."""
    voxels = volume.voxels.copy()
    margin = round(_TUMOUR_SHRINKS_MM / volume.spacing_mm[1])
    tumour_slices = np.flatnonzero(label.voxels.any(axis=(1, 2)))
    for order, number in enumerate(tumour_slices):
        tumour = smooth(label.voxels[number] > 0, 2) > 0.02
        at_end = order in {0, len(tumour_slices) - 1}
        core = np.zeros_like(tumour) if at_end else smooth(tumour, margin) > 0.97
        rim = tumour & ~core
        voxels[number][rim] = _lung_instead(volume.voxels[number], rim)
    return Volume(voxels, volume.spacing_mm, volume.origin_mm)


def _lung_instead(plane: Voxels, rim: npt.NDArray[np.bool_]) -> Voxels:
    """Return lung for the places of `rim`, taken from where beside it there is nothing but lung."""
    shifts = [(dy, dx) for dy in range(-120, 1, 20) for dx in range(-60, 81, 20)]
    share = [float((np.roll(plane, (-dy, -dx), (0, 1))[rim] < -600).mean()) for dy, dx in shifts]
    dy, dx = shifts[int(np.argmax(share))]
    return np.roll(plane, (-dy, -dx), (0, 1))[rim]
