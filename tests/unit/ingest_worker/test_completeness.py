"""When no more images are expected."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.enumerations import StudyCompleteness
from ingest_worker.domain.completeness import Patience, complete_by_person, judge
from ingest_worker.domain.study import KnownOrder, Study, receive
from tests.harness.images import image
from tests.harness.orders import actor
from tests.unit.ingest_worker.factories import NOW, order, study

PATIENCE = Patience(
    quiet=timedelta(minutes=2), unfinished=timedelta(minutes=30), settle=timedelta(seconds=5)
)


def judged(
    one: Study, wanted: KnownOrder | None = None, *, received: int = 10, after: float = 0
) -> Study:
    return judge(one, wanted, received, NOW + timedelta(seconds=after), PATIENCE)


def test_receiving_study_is_looked_at_when_the_quiet_period_ends() -> None:
    waiting = judged(study())

    assert waiting.completeness is StudyCompleteness.RECEIVING
    assert waiting.completeness_due_at == NOW + PATIENCE.quiet


def test_quiet_period_completes() -> None:
    complete = judged(study(), after=120)

    assert complete.completeness is StudyCompleteness.COMPLETE
    assert complete.completeness_reason == "no image came for 120 s"
    assert complete.completeness_due_at is None


def test_pause_between_two_sequences_does_not_end_an_exam() -> None:
    """A sequence of an MRI takes minutes; who is still in the scanner is not to be read."""
    running = order(started_at=NOW)

    waiting = judged(study(), running, after=29 * 60)

    assert waiting.completeness is StudyCompleteness.RECEIVING
    assert waiting.completeness_due_at == NOW + PATIENCE.unfinished


def test_exam_that_nobody_completes_is_not_waited_for_for_ever() -> None:
    complete = judged(study(), order(started_at=NOW), after=30 * 60)

    assert complete.completeness_reason == "no image came for 1800 s"


def test_exam_that_was_completed_waits_no_longer_than_any_other() -> None:
    finished = order(started_at=NOW, completed_at=NOW)

    assert judged(study(), finished).completeness_due_at == NOW + PATIENCE.settle


def test_completed_exam_lets_images_on_their_way_arrive() -> None:
    wanted = order(completed_at=NOW)

    assert judged(study(), wanted).completeness_due_at == NOW + PATIENCE.settle
    complete = judged(study(), wanted, after=5)
    assert complete.completeness_reason == "the technologist completed the exam"


def test_expected_count_completes_at_once() -> None:
    complete = judged(study(), order(completed_at=NOW, expected_instances=10))

    assert complete.completeness is StudyCompleteness.COMPLETE
    assert complete.completeness_reason == "all 10 expected images are here"


def test_missing_images_are_told_and_never_declared_complete() -> None:
    """Quiet is no sign that all came when somebody counted more: a transfer may hang."""
    waiting = judged(study(), order(completed_at=NOW, expected_instances=12), after=9999)

    assert waiting.completeness is StudyCompleteness.RECEIVING
    assert waiting.completeness_reason == "10 of 12 expected images"
    assert waiting.completeness_due_at > NOW + timedelta(seconds=9999)


def test_expected_count_before_the_exam_is_completed_says_nothing() -> None:
    assert judged(study(), order(expected_instances=1)).completeness is StudyCompleteness.RECEIVING


def test_images_of_all_studies_of_the_order_count() -> None:
    wanted = order(completed_at=NOW, expected_instances=30)

    assert judged(study(), wanted, received=30).completeness is StudyCompleteness.COMPLETE


class TestLateImage:
    def late(self, **changes: Any) -> Study:
        closed = judged(study(**changes), after=120)
        return receive(closed, [image()], NOW + timedelta(hours=1))

    def test_opens_a_new_revision(self) -> None:
        late = self.late()

        assert late.revision == 2
        assert late.completeness is StudyCompleteness.RECEIVING
        assert late.number_of_instances == 11

    def test_is_not_closed_by_a_word_from_before(self) -> None:
        late = self.late()
        wanted = order(completed_at=NOW, expected_instances=1)

        waiting = judged(late, wanted, received=11, after=3600)

        assert waiting.completeness is StudyCompleteness.RECEIVING

    def test_is_closed_by_a_word_from_after(self) -> None:
        late = self.late()
        wanted = order(completed_at=NOW + timedelta(hours=2), expected_instances=11)

        assert judged(late, wanted, received=11).completeness is StudyCompleteness.COMPLETE

    def test_second_one_stays_in_the_same_revision(self) -> None:
        late = receive(self.late(), [image()], NOW + timedelta(hours=1))

        assert late.revision == 2


@pytest.mark.parametrize("name", ["Tom Cole", ""])
def test_person_completes_with_a_reason(name: str) -> None:
    who = actor(name=name, id_="42")

    complete = complete_by_person(study(), who, "patient could not go on")

    assert complete.completeness is StudyCompleteness.COMPLETE
    assert complete.completeness_reason == f"{name or '42'}: patient could not go on"


def test_verdict_stands() -> None:
    complete = judged(study(), after=120)

    assert judged(complete, order(completed_at=NOW, expected_instances=99), after=999) == complete
