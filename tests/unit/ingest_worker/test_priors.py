"""Which earlier studies a reader compares with."""

from datetime import date, timedelta
from uuid import uuid4

from ingest_worker.domain.priors import MAX_PRIORS, rank_priors
from tests.unit.ingest_worker.factories import NOW, comparable

TODAY = date(2025, 11, 11)
CURRENT = comparable(TODAY)


def days_ago(days: int, **changes: object):  # type: ignore[no-untyped-def]
    return comparable(TODAY - timedelta(days=days), **changes)


def test_same_exam_comes_first_then_body_part_then_modality() -> None:
    nothing = days_ago(1, modality="US", body_part="NECK")
    modality = days_ago(2, body_part="ABDOMEN")
    body_part = days_ago(3, modality="DX")
    both = days_ago(400)

    assert rank_priors(CURRENT, [nothing, modality, body_part, both]) == [
        both,
        body_part,
        modality,
        nothing,
    ]


def test_among_equals_the_newest_comes_first() -> None:
    old, new = days_ago(300), days_ago(3)

    assert rank_priors(CURRENT, [old, new]) == [new, old]


def test_later_study_is_no_prior() -> None:
    assert rank_priors(CURRENT, [days_ago(-1), CURRENT]) == []


def test_other_patient_is_never_a_prior() -> None:
    others = [
        days_ago(1, patient_id="MRN-000002"),
        days_ago(1, patient_birth_date=date(1990, 1, 1)),
        days_ago(1, patient_id=""),
    ]

    assert rank_priors(CURRENT, others) == []


def test_unknown_body_part_is_not_the_same_body_part() -> None:
    current = comparable(TODAY, body_part="")
    modality_too, other = days_ago(1, body_part=""), days_ago(2, body_part="", modality="MR")

    assert rank_priors(current, [other, modality_too]) == [modality_too, other]


def test_study_without_a_date_counts_from_its_arrival() -> None:
    undated = comparable(None, first_received_at=NOW - timedelta(days=900))

    assert rank_priors(CURRENT, [undated]) == [undated]


def test_list_is_bounded_but_keeps_what_was_noted() -> None:
    many = [days_ago(n + 1) for n in range(40)]
    noted = days_ago(4000, modality="US", body_part="NECK", id_=uuid4())

    ranked = rank_priors(CURRENT, [*many, noted], {noted.id})

    assert len(ranked) == MAX_PRIORS
    assert ranked[-1] == noted
