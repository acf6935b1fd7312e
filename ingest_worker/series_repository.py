"""The documents of series in the database: what is due, who writes it, what they tell."""

import json
import zlib
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("ingest_worker")


class Claim(NamedTuple):
    """A series whose documents we write until the lease runs out."""

    token: UUID
    series_id: UUID
    series_instance_uid: str
    study_instance_uid: str
    changes: int
    thumbnail_instances: int


class IndexedInstance(NamedTuple):
    """An instance as the documents tell it; its metadata stays compressed until it is written."""

    sop_instance_uid: str
    instance_number: int | None
    sort_position: float | None
    frames_json: str
    compressed_metadata: bytes
    storage_bucket: str
    file_size: int

    @property
    def metadata_json(self) -> str:
        """Its entry of `metadata.json.gz`."""
        return zlib.decompress(self.compressed_metadata).decode()

    def metadata(self) -> dict[str, Any]:
        """Return its DICOM JSON."""
        return dict(json.loads(self.metadata_json))


class PlacedInstance(NamedTuple):
    """An instance with the study and the series that it is in."""

    study_instance_uid: str
    study_date: str | None
    """As DICOM writes it."""
    series_instance_uid: str
    instance: IndexedInstance


class SeriesRepository:
    """One method per named query, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(self, token: UUID, lease: timedelta, limit: int) -> list[Claim]:
        """Take documents that are due; nobody else takes them until the lease runs out."""
        rows = await self._connection.fetch(_QUERIES["claim_documents"], token, lease, limit)
        return [Claim(token, *row.values()) for row in rows]

    async def instances(self, series_id: UUID) -> list[IndexedInstance]:
        """Load what the documents of a series tell."""
        rows = await self._connection.fetch(_QUERIES["instances_of_series"], series_id)
        return [IndexedInstance(*row.values()) for row in rows]

    async def of_studies(self, study_ids: list[UUID], uids: list[str]) -> list[PlacedInstance]:
        """Load instances of studies by their UIDs."""
        rows = await self._connection.fetch(_QUERIES["instances_of_studies"], study_ids, uids)
        return [
            PlacedInstance(study, study_date, series, IndexedInstance(*rest))
            for study, study_date, series, *rest in (row.values() for row in rows)
        ]

    async def finish(self, claim: Claim, pause: timedelta, thumbnail_instances: int) -> bool:
        """Record that the documents were written; False when the lease was lost meanwhile."""
        revision = await self._connection.fetchval(
            _QUERIES["finish_documents"],
            claim.series_id,
            claim.token,
            claim.changes,
            pause,
            thumbnail_instances,
        )
        return revision is not None

    async def postpone(self, claim: Claim, pause: timedelta) -> None:
        """Give documents back, to be written later."""
        await self._connection.execute(
            _QUERIES["postpone_documents"], claim.series_id, claim.token, pause
        )
