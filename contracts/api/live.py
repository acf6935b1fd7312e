"""Messages of the WebSocket `/api/radiology/live`."""

from typing import Literal

from pydantic import Field

from contracts.api.alerts import Alert
from contracts.api.equipment import Equipment
from contracts.api.orders import Order
from contracts.api.reports import OpenedReport, Report
from contracts.api.studies import Study
from contracts.base import Contract

_Position = Field(description="Opaque; send it back as ?position= to get what was missed")


class Hello(Contract):
    """The first message: what is sent from here on is newer than this position."""

    type: Literal["hello"] = "hello"
    position: str = _Position
    heartbeat_seconds: int


class CaughtUp(Contract):
    """All that was missed has been sent."""

    type: Literal["caught_up"] = "caught_up"
    position: str = _Position


class Resync(Contract):
    """The position is too old or unknown: ask for the lists again."""

    type: Literal["resync"] = "resync"
    position: str = _Position


class Heartbeat(Contract):
    """Nothing new, and the connection lives; moves the position past what one may not see."""

    type: Literal["heartbeat"] = "heartbeat"
    position: str = _Position


class LiveOrder(Contract):
    """An order as it is now."""

    type: Literal["order.updated"] = "order.updated"
    position: str = _Position
    data: Order


class LiveEquipment(Contract):
    """A room as it is now."""

    type: Literal["equipment.updated"] = "equipment.updated"
    position: str = _Position
    data: Equipment


class LiveStudy(Contract):
    """A study as it is now."""

    type: Literal["study.updated"] = "study.updated"
    position: str = _Position
    data: Study


class LiveReport(Contract):
    """A report as it is now."""

    type: Literal["report.updated"] = "report.updated"
    position: str = _Position
    data: Report


class LiveOpenedReport(Contract):
    """One has opened a report, here or on another device; nobody else is told."""

    type: Literal["report.opened"] = "report.opened"
    position: str = _Position
    data: OpenedReport


class LiveAlert(Contract):
    """An alert as it is now."""

    type: Literal["alert.updated"] = "alert.updated"
    position: str = _Position
    data: Alert
