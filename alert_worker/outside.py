"""What the systems outside have in common: SMS, calls and e-mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alert_worker.domain.attempts import Report
from alert_worker.repository import Claimed
from contracts.enumerations import Channel


class CannotAsk(Exception):
    """This system cannot be asked what became of an attempt."""


class NotKnown(Exception):
    """The provider knows nothing, or nothing any more, of what it once took."""


@dataclass(frozen=True)
class Found:
    """An attempt as the provider has it."""

    provider_id: str
    report: Report


class OutsideSystem(Protocol):
    """What sends the attempts of one channel; `sms`, `voice` and `email` have one each.

    Errors tell whether anything was sent: `PermanentError` never, `TransientError` not yet,
    `UnknownOutcome` maybe.
    """

    @property
    def channel(self) -> Channel:
        """The channel that it serves."""

    async def send(self, claimed: Claimed, token: str) -> str:
        """Send, and return the provider's id."""

    async def find(self, claimed: Claimed, since: datetime, known: set[str]) -> Found | None:
        """Look for an attempt at the provider."""

    async def ask(self, claimed: Claimed) -> Report:
        """Ask for what a receipt should have told; raises `CannotAsk` or `NotKnown`."""
