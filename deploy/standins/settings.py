"""What the settings of all stand-ins share."""

from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.demo.people import PEOPLE_FILE


class StandInSettings(BaseSettings):
    """Where a stand-in listens; a stand-in listens on loopback unless told otherwise."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    bind_host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(ge=1, le=65535, description="HTTP port")
    people_file: Path = Field(default=PEOPLE_FILE, description="The demo people")


Settings = TypeVar("Settings", bound=StandInSettings)


def read_settings(kind: type[Settings]) -> Settings:
    """Read the environment; a wrong value ends the process and names its variable."""
    try:
        return kind()
    except ValidationError as error:
        _stop(kind, error)


def _stop(kind: type[StandInSettings], error: ValidationError) -> NoReturn:
    prefix = str(kind.model_config.get("env_prefix", ""))
    for problem in error.errors(include_input=False):
        variable = f"{prefix}{'_'.join(str(part) for part in problem['loc'])}".upper()
        print(f"{variable}: {problem['msg']}")
    raise SystemExit(2)
