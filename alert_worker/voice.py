"""Calls by Twilio. What is said is fetched from the gateway, at an URL with the call's own token.

The text is the same for every call (`services.twiml`), so the gateway need ask nobody for it.
"""

from dataclasses import dataclass
from datetime import datetime

from alert_worker.domain.attempts import Report
from alert_worker.outside import Found, NotKnown
from alert_worker.repository import Claimed
from contracts.enumerations import Channel
from contracts.links import voice_url
from services.telephony import NOT_KNOWN, PlacedCall, Telephony, TelephonyRefused


@dataclass(frozen=True)
class VoiceSystem:
    """The outside system of calls."""

    telephony: Telephony
    callback_url: str
    status_url: str
    channel: Channel = Channel.VOICE

    async def send(self, claimed: Claimed, token: str) -> str:
        """Place the call; return Twilio's sid."""
        url = voice_url(self.callback_url, token)
        return await self.telephony.place_call(claimed.attempt.address, url, self.status_url)

    async def find(self, claimed: Claimed, since: datetime, known: set[str]) -> Found | None:
        """Look for the call at Twilio: the one to this number that belongs to no other attempt."""
        call = await self.telephony.find_call(claimed.attempt.address, since, known)
        return Found(call.sid, _report(call)) if call else None

    async def ask(self, claimed: Claimed) -> Report:
        """Ask Twilio how the call stands; one that nobody needs any more is ended first."""
        sid = claimed.attempt.provider_id
        try:
            if claimed.attempt.unwanted:
                await self.telephony.cancel_call(sid)
            return _report(await self.telephony.fetch_call(sid))
        except TelephonyRefused as refusal:
            if refusal.provider_code != NOT_KNOWN:
                raise
            raise NotKnown from refusal


def _report(call: PlacedCall) -> Report:
    return Report(status=call.status, answered_by=call.answered_by or "")
