"""The `radiology` script before there is a virtual environment."""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from deploy.local.state import ROOT


@pytest.fixture
def launcher(tmp_path: Path) -> ModuleType:
    """The script as a module, with a virtual environment that is not there."""
    loader = importlib.machinery.SourceFileLoader("launcher", str(ROOT / "radiology"))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # No compiled copy of a script without a suffix beside it.
    monkey, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = monkey
    module.VENV = tmp_path / ".venv"  # type: ignore[attr-defined]
    module.PYTHON = tmp_path / ".venv" / "bin" / "python"  # type: ignore[attr-defined]
    module.STAMP = tmp_path / ".venv" / ".installed-from"  # type: ignore[attr-defined]
    return module


def only(*allowed: str) -> Callable[..., bool]:
    """Stands for running commands: succeeds only with those that contain one of the words."""

    def run(command: list[str], quiet: bool = False) -> bool:
        return any(word in command for word in allowed)

    return run


def test_an_old_python_is_told_what_is_needed(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launcher.sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit):
        launcher.main()

    assert "needs Python 3.11 or newer; this is 3.9." in capsys.readouterr().err


def test_without_venv_the_one_command_is_named(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launcher, "run", only("nothing"))
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: None)

    with pytest.raises(SystemExit):
        launcher.make_venv()

    needed = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"sudo apt-get install -y {needed}" in capsys.readouterr().err


def test_uv_makes_the_environment_where_venv_is_missing(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "run", only("--seed"))
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: "/usr/bin/uv")

    launcher.make_venv()


def test_pip_installs_where_there_is_no_uv(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], quiet: bool = False) -> bool:
        asked.append(command)
        return str(launcher.UV_LOCK) not in command

    monkeypatch.setattr(launcher, "run", run)
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: None)

    launcher.install()

    assert asked[-1][-3:] == ["--require-hashes", "-r", str(launcher.LOCK)]


def test_no_registry_is_one_sentence(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launcher, "run", only("venv"))
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: None)

    with pytest.raises(SystemExit):
        launcher.install()

    assert "the Python registry is out of reach" in capsys.readouterr().err


def test_every_line_of_the_locks_has_a_hash() -> None:
    for name in ("all", "runtime", "standins", "uv"):
        text = (ROOT / "deploy" / "requirements" / f"{name}.txt").read_text()
        requirements = text.replace("\\\n", " ").splitlines()

        assert requirements
        assert all("--hash=sha256:" in requirement for requirement in requirements)
        assert "://" not in text
