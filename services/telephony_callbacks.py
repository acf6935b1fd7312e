"""What the gateway needs of Twilio: the account's settings, and whether a call-back is genuine.

A module of its own: the client that sends (`services.telephony`) takes memory that only the worker
of alerts has a use for.
"""

from collections.abc import Mapping

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict
from twilio.request_validator import RequestValidator

from services.settings import Settings


class TelephonySettings(Settings):
    """The account at Twilio, and how Twilio reaches us."""

    model_config = SettingsConfigDict(env_prefix="TWILIO_")

    account_sid: str = Field(pattern=r"^AC[0-9a-f]{32}$", description="Account SID, AC and 32 hex")
    auth_token: SecretStr = Field(description="Auth token; also checks the call-backs' signature")
    from_number: str = Field(pattern=r"^\+[1-9]\d{7,14}$", description="Our number, E.164")
    api_url: str = Field(default="", description="Base URL of a stand-in; empty: Twilio itself")
    callback_url: str = Field(description="Public base URL of the gateway, as Twilio calls it")
    timeout_seconds: float = Field(default=5, gt=0, le=60, description="Limit of one request")

    @field_validator("api_url", "callback_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")


class Callbacks:
    """Checks what claims to come from Twilio."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._validator = RequestValidator(settings.auth_token.get_secret_value())

    def valid_signature(self, url: str, params: Mapping[str, str], signature: str | None) -> bool:
        """Return whether a call-back comes from Twilio.

        `url` is the address that Twilio called, built from TWILIO_CALLBACK_URL and never from the
        request's own Host header, with its query.
        """
        if not signature:
            return False
        return bool(self._validator.validate(url, dict(params), signature))
