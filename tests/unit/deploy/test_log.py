"""The one log: stored as written, shown for reading."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local import log as module
from deploy.local.log import LogFile, LogView, last_lines


def shown(*lines: tuple[str, str]) -> str:
    screen = io.StringIO()
    view = LogView(Console(file=screen, width=200))
    for name, line in lines:
        view.show(name, line, "2025-11-11T10:00:00.000Z")
    return screen.getvalue()


def test_a_json_line_is_shown_as_event_and_facts() -> None:
    line = '{"event": "order_scheduled", "level": "info", "order_id": 7, "worker": "order"}'

    assert shown(("order_consumer", line)).split() == [
        "10:00:00",
        "order_consumer",
        "order_scheduled",
        "order_id=7",
    ]


def test_any_other_line_is_shown_as_it_is() -> None:
    text = shown(("kafka", "WARN [broker] {x} is not json"))

    assert text.strip().endswith("WARN [broker] {x} is not json")


def test_a_stored_line_is_what_the_process_wrote(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log")
    file.write("kafka", '{"event": "x"}  y')
    file.close()

    (line,) = last_lines(tmp_path / "log", 10)

    assert line.endswith(' kafka {"event": "x"}  y\n')


def test_as_many_lines_back_as_were_asked_for_of_the_named_processes(tmp_path: Path) -> None:
    """A quiet process is not drowned by a talkative one."""
    file = LogFile(tmp_path / "log")
    file.write("alert_worker", "long ago")
    for number in range(20):
        file.write("gateway", f"line {number}")
    file.close()

    (line,) = last_lines(tmp_path / "log", 5, names={"alert_worker"})

    assert line.endswith(" alert_worker long ago\n")


def test_a_line_that_nobody_wrote_is_of_nobody(tmp_path: Path) -> None:
    """What a full disk cut in the middle has no name."""
    (tmp_path / "log").write_text("\ncut\n2025-11-11T10:00:00.000Z\n")

    assert last_lines(tmp_path / "log", 5, names={"gateway"}) == []


def test_the_log_is_kept_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    file = LogFile(tmp_path / "radiology.log")

    for number in range(200):
        file.write("kafka", f"line {number}")
    file.close()

    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"radiology.log", "radiology.old"}
    assert all(size <= 1100 for size in sizes.values())
    newest = last_lines(tmp_path / "radiology.old", 1) + last_lines(tmp_path / "radiology.log", 1)
    assert any(line.endswith("line 199\n") for line in newest)


def test_a_full_disk_stops_nobody_and_the_gap_is_said(tmp_path: Path) -> None:
    """The supervisor reads what all processes say; were it to fail, they would wait for it."""
    path = tmp_path / "radiology.log"
    path.symlink_to("/dev/full")
    log = LogFile(path)

    log.write("kafka", "cannot be kept")
    path.unlink()
    log._file = path.open("ab", buffering=0)  # there is room again
    log.write("kafka", "is kept")
    log.close()

    said = [line.split(" ", 1)[1] for line in path.read_text().splitlines()]
    assert said == ["runner lines are missing here: the disk refused them", "kafka is kept"]
