"""What a drawing measures follows from its points and the image's geometry."""

from typing import Any

import pytest

from ingest_worker.domain.measured import differs, measure

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
LENGTH = [[-10.0, 0.0, 0.0], [10.0, 0.0, 0.0]]


def instance(**changes: Any) -> dict[str, Any]:
    """An axial slice of 100 by 100 pixels of half a millimetre, its centre at the origin."""
    values = {
        "00080016": [CT_IMAGE],
        "00080018": ["1.2.3.4"],
        "0020000E": ["1.2.3"],
        "00280010": [100],
        "00280011": [100],
        "00280030": [0.5, 0.5],
        "00200037": [1, 0, 0, 0, 1, 0],
        "00200032": [-25, -25, 0],
    } | {name.removeprefix("_"): value for name, value in changes.items()}
    return {tag: {"Value": value} for tag, value in values.items() if value}


def record(kind: str, points: list[list[float]], **stats: Any) -> dict[str, Any]:
    data = {"handles": {"points": points}, "cachedStats": {"imageId:1": stats}}
    return {"uid": "a", "kind": kind, "frame": 1, "annotation": {"data": data}}


@pytest.mark.parametrize(
    ("kind", "points", "expected"),
    [
        ("length", LENGTH, [("length", 20, "mm")]),
        ("angle", [[10, 0, 0], [0, 0, 0], [0, 10, 0]], [("angle", 90, "deg")]),
        ("rectangle", [[-5, -5, 0], [5, -5, 0], [-5, 5, 0], [5, 5, 0]], [("area", 100, "mm2")]),
        ("ellipse", [[0, 10, 0], [0, -10, 0], [-5, 0, 0], [5, 0, 0]], [("area", 157.0796, "mm2")]),
        (
            "bidirectional",
            [[0, -5, 0], [0, 5, 0], [-10, 0, 0], [10, 0, 0]],
            [("long_axis", 20, "mm"), ("short_axis", 10, "mm")],
        ),
    ],
)
def test_each_kind_has_its_values(
    kind: str, points: list[list[float]], expected: list[tuple[str, float, str]]
) -> None:
    measured = measure(record(kind, points), instance())

    assert measured is not None
    assert [(v.name, v.unit) for v in measured.values] == [(n, u) for n, _, u in expected]
    assert [v.number for v in measured.values] == pytest.approx([n for _, n, _ in expected])


def test_points_are_columns_and_rows_with_the_first_pixels_centre_at_one_half() -> None:
    measured = measure(record("length", [[-25, -25, 0], [-24, -25, 0]]), instance())

    assert measured is not None
    assert measured.values[0].shape.points == ((0.5, 0.5), (2.5, 0.5))


def test_a_sagittal_image_is_measured_in_its_own_plane() -> None:
    sagittal = instance(_00200037=[0, 1, 0, 0, 0, -1], _00200032=[7, -25, 25])

    measured = measure(record("length", [[7, -10, 0], [7, 10, 0]]), sagittal)

    assert measured is not None
    assert measured.values[0].number == pytest.approx(20)
    assert measured.values[0].shape.points == ((30.5, 50.5), (70.5, 50.5))


@pytest.mark.parametrize(
    "uncalibrated",
    [
        {"_00280030": None, "_00200032": None, "_00200037": None},
        {"_00080016": [SECONDARY_CAPTURE], "_00200032": None, "_00200037": None},
    ],
)
def test_without_calibration_there_are_pixels_and_never_millimetres(
    uncalibrated: dict[str, Any],
) -> None:
    """What a secondary capture claims as its spacing is that of a screen."""
    measured = measure(record("length", [[10, 10, 0], [30, 10, 0]]), instance(**uncalibrated))

    assert measured is not None
    assert [(v.number, v.unit) for v in measured.values] == [(20, "{pixels}")]


def test_spacing_of_the_detector_is_not_the_patients() -> None:
    radiograph = instance(_00280030=None, _00181164=[0.5, 0.5], _00200032=None, _00200037=None)

    measured = measure(record("length", [[0, 0, 0], [10, 0, 0]]), radiograph)

    assert measured is not None
    assert [(v.number, v.unit) for v in measured.values] == [(20, "{pixels}")]


def test_what_the_browser_computed_is_compared_and_not_taken() -> None:
    drawn = record("length", LENGTH, length=19.0, unit="mm")
    measured = measure(drawn, instance())

    assert measured is not None
    assert measured.values[0].number == pytest.approx(20)
    assert differs(drawn, measured)
    assert not differs(record("length", LENGTH, length=20.0, unit="mm"), measured)
    assert differs(record("length", LENGTH, length=20.0, unit="px"), measured)


@pytest.mark.parametrize(
    "points",
    [
        [[-10, 0, 5], [10, 0, 5]],
        [[-100, 0, 0], [10, 0, 0]],
        [[-10, 0, 0]],
        [],
        [["a", 0, 0], [10, 0, 0]],
    ],
    ids=["off the plane", "outside the image", "too few", "none", "no numbers"],
)
def test_what_does_not_lie_on_the_image_has_no_value(points: list[list[float]]) -> None:
    assert measure(record("length", points), instance()) is None


def test_arrows_have_no_value() -> None:
    assert measure(record("arrow", LENGTH), instance()) is None


def test_density_is_told_of_a_ct_only() -> None:
    square = [[-5.0, -5.0, 0.0], [5.0, -5.0, 0.0], [-5.0, 5.0, 0.0], [5.0, 5.0, 0.0]]
    told = {"mean": 40.0, "stdDev": 2.0, "min": -10.0, "max": 90.0}
    of_ct = measure(record("rectangle", square, **told, Modality="CT"), instance())
    of_mr = measure(record("rectangle", square, **told, Modality="MR"), instance())

    assert of_ct is not None
    assert of_mr is not None
    names = [v.name for v in of_ct.values]
    assert names == ["area", "mean", "standard_deviation", "minimum", "maximum"]
    assert [v.number for v in of_ct.values[1:]] == [40.0, 2.0, -10.0, 90.0]
    assert [v.name for v in of_mr.values] == ["area"]
