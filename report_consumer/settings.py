"""Settings of report_consumer, from the environment (prefix REPORT_CONSUMER_)."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.object_storage import ObjectStorageSettings
from services.settings import Settings
from services.worker import WorkerSettings


class SigningSettings(Settings):
    """Where the key is that signs reports."""

    model_config = SettingsConfigDict(env_prefix="REPORT_CONSUMER_")

    signing_key_file: Path = Field(
        description="PEM file (PKCS #8; P-256 or Ed25519), made at the first start. Public keys of "
        "earlier ones stand beside it as *.pub.pem. Never lose it: it verifies what was signed"
    )


class ReportConsumerSettings(WorkerSettings, SigningSettings):
    """What may differ from house to house."""

    model_config = SettingsConfigDict(env_prefix="REPORT_CONSUMER_")

    workflow_webhook_url: HttpUrl | None = Field(
        default=None,
        description="Where the workflow service hears of signed reports; none: nowhere",
    )
    workflow_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="Key of the signature over each call-back"
    )
    workflow_webhook_timeout_seconds: float = Field(
        default=10, gt=0, le=60, description="Limit of one call-back"
    )
    workflow_webhook_patience_days: float = Field(
        default=7, gt=0, description="How long a call-back is repeated before it is given up"
    )
    font_dir: Path | None = Field(
        default=None, description="Further fonts for documents (Chinese, Japanese, Korean, ...)"
    )
    object_storage: ObjectStorageSettings = Field(default_factory=ObjectStorageSettings)

    @property
    def workflow_webhook_patience(self) -> timedelta:
        """How long a call-back is repeated."""
        return timedelta(days=self.workflow_webhook_patience_days)

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.workflow_webhook_url and len(self.workflow_webhook_secret.get_secret_value()) < 16:
            raise ValueError(
                "REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET of at least 16 characters is required "
                "with REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL"
            )
        return self
