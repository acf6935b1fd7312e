"""What is measured and tidied once a minute."""

from datetime import timedelta

from alert_worker.repository import AlertRepository
from services.database import Database
from services.observability import ATTEMPTS_WAITING, ATTEMPTS_WAITING_SECONDS

_KEEP_EXPIRED = timedelta(days=7)


async def tidy(database: Database) -> None:
    """Measure what waits to be sent, and drop tokens that expired a week ago."""
    async with database.transaction() as connection:
        alerts = AlertRepository(connection)
        count, seconds = await alerts.waiting()
        await alerts.forget_answered(_KEEP_EXPIRED)
    ATTEMPTS_WAITING.set(count)
    ATTEMPTS_WAITING_SECONDS.set(seconds)
