"""The commands of `./radiology`: each explains itself with an example."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from deploy.local.cli import app, logs
from deploy.local.errors import RunnerError


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
