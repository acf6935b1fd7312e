"""`order.requested`: somebody wants something done with an order, or with equipment."""

from datetime import time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Contract, Line, RequiredLine, RequiredText, Text, UtcDatetime
from contracts.enumerations import Modality
from contracts.people import Actor


class Schedule(Contract):
    """Give the order another appointment; without a start: the first free slot."""

    action: Literal["schedule"] = "schedule"
    starts_at: UtcDatetime | None = None
    equipment_id: UUID | None = None
    duration_minutes: int | None = Field(default=None, ge=5, le=480)


class Cancel(Contract):
    """The exam shall not take place."""

    action: Literal["cancel"] = "cancel"
    reason: RequiredLine


class CheckIn(Contract):
    """The patient is here and has been identified."""

    action: Literal["check_in"] = "check_in"
    identity_verified: bool = Field(description="Two identifiers compared with the person")


class ContrastScreening(Contract):
    """Questions before a contrast medium is given."""

    allergy_to_contrast: bool
    allergy_detail: Text = ""
    premedicated: bool = False
    creatinine_mg_per_dl: float | None = Field(default=None, ge=0.05, le=30)
    egfr_ml_per_min: float | None = Field(default=None, ge=0, le=250)
    metformin: bool = False


class MriScreening(Contract):
    """Questions before a person enters the magnet."""

    pacemaker: bool
    metallic_implants: bool
    cochlear_implants: bool
    aneurysm_clips: bool
    claustrophobia: bool
    claustrophobia_measure: Line = Field(
        default="",
        description="What makes the exam possible all the same: sedation, an open scanner, "
        "company, or that the patient agrees after a talk",
    )
    detail: Text = ""
    implants_cleared_by: Line = Field(
        default="",
        deprecated=True,
        description="Clears nothing: a name that anybody can type. A radiologist who is signed in "
        "clears an implant by `overrideReason`",
    )


class Confirmations(Contract):
    """By question: which is right where the order says otherwise, and who said so."""

    allergy_to_contrast: Line = ""
    creatinine_mg_per_dl: Line = ""
    egfr_ml_per_min: Line = ""
    pacemaker: Line = ""
    metallic_implants: Line = ""
    cochlear_implants: Line = ""
    aneurysm_clips: Line = ""
    claustrophobia: Line = ""


class Screen(Contract):
    """Answers of the safety screening; without any: a decision over those that stand."""

    action: Literal["screen"] = "screen"
    contrast: ContrastScreening | None = None
    mri: MriScreening | None = None
    confirmations: Confirmations | None = Field(
        default=None, description="Demanded for each answer that the order's own contradicts"
    )
    override_reason: Text = Field(
        default="", description="A radiologist's reason to go on although an answer forbids it"
    )


class Start(Contract):
    """The exam begins."""

    action: Literal["start"] = "start"


class Complete(Contract):
    """The technologist says that all images are made: ready for read."""

    action: Literal["complete"] = "complete"
    expected_instances: int | None = Field(default=None, ge=1, le=100_000)


class Assign(Contract):
    """A manager gives the case to a radiologist; none takes it back."""

    action: Literal["assign"] = "assign"
    radiologist_id: UUID | None
    radiologist_name: Line = ""


class Claim(Contract):
    """A radiologist begins to read; the lease runs out by itself."""

    action: Literal["claim"] = "claim"


class Release(Contract):
    """The reader gives the case back to the list."""

    action: Literal["release"] = "release"


class OpeningHours(Contract):
    """When a room works on one weekday, in the hospital's zone."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday")
    opens: time
    closes: time


class SaveEquipment(Contract):
    """A manager adds or changes a room with its machine."""

    action: Literal["save_equipment"] = "save_equipment"
    name: RequiredLine
    room: RequiredLine
    modality: Modality
    ae_title: Line = Field(default="", max_length=16)
    opening_hours: tuple[OpeningHours, ...] = ()
    active: bool = True


class BlockTime(Contract):
    """A room is not to be had for a while: service, cleaning, training."""

    action: Literal["block_time"] = "block_time"
    block_id: UUID
    starts_at: UtcDatetime
    ends_at: UtcDatetime
    reason: RequiredLine


class UnblockTime(Contract):
    """A blocked time is free again."""

    action: Literal["unblock_time"] = "unblock_time"
    block_id: UUID


OrderRequest = Annotated[
    Schedule
    | Cancel
    | CheckIn
    | Screen
    | Start
    | Complete
    | Assign
    | Claim
    | Release
    | SaveEquipment
    | BlockTime
    | UnblockTime,
    Field(discriminator="action"),
]


class OrderRequested(Contract):
    """A request to the owner of orders; `subject_id` is an order's id, or a room's."""

    subject_id: UUID
    request: OrderRequest
    actor: Actor
    expected_version: int | None = Field(
        default=None, description="Refused when the thing has changed since (If-Match)"
    )
    note: RequiredText | None = None
