"""Rule: who is told next, and when. An alert climbs its ladder round after round until it closes.

What must stay true: a step that is late by an hour is done once, not twelve times; delays are
counted from when a step really began.
"""

from datetime import datetime, timedelta
from uuid import UUID

from alert_worker.domain.alert import (
    OUTSIDE,
    Alert,
    Decision,
    Evidence,
    Planned,
    Purpose,
    What,
    alert_reference,
    changed,
    plan,
)
from alert_worker.domain.ladders import Ladders
from alert_worker.errors import AlertClosed, NotYourAlert
from contracts.enumerations import AlertStatus, Channel, Role
from contracts.events.critical_finding import CriticalFinding
from contracts.people import Actor

REMINDERS = 1
"""So often a missing read-back is asked for before the alert goes on to the next person."""

_WRITTEN = (Channel.IN_APP, Channel.SMS, Channel.EMAIL)


def open_alert(
    finding: CriticalFinding,
    ladders: Ladders,
    now: datetime,
    *,
    correlation_id: UUID,
    reference_attempt: int = 0,
) -> Decision:
    """Return a new alert whose first step begins now."""
    rule = ladders.categories[finding.category]
    steps, evidence = ladders.freeze(finding)
    alert = Alert(
        id=finding.alert_id,
        reference=alert_reference(finding.alert_id, reference_attempt),
        correlation_id=correlation_id,
        finding=finding,
        steps=steps,
        repeat_after_seconds=rule.repeat_after.total_seconds(),
        read_back_within_seconds=rule.read_back_within.total_seconds(),
        next_step_at=now,
        acknowledge_by=now + rule.acknowledge_within,
        opened_at=now,
        updated_at=now,
    )
    kind = f"{finding.category}{', STAT' if finding.stat else ''}"
    opened = Evidence(What.OPENED, f"{kind}, raised by {finding.found_by.name or 'a radiologist'}")
    begun = _begin_step(alert, now)
    return begun.preceded_by([opened, *evidence])


def revise_finding(alert: Alert, finding: CriticalFinding, now: datetime) -> Decision | None:
    """Return the alert with a newer version of its finding; None when it is not newer.

    The ladder stays as it was frozen: whoever was told stays told. So it goes on when the finding
    is withdrawn: who was told wrongly must hear that, and a person confirms it as before.
    """
    if finding.report_version <= alert.finding.report_version:
        return None
    if finding.withdrawn:
        return _withdraw(alert, finding.report_version, now)
    old = alert.finding
    first = {"found_at": old.found_at, "found_by": old.found_by}
    revised = changed(alert, now, finding=finding.model_copy(update=first))
    line = Evidence(What.FINDING_REVISED, f"report version {finding.report_version}")
    if not old.withdrawn and (finding.category, finding.text) == (old.category, old.text):
        return Decision(revised, evidence=(line,))
    return _tell_again(_reading_anew(revised, now), now).preceded_by([line])


def _reading_anew(alert: Alert, now: datetime) -> Alert:
    news = {"finding_changed_at": now, "finding_changed_in": alert.finding.report_version}
    return alert.model_copy(update=news)


def _tell_again(alert: Alert, now: datetime) -> Decision:
    """Have whoever was told look again, and whoever has read back do so once more.

    An acknowledgement stays: its read-back is of the new words, and has its whole time again, or
    the ladder goes on.
    """
    evidence: tuple[Evidence, ...] = ()
    if alert.status is AlertStatus.CLOSED:
        evidence = (Evidence(What.READ_BACK_VOID, alert.responsible.name),)
        void = {"read_back_text": "", "read_back_at": None, "closed_at": None}
        alert = alert.model_copy(update={"status": AlertStatus.ACKNOWLEDGED, **void})
    if alert.status is AlertStatus.ACKNOWLEDGED:
        time = {"reminders": 0, "next_step_at": now + alert.read_back_within}
        alert = alert.model_copy(update=time)
    planned: tuple[Planned, ...] = ()
    for person in filter(None, map(alert.person, alert.notified_person_ids)):
        alert, words, missing = plan(alert, person, _WRITTEN, now, Purpose.REVISE)
        planned, evidence = (*planned, *words), (*evidence, *missing)
    return Decision(alert, planned, evidence)


def _withdraw(alert: Alert, report_version: int, now: datetime) -> Decision:
    """Mark the finding as withdrawn; whoever has confirmed it is told, since no ladder tells them.

    A call or SMS would be too much: there is nothing to be done within minutes.
    """
    finding = alert.finding.model_copy(update={"withdrawn": True, "report_version": report_version})
    marked = _reading_anew(changed(alert, now, finding=finding), now)
    line = Evidence(What.FINDING_WITHDRAWN, f"by report version {report_version}")
    if alert.acknowledgement is None:
        return Decision(marked, evidence=(line,))
    channels = (Channel.IN_APP, Channel.EMAIL)
    counted, planned, missing = plan(marked, alert.responsible, channels, now, Purpose.WITHDRAW)
    return Decision(counted, planned, (line, *missing))


def advance(alert: Alert, now: datetime) -> Decision | None:
    """Return what happens when the alert's time has come; None when it has not."""
    if alert.next_step_at is None or alert.next_step_at > now:
        return None
    if alert.status is AlertStatus.ACKNOWLEDGED:
        decision = _miss_read_back(alert, now)
    else:
        decision = next_step(alert, now)
    return _note_overdue(decision, now)


def next_step(alert: Alert, now: datetime) -> Decision:
    """Go on to the next person, or from the last one to the first of a new round."""
    if alert.current_step < len(alert.steps):
        return _begin_step(changed(alert, now, current_step=alert.current_step + 1), now)
    first = changed(alert, now, current_step=1, round=alert.round + 1)
    begun = Evidence(What.ROUND_BEGUN, f"round {first.round}: nobody has acknowledged")
    return _begin_step(first, now).preceded_by([begun])


def escalate(alert: Alert, actor: Actor, reason: str, now: datetime) -> Decision:
    """A person sends the alert on; an acknowledgement that led nowhere falls with it."""
    require_say(alert, actor)
    line = Evidence(What.ESCALATED, _joined(f"by {actor.name or actor.role}", reason))
    return next_step(reopened(alert), now).preceded_by([line], cancels=True)


def decline(alert: Alert, person_id: str, now: datetime) -> Decision:
    """Whom the current step reached cannot take it: the next person is told at once.

    Said late, when others have been told or somebody has acknowledged, it is only written down.
    """
    person = alert.person(person_id)
    if person is None:
        raise NotYourAlert
    line = Evidence(What.DECLINED, person.name)
    if alert.status is not AlertStatus.OPEN or alert.step.person.id != person_id:
        return Decision(changed(alert, now), evidence=(line,))
    return next_step(alert, now).preceded_by([line])


def require_say(alert: Alert, actor: Actor) -> None:
    """Refuse who may not redirect the alert: radiologists and managers always may; of the others
    whoever was told of it, until somebody has acknowledged, and then only that person."""
    if alert.status is AlertStatus.CLOSED:
        raise AlertClosed
    if actor.role in (Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER):
        return
    held = alert.acknowledgement
    may = (held.person_id,) if held else alert.notified_person_ids
    if actor.id not in may:
        raise NotYourAlert


def reopened(alert: Alert) -> Alert:
    """Return the alert as one that nobody has acknowledged; the evidence keeps who had."""
    return alert.model_copy(
        update={"status": AlertStatus.OPEN, "acknowledgement": None, "reminders": 0}
    )


def _begin_step(alert: Alert, now: datetime) -> Decision:
    """Tell the current step's person by all its channels, and wind the clock for the next."""
    step = alert.step
    begun = Evidence(
        What.STEP_BEGUN,
        f"round {alert.round}, step {alert.current_step}: {step.person.name} by "
        + ", ".join(step.channels),
    )
    counted, planned, missing = plan(alert, step.person, step.channels, now)
    lines, delay = (begun, *missing), _delay_after(alert)
    if missing and not step.reaches(alert.sufficient) and _others_follow(alert):
        line = f"{step.person.name}: the next person is told now"
        lines, delay = (*lines, Evidence(What.STEP_UNREACHABLE, line)), timedelta()
    wound = counted.model_copy(update={"next_step_at": now + delay, "updated_at": now})
    return Decision(wound, planned, lines)


def _others_follow(alert: Alert) -> bool:
    """Tell whether somebody can be reached later in this round: else hurrying leads nowhere."""
    return any(step.reaches(OUTSIDE) for step in alert.steps[alert.current_step :])


def _delay_after(alert: Alert) -> timedelta:
    if alert.current_step < len(alert.steps):
        return timedelta(seconds=alert.steps[alert.current_step].after_seconds)
    return timedelta(seconds=alert.repeat_after_seconds)


def _miss_read_back(alert: Alert, now: datetime) -> Decision:
    """Ask whoever acknowledged for the read-back; then tell the next person."""
    person = alert.responsible
    if alert.reminders >= REMINDERS:
        lapsed = Evidence(What.LAPSED, f"{person.name} acknowledged, but did not read back in time")
        return next_step(reopened(alert), now).preceded_by([lapsed], cancels=True)
    later = changed(
        alert, now, reminders=alert.reminders + 1, next_step_at=now + alert.read_back_within
    )
    counted, planned, _ = plan(later, person, _WRITTEN, now, Purpose.REMIND)
    return Decision(counted, planned, (Evidence(What.REMINDED, person.name),))


def _note_overdue(decision: Decision, now: datetime) -> Decision:
    alert = decision.alert
    late = alert.status is AlertStatus.OPEN and now > alert.acknowledge_by
    if alert.overdue or not late:
        return decision
    noted = Decision(
        alert.model_copy(update={"overdue": True}),
        decision.planned,
        decision.evidence,
        decision.cancels,
    )
    return noted.then(Evidence(What.OVERDUE, "the category's time limit has passed"))


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)
