"""A real S3 server of our own: SeaweedFS, all its parts in one process.

What must stay true: it listens on this machine only, reports nothing to its maker, and its keys are
this installation's own.

Notes
-----
`weed mini` takes a request 0.7 s after its start and stops in 2 s; `weed server` needs 3.1 s and
16 s (measured, version 4.48).
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

from deploy.local.ports import HOST, Ports
from deploy.local.probes import answers_http
from deploy.local.process import Process
from deploy.local.state import State, make_private_folder, write_private

REGION = "us-east-1"
_NOISE = re.compile(r"I\d{4} |[╔║╚ ]")
"""Its messages of level "information", which cannot be switched off, and its banner."""


def s3_process(state: State, ports: Ports) -> Process:
    """Describe the object store of an installation."""
    folder = state.folder / "s3"
    identities = folder / "identities.json"

    async def prepare() -> None:
        make_private_folder(folder)
        write_private(identities, json.dumps(_identities(state)))

    return Process(
        name="s3",
        title="the S3 server",
        command=(_weed(), "-logtostderr=true", "-v=0", "mini", *_flags(folder, ports, identities)),
        environment={**os.environ, "WEED_S3_SSE_KEK_PASSPHRASE": state.secret("s3-encryption")},
        ports=tuple(port for name, port in vars(ports).items() if name.startswith("s3")),
        prepare=prepare,
        ready=answers_http(ports.s3, "/healthz"),
        folder=folder,
        noise=_NOISE,
    )


def _flags(folder: Path, ports: Ports, identities: Path) -> tuple[str, ...]:
    return (
        f"-dir={folder}",
        # Without them it advertises, and listens on, the machine's outer address.
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        "-master.telemetry=false",
        f"-master.port={ports.s3_master}",
        f"-master.port.grpc={ports.s3_master_grpc}",
        f"-volume.port={ports.s3_volume}",
        f"-volume.port.grpc={ports.s3_volume_grpc}",
        f"-filer.port={ports.s3_filer}",
        f"-filer.port.grpc={ports.s3_filer_grpc}",
        f"-s3.port={ports.s3}",
        f"-s3.port.grpc={ports.s3_grpc}",
        f"-admin.port={ports.s3_admin}",
        f"-admin.port.grpc={ports.s3_admin_grpc}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        f"-s3.config={identities}",
    )


def _identities(state: State) -> dict[str, object]:
    credentials = {
        "accessKey": state.secret("s3-access-key"),
        "secretKey": state.secret("s3-secret-key"),
    }
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "radiology", "credentials": [credentials], "actions": actions}]}


def _weed() -> str:
    beside_python = Path(sys.executable).with_name("weed")
    return str(beside_python) if beside_python.exists() else (shutil.which("weed") or "weed")


def embedded_s3_environment(state: State, ports: Ports) -> dict[str, str]:
    """Return the settings by which our processes reach the embedded server."""
    return {
        "MINIO_ENDPOINT": HOST,
        "MINIO_PORT": str(ports.s3),
        "MINIO_USE_SSL": "false",
        "MINIO_ACCESS_KEY": state.secret("s3-access-key"),
        "MINIO_SECRET_KEY": state.secret("s3-secret-key"),
        "MINIO_REGION": REGION,
    }
