"""A gateway that runs inside the test, on ports and a database of its own, and people at it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr

from contracts.enumerations import Role
from gateway.app import open_gateway, serving
from gateway.context import Gateway
from gateway.cookies import (
    CSRF_COOKIE,
    CSRF_HEADER,
    PROVIDER,
    RADIOLOGY,
    new_csrf_token,
    session_cookie_name,
)
from gateway.imaging import open_imaging
from gateway.imaging_settings import ImagingSettings
from gateway.settings import GatewaySettings, OidcSettings
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorageSettings
from services.settings import HospitalSettings
from services.telephony_callbacks import TelephonySettings
from tests.harness.standins import eventually, free_port

WORKFLOW_CREDENTIAL = "workflow-test-credential"
TWILIO_TOKEN = "twilio-test-token"

_TLS = ssl.create_default_context()
"""One for all clients: none speaks TLS, and to make it takes 50 ms, in the gateway's own loop."""


@dataclass
class TestGateway:
    """A running gateway, and how to speak to it as somebody."""

    __test__ = False  # not a test class, whatever its name

    gateway: Gateway
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def settings(self) -> GatewaySettings:
        return self.gateway.settings

    def url(self, portal: str = RADIOLOGY) -> str:
        port = {
            RADIOLOGY: self.settings.radiology_portal_port,
            PROVIDER: self.settings.provider_portal_port,
            "api": self.settings.port,
        }[portal]
        return f"http://127.0.0.1:{port}"

    def patient(self) -> None:
        """Wait for outcomes, however busy the machine is."""
        self.gateway.writes.wait_seconds = self.settings.outcome_wait_seconds

    def impatient(self) -> None:
        """Answer 202 almost at once when no outcome comes."""
        self.gateway.writes.wait_seconds = 0.2

    def anonymous(self, portal: str = RADIOLOGY, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            base_url=self.url(portal), headers=headers, timeout=10, verify=_TLS
        )
        self.clients.append(client)
        return client

    def workflow_service(self, user_id: str | None = None) -> httpx.AsyncClient:
        return self.anonymous(
            "api",
            **{
                "authorization": f"Bearer {WORKFLOW_CREDENTIAL}",
                "x-user-role": "CLINICAL_WORKFLOW",
                "x-user-id": user_id or str(uuid4()),
            },
        )

    async def sign_in(
        self, *roles: Role, person_id: str | None = None, name: str = "Dr. Test"
    ) -> "SignedIn":
        """Return a client with a session, as its portal's page would speak."""
        portal = PROVIDER if Role.PROVIDER in roles else RADIOLOGY
        person_id = person_id or str(uuid4())
        session = await self.gateway.sessions.open(
            portal=portal, person_id=person_id, name=name, roles=roles, id_token="none"
        )
        csrf = new_csrf_token(self.settings.session_secret)
        client = SignedIn(
            person_id,
            base_url=self.url(portal),
            headers={"origin": self.url(portal), CSRF_HEADER: csrf},
            cookies={session_cookie_name(portal): session, CSRF_COOKIE: csrf},
            timeout=10,
            verify=_TLS,
        )
        self.clients.append(client)
        return client


class SignedIn(httpx.AsyncClient):
    """A person's browser."""

    def __init__(self, person_id: str, **options: Any) -> None:
        super().__init__(**options)
        self.person_id = person_id


UPLOADER = "credential-of-uploading-systems"
"""What a system sends images with."""


@asynccontextmanager
async def running_gateway(
    *,
    database_url: SecretStr,
    kafka: KafkaSettings,
    storage: ObjectStorageSettings,
    folder: Path,
    issuer: str = "http://localhost:1",
    **changes: Any,
) -> AsyncIterator[TestGateway]:
    """Run a gateway until the end of the block; its read model is up to date when it begins."""
    settings = gateway_settings(
        database_url=database_url, kafka=kafka, storage=storage, issuer=issuer, **changes
    )
    imaging_settings = ImagingSettings(
        dimse_port=0, spool_dir=folder / "spool", uploader_credential=SecretStr(UPLOADER)
    )
    async with (
        open_gateway(settings) as gateway,
        open_imaging(imaging_settings, gateway.storage, gateway.publisher) as imaging,
        serving(gateway, imaging),
    ):
        running = TestGateway(gateway)
        await eventually(lambda: _answers(running), seconds=20)
        yield running
        for client in running.clients:
            await client.aclose()


async def _answers(running: TestGateway) -> bool:
    try:
        async with httpx.AsyncClient(base_url=running.url("api"), verify=_TLS) as client:
            return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


def gateway_settings(
    *,
    database_url: SecretStr,
    kafka: KafkaSettings,
    storage: ObjectStorageSettings,
    issuer: str = "http://localhost:1",
    **changes: Any,
) -> GatewaySettings:
    """Return settings with ports of their own."""
    port, radiology, provider = free_port(), free_port(), free_port()
    values: dict[str, Any] = {
        "database_url": database_url,
        "port": port,
        "radiology_portal_port": radiology,
        "provider_portal_port": provider,
        "session_secret": SecretStr("a secret for tests only"),
        "workflow_credential": SecretStr(WORKFLOW_CREDENTIAL),
        "heartbeat_seconds": 1,
        "outcome_wait_seconds": 20,  # a busy machine is no reason to fail
        "worker_urls": (),
        "kafka": kafka,
        "storage": storage,
        "oidc": OidcSettings(
            issuer=issuer,
            client_id="radiology-portal",
            client_secret=SecretStr("radiology-portal-demo"),
        ),
        "telephony": TelephonySettings(
            account_sid="AC" + "0" * 32,
            auth_token=SecretStr(TWILIO_TOKEN),
            from_number="+12025550199",
            callback_url=f"http://127.0.0.1:{port}",
        ),
        "hospital": HospitalSettings(time_zone="Europe/Berlin", name="Test Hospital"),
    }
    return GatewaySettings(**(values | changes))
