"""What is known of an attempt never goes back, whatever the order in which it is told."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from alert_worker.domain.alert import Purpose, What
from alert_worker.domain.attempts import Attempt, Report, apply_report, was_sent
from alert_worker.domain.failure import after_failure
from alert_worker.domain.retries import (
    after_temporary_failure,
    after_unanswered_question,
    after_unknown_outcome,
    expect_receipt,
)
from alert_worker.domain.story import progress
from contracts.enumerations import AttemptState, Channel, CriticalCategory
from tests.harness.alerts import MINUTE, NOON, SHAH, SMITH, open_at


def attempt(channel: Channel = Channel.SMS, **news: Any) -> Attempt:
    values: dict[str, Any] = {
        "id": uuid4(),
        "alert_id": uuid4(),
        "step": 1,
        "round": 1,
        "number": 2,
        "purpose": Purpose.NOTIFY,
        "person_id": SMITH.id,
        "person_name": SMITH.name,
        "channel": channel,
        "address": SMITH.address(channel),
        "state": AttemptState.SENT,
        "due_at": NOON,
        "tries": 1,
        "sent_at": NOON,
        "provider_id": "SM1",
    }
    return Attempt(**values | news)


def after(first: Attempt, *reports: Report) -> Attempt:
    for report in reports:
        first = apply_report(first, report, NOON + MINUTE) or first
    return first


MESSAGE = [Report("queued"), Report("sent"), Report("delivered")]
CALL = [
    Report("initiated", sequence=0),
    Report("ringing", sequence=1),
    Report("in-progress", answered_by="human", sequence=2),
    Report("completed", answered_by="human", sequence=3),
]


@pytest.mark.parametrize("order", list(permutations(MESSAGE)))
def test_receipts_of_a_message_in_any_order_end_delivered(order: tuple[Report, ...]) -> None:
    assert after(attempt(), *order).state is AttemptState.DELIVERED


@pytest.mark.parametrize("order", list(permutations(CALL)))
def test_receipts_of_a_call_in_any_order_end_delivered_and_over(
    order: tuple[Report, ...],
) -> None:
    ended = after(attempt(Channel.VOICE), *order)

    assert ended.state is AttemptState.DELIVERED
    assert ended.provider_status == "completed"
    assert ended.is_over


def test_repeated_receipt_is_no_news() -> None:
    delivered = after(attempt(), Report("delivered"))

    assert apply_report(delivered, Report("delivered"), NOON) is None
    assert apply_report(delivered, Report("sent"), NOON) is None


def test_undelivered_is_failed_and_stays_so() -> None:
    failed = after(attempt(), Report("undelivered", error_code="30003"))

    assert failed.state is AttemptState.FAILED
    assert failed.error == "provider code 30003"
    assert apply_report(failed, Report("delivered"), NOON) is None


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
def test_call_that_nobody_took_has_failed(word: str) -> None:
    assert after(attempt(Channel.VOICE), Report(word)).state is AttemptState.FAILED


def test_voicemail_is_nothing() -> None:
    reports = (
        Report("in-progress", answered_by="machine_start", sequence=2),
        Report("completed", answered_by="machine_start", sequence=3),
    )

    ended = after(attempt(Channel.VOICE), *reports)

    assert ended.state is AttemptState.FAILED
    assert ended.delivered_at is None


def test_machine_that_is_recognised_after_the_answer_turns_the_call_into_a_failure() -> None:
    """Twilio tells who answered only with the last call-back."""
    reports = (Report("in-progress", sequence=2), Report("completed", "machine_start", sequence=3))

    assert after(attempt(Channel.VOICE), *reports).state is AttemptState.FAILED


def test_unknown_word_of_the_provider_changes_nothing() -> None:
    assert apply_report(attempt(), Report("teleported"), NOON) is None


def test_mail_is_over_when_the_server_has_taken_it() -> None:
    sent = was_sent(attempt(Channel.EMAIL, state=AttemptState.SENDING), NOON, "<id>")

    assert sent.state is AttemptState.SENT
    assert sent.is_over


def test_temporary_failures_are_tried_again_a_few_times() -> None:
    waits = [
        after_temporary_failure(attempt(tries=tries), NOON, "429").due_at - NOON
        for tries in (1, 2, 3)
    ]

    assert waits == [timedelta(seconds=s) for s in (5, 15, 30)]
    assert after_temporary_failure(attempt(tries=4), NOON, "429").state is AttemptState.FAILED


def test_a_maybe_is_asked_about_and_a_mail_server_cannot_be_asked() -> None:
    sms = after_unknown_outcome(attempt(state=AttemptState.SENDING), NOON, "no answer")
    mail = after_unknown_outcome(attempt(Channel.EMAIL), NOON, "no answer")

    assert sms.state is AttemptState.UNKNOWN
    assert sms.check_at is not None
    assert mail.state is AttemptState.FAILED


def test_asking_has_an_end() -> None:
    asked = attempt(state=AttemptState.UNKNOWN, checks=7)

    assert after_unanswered_question(asked, NOON).state is AttemptState.UNKNOWN
    assert after_unanswered_question(replace(asked, checks=8), NOON).state is AttemptState.FAILED


def test_a_call_that_the_provider_does_not_know_any_more_ends() -> None:
    """Whose end is never told: the next finding could not ring the same doctor, for ever."""
    ringing = attempt(state=AttemptState.SENT, channel=Channel.VOICE)

    assert after_unanswered_question(replace(ringing, checks=7), NOON).state is AttemptState.SENT
    assert after_unanswered_question(replace(ringing, checks=8), NOON).state is AttemptState.FAILED


def test_a_call_of_which_nothing_is_heard_ends_so_that_the_line_is_free() -> None:
    silent = attempt(Channel.VOICE, checks=5)

    assert expect_receipt(silent, NOON).state is AttemptState.FAILED
    assert expect_receipt(attempt(checks=5), NOON).state is AttemptState.SENT


def test_evidence_tells_sent_and_delivered_when_both_are_learned_at_once() -> None:
    before = attempt(state=AttemptState.SENDING, provider_id="")
    known = after(replace(before, provider_id="SM1"), Report("delivered"))

    assert [line.what for line in progress(before, known)] == [
        What.ATTEMPT_SENT,
        What.ATTEMPT_DELIVERED,
    ]


def test_evidence_never_holds_an_address() -> None:
    before = attempt(state=AttemptState.SENDING, provider_id="")
    for channel in (Channel.SMS, Channel.EMAIL, Channel.VOICE):
        lines = progress(
            replace(before, channel=channel, address=SMITH.address(channel)),
            attempt(channel),
        )
        assert SMITH.phone not in lines[0].detail
        assert "john.smith" not in lines[0].detail


class TestAfterFailure:
    """A failure makes the alert faster, never slower, and never spins."""

    def test_while_an_sms_may_arrive_nothing_is_hurried(self) -> None:
        failed = attempt(Channel.EMAIL, state=AttemptState.FAILED)

        assert after_failure(open_at(), failed, [failed, attempt()], NOON) is None

    def test_failed_sms_of_an_urgent_finding_makes_a_call(self) -> None:
        failed = attempt(state=AttemptState.FAILED)

        decision = after_failure(open_at(), failed, [failed, attempt(Channel.EMAIL)], NOON)

        assert decision is not None
        assert [planned.channel for planned in decision.planned] == [Channel.VOICE]

    def test_finding_that_can_wait_for_days_makes_no_call_at_night(self) -> None:
        failed = attempt(state=AttemptState.FAILED)
        alert = open_at(category=CriticalCategory.YELLOW)

        assert after_failure(alert, failed, [failed, attempt(Channel.EMAIL)], NOON) is None

    def test_person_whom_nothing_reaches_is_followed_at_once(self) -> None:
        failed = attempt(state=AttemptState.FAILED)
        call = attempt(Channel.VOICE, state=AttemptState.FAILED)

        decision = after_failure(open_at(), call, [failed, call], NOON)

        assert decision is not None
        assert decision.alert.next_step_at == NOON

    def test_pause_before_a_new_round_always_holds(self) -> None:
        alert = open_at()
        last = alert.model_copy(update={"current_step": len(alert.steps)})
        sms = attempt(step=3, state=AttemptState.FAILED)
        call = attempt(Channel.VOICE, step=3, state=AttemptState.FAILED)

        assert after_failure(last, call, [sms, call], NOON) is None

    def test_failure_of_an_earlier_step_does_not_touch_the_present_one(self) -> None:
        failed = attempt(state=AttemptState.FAILED)
        later = open_at().model_copy(update={"current_step": 2})

        assert after_failure(later, failed, [failed], NOON) is None

    def test_word_to_an_earlier_person_is_no_word_to_the_present_one(self) -> None:
        """That the finding was changed is told to both in the present step."""
        alert = open_at().model_copy(update={"current_step": 2})
        of_shah = {"step": 2, "person_id": SHAH.id, "person_name": SHAH.name}
        failed = attempt(Channel.VOICE, state=AttemptState.FAILED, **of_shah)
        to_smith = attempt(step=2)
        lost = attempt(step=2, state=AttemptState.FAILED)

        assert after_failure(alert, failed, [failed, to_smith], NOON) is not None
        assert after_failure(alert, lost, [failed, lost], NOON) is None

    def test_busy_line_is_called_twice_in_a_step_and_no_more(self) -> None:
        busy = attempt(Channel.VOICE, state=AttemptState.FAILED, provider_status="busy")

        once = after_failure(open_at(), busy, [busy, attempt()], NOON)
        twice = after_failure(open_at(), busy, [busy, busy, attempt()], NOON)

        assert once is not None
        assert once.planned[0].due_at == NOON + MINUTE
        assert twice is None
