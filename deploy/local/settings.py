"""Settings of the runner itself, and which parts come from outside.

What must stay true: a part that is named in the environment is used and never started; one that is
named only in part stops the start, with the name of the variable that is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from deploy.local.errors import RunnerError
from deploy.local.ports import LARGEST_OFFSET
from deploy.local.state import ROOT
from services.settings import Settings


class RunnerSettings(Settings):
    """Where this installation lives."""

    model_config = SettingsConfigDict(env_prefix="RADIOLOGY_")

    state: Path = Field(default=ROOT / ".radiology", description="Folder of data, secrets, logs")
    ports: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_OFFSET,
        description="Added to every port; empty: as at the last start, at first 0",
    )
    database_url: SecretStr | None = Field(
        default=None, description="Administrator's URL of a PostgreSQL to use"
    )


@dataclass(frozen=True)
class Part:
    """A part of the system that may come from outside.

    Parameters
    ----------
    switch : the variable that brings it from outside.
    needs : variables that must then be set as well.
    """

    name: str
    switch: str
    needs: tuple[str, ...] = ()


PARTS = (
    Part("postgres", "RADIOLOGY_DATABASE_URL"),
    Part("kafka", "KAFKA_BOOTSTRAP_SERVERS"),
    Part("s3", "MINIO_ENDPOINT", ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")),
    Part("identity", "OIDC_ISSUER", ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")),
    Part(
        "telephony",
        "TWILIO_ACCOUNT_SID",
        ("TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER", "TWILIO_CALLBACK_URL"),
    ),
    Part("mail", "SMTP_HOST", ("SMTP_SENDER",)),
    Part(
        "workflow",
        "REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL",
        ("REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET", "GATEWAY_WORKFLOW_CREDENTIAL"),
    ),
)


def outside_parts(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the parts that come from outside.

    Raises
    ------
    RunnerError : a variable that such a part needs is missing; the sentence names it.
    """
    named = [part for part in PARTS if environment.get(part.switch)]
    for part in named:
        for variable in part.needs:
            if not environment.get(variable):
                raise RunnerError(
                    f"Setting {variable} is missing: it is needed with {part.switch}. "
                    "See deploy/env.sample."
                )
    _check_database_url(environment.get("RADIOLOGY_DATABASE_URL", ""))
    return frozenset(part.name for part in named)


def _check_database_url(url: str) -> None:
    if url and urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise RunnerError(
            "Setting RADIOLOGY_DATABASE_URL must look like "
            "postgresql://user:password@host/postgres and name a role that may create roles and "
            "databases. See deploy/env.sample."
        )
