"""What the image of `deploy/Dockerfile` holds is enough for every command that it starts with."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from deploy.local.state import ROOT

# Imports modules of the image while those of `./radiology` and of the tests cannot be found.
_IMPORT = """
import importlib, importlib.metadata, pathlib, re, sys

def plain(name):
    return re.sub("[-_.]+", "-", name).lower()

lock = pathlib.Path("deploy/requirements/runtime.txt").read_text()
held = {plain(name) for name in re.findall("^([\\\\w.-]+)==", lock, re.MULTILINE)}
owners = importlib.metadata.packages_distributions()

class OnlyOfTheImage:
    def find_spec(self, name, path=None, target=None):
        theirs = owners.get(name.partition(".")[0])
        if theirs and not held.intersection(map(plain, theirs)):
            raise ModuleNotFoundError(f"{name} is not in runtime.txt")

sys.meta_path.insert(0, OnlyOfTheImage())
for module in sys.argv[1:]:
    importlib.import_module(module)
"""


def test_every_command_of_the_compose_file_finds_what_it_imports(tmp_path: Path) -> None:
    """A worker that needs a folder or a package which is not in the image would fail there only."""
    for folder in _copied():
        shutil.copytree(ROOT / folder, tmp_path / folder)
    # The runner imports its steps late, because they are slow to load.
    modules = {"deploy.local.steps", *_started()}

    result = subprocess.run(
        [sys.executable, "-c", _IMPORT, *sorted(modules)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr


def _copied() -> list[str]:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    return re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE)


def _started() -> set[str]:
    """Return the modules whose `main` the containers run; their `__main__` would run it."""
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"].values()
    commands = [each["command"] for each in services if each["image"] == "radiology-portal"]
    packages = {command[2] for command in commands}
    return {f"{package}.{'cli' if package == 'deploy.local' else 'app'}" for package in packages}
