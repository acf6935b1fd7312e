"""Settings of the image edges: DIMSE, DICOMweb, upload, and the spool behind them."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from contracts.identifiers import AeTitle
from services.settings import Settings

GIBIBYTE = 1024**3


class ImagingSettings(Settings):
    """Where images come in, and how much may wait."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    bind_host: str = Field(default="127.0.0.1", description="Address of all sockets")
    dimse_port: int = Field(default=11112, ge=0, le=65535, description="C-STORE, C-ECHO; 0: none")
    ae_title: AeTitle = Field(default="RADIOLOGY", description="Our application entity title")
    allowed_ae_titles: Annotated[tuple[AeTitle, ...], NoDecode] = Field(
        default=(), description="Callers, by commas; empty: any that calls us by our own title"
    )
    max_associations: int = Field(default=32, ge=1, description="Senders at once")
    idle_association_seconds: float = Field(
        default=60, gt=0, description="A silent sender is cut off then"
    )

    uploader_credential: SecretStr = Field(
        default=SecretStr(""), description="Bearer credential of systems that send by STOW-RS"
    )

    spool_dir: Path = Field(description="Folder on a disk of our own; survives restarts")
    spool_limit_bytes: int = Field(
        default=20 * GIBIBYTE, ge=1, description="Waiting for S3 and Kafka; past it we refuse"
    )
    spool_reserve_bytes: int = Field(
        default=GIBIBYTE, ge=0, description="Free disk space that is never used up"
    )
    spool_keep_seconds: float = Field(
        default=120, ge=0, description="So long after S3 and Kafka have it, in case of a power cut"
    )
    drain_workers: int = Field(default=6, ge=1, description="Objects on their way to S3 at once")
    cache_limit_bytes: int = Field(default=8 * GIBIBYTE, ge=0, description="Local copies of S3")

    max_instance_bytes: int = Field(default=2 * GIBIBYTE, ge=1, description="One file")
    max_request_bytes: int = Field(default=8 * GIBIBYTE, ge=1, description="One STOW or upload")

    @field_validator("allowed_ae_titles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())
