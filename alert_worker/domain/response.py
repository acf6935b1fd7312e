"""Rule: what a person's answer does. Only who was notified can take responsibility.

What must stay true: the first acknowledgement ends all that has not been sent; a second person is
told that it has happened; only a read-back closes, and it comes from whoever acknowledged. Whoever
raised the finding is never on its ladder, so cannot acknowledge it but by saying whom he has told.
Words that were changed since are not read back; responsibility is taken all the same.
"""

from dataclasses import replace
from datetime import datetime

from alert_worker.domain.alert import (
    Alert,
    Decision,
    Evidence,
    Knowledge,
    Person,
    Step,
    What,
    changed,
)
from alert_worker.domain.escalation import next_step, reopened, require_say
from alert_worker.errors import (
    AlertClosed,
    AlreadyAcknowledged,
    FindingChanged,
    FindingWithdrawn,
    NotAcknowledged,
    NotYourAlert,
    PersonUnknown,
)
from contracts.enumerations import AlertStatus, Channel, Role
from contracts.events.alert_updated import Acknowledgement
from contracts.people import Actor

_MAY_SPEAK_FOR_OTHERS = (Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER)


def acknowledge(
    alert: Alert,
    person_id: str,
    channel: Channel,
    now: datetime,
    *,
    read_back: str = "",
    knew: Knowledge = None,
) -> Decision:
    """A notified person takes responsibility; with a read-back the alert closes at once."""
    if person_id not in alert.notified_person_ids:
        raise NotYourAlert
    person = _told(alert, person_id)
    decision = _take(alert, person, channel, now, knew=knew)
    return _with_read_back(decision, read_back, now, knew)


def acknowledge_for(
    alert: Alert,
    actor: Actor,
    told_person_id: str,
    now: datetime,
    *,
    read_back: str = "",
    knew: Knowledge = None,
) -> Decision:
    """A radiologist or manager has spoken to a notified person, and says so."""
    if actor.role not in _MAY_SPEAK_FOR_OTHERS or actor.id == told_person_id:
        raise NotYourAlert
    if told_person_id not in alert.notified_person_ids:
        raise PersonUnknown("This person was not notified; hand the alert over first.")
    person = _told(alert, told_person_id)
    decision = _take(
        alert, person, Channel.IN_APP, now, knew=knew, told_by=actor.name or actor.role
    )
    return _with_read_back(decision, read_back, now, knew)


def read_back(
    alert: Alert, actor: Actor, text: str, now: datetime, *, knew: Knowledge = None
) -> Decision:
    """The responsible person repeats the finding: this closes the alert."""
    if alert.status is AlertStatus.CLOSED:
        raise AlertClosed
    if alert.acknowledgement is None:
        return acknowledge(alert, actor.id, Channel.IN_APP, now, read_back=text, knew=knew)
    if alert.acknowledgement.person_id != actor.id:
        raise NotAcknowledged
    return _with_read_back(Decision(changed(alert, now)), text, now, knew)


def hand_over(alert: Alert, actor: Actor, to: Person, reason: str, now: datetime) -> Decision:
    """Not my patient: the ladder begins again with this person, the others follow.

    Whoever gives it away is not told again: the responsible person, and any doctor who was told. A
    manager or radiologist who speaks for somebody else keeps the own step.
    """
    require_say(alert, actor)
    if to.id == alert.finding.found_by.id:
        raise PersonUnknown("Whoever raised the finding cannot receive it; choose somebody else.")
    first = Step(person=to, channels=_channels_of(alert), after_seconds=0)
    speaks_for_others = actor.role in _MAY_SPEAK_FOR_OTHERS and actor.id != alert.responsible.id
    leaves = "" if speaks_for_others else actor.id
    others = tuple(s for s in alert.steps if s.person.id not in (to.id, leaves))
    gone = tuple(s.person for s in alert.steps if s.person.id == leaves)
    # The step after the last one is the first of a new round: the new person's.
    waiting = reopened(alert).model_copy(
        update={
            "steps": (first, *others),
            "former_persons": (*alert.former_persons, *gone),
            "current_step": 1 + len(others),
        }
    )
    begun = next_step(waiting, now)
    line = Evidence(What.HANDED_OVER, f"by {actor.name or actor.role} to {to.name}: {reason}")
    kept = tuple(line for line in begun.evidence if line.what is not What.ROUND_BEGUN)
    return replace(begun, evidence=(line, *kept), cancels=True)


def _take(
    alert: Alert,
    person: Person,
    channel: Channel,
    now: datetime,
    *,
    knew: Knowledge,
    told_by: str = "",
) -> Decision:
    held = alert.acknowledgement
    how = f"told in person by {told_by}" if told_by else f"by {channel}"
    if alert.has_changed_since(knew):
        how += ", told before the finding was changed"
    if held and held.person_id != person.id:
        raise AlreadyAcknowledged(f"{held.person_name} has acknowledged this alert already.")
    if held:
        again = Evidence(What.ACKNOWLEDGED_AGAIN, f"{person.name} {how}")
        return Decision(changed(alert, now), evidence=(again,))
    taken = changed(
        alert,
        now,
        status=AlertStatus.ACKNOWLEDGED,
        acknowledgement=Acknowledgement(
            person_id=person.id,
            person_name=person.name,
            channel=channel,
            told_by=told_by,
            at=now,
        ),
        reminders=0,
        next_step_at=now + alert.read_back_within,
    )
    line = Evidence(What.ACKNOWLEDGED, f"{person.name} {how}")
    return Decision(taken, evidence=(line,), cancels=True)


def _with_read_back(decision: Decision, text: str, now: datetime, knew: Knowledge) -> Decision:
    alert = decision.alert
    if not text.strip() or alert.status is AlertStatus.CLOSED:
        return decision
    if alert.has_changed_since(knew):
        raise FindingWithdrawn if alert.finding.withdrawn else FindingChanged
    closed = alert.model_copy(
        update={
            "status": AlertStatus.CLOSED,
            "read_back_text": text.strip(),
            "read_back_at": now,
            "closed_at": now,
            "next_step_at": None,
        }
    )
    lines = (
        Evidence(What.READ_BACK, alert.responsible.name),
        Evidence(What.CLOSED, "acknowledged and read back"),
    )
    return replace(decision, alert=closed, evidence=(*decision.evidence, *lines), cancels=True)


def _told(alert: Alert, person_id: str) -> Person:
    person = alert.person(person_id)
    if person is None:
        raise NotYourAlert
    return person


def _channels_of(alert: Alert) -> tuple[Channel, ...]:
    """The new person is told as urgently as anybody on the ladder is."""
    return tuple(dict.fromkeys(channel for step in alert.steps for channel in step.channels))
