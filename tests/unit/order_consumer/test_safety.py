"""Which answers of the safety screening the order contradicts: two people, one patient."""

from typing import Any, get_args

import pytest

from contracts.events.order_created import Answer, StatedContrast, StatedMri, StatedSafety
from contracts.events.order_requested import (
    Confirmations,
    ContrastScreening,
    MriScreening,
    Screen,
)
from order_consumer.safety import MRI_QUESTIONS, contradictions

ANAPHYLAXIS = StatedSafety(
    contrast=StatedContrast(allergy_to_contrast="yes", creatinine_mg_per_dl=3.9)
)


def contrast(*, allergy: bool = True, **answers: Any) -> Screen:
    return Screen(contrast=ContrastScreening(allergy_to_contrast=allergy, **answers))


def magnet(**answers: bool) -> Screen:
    return Screen(mri=MriScreening(**(dict.fromkeys(MRI_QUESTIONS, False) | answers)))


def stated(creatinine: float | None = None, **answers: Any) -> StatedSafety:
    return StatedSafety(contrast=StatedContrast(creatinine_mg_per_dl=creatinine, **answers))


def test_a_contradiction_says_what_was_answered_and_what_the_order_says() -> None:
    answers = contrast(allergy=False, creatinine_mg_per_dl=0.9, egfr_ml_per_min=84)

    assert contradictions(answers, ANAPHYLAXIS) == {
        "allergy_to_contrast": "allergy to contrast medium: no, the order says yes",
        "creatinine_mg_per_dl": "creatinine: 0.9 mg/dL, the order says 3.9 mg/dL",
        "egfr_ml_per_min": "eGFR: 84 mL/min, the order says creatinine 3.9 mg/dL",
    }


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("said", [*get_args(Answer), None])
def test_only_a_plain_no_and_yes_contradict(said: Answer | None, answered: bool) -> None:
    """What the orderer does not know, or was not asked, contradicts nothing."""
    differs = (said, answered) in {("yes", False), ("no", True)}

    of_allergy = contradictions(contrast(allergy=answered), stated(allergy_to_contrast=said))
    of_pacemaker = contradictions(
        magnet(pacemaker=answered), StatedSafety(mri=StatedMri(pacemaker=said))
    )

    assert list(of_allergy) == (["allergy_to_contrast"] if differs else [])
    assert list(of_pacemaker) == (["pacemaker"] if differs else [])


@pytest.mark.parametrize(
    ("before", "now", "differs"),
    [
        (0.9, 1.3, False),
        (0.9, 1.4, True),
        (0.9, 0.6, True),
        (1.9, 2.1, True),
        (2.1, 2.2, False),
        (0.9, None, False),
        (None, 3.9, False),
    ],
)
def test_a_creatinine_half_as_much_again_or_across_the_limit_contradicts(
    before: float | None, now: float | None, differs: bool
) -> None:
    found = contradictions(contrast(creatinine_mg_per_dl=now), stated(before))

    assert list(found) == (["creatinine_mg_per_dl"] if differs else [])


@pytest.mark.parametrize(
    ("creatinine", "egfr", "differs"),
    [(3.9, 84, True), (3.9, 30, True), (3.9, 29.9, False), (2.0, 84, False), (None, 84, False)],
)
def test_an_egfr_of_good_kidneys_contradicts_a_creatinine_of_bad_ones(
    creatinine: float | None, egfr: float, differs: bool
) -> None:
    found = contradictions(contrast(egfr_ml_per_min=egfr), stated(creatinine))

    assert list(found) == (["egfr_ml_per_min"] if differs else [])


@pytest.mark.parametrize("question", MRI_QUESTIONS)
def test_each_question_on_the_magnet_can_contradict(question: str) -> None:
    found = contradictions(magnet(), StatedSafety(mri=StatedMri(**{question: "yes"})))

    assert list(found) == [question]


@pytest.mark.parametrize("order", [None, StatedSafety(), stated(0.9)])
def test_an_order_contradicts_only_what_it_was_asked_about(order: StatedSafety | None) -> None:
    """An order of another system, or of an older version, has no answers."""
    assert contradictions(magnet(pacemaker=True), order) == {}


def test_every_question_that_can_be_contradicted_can_be_confirmed() -> None:
    contrasted = ("allergy_to_contrast", "creatinine_mg_per_dl", "egfr_ml_per_min")

    assert set(Confirmations.model_fields) == {*contrasted, *MRI_QUESTIONS}
    assert set(MRI_QUESTIONS) == set(StatedMri.model_fields) - {"detail"}
