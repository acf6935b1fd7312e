"""The jars of Apache Kafka, by a lock file of coordinates and hashes.

What must stay true: no jar whose SHA-256 differs from the lock is ever put on the class path. The
lock was made once with Maven's resolver (`make-jar-lock`), because a jar too new or too old for the
broker is found only when it fails.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import JarMismatch, RunnerError

LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")
_LINE = re.compile(r"([\w.-]+):([\w.-]+):([\w.-]+) sha256:([0-9a-f]{64})")
_THREADS = 8

Fetch = Callable[["Jar", Path], Path]
"""Downloads a jar below a scratch folder and returns its path there."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name in the cache: artifact and version, as Maven has it."""
        return f"{self.artifact}-{self.version}.jar"


def read_lock(path: Path = LOCK_FILE) -> tuple[Jar, ...]:
    """Read the lock; `RunnerError` names a line that is not `group:artifact:version sha256:...`."""
    jars = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise RunnerError(f"{path.name}, line {number}, is no jar: restore it with git.")
        jars.append(Jar(*match.groups()))
    return tuple(jars)


def fetch_with_jgo(jar: Jar, scratch: Path) -> Path:
    """Download exactly this artifact, without resolving what it depends on."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - slow to import, needed once

    context = MavenContext(repo_cache=scratch, timeout=60)
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    return Path(component.artifact().resolve())


def ensure_jars(
    folder: Path,
    *,
    jars: Iterable[Jar] | None = None,
    fetch: Fetch = fetch_with_jgo,
    on_jar: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Path, ...]:
    """Return the paths of all jars, downloading what is missing or damaged in the cache.

    Parameters
    ----------
    on_jar : called with the number of jars that are there and that there will be.

    Raises
    ------
    JarMismatch : a fresh download is not the jar of the lock.
    RunnerError : it could not be downloaded.
    """
    wanted = read_lock() if jars is None else tuple(jars)
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        ThreadPoolExecutor(_THREADS) as threads,
    ):

        def ensure(jar: Jar) -> Path:
            return _ensure(jar, folder, Path(scratch), fetch)

        paths = []
        for path in threads.map(ensure, wanted):
            paths.append(path)
            done += 1
            on_jar(done, len(wanted))
    return tuple(paths)


def _ensure(jar: Jar, folder: Path, scratch: Path, fetch: Fetch) -> Path:
    target = folder / jar.file_name
    if target.exists() and _sha256(target) == jar.sha256:
        return target
    # An own folder each: some artifacts of different groups share a path component while loading.
    own = Path(tempfile.mkdtemp(dir=scratch))
    try:
        fetched = fetch(jar, own)
    except (OSError, RuntimeError) as error:
        raise RunnerError(
            f"{jar.file_name} could not be downloaded ({type(error).__name__}): check the network "
            "and start again; what has arrived is kept. Or use your own Kafka: set "
            "KAFKA_BOOTSTRAP_SERVERS."
        ) from error
    found = _sha256(fetched)
    if found != jar.sha256:
        raise JarMismatch(
            f"{jar.file_name} is not the file that kafka-jars.lock names (SHA-256 {found[:12]}..., "
            f"expected {jar.sha256[:12]}...): it is refused. Check what stands between you and the "
            "repository."
        )
    os.replace(fetched, target)  # noqa: PTH105 - atomic, over a damaged file
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
