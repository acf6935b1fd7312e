"""Rules by which a test or a person says how the next requests go, and how all to one address go.

A rule for the next requests goes before the standing rule of an address; without a rule all goes
well.
"""

from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """What a rule is about."""

    @property
    def channel(self) -> str:
        """The kind of request."""

    @property
    def address(self) -> str | None:
        """Phone number or mailbox; None: any."""


Rule = TypeVar("Rule", bound=Keyed)


class Script(Generic[Rule]):
    """All rules."""

    def __init__(self) -> None:
        self._next: list[tuple[Rule, int]] = []
        self._standing: dict[tuple[str, str | None], Rule] = {}

    def order(self, rule: Rule, times: int) -> None:
        """Let the next requests go as the rule says."""
        self._next.append((rule, times))

    def set_standing(self, rule: Rule) -> None:
        """Let all requests to an address go as the rule says, from now on."""
        self._standing[rule.channel, rule.address] = rule

    def standing(self, channel: str, address: str | None) -> Rule | None:
        """Return the lasting rule of an address."""
        return self._standing.get((channel, address)) or self._standing.get((channel, None))

    def take(self, channel: str, address: str | None) -> Rule | None:
        """Return the rule for this request, using up one for the next requests."""
        for position, (rule, times) in enumerate(self._next):
            if rule.channel == channel and rule.address in (None, address):
                self._next[position] = (rule, times - 1)
                if times == 1:
                    del self._next[position]
                return rule
        return self.standing(channel, address)

    def waiting(self) -> list[tuple[Rule, int]]:
        """Return the rules for the next requests and how often each still holds."""
        return list(self._next)

    def clear(self) -> None:
        """Let all go well again."""
        self._next.clear()
        self._standing.clear()
