"""Settings come from the environment, once, at the start; a wrong one is named and stops it."""

import sys
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)


class Settings(BaseSettings):
    """Base of every settings class: frozen, and silent about values in errors."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )


class HospitalSettings(Settings):
    """What the whole house shares."""

    model_config = SettingsConfigDict(env_prefix="HOSPITAL_")

    time_zone: str = Field(default="UTC", description="IANA name, as Europe/Berlin")
    name: str = Field(default="Radiology", description="Head of reports and messages")

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no IANA time zone, as Europe/Berlin") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days and opening hours are meant."""
        return ZoneInfo(self.time_zone)


def read_settings(settings: type[S]) -> S:
    """Read a settings class, or stop the process with a message that names each wrong variable."""
    try:
        return settings()
    except ValidationError as error:
        sys.exit("\n".join(_sentences(settings, error)))


def _sentences(settings: type[BaseSettings], error: ValidationError) -> list[str]:
    # A nested settings class reports under its own title, and so under its own prefix.
    prefix = next(
        (
            c.model_config.get("env_prefix", "")
            for c in _classes(settings)
            if c.__name__ == error.title
        ),
        settings.model_config.get("env_prefix", ""),
    )
    return [
        f"Setting {_named(prefix, problem)}. See deploy/env.sample."
        for problem in error.errors(include_url=False, include_input=False)
    ]


def _named(prefix: str, problem: ErrorDetails) -> str:
    if not problem["loc"]:  # of several together: the message names them itself
        return problem["msg"].removeprefix("Value error, ")
    return f"{prefix}{'_'.join(map(str, problem['loc']))}".upper() + f": {problem['msg']}"


def _classes(settings: type[BaseSettings]) -> list[type[BaseSettings]]:
    nested = [
        field.annotation
        for field in settings.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)
    ]
    return [settings, *nested]
