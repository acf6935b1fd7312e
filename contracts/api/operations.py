"""What an operator sees: requests under way, dead letters, health of every process."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.api.problems import Problem
from contracts.base import Contract, RequestBody, RequiredLine, UtcDatetime


class RequestState(Contract):
    """A write whose outcome may still be coming."""

    id: UUID
    state: Literal["PENDING", "DONE", "REJECTED"]
    asked_at: UtcDatetime
    resource_url: str | None = Field(default=None, description="Where the result is, when DONE")
    version: int | None = None
    problem: Problem | None = Field(default=None, description="Why not, when REJECTED")


class Settlement(Contract):
    """A person has dealt with a record that could not be handled, otherwise than by a replay."""

    by: str = Field(description="Name of the person")
    at: UtcDatetime
    reason: str


class DecideDeadLetter(RequestBody):
    """Settle it, or take that back, with the reason."""

    reason: RequiredLine


class DeadLetterSummary(Contract):
    """A record that could not be handled."""

    id: str
    topic: str
    worker: str
    error: str
    reason: str
    at: UtcDatetime
    size_bytes: int
    replayed_at: UtcDatetime | None = Field(
        default=None, description="When it was last given to its worker again"
    )
    settled: Settlement | None = Field(
        default=None, description="Somebody has dealt with it otherwise"
    )


class DeadLetters(Contract):
    """Newest first."""

    items: tuple[DeadLetterSummary, ...]
    truncated: bool = Field(default=False, description="There are more than are listed")


class DeadLetterDetail(DeadLetterSummary):
    """One of them with its content, for a person who must decide."""

    key: str
    headers: dict[str, str]
    value: str = Field(description="Text of the record, at most 64 KiB")


class TopicLag(Contract):
    """Records of one topic that a process has not handled yet."""

    topic: str
    records: int


class ProcessHealth(Contract):
    """One process, as it answers now."""

    name: str
    state: Literal["OK", "DEGRADED", "DOWN"]
    sentence: str = Field(description="For a clinician: what works and what waits")
    checks: dict[str, bool] = Field(default_factory=dict)
    lag: tuple[TopicLag, ...] = ()
    oldest_unpublished_seconds: float = 0.0


class SystemHealth(Contract):
    """The whole system."""

    at: UtcDatetime
    state: Literal["OK", "DEGRADED", "DOWN"]
    processes: tuple[ProcessHealth, ...]
