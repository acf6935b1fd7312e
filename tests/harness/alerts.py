"""Findings, ladders and alerts for tests; a test states only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from alert_worker.domain.alert import Alert, Person
from alert_worker.domain.escalation import open_alert
from alert_worker.domain.ladders import ORDERING_PROVIDER, CategoryRule, Ladders, StepRule
from contracts.enumerations import Channel, CriticalCategory, Modality, Priority, Role
from contracts.events.alert_requested import AlertRequested
from contracts.events.critical_finding import CriticalFinding
from contracts.people import Actor
from contracts.topics import ALERT_REQUESTED, CRITICAL_FINDING
from services.clock import utc_now
from services.events import Event, new_event

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

SMITH = Person(
    id="00000000-0000-4000-8000-000000000005",
    name="Dr. John Smith",
    phone="+12025550105",
    email="john.smith@hospital.example",
)
SHAH = Person(
    id="00000000-0000-4000-8000-000000000007",
    name="Dr. Priya Shah",
    phone="+12025550107",
    email="priya.shah@hospital.example",
)
DIAZ = Person(
    id="00000000-0000-4000-8000-000000000004",
    name="Maria Diaz",
    phone="+12025550104",
    email="maria.diaz@hospital.example",
)
JONES = Person(
    id="00000000-0000-4000-8000-000000000006",
    name="Dr. Emily Jones",
    phone="+12025550106",
    email="emily.jones@hospital.example",
)
ADAMS = Actor(
    id="00000000-0000-4000-8000-000000000001", name="Dr. Ruth Adams", role=Role.RADIOLOGIST
)

WRITTEN = (Channel.IN_APP, Channel.SMS, Channel.EMAIL)
RULE = CategoryRule(
    acknowledge_within=30 * MINUTE,
    read_back_within=15 * MINUTE,
    repeat_after=10 * MINUTE,
    steps=(
        StepRule(ORDERING_PROVIDER, WRITTEN, (Channel.VOICE,), timedelta()),
        StepRule(SHAH.id, (*WRITTEN, Channel.VOICE), (), 5 * MINUTE),
        StepRule(DIAZ.id, WRITTEN, (), 5 * MINUTE),
    ),
)
LADDERS = Ladders(
    persons={person.id: person for person in (SMITH, SHAH, DIAZ, JONES)},
    categories=dict.fromkeys(CriticalCategory, RULE),
)
"""As deploy/demo/on_call.yaml has it for RED, and the same for all categories."""


def finding(**news: Any) -> CriticalFinding:
    """Return a pneumothorax that Dr. Smith has to hear of."""
    values: dict[str, Any] = {
        "alert_id": uuid4(),
        "order_id": uuid4(),
        "order_number": "IMG-20251125-ABCD1",
        "report_id": uuid4(),
        "report_version": 1,
        "category": CriticalCategory.RED,
        "finding_code": "pneumothorax",
        "finding_title": "Pneumothorax",
        "stat": True,
        "text": "Large left pneumothorax with mediastinal shift.",
        "modality": Modality.CT,
        "body_part": "CHEST",
        "priority": Priority.STAT,
        "ordering_provider_id": UUID(SMITH.id),
        "ordering_provider_name": SMITH.name,
        "found_by": ADAMS,
        "found_at": utc_now(),
    }
    return CriticalFinding(**values | news)


def critical_finding(**news: Any) -> Event[CriticalFinding]:
    """Return the event of a finding."""
    data = finding(**news)
    return new_event(
        CRITICAL_FINDING, data, subject=data.alert_id, source="/report_consumer", at=utc_now()
    )


def alert_requested(
    request: Any, *, alert_id: UUID | None = None, actor: Actor | None = None
) -> Event[AlertRequested]:
    """Return a request as the gateway publishes it."""
    data = AlertRequested(alert_id=alert_id, request=request, actor=actor)
    subject = alert_id or uuid4()
    return new_event(ALERT_REQUESTED, data, subject=subject, source="/gateway", at=utc_now())


def acting(person: Person, role: Role = Role.PROVIDER) -> Actor:
    """Return a person as one who is signed in."""
    return Actor(id=person.id, name=person.name, role=role)


def open_at(now: datetime = NOON, ladders: Ladders = LADDERS, **news: Any) -> Alert:
    """Return an alert that has just been opened."""
    return open_alert(finding(**news), ladders, now, correlation_id=uuid4()).alert
