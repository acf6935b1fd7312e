"""The broker's data folder can be made whatever id chance gives the cluster."""

from pathlib import Path
from uuid import UUID

import pytest

from deploy.local import kafka
from deploy.local.jars import ensure_jars
from deploy.local.ports import Ports
from deploy.local.servers import jar_folder
from deploy.local.state import State


async def test_cluster_whose_id_begins_with_a_hyphen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "uuid4", lambda: UUID(bytes=b"\xfb" * 16))
    ensure_jars(jar_folder())
    broker = kafka.kafka_process(State.open(tmp_path), Ports(), jar_folder())
    assert broker.prepare

    await broker.prepare()

    made = (tmp_path / "kafka" / "data" / "meta.properties").read_text()
    assert "cluster.id=-" in made
