"""Rule: how often one phone or mailbox may be troubled.

What must stay true: after an outage nobody gets a storm of calls, and yet the first word of a new
finding is not held back by reminders of an old one. Only what was sent counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.enumerations import Channel


@dataclass(frozen=True)
class Limit:
    """At most so many within so long."""

    count: int
    within: timedelta


_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

REPEATS: Mapping[Channel, Sequence[Limit]] = {
    Channel.SMS: (
        Limit(1, _MINUTE), Limit(5, 15 * _MINUTE), Limit(11, _HOUR), Limit(21, 3 * _HOUR)
    ),
    Channel.EMAIL: (
        Limit(1, _MINUTE), Limit(5, 15 * _MINUTE), Limit(11, _HOUR), Limit(21, 3 * _HOUR)
    ),
    Channel.VOICE: (
        Limit(1, _MINUTE), Limit(3, 15 * _MINUTE), Limit(7, _HOUR), Limit(15, 3 * _HOUR)
    ),
}  # fmt: skip
"""For what repeats an alert that this address was told of already."""

FIRSTS: Mapping[Channel, Sequence[Limit]] = {
    Channel.SMS: (Limit(60, _MINUTE), Limit(180, 15 * _MINUTE)),
    Channel.EMAIL: (Limit(60, _MINUTE), Limit(180, 15 * _MINUTE)),
    Channel.VOICE: (Limit(6, 15 * _MINUTE), Limit(15, _HOUR)),
}
"""For the first word of an alert: a ceiling against a flood, not a pace."""

MEMORY = 3 * _HOUR
"""The longest span that any limit looks back."""


def allowed_from(channel: Channel, *, first: bool, history: Sequence[datetime]) -> datetime | None:
    """Return from when on an address may be troubled again; None: at once.

    Parameters
    ----------
    history : when it was troubled by this channel, newest first.
    """
    limits = (FIRSTS if first else REPEATS).get(channel, ())
    ends = [
        history[limit.count - 1] + limit.within for limit in limits if len(history) >= limit.count
    ]
    return max(ends, default=None)
