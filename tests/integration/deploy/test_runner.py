"""The runner as a person uses it, with the real servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
import pytest
from pydantic import SecretStr

from deploy.local.ports import Ports, free_ports
from deploy.local.postgres import role_url
from deploy.local.servers import Servers, saved_connections
from deploy.local.state import ROOT


@dataclass(frozen=True)
class Runner:
    """`./radiology` on a state folder and ports of its own."""

    state: Path
    offset: int

    def __call__(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            **os.environ,
            "RADIOLOGY_STATE": str(self.state),
            "RADIOLOGY_PORTS": str(self.offset),
            **settings,
        }
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    @property
    def ports(self) -> Ports:
        return Ports.shifted(self.offset)

    def pids(self) -> list[int]:
        """Every process of the running system, the supervisor included."""
        status = json.loads((self.state / "run" / "status.json").read_text())
        supervisor = psutil.Process(status["pid"])
        return [supervisor.pid, *(child.pid for child in supervisor.children(recursive=True))]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    made = Runner(tmp_path / "state", free_ports().kafka - Ports().kafka)
    yield made
    made("down")


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def _wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 15
    while left := [pid for pid in pids if not _gone(pid)]:
        assert time.monotonic() < deadline, f"still running: {[psutil.Process(p) for p in left]}"
        time.sleep(0.05)


async def test_the_servers_survive_a_killed_supervisor_only_as_data(runner: Runner) -> None:
    """`kill -9` of the supervisor leaves no process behind, and the next start finds all data."""
    started = runner("up", "--servers-only")
    assert started.returncode == 0, started.stderr
    servers = saved_connections(runner.state)
    url = SecretStr(role_url(servers.postgres_admin_url, "gateway", servers.passwords["gateway"]))
    connection = await asyncpg.connect(url.get_secret_value())
    await connection.execute("create table kept (id int)")
    await connection.close()
    pids = runner.pids()
    assert len(pids) > 4

    os.kill(pids[0], signal.SIGKILL)

    _wait_until_gone(pids)
    assert runner("status").returncode == 3
    again = runner("up", "--servers-only")
    assert again.returncode == 0, again.stderr
    connection = await asyncpg.connect(url.get_secret_value())
    assert await connection.fetchval("select count(*) from kept") == 0
    await connection.close()
    pids = runner.pids()
    assert runner("status").returncode == 0
    assert runner("down").returncode == 0
    _wait_until_gone(pids)


def test_the_state_is_nobody_elses_business(runner: Runner) -> None:
    assert runner("status").returncode == 3

    assert runner.state.stat().st_mode & 0o777 == 0o700


def test_a_port_in_use_is_one_sentence(runner: Runner) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", runner.ports.postgres))
        holder.listen()

        result = runner("up", "--servers-only")

    assert result.returncode == 1
    assert f"Port {runner.ports.postgres}, which PostgreSQL needs, is in use" in result.stderr
    assert "RADIOLOGY_PORTS=1000 ./radiology up" in result.stderr
    assert "Traceback" not in result.stderr


def _outside(servers: Servers) -> dict[str, str]:
    """Settings by which an installation uses these servers; roles keep their passwords."""
    roles = {
        f"{package.upper()}_DATABASE_URL": role_url(servers.postgres_admin_url, package, password)
        for package, password in servers.passwords.items()
    }
    return {
        "KAFKA_BOOTSTRAP_SERVERS": servers.kafka_bootstrap,
        "RADIOLOGY_DATABASE_URL": servers.postgres_admin_url,
        **servers.s3,
        **roles,
    }


async def test_servers_from_outside_are_prepared_and_none_is_started(
    runner: Runner, servers: Servers
) -> None:
    result = runner("up", "--servers-only", **_outside(servers))

    assert result.returncode == 0, result.stderr
    status = json.loads((runner.state / "run" / "status.json").read_text())
    assert {task["name"] for task in status["tasks"]} == {"topics", "database", "buckets"}
    url = role_url(servers.postgres_admin_url, "gateway", servers.passwords["gateway"])
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select current_schema()") == "portal"
    await connection.close()


def test_preparing_twice_changes_nothing(runner: Runner, servers: Servers) -> None:
    first = runner("prepare", **_outside(servers))
    second = runner("prepare", **_outside(servers))

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert second.stdout.splitlines()[-3:] == [
        "Topics: done",
        "Database, roles and schemas: done",
        "Buckets: done",
    ]


def test_a_database_that_refuses_us_is_one_sentence(runner: Runner, servers: Servers) -> None:
    wrong = servers.postgres_admin_url.replace("radiology_admin", "nobody_we_know")

    result = runner("prepare", **_outside(servers) | {"RADIOLOGY_DATABASE_URL": wrong})

    assert result.returncode == 1
    assert "PostgreSQL could not be prepared" in result.stderr
    assert "RADIOLOGY_DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"RADIOLOGY_PORTS": "many"}, "RADIOLOGY_PORTS"),
        ({"RADIOLOGY_PORTS": "60000"}, "RADIOLOGY_PORTS"),
        ({"RADIOLOGY_DATABASE_URL": "mysql://x"}, "RADIOLOGY_DATABASE_URL"),
        ({"MINIO_ENDPOINT": "s3.hospital.example"}, "MINIO_ACCESS_KEY"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"OIDC_ISSUER": "https://login.hospital.example"}, "OIDC_CLIENT_ID"),
        ({"SMTP_HOST": "mail.hospital.example"}, "SMTP_SENDER"),
        ({"HOSPITAL_TIME_ZONE": "Mars/Olympus"}, "HOSPITAL_TIME_ZONE"),
        (
            {"KAFKA_BOOTSTRAP_SERVERS": "k:9092", "KAFKA_SECURITY_PROTOCOL": "PLAIN"},
            "KAFKA_SECURITY_PROTOCOL",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    runner: Runner, settings: dict[str, str], variable: str
) -> None:
    result = runner("up", **settings)

    assert result.returncode == 1
    assert f"Setting {variable}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_kafka_that_does_not_answer_is_one_sentence(runner: Runner) -> None:
    address = f"127.0.0.1:{runner.ports.mail}"

    result = runner("up", "--servers-only", KAFKA_BOOTSTRAP_SERVERS=address)

    assert result.returncode == 1
    assert f"Kafka at {address} does not answer" in result.stderr
    assert "Traceback" not in result.stderr


COMMANDS = """
    up, down, status, logs, test, demo, reset, topics, prepare, read-model rebuild, dead list,
    dead show, dead replay, report verify
"""


@pytest.mark.parametrize("command", [each.strip() for each in COMMANDS.split(",")])
def test_every_command_has_help_with_an_example(runner: Runner, command: str) -> None:
    result = runner(*command.split(), "--help")

    assert result.returncode == 0
    example = result.stdout.partition("Example")[2]
    assert f"./radiology {command}" in example
