"""Which order a study fulfils, and when a person must say."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from contracts.enumerations import MatchState, Modality, OrderStatus
from ingest_worker.domain.matching import MAX_CANDIDATES, decide_match, match_order, take_back_match
from ingest_worker.errors import OrderCancelled, PatientDiffers, StudyNotMatched
from tests.harness.orders import actor
from tests.unit.ingest_worker.factories import order, study


def test_accession_number_and_patient_match() -> None:
    wanted = order()

    matched = match_order(study(), [wanted])

    assert matched.match_state is MatchState.MATCHED
    assert matched.imaging_order_id == wanted.id
    assert matched.match_decided_by is None


@pytest.mark.parametrize(
    "accession_number", ["20251111-abcd1", " 20251111-ABCD1", "2025 1111-ABCD1"]
)
def test_spelling_of_the_accession_number_does_not_matter(accession_number: str) -> None:
    matched = match_order(study(accession_number=accession_number), [order()])

    assert matched.match_state is MatchState.MATCHED


def test_without_an_order_it_waits() -> None:
    unmatched = match_order(study(), [])

    assert unmatched.match_state is MatchState.NO_ORDER
    assert unmatched.imaging_order_id is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"patient_mrn": "MRN-000002"}, "the patient ID differs"),
        ({"patient_birth_date": date(1990, 1, 1)}, "the birth date differs"),
    ],
)
def test_other_patient_goes_to_a_person(changes: dict[str, Any], reason: str) -> None:
    wanted = order(**changes)

    unmatched = match_order(study(), [wanted])

    assert unmatched.match_state is MatchState.PATIENT_DIFFERS
    assert unmatched.candidate_order_ids == (wanted.id,)
    assert unmatched.match_reason == reason


def test_images_without_a_patient_id_go_to_a_person() -> None:
    """The accession number alone, and a name beside it, is not enough."""
    unmatched = match_order(study(patient_id=""), [order()])

    assert unmatched.match_state is MatchState.PATIENT_DIFFERS


def test_two_orders_of_one_accession_number_go_to_a_person() -> None:
    candidates = [order(), order()]

    unmatched = match_order(study(), candidates)

    assert unmatched.match_state is MatchState.SEVERAL_ORDERS
    assert set(unmatched.candidate_order_ids) == {o.id for o in candidates}


def test_of_two_orders_the_modality_decides() -> None:
    ct, mr = order(), order(modality=Modality.MRI)

    assert match_order(study(modality="MR"), [ct, mr]).imaging_order_id == mr.id


def test_exact_spelling_counts_more_than_equal_without_zeros() -> None:
    short, long = order(accession_number="123"), order(accession_number="000123")

    matched = match_order(study(accession_number="000123"), [short, long])

    assert matched.imaging_order_id == long.id


def test_other_modality_matches_and_is_told() -> None:
    """Number and patient agree; that another exam was made is worth a word."""
    matched = match_order(study(modality="MR"), [order()])

    assert matched.match_state is MatchState.MATCHED
    assert "the order asks for CT, the images are MR" in matched.match_reason


def test_cancelled_order_takes_no_images() -> None:
    cancelled = order(status=OrderStatus.CANCELLED)

    unmatched = match_order(study(), [cancelled])

    assert unmatched.match_state is MatchState.NO_ORDER
    assert unmatched.match_reason == "the order was cancelled"
    assert unmatched.candidate_order_ids == (cancelled.id,)


def test_images_without_an_accession_number_get_suggestions_only() -> None:
    mri, ct = order(modality=Modality.MRI), order()
    other_patient = order(patient_mrn="MRN-000002")

    unmatched = match_order(study(accession_number=""), [mri, ct, other_patient])

    assert unmatched.match_state is MatchState.NO_ORDER
    assert unmatched.candidate_order_ids == (ct.id, mri.id)


def test_suggestions_are_bounded() -> None:
    unmatched = match_order(study(accession_number=""), [order() for _ in range(50)])

    assert len(unmatched.candidate_order_ids) == MAX_CANDIDATES


def test_match_stands_when_another_order_turns_up() -> None:
    first = order()
    matched = match_order(study(), [first])

    assert match_order(matched, [first, order()]) == matched


class TestOrderNamedByTheUploader:
    def test_is_taken_when_nothing_contradicts(self) -> None:
        named = order(accession_number="OTHER")
        upload = study(accession_number="", patient_id="", claimed_order_id=named.id)

        assert match_order(upload, [named]).imaging_order_id == named.id

    def test_is_not_taken_for_another_patient(self) -> None:
        named = order(patient_mrn="MRN-000002")

        unmatched = match_order(study(claimed_order_id=named.id), [named])

        assert unmatched.match_state is MatchState.PATIENT_DIFFERS
        assert unmatched.candidate_order_ids == (named.id,)

    def test_is_not_taken_against_the_accession_number(self) -> None:
        named, numbered = order(accession_number="OTHER"), order()

        matched = match_order(study(claimed_order_id=named.id), [named, numbered])

        assert matched.imaging_order_id == numbered.id

    def test_is_not_taken_when_cancelled(self) -> None:
        named = order(status=OrderStatus.CANCELLED)

        unmatched = match_order(study(claimed_order_id=named.id), [named])

        assert unmatched.match_state is MatchState.NO_ORDER


class TestPersonsDecision:
    def test_wins_over_the_rules(self) -> None:
        by_rule, by_person = order(), order(accession_number="OTHER")

        decided = decide_match(study(), by_person, actor(), "called the ward", confirmed=False)

        assert match_order(decided, [by_rule, by_person]).imaging_order_id == by_person.id
        assert decided.match_reason == "called the ward"

    def test_needs_confirmation_for_another_patient(self) -> None:
        other = order(patient_mrn="MRN-000002")

        with pytest.raises(PatientDiffers):
            decide_match(study(), other, actor(), "typing error", confirmed=False)
        decided = decide_match(study(), other, actor(), "typing error", confirmed=True)

        assert decided.match_state is MatchState.MATCHED
        assert decided.patient_key == other.patient_key

    def test_cannot_choose_a_cancelled_order(self) -> None:
        with pytest.raises(OrderCancelled):
            decide_match(
                study(), order(status=OrderStatus.CANCELLED), actor(), "so", confirmed=True
            )

    def test_takes_a_match_back_for_good(self) -> None:
        wanted = order()
        matched = match_order(study(), [wanted])

        freed = take_back_match(matched, [wanted], actor(), "wrong patient on the table")

        assert freed.match_state is MatchState.NO_ORDER
        assert freed.candidate_order_ids == (wanted.id,)
        assert match_order(freed, [wanted]) == freed

    def test_can_be_undone(self) -> None:
        wanted = order()
        freed = take_back_match(match_order(study(), [wanted]), [wanted], actor(), "mistake")

        again = decide_match(freed, wanted, actor(), "it was right", confirmed=False)

        assert again.imaging_order_id == wanted.id

    def test_cannot_take_back_what_is_not_matched(self) -> None:
        with pytest.raises(StudyNotMatched):
            take_back_match(study(), [], actor(), "so")

    def test_leaves_what_the_rules_find_when_it_is_taken_back(self) -> None:
        """The order of the same accession number stands beside it, and why it does not fit."""
        of_other, chosen = order(patient_mrn="MRN-000002"), order(accession_number="OTHER")
        decided = decide_match(study(), chosen, actor(), "called the ward", confirmed=False)
        cole = actor()

        freed = take_back_match(decided, [of_other], cole, "the wrong one")

        assert freed.match_state is MatchState.PATIENT_DIFFERS
        assert freed.candidate_order_ids == (chosen.id, of_other.id)
        assert (freed.match_decided_by, freed.match_reason) == (cole, "the wrong one")


def test_order_that_is_not_known_yet_is_waited_for() -> None:
    waiting = match_order(study(accession_number="", claimed_order_id=uuid4()), [])

    assert waiting.match_state is MatchState.NO_ORDER
