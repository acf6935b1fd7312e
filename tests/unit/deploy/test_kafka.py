"""The broker's process: what its surroundings must not change."""

import subprocess
from pathlib import Path

import pytest

from deploy.local.kafka import kafka_process
from deploy.local.ports import Ports
from deploy.local.state import State


def test_java_finds_a_folder_with_an_umlaut_whatever_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a locale that is not installed Java takes paths for ASCII, and misses its libraries."""
    monkeypatch.setenv("LC_ALL", "de_XX.UTF-8")
    broker = kafka_process(State.open(tmp_path), Ports(), tmp_path)

    java = subprocess.run(
        [broker.command[0], "-XshowSettings:properties", "-version"],
        env=dict(broker.environment),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "sun.jnu.encoding = UTF-8" in java.stderr
