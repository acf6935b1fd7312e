"""Settings of the gateway."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from services.kafka import KafkaSettings
from services.object_storage import ObjectStorageSettings
from services.settings import HospitalSettings, Settings
from services.telephony_callbacks import TelephonySettings


class OidcSettings(Settings):
    """The hospital's identity provider (OpenID Connect)."""

    model_config = SettingsConfigDict(env_prefix="OIDC_")

    issuer: str = Field(description="Issuer URL, as its discovery document says it")
    client_id: str = Field(description="As the provider knows the gateway")
    client_secret: SecretStr = Field(description="Its secret")
    roles_claim: str = Field(default="roles", description="Claim that lists the roles")
    person_id_claim: str = Field(
        default="sub",
        description="Claim that says who it is and never changes (Entra: oid); what is no UUID is "
        "made one",
    )

    @field_validator("issuer")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must be an http or https URL")
        return value.rstrip("/")


class GatewaySettings(Settings):
    """Where the gateway listens, and what it trusts."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    database_url: SecretStr = Field(description="postgresql://gateway:password@host/radiology")
    bind_host: str = Field(default="127.0.0.1", description="Address of all sockets")
    port: int = Field(default=3015, ge=1, le=65535, description="API and WebSocket")
    radiology_portal_port: int = Field(
        default=5178, ge=1, le=65535, description="Portal of radiologists and technologists"
    )
    provider_portal_port: int = Field(
        default=5174, ge=1, le=65535, description="Portal of referring doctors"
    )
    public_url: str = Field(default="", description="Of the API; empty: http://localhost:<port>")
    radiology_portal_url: str = Field(
        default="", description="Where browsers reach it; empty: localhost and its port"
    )
    provider_portal_url: str = Field(
        default="", description="Where browsers reach it; empty: localhost and its port"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses or networks (10.0.0.0/8), by commas, of the proxy that ends TLS: "
        "whose X-Forwarded-Proto and -For are believed",
    )
    portals_dir: Path = Field(default=Path("portals/dist"), description="Built front ends")
    directory_file: Path | None = Field(
        default=None, description="YAML file of people one can assign or hand over to"
    )
    ladder_file: Path | None = Field(
        default=None,
        description="alert_worker's ladder: a finding can be handed to whom it knows; without, "
        "everybody is offered",
    )
    session_secret: SecretStr = Field(
        min_length=16, description="Signs CSRF tokens, sign-in cookies and what is kept of requests"
    )
    workflow_credential: SecretStr = Field(
        default=SecretStr(""), description="Bearer credential of the workflow service"
    )
    session_idle_seconds: int = Field(
        default=30 * 60, ge=60, description="Without a request for so long, a sign-in ends"
    )
    session_absolute_seconds: int = Field(
        default=12 * 3600, ge=300, description="A sign-in ends after so long in any case"
    )
    outcome_wait_seconds: float = Field(
        default=2.0, gt=0, le=30, description="How long a write waits for its outcome"
    )
    heartbeat_seconds: int = Field(default=20, ge=1, description="Of the live connection")
    link_seconds: int = Field(default=900, ge=30, le=3600, description="Life of a presigned link")
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="Of an ordinary request")
    worker_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(
            "order_consumer=http://127.0.0.1:3021",
            "ingest_worker=http://127.0.0.1:3022",
            "report_consumer=http://127.0.0.1:3023",
            "alert_worker=http://127.0.0.1:3024",
            "alert_watchdog=http://127.0.0.1:3025",
            "gateway_dimse=http://127.0.0.1:3026",
        ),
        description="name=url of each worker's health port, by commas",
    )
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    storage: ObjectStorageSettings = Field(default_factory=ObjectStorageSettings)
    telephony: TelephonySettings = Field(default_factory=TelephonySettings)
    hospital: HospitalSettings = Field(default_factory=HospitalSettings)

    @field_validator("worker_urls", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("worker_urls")
    @classmethod
    def _are_pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all("=http" in pair for pair in value):
            raise ValueError("must be name=url, by commas")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError("must be addresses or networks, by commas") from None
        return value

    @property
    def workers(self) -> dict[str, str]:
        """URL of each worker's health port, by name."""
        return dict(pair.split("=", 1) for pair in self.worker_urls)

    @property
    def session_idle(self) -> timedelta:
        """Without a request for so long, a session ends."""
        return timedelta(seconds=self.session_idle_seconds)

    @property
    def session_absolute(self) -> timedelta:
        """A session ends after so long, whatever one does."""
        return timedelta(seconds=self.session_absolute_seconds)

    @property
    def api_origins(self) -> frozenset[str]:
        """Where browsers may reach the API's own port."""
        return _origins(self.public_url, self.port)

    @property
    def radiology_origins(self) -> frozenset[str]:
        """Where browsers may reach the radiology portal."""
        return _origins(self.radiology_portal_url, self.radiology_portal_port)

    @property
    def provider_origins(self) -> frozenset[str]:
        """Where browsers may reach the provider portal."""
        return _origins(self.provider_portal_url, self.provider_portal_port)

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that is ours."""
        return self.api_origins | self.radiology_origins | self.provider_origins


def _origins(url: str, port: int) -> frozenset[str]:
    own = {f"http://{host}:{port}" for host in ("localhost", "127.0.0.1")}
    if url:
        parts = urlsplit(url)
        own.add(f"{parts.scheme}://{parts.netloc}")
    return frozenset(own)
