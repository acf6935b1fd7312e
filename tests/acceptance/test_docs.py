"""What the documents tell people to type works; what they name exists."""

import asyncio
import os
import re
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.local.cli import app
from report_consumer.workflow import signature
from tests.harness.processes import ROOT
from tests.harness.system import System

_DOCS = ROOT / "docs"
_BASH = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_SETTING = re.compile(
    r"\b(?:KAFKA|MINIO|TWILIO|SMTP|OIDC|HOSPITAL|RADIOLOGY|GATEWAY|ORDER_CONSUMER|INGEST_WORKER|"
    r"REPORT_CONSUMER|ALERT_WORKER|ALERT_WATCHDOG)_[A-Z_]*[A-Z]\b"
)
_FIGURE = re.compile(r"\bradiology_[a-z_]+[a-z]\b")
_COMMAND = re.compile(r"radiology ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")

pytestmark = pytest.mark.timeout(240)


def _documents() -> list[Path]:
    return [*_DOCS.rglob("*.md"), ROOT / "README.md"]


async def test_the_commands_for_integrators_can_be_copied(system: System, tmp_path: Path) -> None:
    """All of them, one after the other, in one shell that ends at the first failure."""
    blocks = _BASH.findall((_DOCS / "integrating.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 10

    code, output = await _run("\n".join(blocks), system, tmp_path)

    assert code == 0, output
    assert '"status":"SCHEDULED"' in output
    assert '"00081199"' in output
    assert '"stored":1' in output


async def _run(script: str, system: System, folder: Path) -> tuple[int, str]:
    ports = system.ports
    (folder / ".venv").symlink_to(ROOT / ".venv")
    environment = system.environment_of("gateway")
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
            "PORTAL": f"http://localhost:{ports.radiology_portal}",
            "IDENTITY": f"http://localhost:{ports.identity}",
            "WORKFLOW": system.url("workflow"),
            "KAFKA": environment["KAFKA_BOOTSTRAP_SERVERS"],
            "DIMSE_PORT": str(ports.dimse),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(shell.communicate(), timeout=120)
    return shell.returncode or 0, output.decode("utf-8", "replace")


def test_the_check_of_a_call_back_takes_ours_and_no_other() -> None:
    """The few lines that a workflow service copies must agree with how we sign."""
    [code] = _PYTHON.findall((_DOCS / "integrating.md").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - our own document
    is_genuine = names["is_genuine"]
    assert callable(is_genuine)
    secret, body, now = b"webhook-secret", b'{"id": "1"}', int(time.time())

    header = signature(SecretStr(secret.decode()), body, unix_time=now)

    assert is_genuine(header, body, secret, now)
    assert not is_genuine(header, body + b" ", secret, now)
    assert not is_genuine(header, body, b"another secret", now)
    assert not is_genuine(header, body, secret, now + 301)


def test_every_setting_that_a_document_names_exists() -> None:
    sample = set(_SETTING.findall((ROOT / "deploy" / "env.sample").read_text(encoding="utf-8")))
    beyond = {
        # Read by the tests, not by a process.
        "RADIOLOGY_TEST_SERVERS",
        "RADIOLOGY_TEST_PORTALS",
    }

    named = {
        name for path in _documents() for name in _SETTING.findall(path.read_text(encoding="utf-8"))
    }

    assert named - sample - beyond == set()


def test_every_figure_that_a_document_names_is_measured() -> None:
    """An alarm on a figure that does not exist never rings."""
    packages = ("services", "gateway", "ingest_worker", "report_consumer", "alert_worker")
    sources = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    measured = {
        name for path in sources for name in _FIGURE.findall(path.read_text(encoding="utf-8"))
    }

    named = {
        name
        for path in _documents()
        for name in _FIGURE.findall(path.read_text(encoding="utf-8"))
        if name not in ("radiology_reports", "radiology_session")  # a table, a cookie
    }

    assert named
    assert named - measured == set()


def test_every_command_that_a_document_names_exists() -> None:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    known = {(command.name or command.callback.__name__, "") for command in app.registered_commands}
    known |= {
        (name, command.name or command.callback.__name__)
        for name, group in groups.items()
        for command in group.registered_commands
    }

    named = {
        (first, second if first in groups else "")
        for path in _documents()
        for code in re.findall(r"`[^`\n]+`", path.read_text(encoding="utf-8"))
        for first, second in _COMMAND.findall(code)
        if code.lstrip("`").startswith(("./radiology", "radiology", "RADIOLOGY_"))
    }

    assert named
    assert named - known == set()


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in _documents()
        for target in _LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]

    assert broken == []
