"""Does in one go what many ask for at the same moment, as a group commit does.

What must stay true: nobody is answered before the batch with their item is done, and whoever asks
alone waits for nobody. While one batch is being done, the next one gathers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_WAITING_MOST = 5_000


class Together(Generic[Item, Answer]):
    """Gathers items for `do`, one batch at a time; run `run` beside the server.

    Parameters
    ----------
    do : gets a batch, returns an answer for each item, or raises for all of them.
    most : items of one batch at the most.
    """

    def __init__(
        self, do: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], *, most: int = 200
    ) -> None:
        self._do = do
        self._most = most
        self._queue: asyncio.Queue[tuple[Item, asyncio.Future[Answer]]] = asyncio.Queue(
            _WAITING_MOST
        )

    async def ask(self, item: Item) -> Answer:
        """Return the answer for an item, or raise what its batch raised."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await self._queue.put((item, answer))
        return await answer

    async def run(self) -> None:
        """Do what waits, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < self._most and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._answer(batch)

    async def _answer(self, batch: Sequence[tuple[Item, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await self._do([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
