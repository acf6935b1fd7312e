"""Gateway and alert_worker read the same ladder, and know the same people of it."""

from pathlib import Path

import pytest

from alert_worker.ladder import load_ladders
from gateway.people import read_ladder
from services.errors import SettingsError

LADDER = Path("deploy/demo/on_call.yaml")


def test_both_know_the_same_people() -> None:
    assert set(read_ladder(LADDER)) == set(load_ladders(LADDER).persons)


@pytest.mark.parametrize(
    "text", ["persons: [nobody]", "persons: {one: {id: 7}}", "{}", "- x", ": :"]
)
def test_file_that_is_no_ladder_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ladder.yaml"
    file.write_text(text)

    with pytest.raises(SettingsError, match="GATEWAY_LADDER_FILE"):
        read_ladder(file)
