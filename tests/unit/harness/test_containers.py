"""Whether tests get their servers as containers: only where a Docker engine answers, and soon."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest

from tests.harness.containers import docker_answers


class Engine(BaseHTTPRequestHandler):
    """As much of a Docker engine as says that it is there."""

    status = 200

    def do_GET(self) -> None:
        body = b'{"ApiVersion": "1.45"}' if self.path.endswith("/version") else b"OK"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class BrokenEngine(Engine):
    status = 500


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def listening(socket: Path, engine: type[Engine]) -> Iterator[None]:
    with Server(str(socket), engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


@pytest.fixture
def socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    return path


def test_an_engine_that_answers_is_used(socket: Path) -> None:
    with listening(socket, Engine):
        assert docker_answers()


def test_an_engine_that_fails_is_none(socket: Path) -> None:
    with listening(socket, BrokenEngine):
        assert not docker_answers()


def test_where_nobody_listens_there_is_none(socket: Path) -> None:
    assert not docker_answers()
