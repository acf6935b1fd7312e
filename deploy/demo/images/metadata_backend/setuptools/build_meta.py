"""The part of a build backend that pip asks before it saves a source archive (PEP 517).

It answers for one package, whose hash is checked, so that the package's own set-up code, which
wants a compiler and an old numpy, is never run.
"""

import sys
from pathlib import Path

NAME, VERSION = "pyradiomics", "3.0.1"


def get_requires_for_build_wheel(_config_settings: object = None) -> list[str]:
    """Nothing is needed, since nothing is built."""
    return []


def prepare_metadata_for_build_wheel(
    metadata_directory: str, _config_settings: object = None
) -> str:
    """Write name and version, which is all that a download needs."""
    folder = Path(metadata_directory) / f"{NAME}-{VERSION}.dist-info"
    folder.mkdir()
    told = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"
    (folder / "METADATA").write_text(told)
    return folder.name


def build_wheel(*_: object) -> str:
    """Refuse: only a download is meant to come here."""
    raise RuntimeError("this backend builds nothing")


__legacy__ = sys.modules[__name__]  # the name that archives without a backend of their own ask for
