"""Reads the read model; one method per named query, and nothing is written here.

`only_of` is the id of the person to whose own cases an answer is limited; None: no limit. What is
not theirs does not exist for them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg

from contracts.base import Contract
from contracts.enumerations import Modality
from contracts.events.alert_updated import AlertUpdated
from contracts.events.equipment_updated import EquipmentUpdated
from contracts.events.order_updated import OrderUpdated
from contracts.events.report_updated import ReportUpdated
from contracts.events.study_updated import StudyUpdated
from contracts.people import Patient
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_UPDATED,
    REPORT_UPDATED,
    STUDY_UPDATED,
)
from services.database import Database
from services.sql import load_queries

Snapshot = TypeVar("Snapshot", bound=Contract)
_QUERIES = load_queries("gateway.read_model")


class Found(NamedTuple):
    """Rows of one page, and how many there are on all."""

    rows: Sequence[asyncpg.Record]
    total: int


class OwnedOrder(NamedTuple):
    """An order, and the people for whom it is their own."""

    order: OrderUpdated
    owners: frozenset[str]


class WithOrder(NamedTuple):
    """A report or alert, with its order where that is known."""

    thing: Any
    order: OrderUpdated | None


def parse(model: type[Snapshot], text: str) -> Snapshot:
    """Read a stored snapshot."""
    return model.model_validate_json(text)


class Reader:
    """Answers from the read model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshot(self, topic: str, key: str) -> Contract | None:
        """Return the present state behind a topic's key."""
        if topic == ORDER_UPDATED.name:
            return await self.order(UUID(key))
        if topic == EQUIPMENT_UPDATED.name:
            return await self.equipment(UUID(key))
        if topic == STUDY_UPDATED.name:
            return await self.study(key)
        if topic == REPORT_UPDATED.name:
            found = await self.report_of_order(UUID(key))
            return found.thing if found else None
        if topic == ALERT_UPDATED.name:
            found = await self.alert(UUID(key))
            return found.thing if found else None
        raise KeyError(topic)

    # Orders

    async def order(self, order_id: UUID, only_of: str | None = None) -> OrderUpdated | None:
        """Return an order."""
        text = await self._value("order_by_id", order_id, only_of)
        return parse(OrderUpdated, text) if text else None

    async def orders_of(self, order_ids: Iterable[UUID]) -> dict[UUID, OwnedOrder]:
        """Return several orders by id."""
        rows = await self._rows("orders_by_ids", list(order_ids))
        return {
            UUID(int=row["id"].int): OwnedOrder(
                parse(OrderUpdated, row["snapshot"]), frozenset(row["owners"])
            )
            for row in rows
        }

    async def orders(self, *arguments: Any) -> Found:
        """Return a page of orders; see `list_orders` for the arguments."""
        return await self._found("list_orders", *arguments)

    async def similar_orders(self, *arguments: Any) -> Sequence[asyncpg.Record]:
        """Return orders that another would double; see `similar_orders` for the arguments."""
        return await self._rows("similar_orders", *arguments)

    async def ready_for_read(self, *arguments: Any) -> Found:
        """Return a page of the reading worklist; see `ready_for_read` for the arguments."""
        return await self._found("ready_for_read", *arguments)

    # Rooms

    async def equipment(self, equipment_id: UUID) -> EquipmentUpdated | None:
        """Return a room."""
        text = await self._value("equipment_by_id", equipment_id)
        return parse(EquipmentUpdated, text) if text else None

    async def rooms(self, *arguments: Any) -> Found:
        """Return a page of rooms; see `list_equipment` for the arguments."""
        return await self._found("list_equipment", *arguments)

    # Studies

    async def study(self, study_instance_uid: str) -> StudyUpdated | None:
        """Return a study."""
        text = await self._value("study_by_uid", study_instance_uid)
        return parse(StudyUpdated, text) if text else None

    async def study_is_of(self, study_instance_uid: str, person_id: str) -> bool:
        """Tell whether a study belongs to this person's own orders."""
        return bool(await self._value("study_is_of", study_instance_uid, person_id))

    async def studies_of_order(self, order_id: UUID) -> list[StudyUpdated]:
        """Return the studies of an order, newest first."""
        rows = await self._rows("studies_of_order", order_id)
        return [parse(StudyUpdated, row["snapshot"]) for row in rows]

    async def studies(self, *arguments: Any) -> Found:
        """Return a page of studies; see `list_studies` for the arguments."""
        return await self._found("list_studies", *arguments)

    async def unmatched(self, limit: int, skipped: int) -> Found:
        """Return a page of the studies that a person must sort out."""
        return await self._found("unmatched_studies", limit, skipped)

    async def orders_that_may_fit(self, study: StudyUpdated, limit: int) -> list[OrderUpdated]:
        """Return orders that a study may belong to, the likeliest first."""
        rows = await self._rows(
            "orders_that_may_fit",
            list(study.match.candidate_order_ids),
            study.patient_id,
            study.accession_number,
            order_modalities(study.modalities_in_study),
            limit,
        )
        return [parse(OrderUpdated, row["snapshot"]) for row in rows]

    async def sorted_by_people(self, limit: int, skipped: int) -> Found:
        """Return a page of the studies of which a person said whose they are."""
        return await self._found("sorted_studies", limit, skipped)

    async def quarantined(self, limit: int, skipped: int) -> Found:
        """Return a page of the studies with undecided instances in quarantine."""
        return await self._found("quarantined_studies", limit, skipped)

    async def quarantine_decided(self, limit: int, skipped: int, decided_after: datetime) -> Found:
        """Return a page of the studies with instances that were decided over since then."""
        return await self._found("decided_studies", limit, skipped, decided_after)

    async def study_of_quarantined(self, quarantine_id: UUID) -> str | None:
        """Return the study that an undecided image in quarantine contradicts."""
        found: str | None = await self._value("study_of_quarantined", str(quarantine_id))
        return found

    async def persons(self, patient_id: UUID) -> list[Patient]:
        """Return a patient as the orders name them, once per way of naming."""
        rows = await self._rows("persons_of_patient", patient_id)
        return [parse(Patient, row["patient"]) for row in rows]

    async def studies_that_may_be_of(self, *arguments: Any) -> Sequence[asyncpg.Record]:
        """Return candidates; see `studies_that_may_be_of` for the arguments."""
        return await self._rows("studies_that_may_be_of", *arguments)

    async def studies_with_reports(
        self, study_instance_uids: Sequence[str], only_of: str | None
    ) -> Sequence[asyncpg.Record]:
        """Return studies with their order and report, where there are any."""
        return await self._rows("studies_with_reports", list(study_instance_uids), only_of)

    # Reports

    async def report(self, report_id: UUID, only_of: str | None = None) -> WithOrder | None:
        """Return a report with its order."""
        return await self._with_order("report_by_id", ReportUpdated, report_id, only_of)

    async def report_of_order(self, order_id: UUID, only_of: str | None = None) -> WithOrder | None:
        """Return the report of an order."""
        return await self._with_order("report_of_order", ReportUpdated, order_id, only_of)

    async def reports(self, *arguments: Any) -> Found:
        """Return a page of reports; see `list_reports` for the arguments."""
        return await self._found("list_reports", *arguments)

    # Alerts

    async def alert(self, alert_id: UUID, only_of: str | None = None) -> WithOrder | None:
        """Return an alert with its order."""
        return await self._with_order("alert_by_id", AlertUpdated, alert_id, only_of)

    async def alerts(self, *arguments: Any) -> Found:
        """Return a page of alerts; see `list_alerts` for the arguments."""
        return await self._found("list_alerts", *arguments)

    # Figures

    async def scheduled_on(self, day: date) -> Sequence[asyncpg.Record]:
        """Return appointments of a day by modality."""
        return await self._rows("scheduled_on", day)

    async def without_slot(self) -> int:
        """Return how many orders found no slot."""
        return int(await self._value("without_slot"))

    async def waiting_for_report(self) -> asyncpg.Record:
        """Return figures of the reading worklist."""
        return (await self._rows("waiting_for_report"))[0]

    async def signed_between(
        self, yesterday: datetime, yesterday_by_now: datetime, today: datetime
    ) -> asyncpg.Record:
        """Return how many reports were signed today and yesterday."""
        return (await self._rows("signed_between", yesterday, yesterday_by_now, today))[0]

    async def critical_open(self) -> asyncpg.Record:
        """Return figures of open critical findings."""
        return (await self._rows("critical_open"))[0]

    async def turnaround(self, since: datetime, zone: str) -> Sequence[asyncpg.Record]:
        """Return turnaround times by day and priority."""
        return await self._rows("turnaround", since, zone)

    async def _with_order(
        self, query: str, model: type[Snapshot], *arguments: Any
    ) -> WithOrder | None:
        rows = await self._rows(query, *arguments)
        if not rows:
            return None
        thing, of_order = rows[0][0], rows[0]["of_order"]
        order = parse(OrderUpdated, of_order) if of_order else None
        return WithOrder(parse(model, thing), order)

    async def _value(self, query: str, *arguments: Any) -> Any:
        async with self._database.connection() as connection:
            return await connection.fetchval(_QUERIES[query], *arguments)

    async def _rows(self, query: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        async with self._database.connection() as connection:
            return await connection.fetch(_QUERIES[query], *arguments)

    async def _found(self, query: str, *arguments: Any) -> Found:
        rows = await self._rows(query, *arguments)
        return Found(rows, rows[0]["total"] if rows else 0)


def order_modalities(dicom_modalities: Iterable[str]) -> list[str]:
    """Return the order modalities that DICOM modalities may fulfil."""
    told = set(dicom_modalities)
    return [modality.value for modality in Modality if modality.dicom_modalities & told]
