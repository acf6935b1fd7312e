"""Several things at once, none of which is left running by itself."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def all_of(things: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Do things side by side and wait for all; then raise the first error, if there was one."""
    outcomes = await asyncio.gather(*things, return_exceptions=True)
    results = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        results.append(outcome)
    return results
