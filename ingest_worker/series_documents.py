"""Writes the documents of series into the object store, and tells that they are there.

What must stay true: the documents tell at least what was indexed when they were claimed; whatever
is indexed meanwhile makes them due again. A writer that dies loses its lease, and another goes on.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog

from contracts.identifiers import new_id
from ingest_worker.concurrency import all_of
from ingest_worker.domain.completeness import Patience
from ingest_worker.domain.study import Touched
from ingest_worker.repository import ImagingRepository
from ingest_worker.series_repository import Claim, IndexedInstance, SeriesRepository
from ingest_worker.settling import Settling
from ingest_worker.thumbnails import write_thumbnail
from services.database import Database
from services.dicom.series_documents import frames_document, metadata_document
from services.errors import TransientError
from services.object_storage import IMAGES_BUCKET, ObjectStorage, frames_key, metadata_key

LEASE = timedelta(seconds=120)
TIME_LIMIT_SECONDS = 60.0
"""From the claim, and well below the lease: whoever still writes has it."""

LEAST_PAUSE_SECONDS = 0.5
SHARE_OF_TIME = 4
"""Documents that take a second to write are written every four seconds at the most."""

_RETRY_SOON = timedelta(seconds=2)
_RETRY_LATER = timedelta(seconds=60)
_CLAIMS = 8
_WAIT_SECONDS = 0.5

log = structlog.get_logger()


class Written(NamedTuple):
    """The documents of a series are in the object store."""

    claim: Claim
    pause: timedelta
    thumbnail_instances: int


class DocumentWriter:
    """Writes what is due, series of one study together."""

    def __init__(
        self, database: Database, storage: ObjectStorage, patience: Patience, *, at_once: int
    ) -> None:
        self._database = database
        self._storage = storage
        self._patience = patience
        self._slots = asyncio.Semaphore(at_once)
        self._committed = database.watch_commits()

    async def write_when_due(self) -> int:
        """Wait for a commit, or a moment, then write what is due; return how many series."""
        with contextlib.suppress(TimeoutError):  # a pause ends without a commit of ours
            await asyncio.wait_for(self._committed.wait(), _WAIT_SECONDS)
        self._committed.clear()
        return await self.write_due()

    async def write_due(self) -> int:
        """Claim documents that are due and write them; return how many series."""
        deadline = asyncio.get_running_loop().time() + TIME_LIMIT_SECONDS
        async with self._database.connection() as connection:
            claims = await SeriesRepository(connection).claim(new_id(), LEASE, _CLAIMS)
        by_study: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            by_study[claim.study_instance_uid].append(claim)
        await all_of(self._write_study(uid, group, deadline) for uid, group in by_study.items())
        return len(claims)

    async def _write_study(self, uid: str, claims: Sequence[Claim], deadline: float) -> None:
        outcomes = await all_of(self._write_or_postpone(claim, deadline) for claim in claims)
        written = [outcome for outcome in outcomes if outcome]
        if not written:
            return
        async with self._database.transaction() as connection:
            repository, series = ImagingRepository(connection), SeriesRepository(connection)
            studies = await repository.lock_studies([uid])
            finished = [await series.finish(*one) for one in written]
            if any(finished):
                settling = Settling(connection, self._patience, await repository.clock())
                touched = [Touched(study, study) for study in studies]
                await settling.settle(touched, always_publish=True)

    async def _write_or_postpone(self, claim: Claim, deadline: float) -> Written | None:
        try:
            async with asyncio.timeout_at(deadline), self._slots:
                return await self._write(claim)
        except (TransientError, TimeoutError) as error:
            reason = type(error).__name__
            log.warning("documents_postponed", series_id=str(claim.series_id), reason=reason)
            await self._postpone(claim, _RETRY_SOON)
        except Exception as error:
            log.exception("documents_failed", series_id=str(claim.series_id), exc_info=error)
            await self._postpone(claim, _RETRY_LATER)
        return None

    async def _write(self, claim: Claim) -> Written:
        started = time.monotonic()
        async with self._database.connection() as connection:
            instances = await SeriesRepository(connection).instances(claim.series_id)
        await self._put_documents(claim, instances)
        shown = claim.thumbnail_instances
        # At the first image, and whenever the stack has doubled: near its middle in the end. When
        # it shrank, the picture may be of the image that was taken out.
        if len(instances) >= 2 * shown or len(instances) < shown:
            await write_thumbnail(self._storage, claim, instances)
            shown = len(instances)
        seconds = max(LEAST_PAUSE_SECONDS, SHARE_OF_TIME * (time.monotonic() - started))
        return Written(claim, timedelta(seconds=seconds), shown)

    async def _put_documents(self, claim: Claim, instances: Sequence[IndexedInstance]) -> None:
        study, series = claim.study_instance_uid, claim.series_instance_uid
        # The frame index first: who sees the metadata of an instance can find its frames.
        for key, build, content_type in (
            (frames_key(study, series), frames_document, "application/json"),
            (metadata_key(study, series), metadata_document, "application/dicom+json"),
        ):
            body = await asyncio.to_thread(build, instances)
            await self._storage.put(
                IMAGES_BUCKET, key, body, content_type=content_type, encoding="gzip"
            )

    async def _postpone(self, claim: Claim, pause: timedelta) -> None:
        async with self._database.transaction() as connection:
            await SeriesRepository(connection).postpone(claim, pause)
