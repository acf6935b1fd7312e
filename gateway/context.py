"""What every route works with: one object, built once by `app.py`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from gateway.audit import AuditLog
from gateway.identity import IdentityProvider
from gateway.live import Hub
from gateway.people import Directory
from gateway.read_model.projector import Projector
from gateway.read_model.reader import Reader
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from gateway.signing_pins import SigningPins
from gateway.system_health import SystemMonitor
from gateway.writes import Writes
from services.database import Database
from services.kafka import Publisher
from services.object_storage import ObjectStorage
from services.telephony_callbacks import Callbacks


@dataclass(frozen=True)
class Gateway:
    """The running gateway."""

    settings: GatewaySettings
    database: Database
    publisher: Publisher
    storage: ObjectStorage
    reader: Reader
    writes: Writes
    hub: Hub
    projector: Projector
    sessions: Sessions
    identity: IdentityProvider
    audit: AuditLog
    directory: Directory
    pins: SigningPins
    monitor: SystemMonitor
    telephony: Callbacks


def gateway_of(connection: HTTPConnection) -> Gateway:
    """Return the gateway that serves a request or a WebSocket."""
    gateway: Gateway = connection.app.state.gateway
    return gateway


async def _gateway(request: Request) -> Gateway:
    # Not a plain function: FastAPI would send each request to a thread and back for it.
    return gateway_of(request)


TheGateway = Annotated[Gateway, Depends(_gateway)]
"""For the signature of a route."""
