"""Where the voxels of the demo images come from: real scans out of a package, else a phantom.

The source archive of pyradiomics 3.0.1 (BSD-3-Clause) holds two chest CTs and two brain MRs. It is
fetched through pip with its hash checked, and never built: pip asks an archive's build backend for
its metadata, and here `metadata_backend` answers in place of the archive's own code.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from deploy.demo.images import phantom
from deploy.demo.images.volumes import Volume, read_nrrd

PACKAGE: Final = "pyradiomics==3.0.1"
SHA256: Final = "47c57f441d6cb7973fa3b2ea48d3948df78e3348e1c69e1e2ff19001601fc2f5"
_DATA: Final = "pyradiomics-3.0.1/data"
_FILES: Final = (
    "lung1_image.nrrd",
    "lung2_image.nrrd",
    "lung2_label.nrrd",
    "brain1_image.nrrd",
    "brain2_image.nrrd",
)
_BACKEND: Final = Path(__file__).with_name("metadata_backend")
_TIMEOUT_SECONDS: Final = 300

_log = structlog.get_logger()


class SourcesUnavailable(Exception):
    """The archive with the real scans cannot be had; the reason is a sentence for the log."""


@dataclass(frozen=True)
class Sources:
    """The volumes that studies are made from.

    Attributes
    ----------
    is_real : False where they are a phantom; `reason` then says why.
    """

    is_real: bool
    reason: str
    load: Callable[[str], Volume]


def open_sources(cache: Path) -> Sources:
    """Return the real scans, fetched once into `cache`, or else the phantom, and say so."""
    folder = cache / "scans"
    try:
        if not all((folder / name).exists() for name in _FILES):
            _fetch(folder)
    except SourcesUnavailable as unavailable:
        _log.warning("demo_images_are_synthetic", reason=str(unavailable))
        return Sources(is_real=False, reason=str(unavailable), load=phantom.volume)
    return Sources(is_real=True, reason="", load=lambda name: _load(folder, name))


def _load(folder: Path, name: str) -> Volume:
    return read_nrrd(folder / f"{name}.nrrd")


def _fetch(folder: Path) -> None:
    partial = folder.with_name("scans.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _unpack(_download(partial), partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise SourcesUnavailable(f"The archive with the scans: {type(error).__name__}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--no-build-isolation", "--use-pep517"]
    command += ["--no-binary", ":all:", "--dest", str(folder), "--requirement", str(requirement)]
    environment = {**os.environ, "PYTHONPATH": str(_BACKEND)}
    try:
        done = subprocess.run(  # noqa: S603 - no word of it comes from outside
            command, env=environment, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourcesUnavailable("The package registry did not answer in time.") from None
    if done.returncode:
        raise SourcesUnavailable("The package registry does not give the archive with the scans.")
    return next(folder.glob("*.tar.gz"))


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        for name in _FILES:
            member = packed.extractfile(f"{_DATA}/{name}")
            if member is None:
                raise KeyError(name)
            with member, (folder / name).open("wb") as file:
                shutil.copyfileobj(member, file)
    archive.unlink()
