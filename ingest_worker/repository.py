"""Studies, orders and what belongs to them in the database: one method per named query."""

import base64
import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from contracts.base import Contract
from contracts.events.images_ingested import ImagesIngested
from contracts.identifiers import new_id
from contracts.people import Actor
from ingest_worker.domain.priors import MAX_PRIORS, Comparable
from ingest_worker.domain.snapshot import (
    MAX_QUARANTINED,
    MadeReport,
    Measurements,
    Parts,
    Prior,
    Quarantined,
)
from ingest_worker.domain.sorting import Contradiction
from ingest_worker.domain.study import KnownOrder, Series, Study
from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("ingest_worker")
_SERIES = TypeAdapter(tuple[Series, ...])
_QUARANTINED = TypeAdapter(tuple[Quarantined, ...])
_PRIORS = TypeAdapter(tuple[Prior, ...])
_MEASUREMENTS = TypeAdapter(tuple[Measurements, ...])
_REPORTS = TypeAdapter(tuple[MadeReport, ...])
Row = TypeVar("Row", bound=Contract)


class NewStudy(NamedTuple):
    """What a row of a study begins with."""

    study_instance_uid: str
    received_at: datetime
    received_from: str


class QuarantinedEvent(NamedTuple):
    """An instance in quarantine as it was received, and what was decided over it."""

    image: ImagesIngested
    contradiction: Contradiction
    is_decided: bool


class ImagingRepository:
    """Studies and what belongs to them, over one connection of a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ------------------------------------------------------------------------------------ studies
    async def lock_matching(self, keys: Collection[str]) -> None:
        """Keep studies and orders with these keys from running past each other."""
        if keys:
            await self._connection.execute(_QUERIES["lock_matching"], list(keys))

    async def add_studies(self, studies: Sequence[NewStudy]) -> None:
        """Insert the studies that are new."""
        await self._connection.execute(
            _QUERIES["add_studies"],
            [new_id() for _ in studies],
            *(list(column) for column in zip(*studies, strict=True)),
        )

    async def lock_studies(self, uids: Collection[str]) -> list[Study]:
        """Load studies and keep them from changing until the transaction ends."""
        rows = await self._connection.fetch(_QUERIES["lock_studies"], list(uids))
        return [Study.model_validate_json(row["study"]) for row in rows]

    async def clock(self) -> datetime:
        """Return the database's clock."""
        now: datetime = await self._connection.fetchval(_QUERIES["clock"])
        return now

    async def save_studies(self, studies: Sequence[Study]) -> None:
        """Store changed studies."""
        await self._connection.execute(_QUERIES["save_studies"], _json_rows(studies))

    async def due_studies(self, limit: int) -> list[tuple[Study, datetime]]:
        """Load and lock studies whose completeness is due, with the database's clock."""
        rows = await self._connection.fetch(_QUERIES["due_studies"], limit)
        return [(Study.model_validate_json(row["study"]), row["now"]) for row in rows]

    async def parts_of_studies(self, ids: Collection[UUID]) -> dict[UUID, Parts]:
        """Load what belongs to each study."""
        rows = await self._connection.fetch(
            _QUERIES["parts_of_studies"], list(ids), MAX_QUARANTINED, MAX_PRIORS
        )
        return {
            row["id"]: Parts(
                series=_SERIES.validate_json(row["series"]),
                quarantined=_QUARANTINED.validate_json(row["quarantined"]),
                priors=_PRIORS.validate_json(row["priors"]),
                measurements=_MEASUREMENTS.validate_json(row["measurements"]),
                measurement_reports=_REPORTS.validate_json(row["measurement_reports"]),
            )
            for row in rows
        }

    # ------------------------------------------------------------------------------------- orders
    async def save_orders(self, orders: Sequence[KnownOrder]) -> set[UUID]:
        """Store what orders' owner says, each once; return those that are news."""
        rows = f"[{','.join(order.model_dump_json() for order in orders)}]"
        saved = await self._connection.fetch(_QUERIES["save_orders"], rows)
        return {UUID(int=row["id"].int) for row in saved}

    async def orders(
        self,
        *,
        ids: Collection[UUID] = (),
        accession_keys: Collection[str] = (),
        patient_keys: Collection[str] = (),
    ) -> list[KnownOrder]:
        """Load the orders that any of the keys names."""
        rows = await self._connection.fetch(
            _QUERIES["orders"], list(ids), list(accession_keys), list(patient_keys)
        )
        return [KnownOrder.model_validate_json(row["known_order"]) for row in rows]

    async def received_of_orders(
        self, order_ids: Collection[UUID], *, without_studies: Collection[UUID]
    ) -> dict[UUID, int]:
        """Count the instances of all other studies that are matched to each order."""
        rows = await self._connection.fetch(
            _QUERIES["received_of_orders"], list(order_ids), list(without_studies)
        )
        return {row["imaging_order_id"]: row["instances"] for row in rows}

    async def studies_of_orders(self, orders: Sequence[KnownOrder]) -> dict[str, UUID]:
        """Find the studies that orders may concern; return of each one of the orders."""
        rows = await self._connection.fetch(
            _QUERIES["studies_of_orders"],
            [order.id for order in orders],
            [order.accession_key for order in orders],
            [order.patient_key for order in orders],
        )
        return {row["study_instance_uid"]: UUID(int=row["order_id"].int) for row in rows}

    async def add_match_decision(
        self,
        decision_id: UUID,
        study_id: UUID,
        action: str,
        order_id: UUID | None,
        *,
        actor: Actor,
        reason: str,
        at: datetime,
    ) -> None:
        """Record what a person decided."""
        await self._connection.execute(
            _QUERIES["add_match_decision"],
            decision_id,
            study_id,
            action,
            order_id,
            actor.model_dump_json(),
            reason,
            at,
        )

    # -------------------------------------------------------------------------------------- index
    async def add_series(self, series: Sequence[Series]) -> None:
        """Insert the series that are new."""
        await self._connection.execute(_QUERIES["add_series"], _json_rows(series))

    async def series_places(self, uids: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
        """Return the row of each series and the study that it belongs to."""
        rows = await self._connection.fetch(_QUERIES["series_places"], list(uids))
        return {r["series_instance_uid"]: (r["id"], r["imaging_study_id"]) for r in rows}

    async def series_of_studies(self, study_ids: Collection[UUID]) -> list[Series]:
        """Load all series of studies."""
        rows = await self._connection.fetch(_QUERIES["series_of_studies"], list(study_ids))
        return [Series.model_validate_json(row["series"]) for row in rows]

    async def add_instances(self, rows: Sequence[tuple[object, ...]]) -> set[str]:
        """Insert rows in the order of the query's columns; return the UIDs that were new."""
        columns = (list(column) for column in zip(*rows, strict=True))
        added = await self._connection.fetch(_QUERIES["add_instances"], *columns)
        return {row["sop_instance_uid"] for row in added}

    async def stored_instances(self, uids: Collection[str]) -> dict[str, tuple[str, bytes]]:
        """Return series UID and SHA-256 of what is stored under each UID."""
        rows = await self._connection.fetch(_QUERIES["stored_instances"], list(uids))
        return {r["sop_instance_uid"]: (r["series_instance_uid"], r["sha256"]) for r in rows}

    async def count_series(self, arrived: Mapping[UUID, tuple[int, int]]) -> None:
        """Add the instances and frames that arrived to each series."""
        instances, frames = zip(*arrived.values(), strict=True)
        await self._connection.execute(
            _QUERIES["count_series"], list(arrived), list(instances), list(frames)
        )

    async def mark_documents(self, series_ids: Collection[UUID]) -> None:
        """Have the documents of these series written anew."""
        await self._connection.execute(_QUERIES["mark_documents"], list(series_ids))

    # --------------------------------------------------------------------------------- quarantine
    async def add_quarantined(
        self, contradictions: Iterable[tuple[UUID, ImagesIngested, Contradiction]]
    ) -> set[UUID]:
        """Set instances aside on their study's list; return the studies whose list grew."""
        rows = [_quarantine_row(*contradiction) for contradiction in contradictions]
        added = await self._connection.fetch(_QUERIES["add_quarantined"], json.dumps(rows))
        return {row["study_id"] for row in added}

    async def quarantined_event(self, quarantine_id: UUID, uid: str) -> QuarantinedEvent | None:
        """Load an instance from a study's list."""
        row = await self._connection.fetchrow(_QUERIES["quarantined_event"], quarantine_id, uid)
        if row is None:
            return None
        image = ImagesIngested.model_validate_json(zlib.decompress(row["event_json"]))
        return QuarantinedEvent(image, Contradiction(row["contradiction"]), bool(row["decision"]))

    async def decide_quarantine(
        self, quarantine_id: UUID, decision: str, actor: Actor, reason: str, at: datetime
    ) -> bool:
        """Record a decision; False when there was one."""
        decided = await self._connection.fetchval(
            _QUERIES["decide_quarantine"],
            quarantine_id,
            decision,
            actor.model_dump_json(),
            reason,
            at,
        )
        return decided is not None

    async def reopen_quarantine(
        self, quarantine_id: UUID, decision: str, *, decided_after: datetime
    ) -> bool:
        """Take a decision back; False when there is no such one."""
        row = await self._connection.fetchval(
            _QUERIES["reopen_quarantine"], quarantine_id, decision, decided_after
        )
        return row is not None

    async def withdraw_instance(self, sop_instance_uid: str) -> tuple[UUID, int] | None:
        """Take an instance out of the index; return its series and its size in bytes."""
        row = await self._connection.fetchrow(_QUERIES["withdraw_instance"], sop_instance_uid)
        return (row["id"], row["file_size"]) if row else None

    # ------------------------------------------------------------------------------------- priors
    async def comparable_studies(
        self, patient_keys: Collection[str]
    ) -> list[tuple[str, Comparable]]:
        """Load the studies of patients with these keys."""
        rows = await self._connection.fetch(_QUERIES["comparable_studies"], list(patient_keys))
        return [(r["patient_key"], Comparable.model_validate_json(r["study"])) for r in rows]

    async def noted_priors(self, study_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
        """Return the pairs that a reader wrote notes on."""
        rows = await self._connection.fetch(_QUERIES["noted_priors"], list(study_ids))
        return {(row["current_study_id"], row["prior_study_id"]) for row in rows}

    async def studies_with_priors(self, prior_ids: Collection[UUID]) -> set[UUID]:
        """Return the studies that show one of these as a prior."""
        rows = await self._connection.fetch(_QUERIES["studies_with_priors"], list(prior_ids))
        return {row["current_study_id"] for row in rows}

    async def set_priors(
        self, study_ids: Collection[UUID], pairs: Sequence[tuple[UUID, UUID, int]]
    ) -> None:
        """Replace the priors of studies: pairs of current and prior study with their rank."""
        current, prior, rank = ([pair[i] for pair in pairs] for i in range(3))
        await self._connection.execute(_QUERIES["drop_priors"], list(study_ids), current, prior)
        await self._connection.execute(_QUERIES["hide_priors"], list(study_ids), current, prior)
        await self._connection.execute(_QUERIES["set_priors"], current, prior, rank)

    async def notes_version(self, study_id: UUID, prior_id: UUID) -> int:
        """Return the version of the notes on a pair, 0 for none."""
        version: int | None = await self._connection.fetchval(
            _QUERIES["notes_version"], study_id, prior_id
        )
        return version or 0

    async def note_prior(self, study_id: UUID, prior_id: UUID, notes: str, actor: Actor) -> None:
        """Store a reader's notes on a pair."""
        await self._connection.execute(
            _QUERIES["note_prior"], study_id, prior_id, notes, actor.model_dump_json()
        )

    async def request_prior_searches(self, study_ids: Collection[UUID]) -> None:
        """Have the priors of these studies looked for again."""
        await self._connection.execute(_QUERIES["request_prior_searches"], list(study_ids))

    async def next_prior_searches(self, limit: int) -> list[str]:
        """Return UIDs of studies whose priors must be looked for."""
        rows = await self._connection.fetch(_QUERIES["next_prior_searches"], limit)
        return [row["study_instance_uid"] for row in rows]

    async def begin_prior_searches(self, study_ids: Collection[UUID]) -> None:
        """Take the priors of these locked studies on; what changes from now on is asked anew."""
        await self._connection.execute(_QUERIES["begin_prior_searches"], list(study_ids))

    # ------------------------------------------------------------------------------- measurements
    async def studies_of_instances(self, uids: Collection[str]) -> dict[str, str]:
        """Return in which study each of these instances is, by UID; of those that are here."""
        rows = await self._connection.fetch(_QUERIES["studies_of_instances"], list(uids))
        return {row["sop_instance_uid"]: row["study_instance_uid"] for row in rows}

    async def save_measurements(self, measurements: Measurements) -> None:
        """Store a reader's set."""
        await self._connection.execute(
            _QUERIES["save_measurements"],
            measurements.study_id,
            measurements.reader_id,
            measurements.version,
            json.dumps(measurements.annotations),
            measurements.saved_at,
        )


def _json_rows(rows: Sequence[Row]) -> str:
    return f"[{','.join(row.model_dump_json() for row in rows)}]"


def _quarantine_row(
    study_id: UUID, image: ImagesIngested, contradiction: Contradiction
) -> dict[str, object]:
    return {
        "id": str(new_id()),
        "study_id": str(study_id),
        "study_instance_uid": image.study_instance_uid,
        "series_instance_uid": image.series_instance_uid,
        "sop_instance_uid": image.sop_instance_uid,
        "sha256": image.stored.sha256,
        "storage_bucket": image.stored.bucket,
        "storage_path": image.stored.key,
        "file_size": image.stored.size_bytes,
        "contradiction": contradiction,
        "event_json": base64.b64encode(zlib.compress(image.to_json())).decode(),
        "received_from": image.received_from,
        "received_at": image.received_at.isoformat(),
    }
