"""Two things at once until one of them is over."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


async def race(
    first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second]
) -> tuple[asyncio.Task[First], asyncio.Task[Second]]:
    """Run both until one ends; the other is cancelled, and is over when this returns."""
    one, other = asyncio.create_task(first), asyncio.create_task(second)
    try:
        await asyncio.wait((one, other), return_when=asyncio.FIRST_COMPLETED)
    finally:
        one.cancel()
        other.cancel()
        await asyncio.wait((one, other))
    return one, other
