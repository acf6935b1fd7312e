"""The supervisor's process: what it says of the others stays true on a full disk, too."""

import asyncio
import errno
from pathlib import Path

import pytest

from deploy.local import daemon as module
from deploy.local.daemon import Daemon
from deploy.local.installation import Installation
from deploy.local.state import write_private
from deploy.local.status import Report


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("RADIOLOGY_STATE", str(tmp_path / "state"))
    return Installation.from_environment()


async def test_a_status_that_the_disk_refuses_is_written_when_there_is_room(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends while the disk is full is started again, and is not shown as ready."""
    tries: list[str] = []
    written = asyncio.Event()

    def full_at_first(path: Path, text: str) -> None:
        tries.append(text)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_private(path, text)
        written.set()

    monkeypatch.setattr(module, "write_private", full_at_first)
    monkeypatch.setattr(module, "_STATUS_RETRY_SECONDS", 0.01)

    Daemon(installation)._to("ready")
    async with asyncio.timeout(10):
        await written.wait()

    report = Report.read(installation.state)
    assert report is not None
    assert report.phase == "ready"
