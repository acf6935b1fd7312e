"""The state folder: data, secrets, logs and process ids of one installation.

What must stay true: only its owner can look into it (mode 0700), and secrets are made once.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import RunnerError

ROOT = Path(__file__).resolve().parents[2]
"""The source tree."""


@dataclass(frozen=True)
class State:
    """One installation's folder."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> "State":
        """Make the folder if needed, and check that we may write there.

        Raises
        ------
        RunnerError : the folder cannot be made or written, or holds something else.
        """
        state = cls(folder.resolve())
        try:
            if state._is_foreign():
                raise RunnerError(
                    f"The folder {state.folder} holds other things than the state of this system, "
                    "which would be mixed and deleted with it: choose an empty or a new one with "
                    "RADIOLOGY_STATE=/path/to/folder."
                )
            for each in (state.folder, state.run, state.logs):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
            state.folder.chmod(0o700)
            state._mark.write_text("")
        except OSError as error:
            raise RunnerError(
                f"The state folder {state.folder} cannot be written ({error.strerror}): give "
                "yourself rights on it, or choose another with RADIOLOGY_STATE=/path/to/folder."
            ) from error
        return state

    @property
    def _mark(self) -> Path:
        """Lies in every folder that was opened once."""
        return self.run / "writable"

    def _is_foreign(self) -> bool:
        """Tell whether somebody else's files are in the folder, and none of ours."""
        if not self.folder.exists() or self._mark.exists():
            return False
        return any(each not in (self.run, self.logs) for each in self.folder.iterdir())

    @property
    def run(self) -> Path:
        """Process ids, status, lock and connection data of the running system."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        """Logs."""
        return self.folder / "logs"

    @property
    def secrets_file(self) -> Path:
        """Passwords and keys made for this installation."""
        return self.folder / "secrets.json"

    def secret(self, name: str) -> str:
        """Return a generated secret; it is made at the first call and kept."""
        return self.setdefault_secret(name, secrets.token_urlsafe(24))

    def setdefault_secret(self, name: str, value: str) -> str:
        """Return a stored secret, or store this value as it."""
        known: dict[str, str] = (
            json.loads(self.secrets_file.read_text()) if self.secrets_file.exists() else {}
        )
        if name not in known:
            known[name] = value
            write_private(self.secrets_file, json.dumps(known, indent=1))
        return known[name]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink()
        raise


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, with its parents."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def cache_folder() -> Path:
    """Where downloads stand that all installations of a user share."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "radiology-portal"
