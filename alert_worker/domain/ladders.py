"""Whom a finding goes to: the ladder of its category, frozen for one alert.

What must stay true: a frozen ladder has at least one step, and its first step begins at once. An
ordering provider whom nobody can reach is left out, and the evidence says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from alert_worker.domain.alert import Evidence, Person, Step, What
from contracts.enumerations import Channel, CriticalCategory
from contracts.events.critical_finding import CriticalFinding

ORDERING_PROVIDER = "ordering_provider"
ON_CALL = "on_call"


@dataclass(frozen=True)
class StepRule:
    """One step as configured; `who` is `ordering_provider` or a person's id."""

    who: str
    channels: tuple[Channel, ...]
    stat_channels: tuple[Channel, ...]
    after: timedelta


@dataclass(frozen=True)
class CategoryRule:
    """The ladder of one category of findings, and its time limits."""

    acknowledge_within: timedelta
    read_back_within: timedelta
    repeat_after: timedelta
    steps: tuple[StepRule, ...]


@dataclass(frozen=True)
class Ladders:
    """Everybody who can be reached, and a ladder for each category."""

    persons: Mapping[str, Person]
    categories: Mapping[CriticalCategory, CategoryRule]

    @property
    def unreachable(self) -> list[Person]:
        """Return who has neither phone nor mail: only the app could tell them."""
        return [p for p in self.persons.values() if not (p.phone or p.email)]

    def freeze(self, finding: CriticalFinding) -> tuple[tuple[Step, ...], tuple[Evidence, ...]]:
        """Return the steps of one alert, and what is to be said about them.

        A person who stands twice is kept once, where he comes first; whoever follows the dropped
        step then waits the shorter of the two delays. Whoever raised the finding is left out, since
        nobody can acknowledge to himself, as long as somebody remains.
        """
        steps, evidence = self._steps(finding, without=finding.found_by.id)
        return (steps, evidence) if steps else self._steps(finding, without="")

    def _steps(
        self, finding: CriticalFinding, *, without: str
    ) -> tuple[tuple[Step, ...], tuple[Evidence, ...]]:
        steps: list[Step] = []
        evidence: list[Evidence] = []
        dropped: timedelta | None = None
        for rule in self.categories[finding.category].steps:
            person = self._who(rule.who, finding)
            if person is None:
                evidence.append(_unknown_provider(finding))
            if person is None or person.id in {without, *(step.person.id for step in steps)}:
                dropped = rule.after if dropped is None else min(dropped, rule.after)
                continue
            after = rule.after if dropped is None else min(dropped, rule.after)
            steps.append(_step(rule, person, after if steps else timedelta(), finding))
            dropped = None
        return tuple(steps), tuple(evidence)

    def _who(self, who: str, finding: CriticalFinding) -> Person | None:
        if who == ORDERING_PROVIDER:
            return self.persons.get(str(finding.ordering_provider_id))
        return self.persons[who]


def _step(rule: StepRule, person: Person, after: timedelta, finding: CriticalFinding) -> Step:
    channels = (*rule.channels, *(rule.stat_channels if finding.stat else ()))
    return Step(
        person=person,
        channels=tuple(dict.fromkeys(channels)),
        after_seconds=after.total_seconds(),
    )


def _unknown_provider(finding: CriticalFinding) -> Evidence:
    name = finding.ordering_provider_name or "the ordering provider"
    return Evidence(
        What.PROVIDER_UNKNOWN, f"{name} is not on the on-call list; the next person is told at once"
    )
