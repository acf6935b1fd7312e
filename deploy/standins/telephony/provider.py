"""The provider as one object: settings, records, rules and call-backs."""

import asyncio
from dataclasses import dataclass

from deploy.demo.people import People
from deploy.standins.telephony.behaviour import Script
from deploy.standins.telephony.records import Records
from deploy.standins.telephony.settings import TelephonyStandInSettings
from deploy.standins.telephony.webhooks import Errands, Webhooks

API_VERSION = "2010-04-01"


@dataclass(frozen=True)
class Provider:
    """Everything there is one of."""

    settings: TelephonyStandInSettings
    people: People
    records: Records
    script: Script
    webhooks: Webhooks
    errands: Errands

    def name_of(self, number: str) -> str:
        """Return whose phone it is, or the number itself."""
        person = self.people.with_phone(number)
        return person.name if person else number

    async def let_pass(self, seconds: float) -> None:
        """Wait for a simulated duration."""
        await asyncio.sleep(seconds * self.settings.pace)
