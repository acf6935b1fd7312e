"""Composition root of alert_worker: what it consumes, who sends, what runs beside."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parseaddr

import structlog

from alert_worker.email import EmailSystem
from alert_worker.errors import LadderInvalid
from alert_worker.handlers import AlertHandlers
from alert_worker.heartbeat import all_alive
from alert_worker.housekeeping import tidy
from alert_worker.ladder import load_ladders
from alert_worker.look_after import LookAfter
from alert_worker.outside import OutsideSystem
from alert_worker.sender import Sender
from alert_worker.settings import AlertWorkerSettings
from alert_worker.sms import SmsSystem
from alert_worker.voice import VoiceSystem
from contracts.enumerations import Channel
from contracts.links import status_url
from contracts.topics import ALERT_REQUESTED, CRITICAL_FINDING
from services.database import Database
from services.mail import Mailer
from services.settings import read_settings
from services.telephony import Telephony
from services.worker import Worker, running

NAME = "alert_worker"
_LETTERS_AT_ONCE = 2
_RECORDED_AT_ONCE = 6

log = structlog.get_logger()


@dataclass(frozen=True)
class Parts:
    """What the worker is made of."""

    handlers: AlertHandlers
    senders: tuple[Sender, ...]
    look_after: LookAfter


async def main() -> None:
    """Run until told to stop."""
    settings = read_settings(AlertWorkerSettings)
    try:
        load_ladders(settings.ladder_file)
    except LadderInvalid as error:
        sys.exit(f"Setting ALERT_WORKER_LADDER_FILE:\n{error}")
    async with running(NAME, settings) as worker, compose(worker.database, settings) as parts:
        employ(worker, parts)
        await worker.serve()


def employ(worker: Worker, parts: Parts) -> None:
    """Give the worker what it consumes, and what runs beside."""
    worker.subscribe_batch(CRITICAL_FINDING, parts.handlers.on_critical_findings)
    worker.subscribe(ALERT_REQUESTED, parts.handlers.on_alert_requested)
    for sender in parts.senders:
        worker.run_beside(f"sender_{sender.system.channel}", sender.run)
    worker.report("loops", all_alive)
    worker.repeat("look_after", parts.look_after.check_due, every_seconds=1)
    worker.repeat("escalation", parts.handlers.advance_due, every_seconds=0.5)
    worker.repeat("tidy", lambda: tidy(worker.database), every_seconds=60)


@asynccontextmanager
async def compose(database: Database, settings: AlertWorkerSettings) -> AsyncIterator[Parts]:
    """Put the parts together on what they stand on; closes the clients at the end."""
    telephony = Telephony(settings.telephony)
    systems = outside_systems(settings, telephony, Mailer(settings.mail))
    recording = asyncio.Semaphore(_RECORDED_AT_ONCE)
    ladders = load_ladders(settings.ladder_file)
    for person in ladders.unreachable:
        log.warning("person_unreachable", user_id=person.id)
    try:
        yield Parts(
            handlers=AlertHandlers(database, ladders, settings),
            senders=tuple(
                Sender(
                    database, system, _at_once(system, settings), settings.proof_lifetime, recording
                )
                for system in systems.values()
            ),
            look_after=LookAfter(database, systems),
        )
    finally:
        await telephony.close()


def _at_once(system: OutsideSystem, settings: AlertWorkerSettings) -> int:
    """Return how many are sent side by side: in a flood, letters give way to what rings."""
    most = settings.sends_at_once
    return min(_LETTERS_AT_ONCE, most) if system.channel is Channel.EMAIL else most


def outside_systems(
    settings: AlertWorkerSettings, telephony: Telephony, mailer: Mailer
) -> dict[Channel, OutsideSystem]:
    """Return what sends the attempts of each channel."""
    hospital, callback = settings.hospital.name, settings.telephony.callback_url
    receipts = status_url(callback)
    return {
        Channel.SMS: SmsSystem(telephony, hospital, settings.public_url, receipts),
        Channel.VOICE: VoiceSystem(telephony, callback, receipts),
        Channel.EMAIL: EmailSystem(
            mailer,
            hospital,
            settings.public_url,
            domain=parseaddr(settings.mail.sender)[1].rpartition("@")[2],
        ),
    }
