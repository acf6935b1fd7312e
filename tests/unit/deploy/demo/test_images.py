"""Demo studies are valid, belong to their order, and are there without a package registry, too."""

import gzip
import shutil
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from deploy.demo.images import ImagedPatient, Sources, StudyKind, build_study, open_sources
from deploy.demo.images.volumes import Volume, in_thin_slices, read_nrrd
from services.dicom.header import parse_header
from services.dicom.thumbnail import thumbnail_of

PATIENT = ImagedPatient("MRN-9", "Beispiel^Berta", date(1951, 5, 6), "F")
SMALL = [kind for kind in StudyKind if not kind.startswith("CT")]


def small_volume(name: str) -> Volume:
    """Return a body of few voxels, so that a study is built in no time."""
    z, y, x = np.mgrid[0:7, -1:1:64j, -1:1:64j]
    inside = y**2 + x**2 < 0.6
    lung = y**2 + (np.abs(x) - 0.4) ** 2 < 0.05
    hu = np.where(inside, np.where(lung, -800, 40 + z), -1000)
    if name.startswith("brain"):
        hu = np.where(inside, 500, 0)
    if name.endswith("label"):
        hu = (y**2 + (x - 0.4) ** 2 < 0.01) * (z == 3)
    return Volume(hu.astype(np.int16), (5.0, 5.0, 5.0), (-160.0, -160.0, 30.0))


SOURCES = Sources(is_real=False, reason="small", load=small_volume)


def build(folder: Path, kind: StudyKind = StudyKind.CT_CHEST, **changes: object) -> list[Path]:
    arguments = {"accession_number": "20251111-ABCD1", "study_date": date(2025, 11, 11)}
    return build_study(
        kind,
        sources=SOURCES,
        patient=PATIENT,
        folder=folder,
        **{**arguments, **changes},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("kind", StudyKind)
def test_study_belongs_to_its_order(kind: StudyKind, tmp_path: Path) -> None:
    headers = [parse_header(path) for path in build(tmp_path, kind)]

    assert {h.accession_number for h in headers} == {"20251111-ABCD1"}
    assert {h.patient_id for h in headers} == {"MRN-9"}
    assert {h.study_date for h in headers} == {date(2025, 11, 11)}
    assert len({h.study_instance_uid for h in headers}) == 1
    assert len({h.sop_instance_uid for h in headers}) == len(headers)
    assert all(h.frames and not h.notes for h in headers)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs the package dicom3tools")
@pytest.mark.parametrize("kind", StudyKind)
def test_validator_finds_no_error(kind: StudyKind, tmp_path: Path) -> None:
    first = build(tmp_path, kind)[0]

    told = subprocess.run(["dciodvfy", "-new", first], capture_output=True, text=True, check=False)

    assert told.stderr.strip()
    assert "Error" not in told.stderr


@pytest.mark.parametrize("kind", SMALL)
def test_study_built_twice_is_the_same_bytes(kind: StudyKind, tmp_path: Path) -> None:
    first, second = build(tmp_path / "a", kind), build(tmp_path / "b", kind)

    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_prior_shows_the_same_patient_with_a_smaller_tumour(tmp_path: Path) -> None:
    now = build(tmp_path / "now")[3]
    before = build(tmp_path / "before", accession_number="20250101-OLD", prior=1)[3]

    assert parse_header(now).patient_id == parse_header(before).patient_id
    assert parse_header(now).study_instance_uid != parse_header(before).study_instance_uid
    assert thumbnail_of(now) != thumbnail_of(before)


def test_slices_are_numbered_from_head_to_feet(tmp_path: Path) -> None:
    positions = [parse_header(path).sort_position for path in build(tmp_path)]

    assert positions == sorted(positions, reverse=True)  # type: ignore[type-var]


def test_thin_slices_keep_the_body_where_it_was() -> None:
    volume = small_volume("lung1_image")

    thin = in_thin_slices(volume, 21, 1.0, seed=1)

    assert thin.spacing_mm[0] == 1.0
    middle = volume.origin_mm[2] - 3 * 5.0
    assert thin.origin_mm[2] - 10 * 1.0 == middle
    assert abs(float(thin.voxels[10].mean()) - float(volume.voxels[3].mean())) < 5


def test_nrrd_is_turned_to_the_axes_of_the_patient(tmp_path: Path) -> None:
    """The file runs from feet to head and from back to front; DICOM wants both the other way."""
    voxels = np.arange(2 * 3 * 4, dtype="<i2").reshape(2, 3, 4)
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\n"
        "space directions: (0.5,0,0) (0,-0.5,0) (0,0,5)\nencoding: gzip\n"
        "space origin: (-1,2,10)\n\n"
    )
    path = tmp_path / "x.nrrd"
    path.write_bytes(header.encode() + gzip.compress(voxels.tobytes()))

    volume = read_nrrd(path)

    assert volume.spacing_mm == (5, 0.5, 0.5)
    assert volume.origin_mm == (-1, 1, 15)
    assert (volume.voxels == voxels[::-1, ::-1]).all()


def test_without_registry_a_phantom_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    sources = open_sources(tmp_path)

    assert not sources.is_real
    assert "registry" in sources.reason
    assert not list(tmp_path.iterdir())
    assert sources.load("brain1_image").voxels.shape == (25, 256, 256)
