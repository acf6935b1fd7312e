"""Settings of the identity stand-in."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from deploy.standins.settings import StandInSettings

_PORTALS = (3015, 5178, 5174)


class IdentitySettings(StandInSettings):
    """Who the one client is, and where it may be answered to."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_STANDIN_")

    port: int = Field(default=3016, ge=1, le=65535, description="HTTP port")
    issuer: str = Field(default="", description="Issuer URL; empty: http://localhost:<port>")
    client_id: str = Field(default="radiology-portal", description="The one registered client")
    client_secret: SecretStr = Field(
        default=SecretStr("radiology-portal-demo"), description="Its secret"
    )
    client_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=tuple(
            f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in _PORTALS
        ),
        description="Comma-separated origins of the client",
    )
    callback_path: str = Field(default="/auth/callback", description="Path of each redirect URI")
    state_dir: Path | None = Field(default=None, description="Folder that keeps the signing key")
    session_seconds: int = Field(default=8 * 3600, gt=0, description="How long a sign-in lasts")
    code_seconds: int = Field(default=60, gt=0, description="How long a code can be exchanged")
    token_seconds: int = Field(default=3600, gt=0, description="Lifetime of the tokens")

    @field_validator("client_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())

    @property
    def issuer_url(self) -> str:
        """The issuer, without a slash at its end."""
        return (self.issuer or f"http://localhost:{self.port}").rstrip("/")

    @property
    def redirect_uris(self) -> frozenset[str]:
        """The only addresses that a code is sent to."""
        return frozenset(origin + self.callback_path for origin in self.client_origins)
