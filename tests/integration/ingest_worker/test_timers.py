"""Timers are rows, by the database's clock; a dead database is waited for."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.enumerations import StudyCompleteness
from contracts.events.study_updated import StudyUpdated
from contracts.topics import STUDY_UPDATED
from ingest_worker.domain.completeness import Patience
from ingest_worker.handlers import IngestHandlers
from ingest_worker.settings import IngestWorkerSettings
from services.database import Database, open_database
from services.errors import DatabaseUnavailable
from tests.harness.images import image, ingested, order_updated
from tests.harness.outbox import outgoing

Study = Callable[[str], Awaitable[StudyUpdated]]
IMPATIENT = Patience(quiet=timedelta(0), unfinished=timedelta(0), settle=timedelta(0))


async def test_quiet_study_completes(
    handlers: IngestHandlers, study: Study, database: Database
) -> None:
    events = ingested(image())
    hasty = replace(handlers, patience=replace(IMPATIENT, quiet=timedelta(milliseconds=1)))
    await hasty.on_images_ingested(events)

    while not await hasty.judge_due_studies():
        pass

    known = await study(events[0].key)
    assert known.completeness is StudyCompleteness.COMPLETE
    assert await hasty.judge_due_studies() == 0
    chain = {e.envelope.correlation_id for e in await outgoing(database, STUDY_UPDATED)}
    assert chain == {events[0].envelope.correlation_id}


async def test_study_that_is_not_quiet_yet_waits(handlers: IngestHandlers) -> None:
    await handlers.on_images_ingested(ingested(image()))

    assert await handlers.judge_due_studies() == 0


async def test_incomplete_study_is_looked_at_again_without_news(
    handlers: IngestHandlers, database: Database
) -> None:
    """Ten images are missing: it stays on the list, silently."""
    one = image()
    await handlers.on_orders_updated(
        [order_updated(completed_at=one.received_at, expected_instances=11)]
    )
    hasty = replace(handlers, patience=IMPATIENT)
    await hasty.on_images_ingested(ingested(one))
    before = len(await outgoing(database, STUDY_UPDATED))

    assert await hasty.judge_due_studies() == 1
    assert await hasty.judge_due_studies() == 1

    assert len(await outgoing(database, STUDY_UPDATED)) == before


async def test_database_that_is_away_is_told_as_such(
    handlers: IngestHandlers, settings: IngestWorkerSettings, study: Study
) -> None:
    events = ingested(image())
    async with open_database(settings.database_url, application="test") as other:
        away = replace(handlers, database=other)
        await other.pool.close()

        with pytest.raises(DatabaseUnavailable):
            await away.on_images_ingested(events)
        with pytest.raises(DatabaseUnavailable):
            await away.on_orders_updated([order_updated()])
        with pytest.raises(DatabaseUnavailable):
            await away.judge_due_studies()
    await handlers.on_images_ingested(events)

    assert (await study(events[0].key)).number_of_instances == 1
