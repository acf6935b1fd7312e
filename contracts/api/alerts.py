"""Critical alerts."""

from uuid import UUID

from pydantic import Field

from contracts.api.paging import Filter, Page
from contracts.base import Line, RequestBody, RequiredLine, RequiredText, Text
from contracts.enumerations import AlertStatus, CriticalCategory
from contracts.events.alert_requested import ReportVersion
from contracts.events.alert_updated import AlertUpdated
from contracts.events.order_updated import OrderUpdated
from contracts.people import Patient


class Alert(AlertUpdated):
    """An alert, and whose finding it is."""

    patient: Patient | None = Field(default=None, description="None until the order is known here")
    study_type: str = ""

    @classmethod
    def of(cls, alert: AlertUpdated, order: OrderUpdated | None) -> "Alert":
        """Join an alert with its order."""
        return cls(
            **dict(alert),
            patient=order.details.patient if order else None,
            study_type=order.details.study_type if order else "",
        )


class AlertPage(Page[Alert]):
    """A page of alerts."""


class AlertFilter(Filter):
    """Which alerts; those whose time runs out first come first."""

    status: tuple[AlertStatus, ...] = ()
    category: tuple[CriticalCategory, ...] = ()
    order_id: UUID | None = None
    mine: bool = Field(default=False, description="I am responsible, or was told")


class AcknowledgeAlert(RequestBody):
    """I take responsibility; with a read-back the alert is closed at once."""

    read_back: Text = ""
    told_person_id: str = Field(
        default="",
        max_length=255,
        description="Radiologist or manager: the notified person who confirmed it to me",
    )
    report_version: ReportVersion = None


class ReadBackAlert(RequestBody):
    """What was understood, in the person's own words."""

    text: RequiredText
    report_version: ReportVersion = None


class HandOverAlert(RequestBody):
    """Not my patient: this person instead."""

    to_person_id: RequiredLine
    reason: RequiredLine


class EscalateAlert(RequestBody):
    """To the next step now."""

    reason: Line = ""
