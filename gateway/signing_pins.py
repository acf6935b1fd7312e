"""The PIN that a radiologist types again to sign (21 CFR 11.200): kept as its scrypt hash only.

What must stay true: after five wrong ones in a row nobody can try for a quarter of an hour, however
many gateways there are.
"""

import hmac
import secrets
from datetime import timedelta

from gateway.errors import PinLocked, PinNotSet, PinWrong
from gateway.pin_hashing import SALT_BYTES
from services.database import Connection, Database
from services.side_process import SideProcess, SideProcessEnded
from services.sql import load_queries

WRONG_UNTIL_LOCKED = 5
LOCKED_FOR = timedelta(minutes=15)

_QUERIES = load_queries("gateway")


class PinHasher:
    """Has PINs hashed by a process of its own, whose death nobody notices who signs."""

    def __init__(self) -> None:
        self.process = SideProcess("gateway.pin_hashing")

    async def digest(self, pin: str, salt: bytes) -> bytes:
        """Return the scrypt hash of a PIN."""
        question = salt + pin.encode()
        try:
            return await self.process.ask(question)
        except SideProcessEnded:
            return await self.process.ask(question)


class SigningPins:
    """Sets and checks PINs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PinHasher()

    async def close(self) -> None:
        """End the process that hashes."""
        await self._hasher.process.close()

    async def is_set(self, person_id: str) -> bool:
        """Tell whether this person can sign."""
        async with self._database.connection() as connection:
            return await connection.fetchrow(_QUERIES["signing_pin"], person_id) is not None

    async def set(self, person_id: str, pin: str) -> None:
        """Set a PIN, or replace it; the caller has checked the old one."""
        salt = secrets.token_bytes(SALT_BYTES)
        digest = await self._hasher.digest(pin, salt)
        async with self._database.transaction() as connection:
            await connection.execute(_QUERIES["save_signing_pin"], person_id, salt, digest)

    async def check(self, person_id: str, pin: str) -> None:
        """Return when the PIN is right.

        Raises
        ------
        PinNotSet, PinWrong, PinLocked : nothing may be signed.
        """
        async with self._database.transaction() as connection:
            right = await self._try(connection, person_id, pin)
        if not right:
            raise PinWrong

    async def _try(self, connection: Connection, person_id: str, pin: str) -> bool:
        row = await connection.fetchrow(_QUERIES["lock_signing_pin"], person_id)
        if row is None:
            raise PinNotSet
        if row["locked"]:
            raise PinLocked(headers={"Retry-After": str(int(LOCKED_FOR.total_seconds()))})
        digest = await self._hasher.digest(pin, row["salt"])
        if hmac.compare_digest(digest, row["hash"]):
            await connection.execute(_QUERIES["forgive_wrong_pins"], person_id)
            return True
        await connection.execute(
            _QUERIES["count_wrong_pin"], person_id, WRONG_UNTIL_LOCKED, LOCKED_FOR
        )
        return False
