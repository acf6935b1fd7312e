"""How phones and the provider behave; without a rule all goes well."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Channel(StrEnum):
    """Which requests a rule is about."""

    SMS = "sms"
    CALL = "call"
    LOOKUP = "lookup"


class Outcome(StrEnum):
    """What becomes of a request."""

    # All goes well.
    NORMAL = "normal"
    # The request itself goes wrong; nothing is accepted.
    REFUSE = "refuse"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    STALL = "stall"
    # The request is accepted, and the caller cannot know.
    LOST_RESPONSE = "lost_response"
    GARBLED = "garbled"
    HANG = "hang"
    # A message that does not arrive, or of which nothing is heard again.
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    SILENT = "silent"
    # A call that nobody takes, or a machine; `ring` rings until somebody acts on the
    # page, or the caller's patience is over.
    RING = "ring"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"


REFUSALS = frozenset({Outcome.REFUSE, Outcome.RATE_LIMIT, Outcome.SERVER_ERROR, Outcome.STALL})
LOOKUP_OUTCOMES = REFUSALS | {Outcome.NORMAL}
SMS_OUTCOMES = LOOKUP_OUTCOMES | {
    Outcome.LOST_RESPONSE, Outcome.GARBLED, Outcome.HANG,
    Outcome.UNDELIVERED, Outcome.FAILED, Outcome.SILENT,
}  # fmt: skip
CALL_OUTCOMES = LOOKUP_OUTCOMES | {
    Outcome.LOST_RESPONSE, Outcome.GARBLED, Outcome.HANG,
    Outcome.FAILED, Outcome.SILENT, Outcome.RING, Outcome.BUSY, Outcome.NO_ANSWER, Outcome.MACHINE,
}  # fmt: skip


class Receipts(StrEnum):
    """How the status call-backs come."""

    IN_ORDER = "in_order"
    TWICE = "twice"
    REVERSED = "reversed"
    NONE = "none"


class Behaviour(BaseModel):
    """One outcome and its particulars."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    outcome: Outcome = Outcome.NORMAL
    status: int = Field(default=400, ge=400, le=499, description="HTTP status of `refuse`")
    error_code: int | None = Field(default=None, description="Twilio's error code")
    seconds: float = Field(default=30, ge=0, le=600, description="Silence of `hang` and `stall`")
    answer_after_seconds: float | None = Field(default=None, ge=0, le=600)
    keys: tuple[str, ...] = Field(default=(), description="Keys pressed at each Gather, in turn")
    receipts: Receipts = Receipts.IN_ORDER


class Rule(Behaviour):
    """A behaviour and when it holds; no number: any."""

    channel: Channel
    number: str | None = None

    @property
    def address(self) -> str | None:
        """The number, as `Script` calls it."""
        return self.number


class NextRule(Rule):
    """A rule for the next requests only."""

    times: int = Field(default=1, ge=1, le=10_000)
