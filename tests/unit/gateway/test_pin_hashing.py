"""PINs are hashed in a process of its own, whose death costs nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.pin_hashing import scrypt
from gateway.signing_pins import PinHasher

SALT = bytes(range(16))


@pytest_asyncio.fixture
async def hasher() -> AsyncIterator[PinHasher]:
    opened = PinHasher()
    yield opened
    await opened.process.close()


async def test_hash_is_that_of_scrypt(hasher: PinHasher) -> None:
    assert await hasher.digest("4711", SALT) == scrypt(b"4711", SALT)
    assert await hasher.digest("π" * 20, SALT) == scrypt(("π" * 20).encode(), SALT)


async def test_tries_at_once_are_not_mixed_up(hasher: PinHasher) -> None:
    pins = ("1111", "2222", "3333")

    digests = await asyncio.gather(*(hasher.digest(pin, SALT) for pin in pins))

    assert digests == [scrypt(pin.encode(), SALT) for pin in pins]


async def test_process_that_was_killed_is_replaced_at_once(hasher: PinHasher) -> None:
    """Nobody who signs notices."""
    await hasher.digest("4711", SALT)
    killed = hasher.process.pid
    assert killed
    os.kill(killed, signal.SIGKILL)

    assert await hasher.digest("4711", SALT) == scrypt(b"4711", SALT)

    assert hasher.process.pid != killed


async def test_try_that_is_given_up_does_not_answer_the_next(hasher: PinHasher) -> None:
    """Else a wrong PIN could pass for the right one."""
    await hasher.digest("0000", SALT)
    given_up = asyncio.create_task(hasher.digest("1111", SALT))
    await asyncio.sleep(0.005)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)

    assert await hasher.digest("2222", SALT) == scrypt(b"2222", SALT)
