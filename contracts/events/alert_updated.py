"""`alert.updated`: an alert with every attempt, receipt and acknowledgement (snapshot)."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, UtcDatetime
from contracts.enumerations import AlertStatus, AttemptState, Channel
from contracts.events.critical_finding import CriticalFinding


class LadderStep(Contract):
    """One step of the ladder, frozen when the alert started."""

    number: int = Field(ge=1)
    person_id: str
    person_name: str
    channels: tuple[Channel, ...]
    after_seconds: int = Field(ge=0, description="Delay after the step before")


class Attempt(Contract):
    """One try to reach one person by one channel."""

    id: UUID
    step: int
    round: int
    person_id: str
    person_name: str
    channel: Channel
    address_hint: str = Field(default="", description="Last digits or domain, never the whole")
    state: AttemptState
    provider_id: str = ""
    provider_status: str = ""
    answered_by: str = ""
    error: str = ""
    due_at: UtcDatetime
    sent_at: UtcDatetime | None = None
    delivered_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


class Acknowledgement(Contract):
    """Who took responsibility, when and how."""

    person_id: str
    person_name: str
    channel: Channel
    told_by: str = Field(
        default="",
        description="Name of the radiologist or manager who spoke to the person and wrote it down "
        "here; empty: the person answered by the channel",
    )
    at: UtcDatetime


class AlertEvent(Contract):
    """One line of the alert's evidence."""

    at: UtcDatetime
    what: str
    detail: str = ""


class AlertUpdated(Contract):
    """An alert as others may know it."""

    id: UUID
    version: int = Field(ge=1)
    reference: str = Field(
        default="", max_length=16, description="Told in messages and calls; names no patient"
    )
    finding: CriticalFinding
    status: AlertStatus
    ladder: tuple[LadderStep, ...]
    current_step: int
    round: int = 1
    next_step_at: UtcDatetime | None = None
    acknowledge_by: UtcDatetime = Field(description="The category's time limit")
    responsible_id: str = ""
    responsible_name: str = ""
    notified_person_ids: tuple[str, ...] = Field(
        default=(), description="Who may see the alert because they were told of it"
    )
    attempts: tuple[Attempt, ...] = ()
    acknowledgement: Acknowledgement | None = None
    read_back_text: str = ""
    read_back_at: UtcDatetime | None = None
    evidence: tuple[AlertEvent, ...] = ()
    opened_at: UtcDatetime
    closed_at: UtcDatetime | None = None
    updated_at: UtcDatetime
