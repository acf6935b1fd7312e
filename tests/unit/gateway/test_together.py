"""Many askers, one batch: each gets the answer to its own item, and nobody waits for company."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.together import Together


class Doer:
    """Doubles numbers, one batch at a time; refuses odd ones."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await asyncio.sleep(0)
        if any(number % 2 for number in numbers):
            raise ValueError("odd")
        return [number * 2 for number in numbers]


@asynccontextmanager
async def running(doer: Doer, most: int = 200) -> AsyncIterator[Together[int, int]]:
    together = Together(doer, most=most)
    task = asyncio.create_task(together.run())
    try:
        yield together
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_asks_alone_waits_for_nobody() -> None:
    doer = Doer()
    async with running(doer) as together:
        assert await together.ask(2) == 4
        assert await together.ask(4) == 8

    assert doer.batches == [[2], [4]]


async def test_who_asks_at_the_same_moment_shares_a_batch_of_bounded_size() -> None:
    doer = Doer()
    async with running(doer, most=3) as together:
        answers = await asyncio.gather(*(together.ask(2 * n) for n in range(5)))

    assert answers == [0, 4, 8, 12, 16]
    assert doer.batches == [[0, 2, 4], [6, 8]]


async def test_failure_is_told_to_all_of_its_batch_and_to_nobody_else() -> None:
    async with running(Doer()) as together:
        failed = await asyncio.gather(together.ask(2), together.ask(3), return_exceptions=True)

        assert [type(error) for error in failed] == [ValueError, ValueError]
        assert await together.ask(2) == 4


async def test_who_gave_up_holds_up_nobody() -> None:
    async with running(Doer()) as together:
        impatient = asyncio.create_task(together.ask(2))
        await asyncio.sleep(0)
        impatient.cancel()

        assert await together.ask(4) == 8
