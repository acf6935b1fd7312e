"""Who is told next, and when: an alert climbs its ladder until it closes."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from alert_worker.domain.alert import Alert, Decision, Person, Purpose, What
from alert_worker.domain.escalation import advance, decline, escalate, open_alert, revise_finding
from alert_worker.domain.ladders import Ladders
from alert_worker.domain.response import acknowledge
from alert_worker.errors import AlertClosed, NotYourAlert
from contracts.enumerations import AlertStatus, Channel, CriticalCategory, Role
from contracts.people import Actor
from tests.harness.alerts import (
    ADAMS,
    DIAZ,
    LADDERS,
    MINUTE,
    NOON,
    SHAH,
    SMITH,
    acting,
    finding,
    open_at,
)


def told(decision: Decision | None) -> list[tuple[str, Channel]]:
    assert decision is not None
    return [(planned.person.name, planned.channel) for planned in decision.planned]


def whats(decision: Decision | None) -> list[What]:
    assert decision is not None
    return [line.what for line in decision.evidence]


def moved(decision: Decision | None) -> Alert:
    assert decision is not None
    return decision.alert


def test_stat_finding_is_told_by_all_channels_at_once() -> None:
    decision = open_alert(finding(stat=True), LADDERS, NOON, correlation_id=uuid4())

    assert told(decision) == [
        (SMITH.name, Channel.IN_APP),
        (SMITH.name, Channel.SMS),
        (SMITH.name, Channel.EMAIL),
        (SMITH.name, Channel.VOICE),
    ]
    assert all(planned.due_at == NOON for planned in decision.planned)
    assert decision.alert.version == 1
    assert decision.alert.next_step_at == NOON + 5 * MINUTE


def test_finding_that_is_not_stat_makes_no_call() -> None:
    decision = open_alert(finding(stat=False), LADDERS, NOON, correlation_id=uuid4())

    assert Channel.VOICE not in {planned.channel for planned in decision.planned}


def test_unknown_ordering_provider_is_passed_over_and_that_is_said() -> None:
    """An alert must not wait for somebody whom nobody can reach."""
    unknown = finding(ordering_provider_id=uuid4())

    decision = open_alert(unknown, LADDERS, NOON, correlation_id=uuid4())

    assert {name for name, _ in told(decision)} == {SHAH.name}
    assert What.PROVIDER_UNKNOWN in whats(decision)
    assert decision.alert.next_step_at == NOON + 5 * MINUTE


UNREACHABLE = {"phone": "", "email": ""}


def unreachable(*persons: Person) -> Ladders:
    """Return the ladders as if nothing that leaves the house reached these persons."""
    cut_off = {person.id: person.model_copy(update=UNREACHABLE) for person in persons}
    return replace(LADDERS, persons=dict(LADDERS.persons) | cut_off)


def by_mail_alone(*persons: Person) -> Ladders:
    """Return the ladders as if these persons had no phone."""
    written_to = {person.id: person.model_copy(update={"phone": ""}) for person in persons}
    return replace(LADDERS, persons=dict(LADDERS.persons) | written_to)


def test_step_of_a_person_whom_nothing_reaches_is_over_at_once() -> None:
    """A notice in the app that nobody opens must not hold up the next person for hours."""
    decision = open_alert(finding(), unreachable(SMITH), NOON, correlation_id=uuid4())

    assert told(decision) == [(SMITH.name, Channel.IN_APP)]
    assert decision.alert.next_step_at == NOON
    assert whats(decision)[-1] is What.STEP_UNREACHABLE
    assert {name for name, _ in told(advance(decision.alert, NOON))} == {SHAH.name}


@pytest.mark.parametrize(
    ("category", "waits"),
    [
        (CriticalCategory.RED, 0 * MINUTE),
        (CriticalCategory.ORANGE, 0 * MINUTE),
        (CriticalCategory.YELLOW, 5 * MINUTE),
    ],
)
def test_step_of_a_person_without_a_phone_is_over_at_once_unless_there_are_days(
    category: CriticalCategory, waits: timedelta
) -> None:
    """A mail wakes nobody: it is sent, and the next person is told as if an SMS had failed."""
    raised = finding(category=category)

    decision = open_alert(raised, by_mail_alone(SMITH), NOON, correlation_id=uuid4())

    assert told(decision) == [(SMITH.name, Channel.IN_APP), (SMITH.name, Channel.EMAIL)]
    assert decision.alert.next_step_at == NOON + waits


def test_step_that_is_meant_for_mail_takes_its_time() -> None:
    """The hospital wants no phone to ring there."""
    rule = LADDERS.categories[CriticalCategory.RED]
    quiet = replace(rule.steps[0], channels=(Channel.IN_APP, Channel.EMAIL), stat_channels=())
    categories = dict.fromkeys(CriticalCategory, replace(rule, steps=(quiet, *rule.steps[1:])))

    alert = open_at(ladders=replace(by_mail_alone(SMITH), categories=categories))

    assert alert.next_step_at == NOON + 5 * MINUTE


@pytest.mark.parametrize("persons", [(SMITH, SHAH, DIAZ), (SHAH, DIAZ)], ids=["all", "all others"])
def test_ladder_on_which_nobody_else_can_be_reached_keeps_its_delays(
    persons: tuple[Person, ...],
) -> None:
    """It goes round for ever, and must not do so in a busy loop."""
    alert, now = open_at(ladders=unreachable(*persons)), NOON

    for delay in (5, 5, 10, 5):
        assert alert.next_step_at == now + delay * MINUTE
        now = alert.next_step_at
        alert = moved(advance(alert, now))


def test_pause_before_a_new_round_holds_also_after_a_person_whom_nothing_reaches() -> None:
    alert = open_at(ladders=unreachable(SMITH, DIAZ))
    alert = moved(advance(alert, NOON))

    last = moved(advance(alert, NOON + 5 * MINUTE))

    assert last.next_step_at == NOON + 15 * MINUTE


def test_step_that_is_meant_for_the_app_alone_takes_its_time() -> None:
    """The hospital chose so, and the person could be reached otherwise."""
    rule = LADDERS.categories[CriticalCategory.RED]
    quiet = replace(rule.steps[0], channels=(Channel.IN_APP,), stat_channels=())
    steps = (quiet, *rule.steps[1:])
    categories = dict.fromkeys(CriticalCategory, replace(rule, steps=steps))

    alert = open_at(ladders=replace(LADDERS, categories=categories))

    assert alert.next_step_at == NOON + 5 * MINUTE


def test_change_gives_whoever_holds_the_finding_the_whole_time_to_read_it_back() -> None:
    """Told of it in the last minute, nobody could; and another would be called for nothing."""
    held = acknowledge(open_at(), SMITH.id, Channel.IN_APP, NOON).alert
    reminded = moved(advance(held, NOON + 15 * MINUTE))
    other = reminded.finding.model_copy(update={"report_version": 2, "text": "RIGHT side."})

    changed = moved(revise_finding(reminded, other, NOON + 29 * MINUTE))

    assert changed.next_step_at == NOON + 44 * MINUTE
    assert whats(advance(changed, NOON + 44 * MINUTE)) == [What.REMINDED]


def test_nothing_happens_before_its_time() -> None:
    assert advance(open_at(), NOON + 4 * MINUTE) is None


def test_unacknowledged_alert_goes_to_the_next_person() -> None:
    decision = advance(open_at(), NOON + 5 * MINUTE)

    assert {name for name, _ in told(decision)} == {SHAH.name}
    assert moved(decision).current_step == 2
    assert moved(decision).notified_person_ids == (SMITH.id, SHAH.id)


def test_after_the_last_person_comes_the_first_again_for_ever() -> None:
    """An alert never ends silently."""
    alert, now, names = open_at(), NOON, []

    for _ in range(9):
        assert alert.next_step_at is not None
        now = alert.next_step_at
        decision = advance(alert, now)
        alert = moved(decision)
        names.append(decision.planned[0].person.name)  # type: ignore[union-attr]  # moved() checks

    assert names == [SHAH.name, DIAZ.name, SMITH.name] * 3
    assert alert.round == 4


def test_a_late_timer_is_done_once_and_the_next_delay_counts_from_then() -> None:
    """After an outage of an hour nobody gets twelve messages at once."""
    late = NOON + timedelta(hours=1)

    decision = advance(open_at(), late)

    assert moved(decision).current_step == 2
    assert moved(decision).next_step_at == late + 5 * MINUTE


def test_passing_the_time_limit_is_said_once() -> None:
    first = advance(open_at(), NOON + 31 * MINUTE)
    second = advance(moved(first), NOON + 60 * MINUTE)

    assert What.OVERDUE in whats(first)
    assert What.OVERDUE not in whats(second)


def test_missing_read_back_is_asked_for_and_then_the_next_person_is_told() -> None:
    """Acknowledged is not closed: only the read-back proves that the finding was understood."""
    held = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON).alert

    reminded = advance(held, NOON + 15 * MINUTE)
    lapsed = advance(moved(reminded), NOON + 30 * MINUTE)

    assert told(reminded) == [(SMITH.name, channel) for channel in
                              (Channel.IN_APP, Channel.SMS, Channel.EMAIL)]  # fmt: skip
    assert {planned.purpose for planned in reminded.planned} == {Purpose.REMIND}  # type: ignore[union-attr]
    assert moved(reminded).status is AlertStatus.ACKNOWLEDGED
    assert moved(lapsed).status is AlertStatus.OPEN
    assert {name for name, _ in told(lapsed)} == {SHAH.name}
    assert What.LAPSED in whats(lapsed)


def test_radiologist_can_send_an_alert_on() -> None:
    decision = escalate(open_at(), ADAMS, "phone is off", NOON + MINUTE)

    assert {name for name, _ in told(decision)} == {SHAH.name}
    assert decision.evidence[0].detail == "by Dr. Ruth Adams: phone is off"


def test_a_provider_can_send_on_only_what_concerns_him() -> None:
    with pytest.raises(NotYourAlert):
        escalate(open_at(), acting(SHAH), "", NOON)

    assert escalate(open_at(), acting(SMITH), "", NOON).alert.current_step == 2


def test_a_provider_cannot_take_an_alert_from_who_has_acknowledged_it() -> None:
    alert = moved(advance(open_at(), NOON + 5 * MINUTE))
    held = acknowledge(alert, SHAH.id, Channel.SMS, NOON + 6 * MINUTE).alert

    with pytest.raises(NotYourAlert):
        escalate(held, acting(SMITH), "", NOON + 7 * MINUTE)


def test_a_closed_alert_stays_closed() -> None:
    closed = acknowledge(open_at(), SMITH.id, Channel.IN_APP, NOON, read_back="understood").alert

    assert advance(closed, NOON + timedelta(days=1)) is None
    with pytest.raises(AlertClosed):
        escalate(closed, ADAMS, "", NOON)


def test_who_declines_on_the_phone_is_followed_by_the_next_person_at_once() -> None:
    decision = decline(open_at(), SMITH.id, NOON + MINUTE)

    assert {name for name, _ in told(decision)} == {SHAH.name}
    assert What.DECLINED in whats(decision)


def test_declining_late_is_only_written_down() -> None:
    """Nobody's earlier call may move the ladder away from whom it reaches now."""
    alert = moved(advance(open_at(), NOON + 5 * MINUTE))

    decision = decline(alert, SMITH.id, NOON + 6 * MINUTE)

    assert decision.planned == ()
    assert decision.alert.current_step == 2


def test_newer_report_version_replaces_the_finding_and_an_older_one_does_not() -> None:
    alert = open_at(report_version=2)

    newer = revise_finding(alert, finding(report_version=3, text="Tension pneumothorax."), NOON)
    same = revise_finding(alert, finding(report_version=2), NOON)

    assert moved(newer).finding.text == "Tension pneumothorax."
    assert moved(newer).steps == alert.steps
    assert same is None


RIGHT = "Right pneumothorax."


def test_whoever_was_told_of_other_words_is_told_to_look_again() -> None:
    """They may be on their way to the wrong side."""
    alert = moved(advance(open_at(report_version=2), NOON + 5 * MINUTE))

    revised = revise_finding(alert, finding(report_version=3, text=RIGHT), NOON + 6 * MINUTE)

    channels = (Channel.IN_APP, Channel.SMS, Channel.EMAIL)
    assert told(revised) == [(p.name, channel) for p in (SMITH, SHAH) for channel in channels]
    assert {planned.purpose for planned in revised.planned} == {Purpose.REVISE}  # type: ignore[union-attr]  # told() checks
    assert whats(revised) == [What.FINDING_REVISED]
    assert moved(revised).next_step_at == alert.next_step_at
    assert moved(revised).status is AlertStatus.OPEN


def test_changed_finding_keeps_who_found_it_and_when() -> None:
    """Those are facts of the documentation, and whoever raised it is not on its ladder."""
    alert = open_at()
    by_diaz = Actor(id=DIAZ.id, name=DIAZ.name, role=Role.RADIOLOGY_MANAGER)

    revised = revise_finding(alert, finding(report_version=2, text=RIGHT, found_by=by_diaz), NOON)

    assert moved(revised).finding.found_at == alert.finding.found_at
    assert moved(revised).finding.found_by == alert.finding.found_by


def test_newer_version_in_the_same_words_troubles_nobody() -> None:
    alert = open_at(report_version=2)

    decision = revise_finding(alert, finding(report_version=3), NOON)

    assert told(decision) == []
    assert moved(decision).finding.report_version == 3


def test_acknowledgement_of_the_old_words_stays_and_its_read_back_is_of_the_new_ones() -> None:
    held = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON).alert

    revised = revise_finding(held, finding(report_version=2, text=RIGHT), NOON + MINUTE)

    assert {name for name, _ in told(revised)} == {SMITH.name}
    assert moved(revised).status is AlertStatus.ACKNOWLEDGED
    assert moved(revised).next_step_at == NOON + 16 * MINUTE


def test_finding_that_is_changed_after_its_read_back_must_be_read_back_again() -> None:
    """Whoever confirmed left must confirm right; if that does not come, the ladder goes on."""
    closed = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON, read_back="Left, I go").alert
    later = NOON + 30 * MINUTE

    revised = revise_finding(closed, finding(report_version=2, text=RIGHT), later)

    alert = moved(revised)
    assert whats(revised) == [What.FINDING_REVISED, What.READ_BACK_VOID]
    assert alert.status is AlertStatus.ACKNOWLEDGED
    assert (alert.read_back_text, alert.read_back_at, alert.closed_at) == ("", None, None)
    assert alert.next_step_at == later + 15 * MINUTE
    lapsed = advance(moved(advance(alert, later + 15 * MINUTE)), later + 30 * MINUTE)
    assert {name for name, _ in told(lapsed)} == {SHAH.name}


def test_withdrawn_finding_is_told_on_until_somebody_confirms() -> None:
    """Whoever was told of it must hear that it is none; so the ladder does not stop."""
    alert = open_at(report_version=2)

    withdrawn = revise_finding(alert, finding(report_version=3, withdrawn=True, text="x"), NOON)

    assert withdrawn is not None
    assert withdrawn.alert.finding.withdrawn
    assert withdrawn.alert.finding.text == alert.finding.text
    assert withdrawn.alert.status is AlertStatus.OPEN
    assert withdrawn.alert.next_step_at == alert.next_step_at
    assert [line.what for line in withdrawn.evidence] == ["finding_withdrawn"]
    assert withdrawn.planned == ()


@pytest.mark.parametrize("understood", ["", "Pneumothorax, I shall drain it"])
def test_who_confirmed_a_finding_is_told_that_it_was_withdrawn(understood: str) -> None:
    """No ladder climbs for them any more, and they may be treating what is not there."""
    told_of = open_at(report_version=2)
    confirmed = acknowledge(told_of, SMITH.id, Channel.SMS, NOON, read_back=understood).alert

    withdrawn = revise_finding(confirmed, finding(report_version=3, withdrawn=True), NOON)

    assert told(withdrawn) == [(SMITH.name, Channel.IN_APP), (SMITH.name, Channel.EMAIL)]
    assert {planned.purpose for planned in withdrawn.planned} == {Purpose.WITHDRAW}  # type: ignore[union-attr]  # told() checks
    assert moved(withdrawn).status is confirmed.status
    assert moved(withdrawn).next_step_at == confirmed.next_step_at


def test_whoever_raised_the_finding_is_not_on_its_ladder() -> None:
    """Nobody can acknowledge to himself."""
    by_diaz = Actor(id=DIAZ.id, name=DIAZ.name, role=Role.RADIOLOGY_MANAGER)

    alert = open_at(found_by=by_diaz)

    assert [step.person.name for step in alert.steps] == [SMITH.name, SHAH.name]


def test_a_person_who_stands_twice_is_told_once_per_round() -> None:
    alert = open_at(ordering_provider_id=SHAH.id)

    assert [step.person.name for step in alert.steps] == [SHAH.name, DIAZ.name]
