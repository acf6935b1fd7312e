"""Settings of ingest_worker, from the environment (prefix INGEST_WORKER_)."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from ingest_worker.domain.completeness import Patience
from services.object_storage import ObjectStorageSettings
from services.worker import WorkerSettings


class IngestWorkerSettings(WorkerSettings):
    """What may differ from house to house."""

    model_config = SettingsConfigDict(env_prefix="INGEST_WORKER_")

    batch_records: int = Field(
        default=300, ge=1, description="Images of one poll at the most: one transaction"
    )
    quiet_period_seconds: int = Field(
        default=120, ge=1, description="A study that gets no image for so long counts as complete"
    )
    unfinished_exam_seconds: int = Field(
        default=1800,
        ge=1,
        description="The same while its exam has begun and is not completed: sequences take long",
    )
    settle_period_seconds: int = Field(
        default=5,
        ge=0,
        description="So long images may still be on their way when the exam was completed",
    )
    documents_at_once: int = Field(
        default=2, ge=1, description="Series whose documents are written side by side"
    )
    object_storage: ObjectStorageSettings = Field(default_factory=ObjectStorageSettings)

    @property
    def patience(self) -> Patience:
        """How long to wait for more images."""
        return Patience(
            quiet=timedelta(seconds=self.quiet_period_seconds),
            unfinished=timedelta(seconds=self.unfinished_exam_seconds),
            settle=timedelta(seconds=self.settle_period_seconds),
        )
