"""What the provider remembers: sign-ins under way, codes, sessions, and what happened.

Everything here ends by itself: a sign-in page after ten minutes, a code after one use, a session
after eight hours.
"""

import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from deploy.demo.people import Person
from deploy.standins.identity.protocol import AuthorizationRequest

_MOST = 10_000

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Session:
    """A browser in which somebody has signed in."""

    id: str
    person: Person
    auth_time: int


@dataclass(frozen=True)
class Code:
    """What an authorization code stands for."""

    request: AuthorizationRequest
    session: Session


@dataclass
class SignIn:
    """A sign-in page that was shown and is not yet answered."""

    request: AuthorizationRequest
    wrong_passwords: int = 0


@dataclass(frozen=True)
class Happening:
    """A line on the page."""

    at: datetime
    what: str
    who: str
    good: bool


class Expiring(Generic[Kept]):
    """Values under secret names, each for a limited time.

    When there are too many, the oldest leaves.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, Kept]] = {}

    def add(self, value: Kept, name: str | None = None) -> str:
        """Keep a value and return its name."""
        self._drop_old()
        name = name or secrets.token_urlsafe(32)
        self._kept[name] = (time.monotonic() + self._seconds, value)
        return name

    def get(self, name: str | None) -> Kept | None:
        """Return the value of a name, unless it is unknown or too old."""
        until, value = self._kept.get(name or "", (0.0, None))
        return value if until > time.monotonic() else None

    def take(self, name: str | None) -> Kept | None:
        """Return the value and forget it: who comes second gets nothing."""
        value = self.get(name)
        self._kept.pop(name or "", None)
        return value

    def values(self) -> list[Kept]:
        """Return what has not ended."""
        self._drop_old()
        return [value for _, value in self._kept.values()]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def _drop_old(self) -> None:
        now = time.monotonic()
        for name in [name for name, (until, _) in self._kept.items() if until <= now]:
            del self._kept[name]
        while len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]


@dataclass
class Store:
    """All of it."""

    sign_ins: Expiring[SignIn]
    codes: Expiring[Code]
    sessions: Expiring[Session]
    happenings: deque[Happening] = field(default_factory=lambda: deque(maxlen=100))

    def open_session(self, person: Person) -> Session:
        """Remember that somebody proved who they are, just now."""
        session = Session(secrets.token_urlsafe(32), person, int(time.time()))
        self.sessions.add(session, session.id)
        return session

    def note(self, what: str, who: str = "", *, good: bool = True) -> None:
        """Put a line on the page."""
        self.happenings.appendleft(Happening(datetime.now(UTC), what, who, good))
