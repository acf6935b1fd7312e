"""E-mail by SMTP. A mail server says whether it takes a mail, and nothing after that.

The Message-ID is the attempt's own. A mail whose answer was lost is not sent again: nobody could
say whether it arrived.
"""

from dataclasses import dataclass
from datetime import datetime

from alert_worker.domain.alert import marker
from alert_worker.domain.attempts import Report
from alert_worker.domain.texts import Letter, email_subject, email_text
from alert_worker.outside import CannotAsk, Found
from alert_worker.repository import Claimed
from contracts.enumerations import Channel
from contracts.links import acknowledge_url
from services.mail import Mailer


@dataclass(frozen=True)
class EmailSystem:
    """The outside system of e-mail."""

    mailer: Mailer
    hospital: str
    public_url: str
    domain: str
    channel: Channel = Channel.EMAIL

    async def send(self, claimed: Claimed, token: str) -> str:
        """Hand it to the mail server; return its Message-ID."""
        letter = Letter(
            hospital=self.hospital,
            category=claimed.category,
            purpose=claimed.attempt.purpose,
            link=acknowledge_url(self.public_url, token),
            code="",
            marker=marker(claimed.reference, claimed.attempt.number),
            withdrawn=claimed.withdrawn,
        )
        message_id = f"<{claimed.attempt.id}@{self.domain}>"
        await self.mailer.send(
            to=claimed.attempt.address,
            subject=email_subject(letter),
            text=email_text(letter),
            message_id=message_id,
        )
        return message_id

    async def find(self, _claimed: Claimed, _since: datetime, _known: set[str]) -> Found | None:
        """A mail server cannot be asked."""
        raise CannotAsk

    async def ask(self, _claimed: Claimed) -> Report:
        """A mail server cannot be asked."""
        raise CannotAsk
