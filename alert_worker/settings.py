"""Settings of alert_worker, from the environment (prefix ALERT_WORKER_)."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.mail import MailSettings
from services.telephony_callbacks import TelephonySettings
from services.worker import WorkerSettings


class AlertWorkerSettings(WorkerSettings):
    """What may differ from house to house."""

    model_config = SettingsConfigDict(env_prefix="ALERT_WORKER_")

    ladder_file: Path = Field(description="YAML file: who is told of a finding, how, and when")
    public_url: str = Field(
        pattern=r"^https?://[^/\s]+", description="Base of the links in SMS and e-mail: the gateway"
    )
    link_lifetime_hours: int = Field(
        default=72, ge=1, description="So long links and reply codes of a message are accepted"
    )
    wrong_codes_allowed: int = Field(
        default=5, ge=1, description="Wrong reply codes of one number within an hour"
    )
    pool_size: int = Field(default=20, ge=4, le=100, description="Connections to the database")
    sends_at_once: int = Field(
        default=32,
        ge=1,
        le=128,
        description="Requests to a provider at a time, by channel",
    )
    telephony: TelephonySettings = Field(default_factory=TelephonySettings)
    mail: MailSettings = Field(default_factory=MailSettings)

    @property
    def proof_lifetime(self) -> timedelta:
        """How long a link, a call's token or a reply code is accepted."""
        return timedelta(hours=self.link_lifetime_hours)

    @property
    def wrong_code_window(self) -> timedelta:
        """The span in which wrong codes are counted."""
        return timedelta(hours=1)
