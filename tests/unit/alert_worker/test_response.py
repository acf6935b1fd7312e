"""What a person's answer does: who may answer, and that only a read-back closes."""

import pytest

from alert_worker.domain.alert import Alert, Knowledge, What
from alert_worker.domain.escalation import advance, revise_finding
from alert_worker.domain.response import acknowledge, acknowledge_for, hand_over, read_back
from alert_worker.errors import (
    AlertClosed,
    AlreadyAcknowledged,
    FindingChanged,
    NotAcknowledged,
    NotYourAlert,
    PersonUnknown,
)
from contracts.enumerations import AlertStatus, Channel, Role
from contracts.people import Actor
from tests.harness.alerts import (
    ADAMS,
    DIAZ,
    JONES,
    MINUTE,
    NOON,
    SHAH,
    SMITH,
    acting,
    open_at,
)


def test_acknowledging_stops_what_has_not_been_sent_and_winds_the_read_back_clock() -> None:
    decision = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON + MINUTE)

    assert decision.cancels
    assert decision.alert.status is AlertStatus.ACKNOWLEDGED
    assert decision.alert.next_step_at == NOON + 16 * MINUTE
    assert decision.alert.version == 2


def test_acknowledging_again_changes_nothing_but_the_evidence() -> None:
    held = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON).alert

    again = acknowledge(held, SMITH.id, Channel.EMAIL, NOON + MINUTE)

    assert again.alert.acknowledgement == held.acknowledgement
    assert again.alert.next_step_at == held.next_step_at
    assert [line.what for line in again.evidence] == [What.ACKNOWLEDGED_AGAIN]


def test_an_alert_that_was_acknowledged_is_not_taken_by_another() -> None:
    alert = advance(open_at(), NOON + 5 * MINUTE)
    assert alert is not None
    held = acknowledge(alert.alert, SHAH.id, Channel.SMS, NOON).alert

    with pytest.raises(AlreadyAcknowledged):
        acknowledge(held, SMITH.id, Channel.SMS, NOON)
    with pytest.raises(NotAcknowledged):
        read_back(held, acting(SMITH), "pneumothorax", NOON)


def test_read_back_of_an_open_alert_acknowledges_and_closes_it() -> None:
    decision = read_back(open_at(), acting(SMITH), "pneumothorax", NOON)

    assert decision.alert.status is AlertStatus.CLOSED
    assert [line.what for line in decision.evidence] == [
        What.ACKNOWLEDGED,
        What.READ_BACK,
        What.CLOSED,
    ]


def test_nothing_is_read_back_twice() -> None:
    closed = read_back(open_at(), acting(SMITH), "pneumothorax", NOON).alert

    with pytest.raises(AlertClosed):
        read_back(closed, acting(SMITH), "again", NOON)


def test_blanks_are_no_read_back() -> None:
    decision = acknowledge(open_at(), SMITH.id, Channel.IN_APP, NOON, read_back="  ")

    assert decision.alert.status is AlertStatus.ACKNOWLEDGED


def test_nobody_says_that_he_has_told_himself() -> None:
    alert = open_at()
    smith = Actor(id=SMITH.id, name=SMITH.name, role=Role.RADIOLOGIST)

    with pytest.raises(NotYourAlert):
        acknowledge_for(alert, smith, SMITH.id, NOON)


def test_who_told_the_doctor_is_part_of_the_acknowledgement() -> None:
    spoken = acknowledge_for(open_at(), ADAMS, SMITH.id, NOON).alert.acknowledgement
    own = acknowledge(open_at(), SMITH.id, Channel.IN_APP, NOON).alert.acknowledgement

    assert spoken is not None
    assert own is not None
    assert (spoken.person_name, spoken.told_by, own.told_by) == (SMITH.name, ADAMS.name, "")


def test_told_in_person_needs_somebody_who_was_notified() -> None:
    with pytest.raises(PersonUnknown):
        acknowledge_for(open_at(), ADAMS, SHAH.id, NOON)


def test_who_hands_over_is_not_told_again_but_may_still_take_it() -> None:
    decision = hand_over(open_at(), acting(SMITH), JONES, "not my patient", NOON)

    assert [step.person.name for step in decision.alert.steps] == [
        JONES.name,
        SHAH.name,
        DIAZ.name,
    ]
    assert decision.alert.round == 2
    assert decision.alert.next_step_at == NOON + 5 * MINUTE
    taken = acknowledge(decision.alert, SMITH.id, Channel.SMS, NOON).alert
    assert taken.responsible.phone == SMITH.phone


def test_a_doctor_who_was_told_before_hands_over_and_is_not_told_again() -> None:
    """The ladder has gone on to Dr. Shah when Dr. Smith says that it is not his patient."""
    gone_on = advance(open_at(), NOON + 5 * MINUTE)
    assert gone_on is not None
    assert gone_on.alert.responsible.name == SHAH.name

    decision = hand_over(gone_on.alert, acting(SMITH), JONES, "not my patient", NOON + 6 * MINUTE)

    told = [step.person.name for step in decision.alert.steps]
    assert told == [JONES.name, SHAH.name, DIAZ.name]


def test_a_manager_who_hands_over_for_somebody_keeps_his_own_step() -> None:
    manager = Actor(id=DIAZ.id, name=DIAZ.name, role=Role.RADIOLOGY_MANAGER)

    decision = hand_over(open_at(), manager, JONES, "Dr. Smith is on leave", NOON)

    assert [step.person.name for step in decision.alert.steps] == [
        JONES.name,
        SMITH.name,
        SHAH.name,
        DIAZ.name,
    ]


def test_handing_over_to_whom_nothing_reaches_tells_the_next_person_at_once() -> None:
    cut_off = JONES.model_copy(update={"phone": "", "email": ""})

    decision = hand_over(open_at(), acting(SMITH), cut_off, "hers", NOON)

    assert [(p.person.name, p.channel) for p in decision.planned] == [(JONES.name, Channel.IN_APP)]
    assert decision.alert.next_step_at == NOON


def test_handing_over_takes_an_acknowledgement_away() -> None:
    held = acknowledge(open_at(), SMITH.id, Channel.SMS, NOON).alert

    decision = hand_over(held, acting(SMITH), SHAH, "going off duty", NOON)

    assert decision.alert.status is AlertStatus.OPEN
    assert decision.alert.acknowledgement is None
    assert {planned.person.name for planned in decision.planned} == {SHAH.name}


def test_a_stranger_cannot_hand_over() -> None:
    with pytest.raises(NotYourAlert):
        hand_over(open_at(), acting(JONES), SHAH, "?", NOON)


def test_a_finding_is_not_handed_back_to_who_raised_it() -> None:
    by_jones = Actor(id=JONES.id, name=JONES.name, role=Role.RADIOLOGIST)

    with pytest.raises(PersonUnknown):
        hand_over(open_at(found_by=by_jones), acting(SMITH), JONES, "yours", NOON)


def corrected(alert: Alert, **news: object) -> Alert:
    """Return the alert after report version 2, a minute past noon, has changed its finding."""
    change = {"report_version": 2, "text": "RIGHT pneumothorax.", **news}
    decision = revise_finding(alert, alert.finding.model_copy(update=change), NOON + MINUTE)
    assert decision is not None
    return decision.alert


@pytest.mark.parametrize("knew", [1, NOON], ids=["version shown", "written to before"])
def test_read_back_of_words_that_were_changed_since_does_not_close(knew: Knowledge) -> None:
    """He has read: left; by now it says: right."""
    held = acknowledge(corrected(open_at()), SMITH.id, Channel.IN_APP, NOON).alert

    with pytest.raises(FindingChanged, match="changed since"):
        read_back(held, acting(SMITH), "left pneumothorax", NOON + 2 * MINUTE, knew=knew)
    with pytest.raises(FindingChanged):
        acknowledge(corrected(open_at()), SMITH.id, Channel.SMS, NOON, read_back="left", knew=knew)
    with pytest.raises(FindingChanged):
        acknowledge_for(corrected(open_at()), ADAMS, SMITH.id, NOON, read_back="left", knew=knew)


@pytest.mark.parametrize("knew", [2, NOON + MINUTE, None], ids=["version", "moment", "not said"])
def test_read_back_of_the_words_as_they_are_closes(knew: Knowledge) -> None:
    decision = read_back(corrected(open_at()), acting(SMITH), "right", NOON, knew=knew)

    assert decision.alert.status is AlertStatus.CLOSED


def test_version_of_the_report_that_left_the_finding_alone_makes_no_read_back_old() -> None:
    alert = open_at()
    same = corrected(alert, text=alert.finding.text)

    assert read_back(same, acting(SMITH), "left", NOON, knew=1).alert.status is AlertStatus.CLOSED


def test_read_back_of_a_finding_that_was_withdrawn_since_does_not_close() -> None:
    withdrawn = corrected(open_at(), withdrawn=True)

    with pytest.raises(FindingChanged, match="withdrawn since"):
        read_back(withdrawn, acting(SMITH), "left pneumothorax", NOON, knew=1)
    aware = read_back(withdrawn, acting(SMITH), "none after all", NOON, knew=2)
    assert aware.alert.status is AlertStatus.CLOSED


@pytest.mark.parametrize("knew", [1, NOON], ids=["version shown", "written to before"])
def test_responsibility_is_taken_whatever_the_words_were_and_the_evidence_says_so(
    knew: Knowledge,
) -> None:
    """Nobody else need be called: whoever holds it is told of the change, and reads back later."""
    alert = corrected(open_at())

    old = acknowledge(alert, SMITH.id, Channel.VOICE, NOON + 2 * MINUTE, knew=knew)
    new = acknowledge(alert, SMITH.id, Channel.VOICE, NOON + 2 * MINUTE, knew=2)

    assert old.alert.status is AlertStatus.ACKNOWLEDGED
    assert old.evidence[0].detail == f"{SMITH.name} by VOICE, told before the finding was changed"
    assert new.evidence[0].detail == f"{SMITH.name} by VOICE"
