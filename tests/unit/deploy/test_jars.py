"""Jars of Kafka: nothing but what the lock names reaches the class path."""

import hashlib
from pathlib import Path

import pytest

from deploy.local.errors import JarMismatch, RunnerError
from deploy.local.jars import Jar, ensure_jars, read_lock

GOOD = b"the jar of the lock"


def jar(content: bytes = GOOD) -> Jar:
    return Jar("org.example", "broker", "1.0", hashlib.sha256(content).hexdigest())


class Repository:
    """Serves one content and counts how often it is asked."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked = 0

    def fetch(self, wanted: Jar, scratch: Path) -> Path:
        self.asked += 1
        path = scratch / wanted.file_name
        path.write_bytes(self.content)
        return path


def test_a_jar_of_the_lock_is_kept_and_not_fetched_again(tmp_path: Path) -> None:
    repository = Repository(GOOD)

    first = ensure_jars(tmp_path, jars=[jar()], fetch=repository.fetch)
    second = ensure_jars(tmp_path, jars=[jar()], fetch=repository.fetch)

    assert first == second == (tmp_path / "broker-1.0.jar",)
    assert first[0].read_bytes() == GOOD
    assert repository.asked == 1


def test_another_file_is_refused_and_not_kept(tmp_path: Path) -> None:
    """Whoever stands between us and the repository must not run code in the broker."""
    repository = Repository(b"something else")

    with pytest.raises(JarMismatch, match=r"broker-1\.0\.jar is not the file .* refused"):
        ensure_jars(tmp_path, jars=[jar()], fetch=repository.fetch)

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_in_the_cache_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "broker-1.0.jar").write_bytes(GOOD[:5])
    repository = Repository(GOOD)

    (path,) = ensure_jars(tmp_path, jars=[jar()], fetch=repository.fetch)

    assert path.read_bytes() == GOOD


def test_without_a_network_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    def fail(_jar: Jar, _scratch: Path) -> Path:
        raise ConnectionError("unreachable")

    with pytest.raises(RunnerError, match="check the network and start again"):
        ensure_jars(tmp_path, jars=[jar()], fetch=fail)


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    contents = [b"1", b"2", b"3"]
    jars = [Jar("g", f"a{c.decode()}", "1", hashlib.sha256(c).hexdigest()) for c in contents]

    def fetch(wanted: Jar, scratch: Path) -> Path:
        path = scratch / "jar"
        path.write_text(wanted.artifact[1:])
        return path

    ensure_jars(tmp_path, jars=jars, fetch=fetch, on_jar=lambda *counts: told.append(counts))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_committed_lock_names_45_jars_and_no_host() -> None:
    jars = read_lock()

    assert len(jars) == 45
    assert any(j.artifact == "kafka_2.13" and j.version == "4.4.0" for j in jars)


def test_a_line_that_is_no_jar_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "jars.lock"
    lock.write_text("org.example:broker:1.0 md5:00\n")

    with pytest.raises(RunnerError, match=r"jars\.lock, line 1, is no jar"):
        read_lock(lock)
