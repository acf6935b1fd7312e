"""`order.created`: a provider or the workflow service wants an exam."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import (
    Contract,
    Day,
    Line,
    RequiredLine,
    RequiredText,
    Text,
    TimeOfDay,
    UtcDatetime,
)
from contracts.enumerations import ContrastType, Laterality, Modality, Priority
from contracts.people import Actor, Patient


class OrderDetails(Contract):
    """What is wanted, for whom and why: the spec's `imaging_orders`, as the orderer fills it."""

    workflow_order_id: Line | None = Field(default=None, max_length=100)
    patient: Patient
    encounter_id: UUID
    ordering_provider_id: UUID
    ordering_provider_name: Line = ""

    modality: Modality
    study_type: RequiredLine = Field(description="As 'CT Abdomen/Pelvis with Contrast'")
    body_part: RequiredLine = Field(max_length=100, description="As 'ABDOMEN'")
    laterality: Laterality | None = None

    clinical_indication: RequiredText = Field(description="Reason for the exam")
    clinical_history: Text = ""

    contrast_required: bool = False
    contrast_type: ContrastType | None = None
    contrast_allergy_checked: bool = False
    creatinine_checked: bool = False
    special_instructions: Text = ""

    priority: Priority = Priority.ROUTINE
    scheduled_date: Day | None = Field(
        default=None, description="Wanted day in the hospital's zone; none: as soon as possible"
    )
    scheduled_time: TimeOfDay | None = Field(default=None, description="Wanted time on that day")
    appointment_duration: int | None = Field(
        default=None, ge=5, le=480, description="Minutes; none: usual for the modality"
    )

    @model_validator(mode="after")
    def _contrast_is_named_only_when_required(self) -> "OrderDetails":
        if self.contrast_type and not self.contrast_required:
            raise ValueError("contrastType is given, but contrastRequired is false")
        if self.scheduled_time and not self.scheduled_date:
            raise ValueError("scheduledTime needs scheduledDate")
        return self


class OrderCreated(Contract):
    """A new order; its id is chosen by whoever publishes it, so that a repetition is the same."""

    order_id: UUID
    details: OrderDetails
    created_by: Actor
    created_at: UtcDatetime
