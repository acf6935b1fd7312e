"""The ports of every process, shifted together, so that systems can run beside each other."""

import random
import socket
from dataclasses import dataclass, fields

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """One port per listener; the defaults are the documented ones."""

    gateway: int = 3015
    workflow: int = 3004
    radiology_portal: int = 5178
    provider_portal: int = 5174
    dimse: int = 11112
    kafka: int = 9092
    kafka_controller: int = 9093
    postgres: int = 5433
    s3: int = 9000
    s3_master: int = 9010
    s3_master_grpc: int = 9011
    s3_volume: int = 9012
    s3_volume_grpc: int = 9013
    s3_filer: int = 9014
    s3_filer_grpc: int = 9015
    s3_grpc: int = 9016
    s3_admin: int = 9017
    # Its worker looks for it 10000 above, whatever the flag says.
    s3_admin_grpc: int = 19017
    identity: int = 3016
    telephony: int = 3017
    smtp: int = 2525
    mail: int = 3018
    order_consumer: int = 3021
    ingest_worker: int = 3022
    report_consumer: int = 3023
    alert_worker: int = 3024
    alert_watchdog: int = 3025
    gateway_dimse: int = 3026

    @classmethod
    def shifted(cls, offset: int) -> "Ports":
        """Return all ports moved by an offset (`RADIOLOGY_PORTS`)."""
        return cls(**{field.name: int(str(field.default)) + offset for field in fields(cls)})

    def all(self) -> tuple[int, ...]:
        """Return every port, for a check that they are free."""
        return tuple(getattr(self, field.name) for field in fields(self))


LARGEST_OFFSET = 65_535 - max(Ports().all())


def free_ports() -> Ports:
    """Find an offset at which every port is free, for tests that run beside anything else.

    Notes
    -----
    Stays below 32768, where Linux begins to hand out the local ends of outgoing connections.
    """
    for _ in range(200):
        ports = Ports.shifted(random.randrange(11_000, 13_700))  # noqa: S311 - no secret
        if all(is_free(port) for port in ports.all()):
            return ports
    raise RuntimeError("no range of free ports was found")


def is_free(port: int, host: str = HOST) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
