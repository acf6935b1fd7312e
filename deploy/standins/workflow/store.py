"""Keeps orders and call-backs, a JSON file each: on disk before anybody is told that it is kept."""

import asyncio
import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from deploy.standins.workflow.orders import Callback, UnifiedOrder

Record = TypeVar("Record", bound=BaseModel)


class Drawer(Generic[Record]):
    """Records of one kind by id, oldest first."""

    def __init__(self, kind: type[Record], folder: Path | None) -> None:
        self._folder = folder
        self._records: dict[str, Record] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns):
                self._records[file.stem] = kind.model_validate_json(file.read_bytes())

    async def put(self, record_id: str, record: Record) -> None:
        """Keep a record, replacing an earlier state of it."""
        if self._folder:
            document = record.model_dump_json(by_alias=True, indent=2)
            await asyncio.to_thread(_write, self._folder / f"{record_id}.json", document)
        self._records[record_id] = record

    def get(self, record_id: str) -> Record | None:
        """Return one."""
        return self._records.get(record_id)

    def all(self) -> list[Record]:
        """Return all, oldest first."""
        return list(self._records.values())

    def clear(self) -> None:
        """Throw all away."""
        if self._folder:
            for record_id in self._records:
                (self._folder / f"{record_id}.json").unlink(missing_ok=True)
        self._records.clear()


class Store:
    """Both drawers."""

    def __init__(self, folder: Path | None) -> None:
        self.orders = Drawer(UnifiedOrder, folder / "orders" if folder else None)
        self.callbacks = Drawer(Callback, folder / "callbacks" if folder else None)
        self.callback_lock = asyncio.Lock()

    def order_of(self, idempotency_key: str) -> UnifiedOrder | None:
        """Return the order that was made under a key."""
        return next((o for o in self.orders.all() if o.idempotency_key == idempotency_key), None)


def _write(file: Path, document: str) -> None:
    fresh = file.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(document)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
