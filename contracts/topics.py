"""Every Kafka topic, declared once: its model, its partitions, how long it keeps what.

Automatic creation is off; a start-up step creates what is missing and reports what differs.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from contracts.base import Contract
from contracts.envelope import TYPE_PREFIX
from contracts.events.alert_requested import AlertRequested
from contracts.events.alert_updated import AlertUpdated
from contracts.events.critical_finding import CriticalFinding
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.images_ingested import ImagesIngested
from contracts.events.order_created import OrderCreated
from contracts.events.order_requested import OrderRequested
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_drafted import ReportDrafted
from contracts.events.report_finalized import ReportFinalized
from contracts.events.report_opened import ReportOpened
from contracts.events.report_updated import ReportUpdated
from contracts.events.request_rejected import RequestRejected
from contracts.events.study_requested import StudyRequested
from contracts.events.study_updated import StudyUpdated

Data_co = TypeVar("Data_co", bound=Contract, covariant=True)

PARTITIONS = 6
"""Enough for six replicas of a worker; order is kept per key."""

FACT_RETENTION = timedelta(days=14)
DEAD_RETENTION = timedelta(days=90)


@dataclass(frozen=True)
class Topic(Generic[Data_co]):
    """One topic: `key` says what its records are ordered by."""

    name: str
    model: type[Data_co]
    key: str
    compacted: bool = False
    partitions: int = PARTITIONS
    retention: timedelta = FACT_RETENTION
    version: int = 1

    @property
    def type(self) -> str:
        """CloudEvents type of its events."""
        return f"{TYPE_PREFIX}{self.name}.v{self.version}"

    @property
    def dead(self) -> str:
        """Topic for what could not be handled."""
        return f"{self.name}.dead"

    @property
    def config(self) -> dict[str, str]:
        """Kafka topic configuration."""
        if self.compacted:
            return {"cleanup.policy": "compact", "min.compaction.lag.ms": "3600000"}
        milliseconds = int(self.retention.total_seconds() * 1000)
        return {"cleanup.policy": "delete", "retention.ms": str(milliseconds)}


ORDER_CREATED = Topic("order.created", OrderCreated, key="order id")
ORDER_REQUESTED = Topic("order.requested", OrderRequested, key="order id")
IMAGES_INGESTED = Topic("images.ingested", ImagesIngested, key="study instance UID")
STUDY_REQUESTED = Topic("study.requested", StudyRequested, key="study instance UID")
REPORT_DRAFTED = Topic("report.drafted", ReportDrafted, key="order id")
REPORT_FINALIZED = Topic("report.finalized", ReportFinalized, key="order id")
CRITICAL_FINDING = Topic("critical.finding", CriticalFinding, key="alert id")
ALERT_REQUESTED = Topic("alert.requested", AlertRequested, key="alert id")
ORDER_UPDATED = Topic("order.updated", OrderUpdated, key="order id", compacted=True)
EQUIPMENT_UPDATED = Topic("equipment.updated", EquipmentUpdated, key="equipment id", compacted=True)
STUDY_UPDATED = Topic("study.updated", StudyUpdated, key="study instance UID", compacted=True)
REPORT_UPDATED = Topic("report.updated", ReportUpdated, key="order id", compacted=True)
REPORT_OPENED = Topic("report.opened", ReportOpened, key="person id/report id", compacted=True)
ALERT_UPDATED = Topic("alert.updated", AlertUpdated, key="alert id", compacted=True)
REQUEST_REJECTED = Topic("request.rejected", RequestRejected, key="id of the refused event")

TOPICS: tuple[Topic[Contract], ...] = (
    ORDER_CREATED,
    ORDER_REQUESTED,
    IMAGES_INGESTED,
    STUDY_REQUESTED,
    REPORT_DRAFTED,
    REPORT_FINALIZED,
    CRITICAL_FINDING,
    ALERT_REQUESTED,
    ORDER_UPDATED,
    EQUIPMENT_UPDATED,
    STUDY_UPDATED,
    REPORT_UPDATED,
    REPORT_OPENED,
    ALERT_UPDATED,
    REQUEST_REJECTED,
)

SNAPSHOTS = tuple(topic for topic in TOPICS if topic.compacted)


def topic_named(name: str) -> Topic[Contract]:
    """Return the topic of that name; `KeyError` for one that is not declared."""
    return _BY_NAME[name]


_BY_NAME = {topic.name: topic for topic in TOPICS}
