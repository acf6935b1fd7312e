"""SMS by Twilio: sends a text, finds it again by the marker in it, asks what became of it."""

from dataclasses import dataclass
from datetime import datetime

from alert_worker.domain.alert import marker
from alert_worker.domain.attempts import Report
from alert_worker.domain.texts import Letter, sms_text
from alert_worker.outside import Found
from alert_worker.repository import Claimed
from contracts.enumerations import Channel
from contracts.links import acknowledge_url
from services.telephony import SentMessage, Telephony


@dataclass(frozen=True)
class SmsSystem:
    """The outside system of SMS attempts."""

    telephony: Telephony
    hospital: str
    public_url: str
    status_url: str
    channel: Channel = Channel.SMS

    async def send(self, claimed: Claimed, token: str) -> str:
        """Send it; return Twilio's sid."""
        letter = Letter(
            hospital=self.hospital,
            category=claimed.category,
            purpose=claimed.attempt.purpose,
            link=acknowledge_url(self.public_url, token),
            code=claimed.reply_code,
            marker=marker(claimed.reference, claimed.attempt.number),
            withdrawn=claimed.withdrawn,
        )
        return await self.telephony.send_sms(
            claimed.attempt.address, sms_text(letter), self.status_url
        )

    async def find(self, claimed: Claimed, since: datetime, _known: set[str]) -> Found | None:
        """Look for the text at Twilio."""
        mark = marker(claimed.reference, claimed.attempt.number)
        message = await self.telephony.find_message(claimed.attempt.address, since, mark)
        return Found(message.sid, _report(message)) if message else None

    async def ask(self, claimed: Claimed) -> Report:
        """Ask Twilio what became of it."""
        return _report(await self.telephony.fetch_message(claimed.attempt.provider_id))


def _report(message: SentMessage) -> Report:
    return Report(status=message.status, error_code=str(message.error_code or ""))
