"""`order.created`: a provider or the workflow service wants an exam."""

from typing import Literal
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

Answer = Literal["no", "yes", "unknown"]
"""To a question that the orderer was asked; one that nobody asked has none."""


class StatedContrast(Contract):
    """What the orderer answered about contrast medium."""

    allergy_to_contrast: Answer | None = None
    allergy_detail: Text = Field(default="", description="What happened, and after what")
    creatinine_mg_per_dl: float | None = Field(default=None, ge=0.05, le=30)
    creatinine_measured_on: Day | None = None


class StatedMri(Contract):
    """What the orderer answered about the magnet."""

    pacemaker: Answer | None = None
    metallic_implants: Answer | None = None
    cochlear_implants: Answer | None = None
    aneurysm_clips: Answer | None = None
    claustrophobia: Answer | None = None
    detail: Text = Field(default="", description="Which, since when, MR conditional or not")


class StatedSafety(Contract):
    """What the orderer answered about contrast medium and magnet; the safety screening asks again.

    An answer of the screening that contradicts one of these is kept only with a word on it.
    """

    contrast: StatedContrast | None = None
    mri: StatedMri | None = None


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
    stated_safety: StatedSafety | None = Field(
        default=None, description="None: the orderer was not asked, as in an older order"
    )
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
