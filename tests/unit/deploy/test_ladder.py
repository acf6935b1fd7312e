"""`./radiology ladder check`: who is told when and by what, and who could not be."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from deploy.demo.people import PEOPLE_FILE
from deploy.local.errors import RunnerError
from deploy.local.ladder import check_ladder
from deploy.local.state import ROOT

DEMO = ROOT / "deploy" / "demo" / "on_call.yaml"
JONES = ('    phone: "+12025550106"\n', "    email: emily.jones@hospital.example\n")


def check(file: Path = DEMO, directory: Path | None = PEOPLE_FILE) -> tuple[int, str]:
    screen = io.StringIO()
    code = check_ladder(Console(file=screen, width=70), file, directory)
    return code, " ".join(screen.getvalue().split())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "on_call.yaml"


def without(text: str, *parts: str) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


def test_ladder_of_each_category_is_shown_with_its_delays() -> None:
    code, screen = check()

    assert code == 0
    assert "RED confirmed within 30 min, read back within 15 min, next round after 10 min" in screen
    assert "at once whoever ordered the exam app, SMS, mail; STAT: call" in screen
    assert "after 5 min Dr. Priya Shah app, SMS, mail, call" in screen
    assert "ORANGE confirmed within 6 h, read back within 1 h, next round after 1 h" in screen
    assert "YELLOW confirmed within 3 days, read back within 1 day" in screen
    assert "Dr. John Smith SMS, mail, call" in screen


def test_whoever_is_reached_by_nothing_is_named_and_the_code_is_1(file: Path) -> None:
    file.write_text(without(DEMO.read_text(), *JONES))

    code, screen = check(file)

    assert code == 1
    assert "Dr. Emily Jones has neither phone nor mail: only the app could tell" in screen


def test_whoever_has_no_phone_is_told_of(file: Path) -> None:
    """It may be meant so: a mail wakes nobody, and the ladder does not wait for it."""
    file.write_text(without(DEMO.read_text(), JONES[0]))

    code, screen = check(file)

    assert code == 0
    assert "Dr. Emily Jones has no phone: of a RED or ORANGE finding" in screen


def test_id_that_belongs_to_somebody_else_is_a_mistake(file: Path) -> None:
    """Whose finding it is goes by the id: another doctor would be rung."""
    file.write_text(DEMO.read_text().replace("name: Dr. Emily Jones", "name: Dr. Emil Jonas"))

    code, screen = check(file)

    assert code == 1
    assert "Dr. Emil Jonas has the id of Dr. Emily Jones" in screen


def test_id_that_the_directory_does_not_know_is_told_of(file: Path) -> None:
    """People who have signed in need not stand in it, so it may be right."""
    file.write_text(DEMO.read_text().replace("-000000000006", "-00000000beef"))

    code, screen = check(file)

    assert code == 0
    assert "Dr. Emily Jones is not in GATEWAY_DIRECTORY_FILE" in screen
    assert "GATEWAY_DIRECTORY_FILE" not in check(file, directory=None)[1]


def test_file_with_which_alert_worker_would_not_start_is_refused_with_the_line(file: Path) -> None:
    file.write_text(DEMO.read_text().replace("who: manager_diaz", "who: nobody"))

    with pytest.raises(RunnerError, match=r"line \d+, .*'nobody' is unknown"):
        check(file)
