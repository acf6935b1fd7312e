"""What a viewer may see of a snapshot: one place for lists, single reads and live messages.

What must stay true: a referring provider sees own orders (`order_owners` in the read model says
whose they are), their studies and reports, and alerts that concern this person; a technologist sees
no reports and no alerts, nor measurements and priors in a study. A study of one's own tells nothing
of the patient's other studies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from contracts.api.alerts import Alert
from contracts.api.equipment import Equipment
from contracts.api.orders import Order
from contracts.api.reports import OpenedReport, Report
from contracts.api.studies import Study
from contracts.base import Contract
from contracts.enumerations import Role
from contracts.events.alert_updated import AlertUpdated
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_opened import ReportOpened
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyUpdated
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_UPDATED,
    REPORT_OPENED,
    REPORT_UPDATED,
    STUDY_UPDATED,
)
from gateway.permissions import Action, Grant, grant_of
from gateway.read_model.reader import OwnedOrder

ACTION_OF_TOPIC = {
    ORDER_UPDATED.name: Action.READ_ORDER,
    EQUIPMENT_UPDATED.name: Action.READ_EQUIPMENT,
    STUDY_UPDATED.name: Action.READ_IMAGES,
    REPORT_UPDATED.name: Action.READ_REPORT,
    REPORT_OPENED.name: Action.READ_REPORT,
    ALERT_UPDATED.name: Action.READ_ALERT,
}

PRIVATE = frozenset({REPORT_OPENED.name})
"""What one person does for themselves: whose it is alone may see it, whatever others may read."""


@dataclass(frozen=True)
class Seen:
    """A snapshot as the API shows it, and whose it is."""

    topic: str
    view: Callable[[tuple[Role, ...], Grant], Contract]
    """As people of these roles see it, as anybody's or as an own case."""
    owners: frozenset[str]
    """Ids of the people for whom it is their own."""


def seen(topic: str, snapshot: Any, of_order: OwnedOrder | None) -> Seen:
    """Return the view of a snapshot.

    Parameters
    ----------
    of_order : the order that it is, or that it belongs to; None when there is none.
    """
    owners = of_order.owners if of_order else frozenset()
    match snapshot:
        case OrderUpdated():
            view: Contract = Order.of(snapshot)
        case EquipmentUpdated():
            view = Equipment.of(snapshot)
        case StudyUpdated():
            return Seen(topic, partial(study_for, snapshot), owners)
        case ReportUpdated():
            view = Report.of(snapshot)
        case ReportOpened():
            view = OpenedReport(report_id=snapshot.report_id, version=snapshot.version)
            owners = frozenset({snapshot.person_id})
        case AlertUpdated():
            view = Alert.of(snapshot, of_order.order if of_order else None)
            owners = alert_owners(snapshot)
        case _:
            raise TypeError(f"no view of {topic}")
    return Seen(topic, lambda _roles, _grant: view, owners)


_PARTS_OF_STUDY = {
    "priors": Action.READ_PRIORS,
    "measurements": Action.READ_MEASUREMENTS,
    "measurement_reports": Action.READ_MEASUREMENTS,
}


def study_for(study: StudyUpdated, roles: tuple[Role, ...], grant: Grant) -> Study:
    """Return a study without what these roles may not read of it."""
    hidden = [part for part, action in _PARTS_OF_STUDY.items() if not _reads(roles, action, grant)]
    return Study.of(study, own_only=grant is Grant.OWN, without=hidden)


def _reads(roles: tuple[Role, ...], action: Action, reached_as: Grant) -> bool:
    found = grant_of(roles, action)
    return found is not None and found[0] in (Grant.ANY, reached_as)


def alert_owners(alert: AlertUpdated) -> frozenset[str]:
    """Return whose alert it is: the orderer, and everybody who was told."""
    told = {str(alert.finding.ordering_provider_id), *alert.notified_person_ids}
    return frozenset(told | ({alert.responsible_id} if alert.responsible_id else set()))


def reach(person_id: str, roles: tuple[Role, ...], thing: Seen) -> Grant | None:
    """Return whether a person sees it as anybody's or as an own case; None: not at all."""
    found = grant_of(roles, ACTION_OF_TOPIC[thing.topic])
    if found is None:
        return None
    if found[0] is Grant.ANY and thing.topic not in PRIVATE:
        return Grant.ANY
    return Grant.OWN if person_id in thing.owners else None


def order_id_of(snapshot: Any) -> Any:
    """Return the id of the order that a snapshot is or belongs to, or None."""
    match snapshot:
        case OrderUpdated():
            return snapshot.id
        case StudyUpdated():
            return snapshot.match.order_id
        case ReportUpdated():
            return snapshot.order_id
        case AlertUpdated():
            return snapshot.finding.order_id
    return None
