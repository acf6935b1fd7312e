"""How the server treats mail: all of it, that to one mailbox, or the next few."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """What becomes of a mail."""

    NORMAL = "normal"
    REJECT = "reject"
    """550 when the recipient is named."""
    REJECT_TEXT = "reject_text"
    """554 after the text."""
    DEFER = "defer"
    """451 when the recipient is named."""
    DEFER_TEXT = "defer_text"
    """451 after the text."""
    HANG = "hang"
    """Silence when the recipient is named; nothing is kept."""
    HANG_TEXT = "hang_text"
    """Silence after the text; the mail is kept."""
    LOST_RESPONSE = "lost_response"
    """The mail is kept, and the connection cut before the answer."""


class Rule(BaseModel):
    """An outcome and the mailbox for which it holds; none: all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    recipient: str | None = None
    seconds: float = Field(default=30, ge=0, le=600, description="How long a silence lasts")

    @property
    def channel(self) -> str:
        """The only one."""
        return "mail"

    @property
    def address(self) -> str | None:
        """The mailbox, as `Script` calls it."""
        return self.recipient


class NextRule(Rule):
    """A rule for the next mails only."""

    times: int = Field(default=1, ge=1, le=10_000)
