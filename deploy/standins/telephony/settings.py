"""Settings of the telephony stand-in."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from deploy.standins.settings import StandInSettings


class TelephonyStandInSettings(StandInSettings):
    """The one account, and how fast time goes by."""

    model_config = SettingsConfigDict(env_prefix="TELEPHONY_STANDIN_")

    port: int = Field(default=3017, ge=1, le=65535, description="HTTP port")
    account_sid: str = Field(
        default="AC00000000000000000000000000000001",
        pattern=r"^AC[0-9a-f]{32}$",
        description="Account",
    )
    auth_token: SecretStr = Field(
        default=SecretStr("telephony-standin-demo-token"), description="Password, signing key"
    )
    own_number: str = Field(
        default="+12025550199", pattern=r"^\+[1-9]\d{7,14}$", description="The one sender"
    )
    messaging_url: str = Field(default="", description="Webhook for inbound SMS; empty: none")
    answer_after_seconds: float = Field(default=4, ge=0, description="A phone is answered then")
    pace: float = Field(default=1, ge=0, le=10, description="Factor on all simulated durations")
    callback_timeout_seconds: float = Field(default=15, gt=0, description="As Twilio waits")
