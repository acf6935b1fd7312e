"""Settings of the mail stand-in."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from deploy.standins.settings import StandInSettings


class MailStandInSettings(StandInSettings):
    """Where it listens, and where it keeps mail."""

    model_config = SettingsConfigDict(env_prefix="MAIL_STANDIN_")

    port: int = Field(default=3018, ge=1, le=65535, description="HTTP port of the page")
    smtp_port: int = Field(default=2525, ge=1, le=65535, description="SMTP port")
    dir: Path | None = Field(default=None, description="Folder of the maildir; none: memory only")
