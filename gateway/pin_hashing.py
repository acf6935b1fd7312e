"""Hashes PINs in a small process of its own: each try takes 16 MiB, as it must, and not of us.

What must stay true: one try at a time, and a process that dies costs a new one and nothing else.
`python -m gateway.pin_hashing` is that process; the end of its input ends it, so it never outlives
the gateway.
"""

import asyncio
import hashlib
import struct
import sys
from contextlib import suppress
from pathlib import Path

from services.errors import TransientError

_TRY = struct.Struct(">16sH")
"""Salt, and length of the PIN that follows, in UTF-8."""
_DIGEST_BYTES = 32
_TIME_LIMIT_SECONDS = 20.0
_ROOT = Path(__file__).parent.parent


class PinNotHashed(TransientError):
    """The process that hashes PINs was ended twice, or hangs; another try starts a new one."""

    code = "pin_not_hashed"


class PinHasher:
    """Has PINs hashed, one after the other."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def digest(self, pin: str, salt: bytes) -> bytes:
        """Return the scrypt hash of a PIN."""
        async with self._one_at_a_time:
            for _ in range(2):
                try:
                    async with asyncio.timeout(_TIME_LIMIT_SECONDS):
                        return await self._ask(pin.encode(), salt)
                except (OSError, asyncio.IncompleteReadError, TimeoutError):
                    await self._end()
                except BaseException:
                    # Its answer must not be taken for the answer to the next one's PIN.
                    await self._end()
                    raise
        raise PinNotHashed("the process that hashes PINs does not answer")

    async def close(self) -> None:
        """End the process, if there is one."""
        async with self._one_at_a_time:
            await self._end()

    async def _ask(self, pin: bytes, salt: bytes) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway.pin_hashing"),
                cwd=_ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        process = self._process
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(_TRY.pack(salt, len(pin)) + pin)
        await process.stdin.drain()
        return await process.stdout.readexactly(_DIGEST_BYTES)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def scrypt(pin: bytes, salt: bytes) -> bytes:
    """16 MiB and some 40 ms a try (RFC 7914: N 2^14, r 8, p 1)."""
    return hashlib.scrypt(pin, salt=salt, n=2**14, r=8, p=1, dklen=_DIGEST_BYTES)


def main() -> None:
    """Hash what comes by standard input, until it ends."""
    tries, digests = sys.stdin.buffer, sys.stdout.buffer
    while len(head := tries.read(_TRY.size)) == _TRY.size:
        salt, length = _TRY.unpack(head)
        digests.write(scrypt(tries.read(length), salt))
        digests.flush()


if __name__ == "__main__":
    main()
