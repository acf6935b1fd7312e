"""Sign-in sessions: a random id in a cookie, its digest in the database.

What must stay true: a session ends by itself (idle, absolute) and by signing out, on every replica
at once; a stolen copy of the table lets nobody in.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from contracts.enumerations import Role
from gateway.settings import GatewaySettings
from services.database import Database
from services.sql import load_queries

_QUERIES = load_queries("gateway")


@dataclass(frozen=True)
class Session:
    """Who is signed in, and until when."""

    person_id: str
    name: str
    roles: tuple[Role, ...]
    portal: str
    expires_at: datetime


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, database: Database, settings: GatewaySettings) -> None:
        self._database = database
        self._settings = settings

    async def open(
        self, *, portal: str, person_id: str, name: str, roles: tuple[Role, ...], id_token: str
    ) -> str:
        """Open a session; return the id for the cookie."""
        session_id = secrets.token_urlsafe(32)
        async with self._database.transaction() as connection:
            await connection.execute(
                _QUERIES["add_session"],
                _digest(session_id),
                portal,
                person_id,
                name,
                [role.value for role in roles],
                id_token,
                self._settings.session_absolute,
            )
            await connection.execute(
                _QUERIES["see_person"], person_id, name, [role.value for role in roles]
            )
        return session_id

    async def find(self, session_id: str, *, touch: bool = True) -> Session | None:
        """Return a session that has not ended, and note that its person is there."""
        digest = _digest(session_id)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                _QUERIES["find_session"], digest, self._settings.session_idle
            )
            if row is None:
                return None
            if touch and row["stale"]:
                await connection.execute(_QUERIES["touch_session"], digest)
        return Session(
            person_id=row["person_id"],
            name=row["name"],
            roles=tuple(Role(role) for role in row["roles"]),
            portal=row["portal"],
            expires_at=row["expires_at"],
        )

    async def end(self, session_id: str) -> str | None:
        """End a session; return its id token, or None when it had ended."""
        async with self._database.transaction() as connection:
            token: str | None = await connection.fetchval(
                _QUERIES["end_session"], _digest(session_id)
            )
        return token

    async def forget_ended(self) -> None:
        """Delete sessions that have ended."""
        async with self._database.transaction() as connection:
            await connection.execute(_QUERIES["forget_sessions"], self._settings.session_idle)


def _digest(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()
