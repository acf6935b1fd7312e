"""What the documents tell people to type works."""

import asyncio
import os
import re
from pathlib import Path

from tests.harness.processes import ROOT
from tests.harness.system import System, running_system

_BASH = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def test_the_commands_for_integrators_can_be_copied(tmp_path: Path) -> None:
    """All of them, one after the other, in one shell that ends at the first failure."""
    blocks = _BASH.findall((ROOT / "docs" / "integrating.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 7

    async with running_system(tmp_path / "state") as system:
        code, output = await _run("\n".join(blocks), system, tmp_path)

    assert code == 0, output
    assert '"status":"SCHEDULED"' in output
    assert '"00081199"' in output


async def _run(script: str, system: System, folder: Path) -> tuple[int, str]:
    ports = system.ports
    (folder / ".venv").symlink_to(ROOT / ".venv")
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        script,
        cwd=folder,
        env={
            **os.environ,
            "RADIOLOGY_STATE": str(system.installation.state.folder),
            "API": system.url("gateway"),
            "KAFKA": f"localhost:{ports.kafka}",
            "DIMSE_PORT": str(ports.dimse),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(shell.communicate(), timeout=120)
    return shell.returncode or 0, output.decode("utf-8", "replace")
