"""Settings of the workflow stand-in."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from deploy.standins.settings import StandInSettings


class WorkflowSettings(StandInSettings):
    """Where radiology is, and how both prove who they are."""

    model_config = SettingsConfigDict(env_prefix="WORKFLOW_STANDIN_")

    port: int = Field(default=3004, ge=1, le=65535, description="HTTP port")
    gateway_url: str = Field(default="http://127.0.0.1:3015", description="Radiology's gateway")
    credential: SecretStr = Field(
        default=SecretStr("workflow-demo-credential"), description="Bearer credential we send"
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr("workflow-demo-webhook-secret"), description="Signs the call-backs"
    )
    webhook_tolerance_seconds: float = Field(default=300, gt=0, description="Age of a signature")
    state_dir: Path | None = Field(default=None, description="Folder of orders; none: memory only")
    dispatch_timeout_seconds: float = Field(default=10, gt=0, description="Limit of one dispatch")
    retry_seconds: float = Field(default=2, gt=0, description="First pause between dispatches")

    @field_validator("gateway_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")
