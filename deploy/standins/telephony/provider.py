"""The provider as one object: settings, records, rules and call-backs."""

import asyncio
from dataclasses import dataclass

from deploy.demo.people import People
from deploy.standins.script import Script
from deploy.standins.telephony.behaviour import Behaviour, Channel, Outcome, Rule
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
    script: Script[Rule]
    webhooks: Webhooks
    errands: Errands

    def behaviour_for(self, channel: Channel, number: str | None) -> Behaviour:
        """Return how this request goes, using up a rule for the next requests."""
        return self.script.take(channel, number) or Behaviour()

    def standing_outcome(self, channel: Channel, number: str) -> Outcome:
        """Return how requests to a number usually end."""
        rule = self.script.standing(channel, number)
        return rule.outcome if rule else Outcome.NORMAL

    def name_of(self, number: str) -> str:
        """Return whose phone it is, or the number itself."""
        person = self.people.with_phone(number)
        return person.name if person else number

    async def let_pass(self, seconds: float) -> None:
        """Wait for a simulated duration."""
        await asyncio.sleep(seconds * self.settings.pace)
