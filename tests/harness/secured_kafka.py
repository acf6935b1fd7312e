"""A Kafka that lets nobody in without TLS and a password, as a hospital's cluster does."""

import asyncio
import dataclasses
import ipaddress
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.jars import ensure_jars, read_lock
from deploy.local.kafka import kafka_process
from deploy.local.ports import HOST, free_ports
from deploy.local.servers import jar_folder
from deploy.local.spawn import run_to_end
from deploy.local.state import State
from deploy.local.supervisor import Supervisor
from services.clock import utc_now
from tests.harness.standins import free_port

USER = "radiology"
PASSWORD = "correct-horse"
_MODULE = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class SecuredKafka:
    """How to reach it, and the certificate that proves it."""

    bootstrap_servers: str
    ca_file: Path

    def environment(self, mechanism: str, password: str = PASSWORD) -> dict[str, str]:
        """Return the settings by which our processes get in."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": mechanism,
            "KAFKA_SASL_USERNAME": USER,
            "KAFKA_SASL_PASSWORD": password,
            "KAFKA_SSL_CAFILE": str(self.ca_file),
        }


@asynccontextmanager
async def secured_kafka(folder: Path) -> AsyncIterator[SecuredKafka]:
    """Start a broker with a listener for TLS and SASL; stop it at the end.

    Notes
    -----
    Its plain listener stays, for the runner's question whether it is ready; no test is told of it.
    """
    await asyncio.to_thread(ensure_jars, jar_folder())
    ports, secured = free_ports(), f"{HOST}:{free_port()}"
    plain, ca_file = f"{HOST}:{ports.kafka}", folder / "ca.pem"
    state = State.open(folder / "state")
    broker = kafka_process(state, ports, jar_folder())
    certificate, key = _certificate()
    ca_file.write_text(certificate)
    properties = state.folder / "kafka" / "server.properties"

    async def prepare() -> None:
        assert broker.prepare
        await broker.prepare()
        # Of a property that is there twice the last counts.
        with properties.open("a") as file:
            file.write(_security(plain, f"{HOST}:{ports.kafka_controller}", secured))
            file.write(f"ssl.keystore.certificate.chain={_in_one_line(certificate)}\n")
            file.write(f"ssl.keystore.key={_in_one_line(key)}\n")
        await _format_with_users(broker.command[0], properties.parent)

    supervisor = Supervisor(
        [dataclasses.replace(broker, prepare=prepare)], output=lambda _name, _line: None
    )
    await supervisor.start()
    try:
        yield SecuredKafka(secured, ca_file)
    finally:
        await supervisor.stop()


def _security(plain: str, controller: str, secured: str) -> str:
    listeners = f"PLAINTEXT://{plain},SASL_SSL://{secured}"
    return f"""
listeners={listeners},CONTROLLER://{controller}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config={_MODULE}.plain.PlainLoginModule required \
user_{USER}="{PASSWORD}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={_MODULE}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={_MODULE}.scram.ScramLoginModule required;
ssl.keystore.type=PEM
"""


async def _format_with_users(java: str, folder: Path) -> None:
    """Format the data folder again: users of SCRAM can be given with that alone."""
    shutil.rmtree(folder / "data")
    class_path = ":".join(str(jar_folder() / jar.file_name) for jar in read_lock())
    users = (f"SCRAM-SHA-{n}=[name={USER},password={PASSWORD}]" for n in (256, 512))
    await run_to_end(
        (
            java,
            "-cp",
            class_path,
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "--cluster-id=MkU3OEVBNTcwNTJENDM2Qk",
            f"--config={folder / 'server.properties'}",
            *(f"--add-scram={user}" for user in users),
        ),
        purpose="Adding users to Kafka",
        folder=folder,
    )


def _in_one_line(pem: str) -> str:
    return pem.strip().replace("\n", "\\n")


def _certificate() -> tuple[str, str]:
    """Return a certificate of its own for the loopback address, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kafka of the tests")])
    now = utc_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )
