"""What a drawing measures follows from its points and the image's calibration."""

from typing import Any

import pytest

from ingest_worker.domain.measured import differs, measure

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
LENGTH = [[30.5, 50.5], [70.5, 50.5]]


def instance() -> dict[str, Any]:
    """A slice of 100 by 100 pixels of half a millimetre."""
    values = {
        "00080016": [CT_IMAGE],
        "00080018": ["1.2.3.4"],
        "0020000E": ["1.2.3"],
        "00280010": [100],
        "00280011": [100],
        "00280030": [0.5, 0.5],
    }
    return {tag: {"Value": value} for tag, value in values.items()}


def record(kind: str, points: list[list[float]]) -> dict[str, Any]:
    return {"uid": "a", "kind": kind, "frame": 1, "points": points}


def test_a_value_lies_where_it_was_drawn() -> None:
    measured = measure(record("length", LENGTH), instance())

    assert measured is not None
    assert measured.values[0].shape.points == ((30.5, 50.5), (70.5, 50.5))


@pytest.mark.parametrize(
    ("number", "unit", "different"),
    [(20.0, "mm", False), (19.0, "mm", True), (20.0, "{pixels}", True), (None, "mm", True)],
)
def test_what_the_browser_computed_is_compared_and_not_taken(
    number: float | None, unit: str, different: bool
) -> None:
    told = {"name": "length", "number": number, "unit": unit}
    drawn = record("length", LENGTH) | {"values": [told]}

    measured = measure(drawn, instance())

    assert measured is not None
    assert measured.values[0].number == pytest.approx(20)
    assert differs(drawn, measured) is different


@pytest.mark.parametrize(
    "points",
    [
        [[-1, 50], [70, 50]],
        [[30, 50]],
        [],
        [["a", 50], [70, 50]],
        [[30, 50, 0], [70, 50, 0]],
    ],
    ids=["outside the image", "too few", "none", "no numbers", "three numbers"],
)
def test_what_does_not_lie_on_the_image_has_no_value(points: list[list[float]]) -> None:
    assert measure(record("length", points), instance()) is None


def test_arrow_has_words_and_no_value() -> None:
    measured = measure(record("arrow", LENGTH) | {"text": "Fracture?"}, instance())

    assert measured is not None
    assert (measured.text, measured.values) == ("Fracture?", ())
    assert measured.place is not None
    assert measured.place.points == ((30.5, 50.5),)
