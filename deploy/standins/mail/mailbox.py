"""Keeps mail: on disk first, then in memory, so that what is shown is what survives a restart."""

import asyncio
import mailbox
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from deploy.standins.mail.letters import Letter, read_letter, with_envelope

_MOST_IN_MEMORY = 10_000


class Mailbox:
    """All mail, oldest first."""

    def __init__(self, folder: Path | None) -> None:
        self._disk = _open(folder) if folder else None
        self._letters: OrderedDict[str, Letter] = OrderedDict()
        self._writing = asyncio.Lock()
        self._load()

    async def keep(self, content: bytes, *, sender: str, recipients: list[str]) -> Letter:
        """Keep a mail; returns when it is on disk."""
        raw = with_envelope(content, sender=sender, recipients=recipients)
        if self._disk is None:
            letter_id = uuid4().hex
        else:
            async with self._writing:
                letter_id = await asyncio.to_thread(self._disk.add, raw)
        return self._remember(read_letter(letter_id, raw))

    async def clear(self) -> None:
        """Throw all mail away."""
        self._letters.clear()
        if self._disk is not None:
            async with self._writing:
                await asyncio.to_thread(self._disk.clear)

    def get(self, letter_id: str) -> Letter | None:
        """Return one mail."""
        return self._letters.get(letter_id)

    def newest_first(self, recipient: str | None = None) -> list[Letter]:
        """Return mail, if wanted only that to one address."""
        return [
            letter
            for letter in reversed(self._letters.values())
            if recipient is None or recipient in letter.recipients
        ]

    def _load(self) -> None:
        if self._disk is None:
            return
        found = [
            read_letter(key, bytes(message), datetime.fromtimestamp(message.get_date(), UTC))
            for key, message in self._disk.items()
        ]
        for letter in sorted(found, key=lambda letter: letter.received_at):
            self._remember(letter)

    def _remember(self, letter: Letter) -> Letter:
        self._letters[letter.id] = letter
        if len(self._letters) > _MOST_IN_MEMORY:
            self._letters.popitem(last=False)
        return letter


def _open(folder: Path) -> mailbox.Maildir:
    folder.parent.mkdir(parents=True, exist_ok=True)
    disk = mailbox.Maildir(folder, create=True)
    for part in ("cur", "new", "tmp"):  # the folder may have been there, but empty
        (folder / part).mkdir(exist_ok=True)
    return disk
