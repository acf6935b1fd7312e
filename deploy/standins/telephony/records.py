"""What the provider remembers: messages, calls, call-backs; at a limit the oldest leave."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

_MOST_RESOURCES = 50_000
_MOST_LOG_LINES = 200

QUEUED = "queued"
RINGING = "ringing"
IN_PROGRESS = "in-progress"
COMPLETED = "completed"


def now() -> datetime:
    """Return the time as Twilio has it: UTC."""
    return datetime.now(UTC)


@dataclass
class Message:
    """An SMS, sent by the hospital or by a phone."""

    sid: str
    to: str
    sender: str
    body: str
    direction: str
    status: str
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    sent_at: datetime | None = None
    error_code: int | None = None
    status_callback: str = ""

    def move_to(self, status: str, error_code: int | None = None) -> None:
        """Take the next status."""
        self.status, self.error_code, self.updated_at = status, error_code, now()
        if status in ("sent", "received") and self.sent_at is None:
            self.sent_at = now()


class Voice(StrEnum):
    """Who is heard or seen in a transcript."""

    HOSPITAL = "hospital"
    PHONE = "phone"
    NOTE = "note"


@dataclass(frozen=True)
class Line:
    """One line of a transcript."""

    at: datetime
    voice: Voice
    text: str


@dataclass(frozen=True)
class CallOrder:
    """What the request for a call asked for."""

    url: str
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    status_callback: str = ""
    status_callback_events: tuple[str, ...] = ()
    machine_detection: str = ""
    async_amd: bool = False
    async_amd_callback: str = ""
    timeout_seconds: float = 60


class Handset:
    """The phone at the other end of one call: what the person or the script does with it."""

    def __init__(self) -> None:
        self.picked_up: asyncio.Event = asyncio.Event()
        self.declined: asyncio.Event = asyncio.Event()
        self.hung_up: asyncio.Event = asyncio.Event()
        self.keys: asyncio.Queue[str] = asyncio.Queue()


@dataclass
class Call:
    """A call that the hospital placed."""

    sid: str
    to: str
    sender: str
    order: CallOrder
    status: str = QUEUED
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    listening: bool = False
    events: int = 0
    transcript: list[Line] = field(default_factory=list)
    handset: Handset = field(default_factory=Handset)

    def move_to(self, status: str) -> None:
        """Take the next status."""
        self.status, self.updated_at = status, now()

    def say(self, voice: Voice, text: str) -> None:
        """Write a line of the transcript."""
        self.transcript.append(Line(now(), voice, text))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.ended_at is not None

    @property
    def duration_seconds(self) -> int | None:
        """Seconds since it was answered; zero if it never was; None while it goes on."""
        if self.ended_at is None:
            return None
        return round((self.ended_at - (self.answered_at or self.ended_at)).total_seconds())


@dataclass(frozen=True)
class Delivery:
    """A call-back and what came of it."""

    at: datetime
    kind: str
    phone: str
    status: str
    answer: str
    good: bool


class _HasSid(Protocol):
    sid: str


Resource = TypeVar("Resource", bound=_HasSid)


class Shelf(Generic[Resource]):
    """Resources by sid, in the order in which they came."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Resource] = {}

    def add(self, resource: Resource) -> Resource:
        """Keep it; the oldest leaves when there are too many."""
        if len(self._by_sid) >= _MOST_RESOURCES:
            del self._by_sid[next(iter(self._by_sid))]
        self._by_sid[resource.sid] = resource
        return resource

    def get(self, sid: str) -> Resource | None:
        """Return one."""
        return self._by_sid.get(sid)

    def newest_first(self) -> list[Resource]:
        """Return all as Twilio lists them."""
        return list(reversed(self._by_sid.values()))

    def clear(self) -> None:
        """Forget all."""
        self._by_sid.clear()


@dataclass
class Records:
    """All of it."""

    messages: Shelf[Message] = field(default_factory=Shelf)
    calls: Shelf[Call] = field(default_factory=Shelf)
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=_MOST_LOG_LINES))

    def clear(self) -> None:
        """Forget all; calls under way are hung up."""
        for call in self.calls.newest_first():
            call.handset.hung_up.set()
        self.messages.clear()
        self.calls.clear()
        self.deliveries.clear()


def new_sid(prefix: str) -> str:
    """Return an id of Twilio's form: SM or CA and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
