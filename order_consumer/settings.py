"""Settings of order_consumer, from the environment (prefix ORDER_CONSUMER_)."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.worker import WorkerSettings


class OrderConsumerSettings(WorkerSettings):
    """What may differ from house to house."""

    model_config = SettingsConfigDict(env_prefix="ORDER_CONSUMER_")

    claim_lease_seconds: int = Field(
        default=900, ge=10, description="A reader who is silent for so long loses the case"
    )
    scheduling_horizon_days: int = Field(
        default=180, ge=1, description="How far ahead a free slot is looked for"
    )

    @property
    def claim_lease(self) -> timedelta:
        """Lease of a reading claim."""
        return timedelta(seconds=self.claim_lease_seconds)

    @property
    def scheduling_horizon(self) -> timedelta:
        """How far ahead a free slot is looked for."""
        return timedelta(days=self.scheduling_horizon_days)
