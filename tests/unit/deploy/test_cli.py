"""The commands of `./radiology`: each explains itself with an example."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from deploy.local import cli
from deploy.local.cli import app, logs, up
from deploy.local.errors import RunnerError
from deploy.local.state import State
from deploy.local.status import is_running, only_one


def commands(command: Any, words: str = "./radiology") -> Iterator[tuple[str, Any]]:
    yield words, command
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from commands(below, f"{words} {name}")


SHOWN = [
    (words, each)
    for words, each in commands(typer.main.get_command(app))
    if not each.hidden and words != "./radiology"
]


def test_there_are_commands() -> None:
    assert {"./radiology up", "./radiology dead", "./radiology dead list"} <= dict(SHOWN).keys()


@pytest.mark.parametrize(("words", "command"), SHOWN, ids=[words for words, _ in SHOWN])
def test_help_says_what_a_command_does_and_shows_an_example(words: str, command: Any) -> None:
    assert command.help
    assert words in (command.epilog or "")


def test_a_process_that_is_none_is_no_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADIOLOGY_STATE", str(tmp_path))
    (tmp_path / "logs").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "logs" / "radiology.log").touch()
    tasks = [{"name": "order_consumer"}]
    report = {"pid": 1, "phase": "ready", "sentence": "", "tasks": tasks}
    (tmp_path / "run" / "status.json").write_text(json.dumps(report))

    with pytest.raises(RunnerError, match="take one of runner, order_consumer"):
        logs(["orders"])


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setenv("RADIOLOGY_STATE", str(tmp_path))
    return State.open(tmp_path)


def tell(state: State, phase: str, sentence: str = "") -> None:
    report = {"pid": os.getpid(), "phase": phase, "sentence": sentence, "tasks": []}
    (state.run / "status.json").write_text(json.dumps(report))


def test_up_beside_a_start_that_goes_on_waits_until_all_is_ready(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(state, "starting")
    with only_one(state), later(lambda: tell(state, "ready")):
        up()

    assert "It is running already" in capsys.readouterr().out


def test_up_beside_a_start_that_fails_says_why(state: State) -> None:
    tell(state, "starting")
    with (
        only_one(state),
        later(lambda: tell(state, "failed", "Setting X: is wrong.")),
        pytest.raises(RunnerError, match="Setting X: is wrong"),
    ):
        up()


def test_up_beside_a_system_that_stops_starts_it_again_after_its_end(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said to run already, and where to click."""
    started: list[bool] = []
    monkeypatch.setattr(cli, "_start_detached", lambda *_: started.append(is_running(state)))
    tell(state, "stopping")
    with ExitStack() as held:
        held.enter_context(only_one(state))
        with later(held.close):
            up()

    assert started == [False]


@contextmanager
def later(do: Callable[[], None]) -> Iterator[None]:
    """Do something while the body waits for it."""
    timer = Timer(0.3, do)
    timer.start()
    yield
    timer.join()
