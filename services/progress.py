"""Whether the consumer of a topic gets on: what waits for it, and when it last finished a record.

What must stay true: with nothing waiting, nothing stands still, however long nothing came; and a
record that comes again because a database is away is not in hand while it waits for that.
"""

from dataclasses import dataclass

STANDING_SECONDS = 90.0
"""Longer than a batch is tried before it is given back (60 s): to wait once is no standstill."""
HANGING_SECONDS = 125.0
"""A batch that is neither finished nor given back by then never will be; tries end after 60 s."""


@dataclass
class Progress:
    """One topic's consumer; times are those of a monotonic clock, in seconds."""

    moved_at: float
    """When a record was last finished, or nothing waited."""
    waiting: int = 0
    """Records that are not finished, as last counted."""
    in_hand: int = 0
    taken_at: float = 0.0
    handled: int | None = None
    """Sum of what the whole group has committed; known only while this member has no share."""

    is_told: bool = False
    """Whether the log says that it stands still."""

    def take(self, records: int, now: float) -> None:
        """A batch is handed to its handler."""
        self.in_hand, self.taken_at = records, now

    def finish(self, now: float) -> None:
        """A record is finished: handled, refused, or found to be poison."""
        self.moved_at = self.taken_at = now

    def let_go(self) -> None:
        """The batch is finished, or given back to come again."""
        self.in_hand = 0

    def count(self, behind: int, now: float) -> None:
        """Take note of how many records are not polled yet; what is in hand waits as well."""
        self.waiting = behind + self.in_hand
        if not self.waiting:
            self.moved_at = now

    def count_group(self, behind: int, handled: int, now: float) -> None:
        """Do the same where others have the partitions: they move as their commits do."""
        if handled != self.handled:
            self.moved_at = now
        self.handled = handled
        self.count(behind, now)

    def standing_seconds(self, now: float) -> float:
        """Return for how long records have waited and none was finished; 0 while it gets on."""
        since = now - self.moved_at
        return since if self.waiting and since > STANDING_SECONDS else 0.0

    def is_hanging(self, now: float) -> bool:
        """Tell whether the handler neither finishes nor gives back what it has in hand."""
        return bool(self.in_hand) and now - self.taken_at > HANGING_SECONDS
