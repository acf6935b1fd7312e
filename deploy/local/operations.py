"""What an operator does to a running system: dead letters, the read model, outboxes, the audit log,
call-backs that were given up, the documents of series.

What must stay true: nothing here shows what a patient's record holds, unless it is asked for by an
option of its own. The settings are those of the process that owns the matter, read from the
environment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from aiokafka.errors import KafkaError
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from contracts.topics import TOPICS
from deploy.local.errors import RunnerError
from gateway import audit
from gateway.read_model.rebuild import rebuild
from ingest_worker import rewriting
from report_consumer import abandoned
from services import dead_letters, outbox
from services.database import open_database
from services.dead_letters import DeadLetter, Settlement, Summary
from services.errors import PermanentError, TransientError
from services.kafka import KafkaSettings, Publisher
from services.settings import read_settings

Operation = Callable[[Console], Coroutine[Any, Any, int]]
"""Does something and prints what; returns the exit code."""

LOOK_AGAIN_SECONDS = 0.5
STANDSTILL_SECONDS = 120.0
"""No document of a series was written for so long: the worker or the object store is away."""


def rebuild_read_model(database_url: str) -> Operation:
    """Empty the read model, read the topics again, and compare."""

    async def work(console: Console) -> int:
        async with open_database(SecretStr(database_url), application="rebuild") as database:
            with console.status("Reading all topics again ..."):
                rebuilt = await rebuild(database, read_settings(KafkaSettings))
        console.print(f"{rebuilt.records} records read.")
        console.print(f"before {rebuilt.before}\nafter  {rebuilt.after}")
        if rebuilt.identical:
            console.print("The content is identical.")
            return 0
        console.print(
            "The content differs: it had missed something, or events came in meanwhile; rebuild "
            "again to tell which."
        )
        return 1

    return _guarded(work)


def list_dead_letters(topic: str) -> Operation:
    """List what could not be handled, newest first."""
    if topic and topic not in {each.name for each in TOPICS}:
        raise RunnerError(f"There is no topic {topic}: see ./radiology topics.")

    async def work(console: Console) -> int:
        found = await dead_letters.summaries(_kafka(), topic or None)
        if not found:
            console.print("No dead letters.")
            return 0
        for letter in sorted(found, key=lambda each: each.at, reverse=True):
            for line in _listed(letter):
                _print_as_it_is(console, line)
        return 0

    return _guarded(work)


def show_dead_letter(place: str, *, with_value: bool) -> Operation:
    """Show where a dead letter came from and why it lies there."""

    async def work(console: Console) -> int:
        letter = await _find(place)
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, value in _facts(letter):
            table.add_row(name, value)
        console.print(table)
        if with_value:
            _print_as_it_is(console, (letter.value or b"").decode(errors="replace"))
        else:
            console.print("Its content may name a patient; --value shows it.")
        return 0

    return _guarded(work)


def replay_dead_letter(place: str) -> Operation:
    """Publish a dead letter to its topic again."""

    async def work(console: Console) -> int:
        letter = await _find(place)
        async with Publisher(_kafka(), "replay") as publisher:
            await dead_letters.replay(publisher, letter)
        console.print(f"Published to {letter.topic} again, byte for byte.")
        return 0

    return _guarded(work)


def replay_outboxes(database_urls: Mapping[str, str], since: datetime) -> Operation:
    """Publish again what every owner has published since a moment: refills a Kafka that lost it.

    Parameters
    ----------
    database_urls : by owner, each with its own role.
    """

    async def work(console: Console) -> int:
        for owner, url in database_urls.items():
            async with (
                open_database(SecretStr(url), application="replay") as database,
                Publisher(_kafka(), "replay") as publisher,
            ):
                count = await outbox.replay_since(database.pool, publisher, since)
            console.print(f"{owner}: {count} events published again.")
        return 0

    return _guarded(work)


def verify_audit(database_url: str) -> Operation:
    """Recompute the chain of the audit log."""

    async def work(console: Console) -> int:
        async with open_database(SecretStr(database_url), application="verify") as database:
            with console.status("Computing every row's hash again ..."):
                verdict = await audit.verify(database)
        if verdict.holds:
            console.print(f"{verdict.rows} rows: the audit log is whole.")
            console.print("Keep this number elsewhere: it never falls.")
            return 0
        console.print(
            f"The audit log was tampered with: row {verdict.broken_at} was changed, or rows from "
            f"there on were taken out. The {verdict.rows} rows before it are whole.",
            soft_wrap=True,
        )
        return 1

    return _guarded(work)


def list_abandoned_webhooks(database_url: str) -> Operation:
    """List of what the workflow service was not told; the exit code is 1 when there is any."""

    async def work(console: Console) -> int:
        async with open_database(SecretStr(database_url), application="webhooks") as database:
            found = await abandoned.abandoned(database)
        if not found:
            console.print("The workflow service was told of every signed report, or is being told.")
            return 0
        table = Table(box=None, pad_edge=False)
        for heading in ("report", "version", "given up (UTC)", "tries", "last answer"):
            table.add_column(heading, overflow="fold")
        for one in found:
            at = f"{one.given_up_at:%Y-%m-%d %H:%M:%S}"
            version = str(one.version_number)
            table.add_row(one.report_number, version, at, str(one.attempts), one.last_error)
        console.print(table)
        console.print("When the workflow service answers again: ./radiology webhook resend")
        return 1

    return _guarded(work)


def resend_webhooks(database_url: str, report_number: str | None, patience: timedelta) -> Operation:
    """Have report_consumer send what it had given up."""

    async def work(console: Console) -> int:
        async with open_database(SecretStr(database_url), application="webhooks") as database:
            count = await abandoned.resume(database, report_number, patience)
        if count:
            console.print(f"Sent again, under their old ids: {count} that were given up.")
            return 0
        if report_number:
            console.print(f"Nothing was given up of {report_number}: see ./radiology webhook list")
            return 1
        console.print("Nothing was given up.")
        return 0

    return _guarded(work)


def rewrite_series(database_url: str) -> Operation:
    """Have ingest_worker write the documents of all series again, and watch it."""

    async def work(console: Console) -> int:
        async with open_database(SecretStr(database_url), application="rewrite") as database:
            order = await rewriting.order_all(database)
            with console.status("") as status:
                left, moved_at = order.series, time.monotonic()
                while left and time.monotonic() - moved_at < STANDSTILL_SECONDS:
                    status.update(f"{order.series - left} of {order.series} series written ...")
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                    before, left = left, await rewriting.still_waiting(database, order)
                    moved_at = time.monotonic() if left < before else moved_at
        console.print(f"{order.series - left} of {order.series} series written.")
        if left:
            console.print(f"{left} wait: see ./radiology status, and logs ingest_worker.")
        return 1 if left else 0

    return _guarded(work)


def _kafka() -> KafkaSettings:
    return read_settings(KafkaSettings)


async def _find(place: str) -> DeadLetter:
    names = {each.dead for each in TOPICS}
    topic, _, rest = place.partition("/")
    partition, _, offset = rest.partition("/")
    if topic not in names or not (partition.isdigit() and offset.isdigit()):
        raise RunnerError(
            f"{place} is no place of a dead letter: take one of ./radiology dead list"
        )
    letter = await dead_letters.find(_kafka(), place)
    if letter is None:
        raise RunnerError(f"There is nothing at {place}: see ./radiology dead list")
    return letter


def _print_as_it_is(console: Console, line: str) -> None:
    """Print what may be copied: neither wrapped nor coloured, whatever the screen is."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _listed(letter: Summary) -> Iterator[str]:
    """Give the lines of a letter in the list; its place stays in one piece, to be copied."""
    yield f"{letter.id}  {_utc(letter.at)}  {letter.worker}"
    yield f"    {letter.error}: {letter.reason}"
    if letter.replayed_at:
        yield f"    replayed {_utc(letter.replayed_at)}"
    if letter.settled:
        yield f"    settled {_in_words(letter.settled)}"


def _in_words(settled: Settlement) -> str:
    return f"{_utc(settled.at)} by {settled.by.name}: {settled.reason}"


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _facts(letter: DeadLetter) -> list[tuple[str, str]]:
    return [
        ("place", letter.id),
        ("came from", letter.origin),
        ("set aside by", letter.worker),
        ("at", letter.at.isoformat(timespec="seconds")),
        ("error", letter.error),
        ("reason", letter.reason),
        (
            "replayed",
            letter.replayed_at.isoformat(timespec="seconds") if letter.replayed_at else "",
        ),
        ("settled", _in_words(letter.settled) if letter.settled else ""),
        ("size", f"{letter.size_bytes} bytes"),
        ("headers", ", ".join(name for name, _ in letter.headers)),
    ]


def _guarded(work: Operation) -> Operation:
    """Turn an outage or a refusal into a sentence."""

    async def guarded(console: Console) -> int:
        async with _outages_in_words():
            return await work(console)

    return guarded


@asynccontextmanager
async def _outages_in_words() -> AsyncIterator[None]:
    try:
        yield
    except (TransientError, PermanentError, KafkaError, OSError) as error:
        raise RunnerError(
            f"The system does not answer ({type(error).__name__}: {error}): see ./radiology status"
        ) from error
