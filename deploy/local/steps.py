"""What is done once at each start, before the processes that need it.

What must stay true: each step can be done again at any time, and changes nothing the second time.

Clients that take a second to load are imported inside the steps: the servers start meanwhile.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg

from deploy.local.errors import RunnerError
from deploy.local.installation import Installation
from deploy.local.jars import ensure_jars
from deploy.local.postgres import provision
from deploy.local.process import Report
from deploy.local.spawn import run_to_end
from deploy.local.state import ROOT
from services.clock import utc_now
from services.errors import PermanentError, TransientError

_PROGRESS = re.compile(r"(\d+) of (\d+) orders$")

Say = Callable[[str], None]
Work = Callable[[Report], Coroutine[Any, Any, None]]


def fetch_jars(folder: Path) -> Work:
    """Download what Kafka's lock names and the cache lacks."""

    async def work(report: Report) -> None:
        loop = asyncio.get_running_loop()

        def on_jar(done: int, total: int) -> None:
            loop.call_soon_threadsafe(report, done, total)

        await asyncio.to_thread(ensure_jars, folder, on_jar=on_jar)

    return work


def make_topics(installation: Installation, say: Say) -> Work:
    """Create missing topics; tell of those that differ from their declaration."""

    async def work(_report: Report) -> None:
        from services.kafka import KafkaSettings, ensure_topics  # noqa: PLC0415 - see above

        environment = installation.shared_settings()
        settings = KafkaSettings(bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"])
        try:
            for sentence in await ensure_topics(settings):
                say(sentence)
        except (TransientError, PermanentError) as error:
            raise RunnerError(
                f"Kafka at {settings.bootstrap_servers} does not answer ({error}): check "
                "KAFKA_BOOTSTRAP_SERVERS and the other KAFKA_* settings."
            ) from error

    return work


def make_database(installation: Installation) -> Work:
    """Create the database, roles and schemas that are missing."""

    async def work(_report: Report) -> None:
        try:
            await provision(installation.database_url, installation.role_passwords())
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise RunnerError(
                f"PostgreSQL could not be prepared ({error}): check RADIOLOGY_DATABASE_URL; its "
                "role must be allowed to create roles and databases."
            ) from error

    return work


def make_buckets(installation: Installation) -> Work:
    """Create the buckets that are missing."""

    async def work(_report: Report) -> None:
        from services.object_storage import (  # noqa: PLC0415 - see above
            ObjectStorageSettings,
            open_object_storage,
        )

        environment = installation.shared_settings()
        values = {
            name.removeprefix("MINIO_").lower(): value
            for name, value in environment.items()
            if name.startswith("MINIO_")
        }
        try:
            async with open_object_storage(ObjectStorageSettings.model_validate(values)) as storage:
                await storage.ensure_buckets()
        except (TransientError, PermanentError) as error:
            raise RunnerError(
                f"The S3 server at {values['endpoint']} does not let us in ({error}): check the "
                "MINIO_* settings."
            ) from error

    return work


def load_demo(installation: Installation, say: Say) -> Work:
    """Load the demo department, once per installation; one that was interrupted is continued."""
    folder = installation.state.folder
    marker, begun = folder / "demo-loaded", folder / "demo-begun"

    async def work(report: Report) -> None:
        if marker.exists():
            return
        if not begun.exists():
            begun.write_text(utc_now().isoformat())

        def say_or_report(line: str) -> None:
            if progress := _PROGRESS.match(line):
                report(int(progress[1]), int(progress[2]))
            else:
                say(line)

        await run_to_end(
            (sys.executable, "-m", "deploy.demo.department"),
            purpose="Loading the demo department",
            folder=ROOT,
            environment=installation.environment_of("demo")
            | {"DEMO_BEGUN_AT": begun.read_text().strip()},
            say=say_or_report,
        )
        marker.write_text("")

    return work
