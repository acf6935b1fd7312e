"""A server that refuses to be root runs as another user, below folders that only root may enter."""

import os
import sys
from pathlib import Path

import pytest

from deploy.local.spawn import run_to_end, unprivileged_account

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


async def test_a_program_in_a_folder_of_roots_looks_at_itself(tmp_path: Path) -> None:
    """initdb asks access(2) for its own program: a clone in /root must start like any other."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    program = closed / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    look = (
        "import os, sys;"
        f"assert os.getuid() != 0 and os.access({str(program)!r}, os.R_OK | os.X_OK), 'no access'"
    )

    await run_to_end(
        (sys.executable, "-c", look),
        purpose="Looking at a program",
        folder=tmp_path,
        account=unprivileged_account(),
    )


async def test_it_has_no_other_right_of_root(tmp_path: Path) -> None:
    closed = tmp_path / "roots"
    closed.mkdir(mode=0o700)
    steal = (
        "import os, sys\n"
        "try:\n"
        f"    os.chown({str(closed)!r}, os.getuid(), -1)\n"
        "except PermissionError:\n"
        "    sys.exit(0)\n"
        "sys.exit('it could take the folder over')\n"
    )

    await run_to_end(
        (sys.executable, "-c", steal),
        purpose="Taking over a folder",
        folder=tmp_path,
        account=unprivileged_account(),
    )

    assert closed.stat().st_uid == 0
